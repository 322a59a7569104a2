// Checks slips in the browser: nothing is sent anywhere, and no server is asked once this page is loaded.
//
// The same steps as ledger/core/slip.py: the body's form, the path to the root, the log's signature, the witnesses,
// the commitments. Hashes and signatures are computed by the browser (WebCrypto); a browser without Ed25519 uses the
// implementation beside this file.

import * as fallback from "./vendor/noble-ed25519.js";

const FORMAT = "shanliu-slip/1";
const PROOF = "c2sp.org/tlog-proof@v1";
const ED25519 = 0x01;
const COSIGNATURE = 0x04;
const encoder = new TextEncoder();

class Refused extends Error {}

// ------------------------------------------------------------------ bytes

const concat = (...parts) => {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
};

const sha256 = async (...parts) => new Uint8Array(await crypto.subtle.digest("SHA-256", concat(...parts)));
const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
const same = (a, b) => a.length === b.length && a.every((byte, at) => byte === b[at]);

const fromHex = (text) => {
  if (!/^([0-9a-f]{2})*$/.test(text)) throw new Refused("hex");
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
};

const base64 = (bytes) => btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));

const fromBase64 = (text) => {
  let bytes;
  try {
    bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  } catch {
    throw new Refused("base64");
  }
  if (base64(bytes) !== text) throw new Refused("base64");
  return bytes;
};

// ------------------------------------------------------------------ notes

const idOf = async (key) => (await sha256(encoder.encode(`${key.name}\n`), [key.kind], key.public)).slice(0, 4);

