import io
import os
import stat
import struct
import zipfile
import zlib
from hashlib import sha256

import pytest
from flask_wtf import FlaskForm
from PIL import Image
from werkzeug.datastructures import FileStorage, MultiDict
from wtforms import StringField
from wtforms.validators import DataRequired

from ledger.web import evidence, uploads
from ledger.web.evidence import UploadError, clean_name, keep, path_of
from ledger.web.evidence_kinds import LONGEST_EDGE, XLSX

GPS, ORIENTATION, MAKER = 34853, 274, 271
PDF = b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\ntrailer\n<< /Root 1 0 R >>\n%%EOF\n"


def picture(form="JPEG", mode="RGB", size=(40, 20), **more):
    out = io.BytesIO()
    Image.new(mode, size, 0 if mode in {"1", "L", "P", "I;16", "F", "I"} else None).save(out, form, **more)
    return out.getvalue()


def located():
    """A photograph that lies on its side and says where and with what it was taken."""
    exif = Image.Exif()
    exif[ORIENTATION], exif[MAKER] = 6, "SecretCamera"
    exif.get_ifd(GPS).update({1: "N", 2: (39.0, 54.0, 26.0), 3: "E", 4: (116.0, 23.0, 29.0)})
    return picture(exif=exif.tobytes(), comment=b"secret comment", icc_profile=b"secret profile")


def workbook(*more, comment=b"", extra=None):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name in ("[Content_Types].xml", "xl/workbook.xml", *more):
            packed.writestr(name, "<x/>")
        for name, text in (extra or {}).items():
            packed.writestr(name, text)
        packed.comment = comment
    return out.getvalue()


def object_stream(contents, described=b"/Type /ObjStm /Filter /FlateDecode"):
    packed = zlib.compress(contents)
    stream = b"7 0 obj\n<< %s /Length %d >>\nstream\n%s\nendstream\nendobj\n" % (described, len(packed), packed)
    return PDF.replace(b"trailer", stream + b"trailer")


