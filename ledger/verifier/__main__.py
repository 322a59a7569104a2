"""Verify a published tree (a folder) or a donor slip (a file). Exit 0: it holds; 1: it does not; 2: wrong usage."""

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from ledger.core.errors import LedgerError
from ledger.core.note import VerifierKey
from ledger.core.policy import Policy, parse_policy
from ledger.core.slip import STEPS, check_slip, parse_slip
from ledger.verifier.folder import Folder
from ledger.verifier.tree import verify_tree

SECONDS = 2.0  # between lines of progress


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(prog="python -m ledger.verifier", description=__doc__)
    parser.add_argument("path", type=Path, help="a folder as published, or a slip")
    parser.add_argument("--key", required=True, help="the log's verifier key, as you got it from elsewhere")
    parser.add_argument("--witness-policy", type=Path, help="a file: `witness KEY` lines and `quorum N`")
    parser.add_argument(
        "--no-rules", action="store_true", help="only chain, tree and checkpoints, not the books' rules"
    )
    parser.add_argument("--quiet", action="store_true", help="no progress")
    asked = parser.parse_args(arguments)
    try:
        key = VerifierKey.parse(asked.key)
        policy = parse_policy(asked.witness_policy.read_text("utf-8")) if asked.witness_policy else Policy()
        if asked.path.is_dir():
            return _tree(asked.path, key, policy, rules=not asked.no_rules, quiet=asked.quiet)
        return _slip(asked.path.read_bytes(), key, policy)
    except (LedgerError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 1


def _tree(path: Path, key: VerifierKey, policy: Policy, *, rules: bool, quiet: bool) -> int:
    started = told = time.monotonic()
    done = 0

    def progress(count: int) -> None:
        nonlocal done, told
        done += count
        if not quiet and time.monotonic() - told > SECONDS:
            told = time.monotonic()
            sys.stderr.write(f"{done:,} entries, {done / (told - started):,.0f} a second\n")

    report = verify_tree(Folder(path), key, policy, rules=rules, progress=progress)
    for finding in report.findings:
        sys.stdout.write(f"{finding}\n")
    if report.more:
        sys.stdout.write(f"and {report.more:,} more\n")
    seconds = time.monotonic() - started
    checked = "chain, tree, checkpoints and rules" if rules else "chain, tree and checkpoints"
    verdict = "hold" if report.clean else "DO NOT HOLD"
    sys.stdout.write(
        f"{checked} {verdict}: {report.size:,} entries, {report.checkpoints:,} checkpoints, "
        f"{report.witnesses} witnesses of the newest, {seconds:.1f} s\n"
    )
    return 0 if report.clean else 1


def _slip(data: bytes, key: VerifierKey, policy: Policy) -> int:
    steps = list(check_slip(parse_slip(data), key, policy.witnesses))
    for step in steps:
        sys.stdout.write(f"{'ok ' if step.passed else 'NOT'} entry {step.seq}: {STEPS[step.name]} ({step.detail})\n")
    whole = all(step.passed for step in steps)
    seen = {step.detail.partition(" ")[0] for step in steps if step.name == "witness"}
    enough = len(seen) >= policy.quorum
    if not enough:
        sys.stdout.write(f"NOT {len(seen)} of the {policy.quorum} witnesses that the policy asks for\n")
    sys.stdout.write("the slip holds\n" if whole and enough else "the slip DOES NOT HOLD\n")
    return 0 if whole and enough else 1


if __name__ == "__main__":
    raise SystemExit(main())