const parseKey = async (text) => {
  const [, name, id, coded] = /^([^\s+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)$/.exec(text.trim()) ?? [];
  if (!name) throw new Refused("key");
  const data = fromBase64(coded);
  const key = { name, kind: data[0], public: data.slice(1), text: text.trim() };
  key.id = await idOf(key);
  if (![ED25519, COSIGNATURE].includes(key.kind) || key.public.length !== 32 || hex(key.id) !== id) {
    throw new Refused("key");
  }
  return key;
};

const parseNote = (whole) => {
  const at = whole.lastIndexOf("\n\n");
  if (at < 0 || !whole.endsWith("\n")) throw new Refused("note");
  const text = whole.slice(0, at + 1);
  const signatures = whole.slice(at + 2, -1).split("\n").map((line) => {
    const found = /^\u2014 ([^\s+]+) ([A-Za-z0-9+/]+=*)$/.exec(line);
    if (!found) throw new Refused("note");
    const data = fromBase64(found[2]);
    return { name: found[1], id: data.slice(0, 4), blob: data.slice(4) };
  });
  return { text, signatures };
};

const holds = async (key, blob, text) => {
  const stamped = key.kind === COSIGNATURE;
  if (blob.length !== (stamped ? 72 : 64)) return false;
  const time = stamped ? new DataView(blob.buffer, blob.byteOffset).getBigUint64(0) : 0n;
  const message = encoder.encode((stamped ? `cosignature/v1\ntime ${time}\n` : "") + text);
  const signature = blob.slice(-64);
  try {
    const imported = await crypto.subtle.importKey("raw", key.public, { name: "Ed25519" }, false, ["verify"]);
    return await crypto.subtle.verify({ name: "Ed25519" }, imported, signature, message);
  } catch {
    try {
      return await fallback.verifyAsync(signature, message, key.public, { zip215: false });
    } catch {
      return false;
    }
  }
};

const signedBy = async (note, key) => {
  for (const line of note.signatures) {
    if (line.name === key.name && same(line.id, key.id)) {
      if (!(await holds(key, line.blob, note.text))) throw new Refused("signature");
      return line;
    }
  }
  return null;
};

const parseCheckpoint = (text) => {
  const [origin, size, root] = text.split("\n");
  if (!origin || !/^(0|[1-9]\d{0,15})$/.test(size ?? "")) throw new Refused("checkpoint");
  const hash = fromBase64(root ?? "");
  if (hash.length !== 32) throw new Refused("checkpoint");
  return { origin, size: Number(size), root: hash };
};

// ------------------------------------------------------------------ proofs

const parseProof = (text) => {
  const at = text.indexOf("\n\n");
  const [first, ...lines] = text.slice(0, Math.max(at, 0)).split("\n");
  if (lines[0]?.startsWith("extra ")) lines.shift();
  const index = /^index (0|[1-9]\d{0,15})$/.exec(lines.shift() ?? "");
  if (first !== PROOF || at < 0 || !index) throw new Refused("proof");
  const path = lines.map(fromBase64);
  if (path.some((each) => each.length !== 32)) throw new Refused("proof");
  return { index: Number(index[1]), path, checkpoint: text.slice(at + 2) };
};

// RFC 9162, section 2.1.3.2. Numbers up to 2^53 are exact; halves are taken by division, not by shifts.
const rootOf = async (index, size, leaf, path) => {
  if (!(index < size)) throw new Refused("path");
  let node = index;
  let last = size - 1;
  let digest = leaf;
  const half = (number) => Math.floor(number / 2);
  for (const sibling of path) {
    if (last === 0) throw new Refused("path");
    if (node % 2 === 1 || node === last) {
      digest = await sha256([1], sibling, digest);
      while (node % 2 === 0 && node !== 0) {
        node = half(node);
        last = half(last);
      }
    } else {
      digest = await sha256([1], digest, sibling);
    }
    node = half(node);
    last = half(last);
  }
  if (last !== 0) throw new Refused("path");
  return digest;
};

// ------------------------------------------------------------------ the ledger's own

// JSON.stringify writes strings and integers as RFC 8785 asks; keys are sorted here.
const canonical = (value, depth = 0) => {
  if (depth > 16) throw new Refused("form");
  if (Array.isArray(value)) return `[${value.map((each) => canonical(each, depth + 1)).join(",")}]`;
  if (value && typeof value === "object") {
    const keys = Object.keys(value).sort();
    return `{${keys.map((key) => `${JSON.stringify(key)}:${canonical(value[key], depth + 1)}`).join(",")}}`;
  }
  if (typeof value === "number" && !Number.isSafeInteger(value)) throw new Refused("form");
  return JSON.stringify(value);
};

const parseBody = (text) => {
  let body;
  try {
    body = JSON.parse(text);
  } catch {
    throw new Refused("form");
  }
  if (canonical(body) !== text) throw new Refused("form");
  return body;
};

const opens = async (digest, opening) => {
  const field = encoder.encode(opening.field);
  const salt = fromHex(opening.salt);
  const made = await sha256(encoder.encode("shanliu/commit/v1\0"), field, [0], salt, encoder.encode(opening.value));
  return salt.length === 32 && hex(made) === digest;
};

const parseSlip = (text) => {
  let slip;
  try {
    slip = JSON.parse(text);
  } catch {
    throw new Refused("slip");
  }
  const texts = [slip?.origin, slip?.key, ...(slip?.witnesses ?? [0])];
  const entries = slip?.entries;
  const whole = slip?.format === FORMAT && Array.isArray(entries) && entries.length > 0;
  if (!whole || texts.some((each) => typeof each !== "string")) throw new Refused("slip");
  for (const entry of entries) {
    const fields = [entry.body, entry.proof, ...(entry.openings ?? [0]).flatMap((o) => [o.field, o.salt, o.value])];
    if (!Number.isSafeInteger(entry.seq) || fields.some((each) => typeof each !== "string")) throw new Refused("slip");
  }
  return slip;
};

// A step: {name, seq, passed, detail}; what follows a failed one of the same entry would mean nothing.
async function* checkEntry(slip, entry, key) {
  const { seq } = entry;
  let body;
  let proof;
  try {
    body = parseBody(entry.body);
    proof = parseProof(entry.proof);
    if (body.seq !== seq || proof.index !== seq) throw new Refused("form");
  } catch (error) {
    yield { name: "form", seq, passed: false };
    if (!(error instanceof Refused)) throw error;
    return;
  }
  const leaf = await sha256([0], encoder.encode(entry.body));
  yield { name: "form", seq, passed: true, detail: hex(leaf), body };
  let note;
  let stated;
  try {
    note = parseNote(proof.checkpoint);
    stated = parseCheckpoint(note.text);
    if (!same(await rootOf(seq, stated.size, leaf, proof.path), stated.root)) throw new Refused("path");
  } catch {
    yield { name: "path", seq, passed: false };
    return;
  }
  yield { name: "path", seq, passed: true, detail: hex(stated.root), size: stated.size };
  try {
    const line = await signedBy(note, key);
    if (!line || stated.origin !== key.name || slip.origin !== key.name) throw new Refused("signature");
  } catch {
    yield { name: "log", seq, passed: false, detail: key.name };
    return;
  }
  yield { name: "log", seq, passed: true, detail: key.name };
  for (const text of slip.witnesses) {
    try {
      const witness = await parseKey(text);
      const line = await signedBy(note, witness);
      if (line) {
        const time = Number(new DataView(line.blob.buffer, line.blob.byteOffset).getBigUint64(0));
        yield { name: "witness", seq, passed: true, detail: witness.name, time };
      }
    } catch {
      yield { name: "witness", seq, passed: false, detail: text.split("+")[0] };
    }
  }
  for (const opening of entry.openings) {
    let passed = false;
    try {
      passed = await opens(String(body.facts?.private?.[opening.field] ?? ""), opening);
    } catch {
      // a salt that is none opens nothing
    }
    yield { name: "opening", seq, passed, detail: opening.field, value: opening.value };
  }
}

export async function* checkSlip(text, expected = "") {
  const slip = parseSlip(text);
  const key = await parseKey(slip.key);
  if (expected) {
    const passed = (await parseKey(expected)).text === key.text;
    yield { name: "key", passed, detail: key.text };
    if (!passed) return;
  }
  for (const entry of slip.entries) yield* checkEntry(slip, entry, key);
}

// ------------------------------------------------------------------ files

const inflate = async (data) => {
  const stream = new Blob([data]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
};

const find = (data, word, from) => {
  outer: for (let at = from; at <= data.length - word.length; at += 1) {
    for (let n = 0; n < word.length; n += 1) if (data[at + n] !== word[n]) continue outer;
    return at;
  }
  return -1;
};

// The slip lies in one of the streams of a PDF, deflated or plain; all other streams are passed over.
const slipInPdf = async (data) => {
  const begin = encoder.encode("stream");
  const end = encoder.encode("endstream");
  for (let at = find(data, begin, 0); at >= 0; at = find(data, begin, at)) {
    let start = at + begin.length;
    if (data[start] === 13) start += 1;
    if (data[start] === 10) start += 1;
    const stop = find(data, end, start);
    if (stop < 0) break;
    let length = stop - start;
    while (length > 0 && (data[start + length - 1] === 10 || data[start + length - 1] === 13)) length -= 1;
    const raw = data.slice(start, start + length);
    for (const read of [async () => raw, () => inflate(raw)]) {
      try {
        const text = new TextDecoder("utf-8", { fatal: true }).decode(await read());
        if (text.startsWith("{") && text.includes(`"${FORMAT}"`)) return text;
      } catch {
        // not text, or not deflated
      }
    }
    at = stop + end.length;
  }
  throw new Refused("pdf");
};

const textOf = async (file) => {
  const data = new Uint8Array(await file.arrayBuffer());
  if (find(data.slice(0, 1024), encoder.encode("%PDF-"), 0) >= 0) return slipInPdf(data);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(data);
  } catch {
    throw new Refused("slip");
  }
};

// ------------------------------------------------------------------ the page

const page = document.querySelector("[data-verify]");

if (page) {
  const words = page.dataset;
  const list = page.querySelector("[data-steps]");
  const verdict = page.querySelector("[data-verdict]");
  const chosen = page.querySelector("input[type=file]");
  const expected = page.querySelector("[name=key]");

  const line = (step) => {
    const item = document.createElement("li");
    item.className = step.passed ? "check-ok" : "check-no";
    const said = document.createElement("p");
    const name = step.name[0].toUpperCase() + step.name.slice(1);
    said.textContent = words[(step.passed ? "ok" : "no") + name].replace("{entry}", step.seq).replace("{who}", step.detail ?? "");
    item.append(said);
    const details = { opening: step.value, witness: step.time && new Date(step.time * 1000).toISOString() }[step.name];
    const small = document.createElement(step.name === "opening" || step.name === "witness" ? "p" : "code");
    small.textContent = details ?? step.detail ?? "";
    small.className = "under";
    if (small.textContent) item.append(small);
    list.append(item);
  };

  const conclude = (kind, text) => {
    verdict.className = `verdict verdict-${kind}`;
    verdict.textContent = text;
    verdict.focus();
  };

  const run = async (load) => {
    list.replaceChildren();
    verdict.className = "verdict";
    verdict.textContent = words.working;
    try {
      if (!globalThis.crypto?.subtle) throw new Refused("context");
      let failed = 0;
      for await (const step of checkSlip(await load(), expected.value.trim())) {
        line(step);
        if (!step.passed) failed += 1;
      }
      conclude(failed ? "no" : "ok", failed ? words.broken : words.whole);
    } catch (error) {
      const known = error instanceof Refused ? words[`refused${error.message[0].toUpperCase()}${error.message.slice(1)}`] : "";
      conclude("no", known || words.refused);
      if (!(error instanceof Refused)) throw error;
    }
  };

  const offer = (files) => files.length && run(() => textOf(files[0]));
  chosen.addEventListener("change", () => offer(chosen.files));
  page.addEventListener("dragover", (event) => event.preventDefault());
  page.addEventListener("drop", (event) => {
    event.preventDefault();
    offer(event.dataTransfer.files);
  });

  // From a page of this site by one click: `#/trace/…/slip.json`. What stands behind the # is never sent with a request
  // for this page.
  const from = decodeURI(location.hash.slice(1));
  if (/^\/(?:[^/].*\/)?slip\.json$/.test(from) && !from.includes("//")) {
    run(async () => {
      const answer = await fetch(from, { credentials: "same-origin" });
      if (!answer.ok) throw new Refused("fetch");
      return answer.text();
    });
  }
}