def png_of(width, height):
    """A small PNG that says it is as large as that."""

    def chunk(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    rows = zlib.compress(bytes(100))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


TAKEN = {
    "jpeg": ("a.jpg", picture(), "image/jpeg", "a.jpg"),
    "jpeg of four inks": ("a.jpg", picture(mode="CMYK"), "image/jpeg", "a.jpg"),
    "jpeg called png": ("a.png", picture(), "image/jpeg", "a.jpg"),
    "png": ("a.png", picture("PNG"), "image/png", "a.png"),
    "png of a palette": ("a.png", picture("PNG", "P"), "image/png", "a.png"),
    "png of 16 bits": ("a.png", picture("PNG", "I;16"), "image/png", "a.png"),
    "png of 1 bit": ("a.png", picture("PNG", "1"), "image/png", "a.png"),
    "png that is clear": ("a.png", picture("PNG", "LA"), "image/png", "a.png"),
    "webp": ("a.webp", picture("WEBP", "RGBA"), "image/webp", "a.webp"),
    "pdf": ("a.pdf", PDF, "application/pdf", "a.pdf"),
    "pdf of object streams": ("a.pdf", object_stream(b"<< /Type /Page >>"), "application/pdf", "a.pdf"),
    "xlsx": ("a.xlsx", workbook("xl/printerSettings/printerSettings1.bin"), XLSX, "a.xlsx"),
    "csv": ("a.csv", "姓名,分钟\n甲,90\n".encode("gb18030"), "text/csv", "a.csv"),
    "text": ("a.doc", "a < b, and so on".encode("utf-8-sig"), "text/plain", "a.doc.txt"),
}
REFUSED = {
    "nothing": ("a.jpg", b""),
    "program called picture": ("a.jpg", b"MZ\x90\0\x03\0\0\0\x04"),
    "page called picture": ("a.png", b"<!DOCTYPE html><script>alert(1)</script>"),
    "page called text": ("a.txt", b"\n\n  < SCRIPT>alert(1)</script>"),
    "svg": ("a.svg", b'<svg xmlns="http://www.w3.org/2000/svg" onload="x()"/>'),
    "shell": ("a.txt", b"#!/bin/sh\nrm -rf /\n"),
    "gif": ("a.gif", b"GIF89a\x01\0\x01\0\0\0\0;"),
    "heic": ("a.heic", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic"),
    "picture cut short": ("a.jpg", picture()[:300]),
    "picture in name only": ("a.jpg", b"\xff\xd8\xff<script>"),
    "bomb that Pillow knows": ("a.png", png_of(60_000, 60_000)),
    "bomb below that": ("a.png", png_of(6_000, 6_000)),
    "pdf cut short": ("a.pdf", PDF[:-7]),
    "pdf that is a zip too": ("a.pdf", PDF[:-6] + workbook() + b"\n%%EOF\n"),
    "pdf with script": ("a.pdf", PDF.replace(b"/Type", b"/OpenAction << /S /JavaScript /JS (x) >> /Type")),
    "pdf with script in escapes": ("a.pdf", PDF.replace(b"/Type", b"/AA << /S /Java#53cript >> /Type")),
    "pdf with script in an object stream": ("a.pdf", object_stream(b"<< /S /JavaScript /JS (x) >>")),
    "pdf with script behind an escaped object stream": (
        "a.pdf",
        object_stream(b"<< /S /JavaScript /JS (x) >>", b"/Type /Obj#53tm /Filter /FlateDecode"),
    ),
    "pdf with an object stream packed twice": (
        "a.pdf",
        object_stream(zlib.compress(b"/S /JavaScript"), b"/Type /ObjStm /Filter [/FlateDecode /FlateDecode]"),
    ),
    "pdf with an object stream not packed": ("a.pdf", object_stream(b"", b"/Type /ObjStm").replace(b"x\x9c", b"  ")),
    "pdf with a bomb of objects": ("a.pdf", object_stream(bytes(9 * 1024 * 1024))),
    "pdf that starts a program": ("a.pdf", PDF.replace(b"/Type", b"/OpenAction << /S /Launch /F (cmd) >> /Type")),
    "pdf with a file in it": ("a.pdf", PDF.replace(b"/Type", b"/Names << /EmbeddedFiles 9 0 R >> /Type")),
    "pdf with a password": ("a.pdf", PDF.replace(b"/Root", b"/Encrypt 9 0 R /Root")),
    "pdf after something": ("a.pdf", b"MZ\0" + PDF),
    "zip": ("a.xlsx", workbook().replace(b"xl/workbook.xml", b"xx/workbook.xml")),
    "zip with something behind": ("a.xlsx", workbook(comment=b"<script>")),
    "xlsx with something behind": ("a.xlsx", workbook() + b"#"),
    "xlsx with macros": ("a.xlsx", workbook("xl/vbaProject.bin")),
    "xlsx with another file": ("a.xlsx", workbook("xl/embeddings/oleObject1.bin")),
    "xlsx that climbs": ("a.xlsx", workbook("../../etc/passwd")),
    "xlsx bomb": ("a.xlsx", workbook(extra={"xl/sheet1.xml": bytes(130 * 1024 * 1024)})),
}


def send(data, name="a.jpg", media="image/jpeg"):
    return FileStorage(io.BytesIO(data), name, content_type=media)


@pytest.mark.parametrize("case", TAKEN)
def test_a_file_is_what_its_contents_say(case, tmp_path):
    name, data, media, called = TAKEN[case]
    file = uploads.take(send(data, name, "application/x-anything"), tmp_path / "evidence")
    kept = (tmp_path / "evidence" / file["sha256"]).read_bytes()
    assert (file["media"], file["name"]) == (media, called)
    assert (file["sha256"], file["size"]) == (sha256(kept).hexdigest(), len(kept))
    if media.startswith("image/"):
        with Image.open(io.BytesIO(kept)) as shown:
            shown.load()
            assert shown.size == (40, 20)
    else:
        assert kept == data


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_not_evidence_is_refused_and_leaves_nothing(case, tmp_path):
    name, data = REFUSED[case]
    with pytest.raises(UploadError, match=rf"“{name}”"):
        uploads.take(send(data, name), tmp_path / "evidence")
    assert not (tmp_path / "evidence").exists()


def test_pictures_lose_where_and_with_what_they_were_taken(tmp_path):
    data = located()
    assert b"SecretCamera" in data
    with Image.open(io.BytesIO(data)) as before:
        assert before.getexif().get_ifd(GPS)
    file = uploads.take(send(data), tmp_path)
    kept = (tmp_path / file["sha256"]).read_bytes()
    with Image.open(io.BytesIO(kept)) as after:
        assert after.size == (20, 40)  # upright: what lay on its side was turned, not forgotten
        assert not after.getexif()
        assert not {"exif", "comment", "icc_profile", "xmp"} & after.info.keys()
    assert not any(mark in kept for mark in (b"Secret", b"secret", b"Exif", b"GPS"))


@pytest.mark.parametrize("form", ["PNG", "WEBP"])
def test_other_pictures_lose_it_too(form, tmp_path):
    exif = Image.Exif()
    exif[MAKER] = "SecretCamera"
    data = picture(form, exif=exif.tobytes())
    assert b"SecretCamera" in data
    assert b"SecretCamera" not in (tmp_path / uploads.take(send(data), tmp_path)["sha256"]).read_bytes()


def test_what_hides_behind_a_picture_is_gone(tmp_path):
    file = uploads.take(send(picture() + b"<script>alert(1)</script>" + workbook()), tmp_path)
    kept = (tmp_path / file["sha256"]).read_bytes()
    assert b"script" not in kept
    assert b"PK\x03\x04" not in kept


def test_of_a_moving_picture_the_first_frame_is_kept(tmp_path):
    out = io.BytesIO()
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("red", "blue")]
    frames[0].save(out, "WEBP", save_all=True, append_images=frames[1:], lossless=True)
    file = uploads.take(send(out.getvalue()), tmp_path)
    with Image.open(tmp_path / file["sha256"]) as kept:
        assert getattr(kept, "n_frames", 1) == 1
        assert kept.convert("RGB").getpixel((4, 4))[0] > 200


def test_a_large_picture_is_made_smaller(tmp_path):
    file = uploads.take(send(picture(size=(6000, 3000))), tmp_path)
    with Image.open(tmp_path / file["sha256"]) as kept:
        assert max(kept.size) <= LONGEST_EDGE
        assert kept.width == 2 * kept.height


def test_a_file_that_is_too_large_is_not_read_to_its_end(tmp_path):
    storage = send(bytes(3000))
    with pytest.raises(UploadError, match="larger than 0 MiB"):
        uploads.take(storage, tmp_path, most=1000)
    assert storage.stream.tell() == 1001


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\me\\签到表.jpg", "签到表.jpg"),
        ("a/b/../.htaccess", "htaccess"),
        ("x\r\nSet-Cookie: a=b.jpg", "xSet-Cookie_ a=b.jpg"),
        ("photo\u202egpj.exe", "photogpj.exe"),
        ('a"><script>.jpg', "a___script_.jpg"),
        ("...", "file"),
        ("", "file"),
        ("\0", "file"),
        ("长" * 200 + ".jpg", "长" * 76 + ".jpg"),
    ],
)
def test_names_are_harmless(name, shown):
    assert clean_name(name) == shown


