"""Evidence files in forms: taken from the request, kept by their hash, remembered while the form is corrected."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from flask import current_app
from flask_babel import gettext as _
from flask_babel import ngettext
from itsdangerous import BadSignature, URLSafeTimedSerializer
from markupsafe import Markup
from wtforms import Field
from wtforms.widgets import html_params

from ledger.web.access import current_actor
from ledger.web.evidence import MIB, MOST, EvidenceFile, UploadError, is_file, keep, once

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from werkzeug.datastructures import FileStorage

REMEMBERED = 24 * 3600  # seconds that a file taken by a form is remembered by it
MOST_FILES = 10
ACCEPT = ".jpg,.jpeg,.png,.webp,.pdf,.xlsx,.csv,.txt,image/jpeg,image/png,image/webp,application/pdf"


def evidence_folder() -> Path:
    """Give the folder of evidence of this installation; no address of the web reads from it."""
    return Path(current_app.instance_path) / "evidence"


def take(storage: FileStorage, folder: Path, *, most: int = MOST) -> EvidenceFile:
    """Take an uploaded file into the folder of evidence; raise UploadError for one that is not taken."""
    return keep(folder, storage.filename or "", storage.stream.read(most + 1), most=most)


class FilesWidget:
    """Draw the files already taken, each to be kept or left out, and the place for new ones."""

    def __call__(self, field: FilesField, **attributes: Any) -> Markup:
        """Return the list and the input."""
        taken = "".join(_line(field, number, file) for number, file in enumerate(field.data or (), 1))
        named = {"type": "file", "id": field.id, "name": field.name, "accept": ACCEPT, "multiple": field.count > 1}
        listed = Markup('<ul class="files-taken">{}</ul>').format(Markup(taken)) if taken else ""  # noqa: S704
        return Markup("{}<input {}>").format(listed, Markup(html_params(**{**named, **attributes})))  # noqa: S704


def _line(field: FilesField, number: int, file: EvidenceFile) -> Markup:
    return Markup(
        '<li><label><input type="checkbox" name="{name}" value="{token}" id="{id}-{number}" checked>'
        ' <span>{file}</span> <small class="number">{size}</small></label></li>'
    ).format(
        name=field.name,
        token=remember(file),
        id=field.id,
        number=number,
        file=file["name"],
        size=f"{max(file['size'] // 1024, 1):,} KiB",
    )


class FilesField(Field):
    """Take several evidence files; `data` lists them as they stand in an entry.

    Files taken before (a form that came back with errors, a returned draft) are kept by signed values; a cleared box
    leaves one out. A file that is refused is an error of this field, and the others are kept.
    """

    widget = FilesWidget()

    def __init__(
        self,
        label: str | None = None,
        validators: Sequence[Any] | None = None,
        *,
        most: int = MOST,
        count: int = MOST_FILES,
        **more: Any,
    ) -> None:
        super().__init__(label, validators, **more)
        self.most, self.count = most, count

    def process_data(self, value: Iterable[EvidenceFile] | None) -> None:
        """Begin with the files of a draft."""
        self.data = [file for file in value or () if is_file(file)]

    def process_formdata(self, valuelist: Iterable[FileStorage | str]) -> None:
        """Take what was sent, and remember what was taken before."""
        taken: list[EvidenceFile] = []
        for value in valuelist:
            try:
                if isinstance(value, str):
                    taken.append(recall(value))
                elif value.filename:
                    taken.append(take(value, evidence_folder(), most=self.most))
            except UploadError as error:
                self.process_errors.append(_(error.text, **error.values))
        self.data = once(taken)
        if len(self.data) > self.count:
            raise ValueError(
                ngettext("At most %(num)d file can be attached.", "At most %(num)d files can be attached.", self.count)
            )

    @property
    def hint(self) -> str:
        """Say what is taken."""
        said: str = _(
            "JPEG, PNG, WebP, PDF, XLSX, CSV or text, up to %(most)s MiB each. Pictures lose where and with what they"
            " were taken. The names of files are published: no names of persons in them.",
            most=self.most // MIB,
        )
        return said


def _signer() -> URLSafeTimedSerializer:
    """Sign for the person who sent the file: nobody else can attach it by its value."""
    who = current_actor()
    return URLSafeTimedSerializer(current_app.secret_key or "", salt=f"evidence/{who.code if who else ''}")


def remember(file: EvidenceFile) -> str:
    """Write a file that was taken as a signed value of its form."""
    return str(_signer().dumps(dict(file)))


def recall(value: str) -> EvidenceFile:
    """Read a signed value; raise UploadError when it is old or nobody's."""
    try:
        file = _signer().loads(value, max_age=REMEMBERED)
    except BadSignature:
        file = None
    if not is_file(file):
        raise UploadError("a file chosen earlier is no longer at hand; choose it again")
    return cast("EvidenceFile", file)
