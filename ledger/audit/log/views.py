"""The published log under /<book>/log/, proofs of entries and of growth, and slips.

Full tiles never change and may be kept by any cache for ever; the checkpoint is asked for anew.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, Response, jsonify, render_template, request
from flask_babel import gettext as _
from werkzeug.exceptions import BadRequest

from ledger.audit.log.queries import growth_page
from ledger.checkpoints.proofs import consistency_of, make_slip, note_of, proof_of, sizes
from ledger.checkpoints.publish import tile_bytes
from ledger.checkpoints.sign import newest_head
from ledger.core import tracking
from ledger.core.errors import NotFoundError
from ledger.core.tiles import WIDTH, Tile
from ledger.giving.find import UnknownCodeError, find_gift
from ledger.journal.read import find_book
from ledger.web.access import public
from ledger.web.errors import wants_json
from ledger.web.limits import wrong_codes
from ledger.web.reading import reading
from ledger.web.signing import logs, witness_keys

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue
    from sqlalchemy import Connection

    from ledger.journal.read import BookRow

blueprint = Blueprint("log", __name__)

FOREVER = "public, max-age=31536000, immutable"
SOON = "public, max-age=30"
MOST_SIZES = 1000


@blueprint.get("/<book>/log/checkpoint")
@public
def checkpoint(book: str) -> ResponseReturnValue:
    """Send the newest checkpoint with its cosignatures."""
    with reading() as connection:
        row = find_book(connection, book)
        return _text(note_of(connection, row.id, _size(connection, row)), SOON)


@blueprint.get("/<book>/log/checkpoints/<int:size>")
@public
def earlier(book: str, size: int) -> ResponseReturnValue:
    """Send an earlier checkpoint."""
    with reading() as connection:
        return _text(note_of(connection, find_book(connection, book).id, size), SOON)


@blueprint.get("/<book>/log/checkpoints/index")
@public
def index(book: str) -> ResponseReturnValue:
    """List the sizes of the newest checkpoints, newest first."""
    with reading() as connection:
        found = sizes(connection, find_book(connection, book).id, MOST_SIZES)
    return _text("".join(f"{size}\n" for size in found), SOON)


@blueprint.get("/<book>/log/vkey")
@public
def vkey(book: str) -> ResponseReturnValue:
    """Send the verifier keys of the log, newest first."""
    with reading() as connection:
        row = find_book(connection, book)
        found = logs().keys(connection, row.id, row.code)
    return _text("".join(f"{key}\n" for key in found), SOON)


@blueprint.get("/<book>/log/witnesses")
@public
def witnesses(book: str) -> ResponseReturnValue:
    """Send the verifier keys of the witnesses that are asked."""
    with reading() as connection:
        find_book(connection, book)
    return _text("".join(f"{key}\n" for key in witness_keys()), SOON)


@blueprint.get("/<book>/log/tile/<path:rest>")
@public
def tile(book: str, rest: str) -> ResponseReturnValue:
    """Send a tile or an entry bundle of the signed log."""
    wanted = Tile.parse(f"tile/{rest}")
    with reading() as connection:
        row = find_book(connection, book)
        held = _size(connection, row) >> (8 * max(wanted.level, 0))
        if wanted.number * WIDTH + wanted.width > held:
            raise NotFoundError("the signed log does not reach as far as %(path)s", path=wanted.path)
        data = tile_bytes(connection, row.id, wanted)
    response = Response(data, mimetype="application/octet-stream")
    response.headers["Cache-Control"] = FOREVER
    return response


@blueprint.get("/<book>/ledger/<int:seq>/proof")
@public
def proof(book: str, seq: int) -> ResponseReturnValue:
    """Send the proof that an entry is in the signed log."""
    with reading() as connection:
        row = find_book(connection, book)
        found = proof_of(connection, row.id, seq)
    return _file(str(found), "text/plain", f"{book}-{seq}.tlog-proof")


@blueprint.get("/<book>/ledger/<int:seq>/slip.json")
@public
def slip(book: str, seq: int) -> ResponseReturnValue:
    """Send the slip of an entry: without anything personal."""
    with reading() as connection:
        row = find_book(connection, book)
        found = make_slip(connection, row.id, [seq], logs().signer(row.code).key, witness_keys())
    return _file(str(found), "application/json", f"shanliu-slip-{seq}.json")


@blueprint.get("/trace/<code>/slip.json")
@public
@wrong_codes
def gift_slip(code: str) -> ResponseReturnValue:
    """Send the donor's slip of a gift, with what opens the commitments that are the donor's."""
    try:
        known = tracking.parse(code)
    except tracking.TrackingCodeError as error:
        raise UnknownCodeError("no book has a donation with this tracking code") from error
    with reading() as connection:
        gift = find_gift(connection, known)
        key = logs().signer(gift.row.code).key
        found = make_slip(connection, gift.row.id, [gift.seq], key, witness_keys(), private=[gift.seq])
    response = _file(str(found), "application/json", f"shanliu-slip-{gift.seq}.json")
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    return response


@blueprint.get("/<book>/log/consistency")
@public
def consistency(book: str) -> ResponseReturnValue:
    """Show that the log of one checkpoint begins with that of an earlier one: as a page, or JSON."""
    with reading() as connection:
        row = find_book(connection, book)
        page = growth_page(connection, book, _asked("old"), _asked("new"))
        if wants_json() or request.args.get("format") == "json":
            path = consistency_of(connection, row.id, page.old, page.new)
            return jsonify(
                origin=logs().origin(row.code),
                old=note_of(connection, row.id, page.old),
                new=note_of(connection, row.id, page.new),
                proof=[each.hex() for each in path],
            )
    return render_template("audit/log/consistency.html", view=page)


@blueprint.get("/verify")
@public
def verify() -> ResponseReturnValue:
    """Show the page that checks slips in the browser; it is the same for everybody and asks no database."""
    return render_template("audit/log/verify.html")


def _asked(name: str) -> int | None:
    text = request.args.get(name, "").strip()
    if not text:
        return None
    if not text.isascii() or not text.isdigit() or len(text) > 15:  # noqa: PLR2004  # digits of a size
        raise BadRequest(_("“%(text)s” is not the size of a checkpoint.", text=text[:40]))
    return int(text)


def _size(connection: Connection, row: BookRow) -> int:
    head = newest_head(connection, row.id)
    if head is None:
        raise NotFoundError("the log of book '%(book)s' has not been signed yet; ask again in a minute", book=row.code)
    return head.checkpoint.size


def _text(text: str, kept: str) -> Response:
    response = Response(text, mimetype="text/plain")
    response.headers["Cache-Control"] = kept
    response.headers["Access-Control-Allow-Origin"] = "*"  # public, and the same for everybody
    return response


def _file(text: str, media: str, name: str) -> Response:
    response = Response(text, mimetype=media)
    response.headers.set("Content-Disposition", "attachment", filename=name)
    response.headers["Cache-Control"] = SOON
    return response