def test_files_are_kept_whole_and_to_ourselves(tmp_path):
    folder = tmp_path / "new" / "evidence"
    file = keep(folder, "a.pdf", PDF)
    path = path_of(folder, file["sha256"])
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    path.write_bytes(b"cut short by a crash")
    assert keep(folder, "b.pdf", PDF)["sha256"] == file["sha256"]
    assert path.read_bytes() == PDF
    assert [kept.name for kept in folder.iterdir()] == [file["sha256"]]


def test_a_disk_that_fails_leaves_nothing(tmp_path, monkeypatch):
    def fail(number):
        raise OSError(28, "no space")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match="no space"):
        keep(tmp_path, "a.pdf", PDF)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("digest", ["", "..", "../secret.key", "A" * 64, "0" * 63 + "/", "0" * 64])
def test_only_kept_files_have_a_path(digest, tmp_path):
    (tmp_path / "secret.key").write_text("x")
    assert path_of(tmp_path, digest) is None


class Report(FlaskForm):
    title = StringField("title", [DataRequired()])
    files = uploads.FilesField("files", count=2)


def filled(app, **sent):
    app.config["WTF_CSRF_ENABLED"] = False
    with app.test_request_context("/", method="POST"):
        form = Report(MultiDict([(key, one) for key, many in sent.items() for one in many]))
        return form, form.validate(), str(form.files())


def test_a_form_with_errors_keeps_the_files_it_took(app):
    form, right, html = filled(app, title=[""], files=[send(PDF, "a.pdf"), send(b"", "")])
    assert (right, [file["name"] for file in form.files.data]) == (False, ["a.pdf"])
    token = html.partition('value="')[2].partition('"')[0]
    again, right, _ = filled(app, title=["x"], files=[token, send(picture())])
    assert right
    assert [file["name"] for file in again.files.data] == ["a.pdf", "a.jpg"]
    assert again.files.data[0] == form.files.data[0]


def test_a_refused_file_is_an_error_of_its_field_and_the_others_stay(app):
    form, right, html = filled(app, title=["x"], files=[send(b"MZ\0", "run.exe"), send(PDF, "a.pdf")])
    assert not right
    assert "run.exe" in form.errors["files"][0]
    assert [file["name"] for file in form.files.data] == ["a.pdf"]
    assert "checked" in html


def test_no_more_files_than_allowed(app):
    files = [send(PDF + b"\n" * n, f"{n}.pdf") for n in range(3)]
    form, right, _ = filled(app, title=["x"], files=files)
    assert not right
    assert form.errors["files"]


def test_a_forged_file_is_not_attached(app):
    good = {"sha256": "0" * 64, "name": "a", "size": 1, "media": "text/plain"}
    with app.test_request_context("/"):
        token = uploads.remember(good)
        assert uploads.recall(token) == good
        for forged in (token[:-2], "x", "", good["sha256"], token.replace(".", "x", 1)):
            with pytest.raises(UploadError):
                uploads.recall(forged)


def test_what_was_taken_is_remembered_for_its_sender_and_not_for_ever(app, monkeypatch):
    good = {"sha256": "0" * 64, "name": "a", "size": 1, "media": "text/plain"}
    with app.test_request_context("/"):
        token = uploads.remember(good)
        monkeypatch.setattr(uploads, "REMEMBERED", -1)
        with pytest.raises(UploadError):
            uploads.recall(token)
        monkeypatch.undo()
        monkeypatch.setattr(uploads, "current_actor", lambda: type("Actor", (), {"code": "u2"}))
        with pytest.raises(UploadError):
            uploads.recall(token)


def test_names_cannot_break_out_of_the_form(app):
    file = {"sha256": "0" * 64, "name": "<b>&.pdf", "size": 2048, "media": evidence.CSV}
    with app.test_request_context("/"):
        html = str(Report(data={"files": [file]}).files())
    assert "&lt;b&gt;&amp;.pdf" in html
    assert "2 KiB" in html
