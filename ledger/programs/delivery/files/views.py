"""Evidence is handed out as a download, to those who work with the service or the proposal, and that is noted."""

from __future__ import annotations

from hashlib import sha256
from io import BytesIO
from typing import TYPE_CHECKING

from flask import Blueprint, abort, send_file

from ledger.core.errors import CorruptError
from ledger.desk.forms import desk, looked
from ledger.desk.queries import read_proposal
from ledger.journal import lookup
from ledger.web.access import own, staff
from ledger.web.evidence import path_of
from ledger.web.uploads import evidence_folder

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue
    from werkzeug.wrappers import Response

    from ledger.desk.forms import At
    from ledger.web.evidence import EvidenceFile

blueprint = Blueprint("files", __name__)


@blueprint.get("/<book>/desk/evidence/<digest>/<path:code>")
@staff
def of_service(book: str, digest: str, code: str) -> ResponseReturnValue:
    """Hand out a file of a service."""
    address = f"service:{code}"
    with desk(book) as at:
        known = lookup.objects(at.connection, at.row.id, {address}).get(address)
        if known is None:
            abort(404)
        own(book, *(f"{kind}:{known.facts.get(kind)}" for kind in ("organization", "community", "worker")))
        return _handed_out(at, known.facts.get("evidence") or [], digest, address)


@blueprint.get("/<book>/desk/proposals/<code>/evidence/<digest>")
@staff
def of_proposal(book: str, code: str, digest: str) -> ResponseReturnValue:
    """Hand out a file of a proposal, of whatever kind."""
    with desk(book) as at:
        found = read_proposal(at.connection, at.actor, book, at.row.id, code)
        return _handed_out(at, found.payload.get("evidence") or [], digest, f"proposal:{code}")


def _handed_out(at: At, files: list[EvidenceFile], digest: str, about: str) -> Response:
    """Send a kept file that no browser opens or runs; one that was changed since is not handed out."""
    file = next((file for file in files if file["sha256"] == digest), None)
    path = path_of(evidence_folder(), digest) if file else None
    if file is None or path is None:
        abort(404)
    data = path.read_bytes()  # at most 10 MiB
    if sha256(data).hexdigest() != digest:
        raise CorruptError("evidence file %(digest)s has other contents than the ledger says", digest=digest)
    looked(at, "read evidence", about)
    name = file.get("name") or digest
    response = send_file(BytesIO(data), "application/octet-stream", as_attachment=True, download_name=name, max_age=0)
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "private, no-store"
    return response
