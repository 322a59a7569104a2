"""What a file is, by its bytes, and what is kept of it: pictures, PDF, XLSX and text; everything else is refused.

Conservative: what is hidden, encrypted, active, or two things at once is refused, even if it may be harmless.
"""

from __future__ import annotations

import re
import warnings
import zlib
from io import BytesIO
from threading import Lock
from typing import TYPE_CHECKING
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile

from PIL import Image, ImageOps, UnidentifiedImageError

from ledger.core.errors import LedgerError

if TYPE_CHECKING:
    from collections.abc import Iterator

JPEG, PNG, WEBP = "image/jpeg", "image/png", "image/webp"
PDF = "application/pdf"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
TEXT = "text/plain"  # also lists of values between commas

MOST_PIXELS = {"JPEG": 50_000_000, "PNG": 25_000_000, "WEBP": 25_000_000}  # a JPEG is made smaller as it is decoded
LONGEST_EDGE = 4096  # pixels; larger pictures are made smaller
QUALITY = 88
MOST_UNPACKED = 128 * 1024 * 1024  # bytes of an XLSX, or of one hidden part of a PDF / 16
MOST_PARTS = 2000  # of an XLSX
MOST_HIDDEN = MOST_UNPACKED // 16

_ONE = Lock()  # one picture at a time is decoded in a process: 25 million pixels are 100 MB
_FORMATS = {"JPEG": JPEG, "PNG": PNG, "WEBP": WEBP}
_HEIC = re.compile(rb".{4}ftyp(heic|heix|hevc|heim|mif1|msf1|avif)", re.DOTALL)


class UnfitError(LedgerError):
    """Meet contents that are not taken; the text leaves a place for the name of the file."""

    def __init__(self, text: str, /, name: str = "…") -> None:
        super().__init__(text, name=name)


def cleaned(data: bytes) -> tuple[str, bytes]:
    """Tell what contents are, by their first bytes, and return what is kept of them."""
    if data.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")) or (data[:4], data[8:12]) == (b"RIFF", b"WEBP"):
        with _ONE:
            return _clean_picture(data)
    if data.startswith(b"%PDF-"):
        _check_pdf(data)
        return PDF, data
    if data.startswith(b"PK\x03\x04"):
        _check_xlsx(data)
        return XLSX, data
    if _HEIC.match(data):
        raise UnfitError("“%(name)s” is a HEIC or AVIF picture, which many cannot open; save it as JPEG")
    _check_text(data)
    return TEXT, data


# Pictures


def _clean_picture(data: bytes) -> tuple[str, bytes]:
    """Decode a picture and encode it anew: upright, its first frame alone, without any metadata."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(BytesIO(data), formats=tuple(_FORMATS)) as picture:
                return _encoded(picture)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning, MemoryError):
        raise _too_large() from None
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, EOFError, zlib.error):
        raise UnfitError("“%(name)s” is a picture that cannot be read; save it again and choose it anew") from None


def _too_large() -> UnfitError:
    return UnfitError("“%(name)s” is a picture of too many pixels; make it smaller and choose it anew")


def _encoded(picture: Image.Image) -> tuple[str, bytes]:
    form = str(picture.format)
    if picture.width * picture.height > MOST_PIXELS[form]:
        raise _too_large()
    picture.draft(None, (LONGEST_EDGE, LONGEST_EDGE))
    plain = _plain(ImageOps.exif_transpose(picture), form)
    plain.thumbnail((LONGEST_EDGE, LONGEST_EDGE), Image.Resampling.LANCZOS)
    plain.info.clear()  # colour profile, comments, EXIF, XMP: `save` takes them from here
    out = BytesIO()
    more = {} if form == "PNG" else {"quality": QUALITY}
    plain.save(out, form, exif=b"", **more)
    return _FORMATS[form], out.getvalue()


def _plain(picture: Image.Image, form: str) -> Image.Image:
    """Bring a picture into a mode that its format keeps, as a new picture."""
    if picture.mode.startswith("I"):  # 16 bits a pixel
        picture = picture.convert("I").point(lambda level: level / 256).convert("L")
    clear = picture.mode in {"RGBA", "LA", "PA"} or "transparency" in picture.info
    if clear and form != "JPEG":
        return picture.convert("RGBA")
    return picture.copy() if picture.mode == "L" else picture.convert("RGB")


# PDF

_ESCAPED = re.compile(rb"#([0-9a-fA-F]{2})")
_ACTIVE = re.compile(
    rb"/(JavaScript|JS(?=[\s(<\[/\d])|Launch|EmbeddedFiles?|RichMedia|XFA|SubmitForm|ImportData|GoToE|Rendition|Movie)"
)
_SURELY_ACTIVE = re.compile(rb"/(JavaScript|Launch(?=[\s/>])|EmbeddedFiles?(?=[\s/>])|RichMedia|SubmitForm)")
_STREAM = re.compile(rb"(?<!end)stream\r?\n")
_CONTENTS = re.compile(rb"(?<!end)stream\r?\n.*?endstream", re.DOTALL)


def _check_pdf(data: bytes) -> None:
    """Refuse a PDF that is cut short, protected, or does something when it is opened."""
    if not data.rstrip(b"\0\t\n\f\r ").endswith(b"%%EOF") or b"PK\x05\x06" in data[-66_000:]:
        raise UnfitError("“%(name)s” is no whole PDF; save it again and choose it anew")
    outside = _spelled_out(_CONTENTS.sub(b"", data))
    if b"/Encrypt" in outside:
        raise UnfitError("“%(name)s” is protected by a password; save it without one")
    texts = [outside, *map(_spelled_out, _hidden(data))]
    if any(map(_ACTIVE.search, texts)) or _SURELY_ACTIVE.search(_spelled_out(data)):
        raise UnfitError("“%(name)s” contains scripts, actions or other files; print it to a plain PDF")


def _spelled_out(data: bytes) -> bytes:
    """Write names without escapes: /J#61vaScript is /JavaScript."""
    return _ESCAPED.sub(lambda found: bytes([int(found[1], 16)]), data) if b"#" in data else data


def _hidden(data: bytes) -> Iterator[bytes]:
    """Unpack the streams that hold objects rather than pictures and pages; refuse what cannot be unpacked."""
    for found in _STREAM.finditer(data):
        before = data[max(0, found.start() - 4096) : found.start()]
        described = _spelled_out(before[max(before.rfind(b"obj"), 0) :])
        if b"ObjStm" not in described:
            continue
        inflate = zlib.decompressobj()
        try:
            unpacked = inflate.decompress(data[found.end() :], MOST_HIDDEN)
        except zlib.error:
            unpacked = b""
        if b"Predictor" in described or described.count(b"Decode") != 1 or not inflate.eof:
            raise UnfitError("“%(name)s” is a PDF whose parts cannot be looked into; print it to a plain PDF")
        yield unpacked


# XLSX

_LIVELY = re.compile(r"vbaproject|/activex/|/embeddings/|/macrosheets/|/ctrlprops/|\.bin$", re.IGNORECASE)
_HARMLESS = re.compile(r"xl/printerSettings/[\w.]+\.bin", re.IGNORECASE)


def _check_xlsx(data: bytes) -> None:
    """Refuse a packed file that is no workbook, or one with macros, other files in it, or too much to unpack."""
    try:
        with ZipFile(BytesIO(data)) as packed:
            parts, comment = packed.infolist(), packed.comment
    except (BadZipFile, OSError, ValueError, NotImplementedError):
        parts, comment = [], b""
    names = {part.filename for part in parts}
    if not {"[Content_Types].xml", "xl/workbook.xml"} <= names or len(names) != len(parts):
        raise UnfitError("“%(name)s” is of a kind that is not taken: JPEG, PNG, WebP, PDF, XLSX, CSV or text are")
    end = data.rfind(b"PK\x05\x06")
    if comment or len(data) - end != 22 or min(part.header_offset for part in parts):  # noqa: PLR2004  # bytes of its end
        raise UnfitError("“%(name)s” holds more than a workbook; save it again as XLSX")
    if sum(part.file_size for part in parts) > MOST_UNPACKED or len(parts) > MOST_PARTS:
        raise UnfitError("“%(name)s” becomes too large when it is unpacked")
    packings = {part.compress_type for part in parts} <= {ZIP_STORED, ZIP_DEFLATED}
    lively = any(_LIVELY.search(name) and not _HARMLESS.fullmatch(name) for name in names)
    strays = any(name.startswith("/") or "\\" in name or ".." in name.split("/") for name in names)
    if lively or strays or not packings or any(part.flag_bits & 1 for part in parts):
        raise UnfitError("“%(name)s” contains macros, other files or a password; save it as a plain XLSX")


# Text

_MARKUP = re.compile(r"<\s*(!doctype|html|svg|script|\?xml|\?php|body|head|iframe|object|embed|math)\b", re.IGNORECASE)
_STRANGE = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f]")


def _check_text(data: bytes) -> None:
    """Refuse what is no text in UTF-8 or GB18030, and text that a program or a browser would run."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        text = "\0"
    if _STRANGE.search(text) or _MARKUP.search(text[:4096]) or text.startswith(("#!", "{\\rtf", "%!PS")):
        raise UnfitError("“%(name)s” is of a kind that is not taken: JPEG, PNG, WebP, PDF, XLSX, CSV or text are")
