"""Attacks by file: each is refused in words at the page, stores nothing, and passes once its defence is switched off."""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from pathlib import Path

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo
from sqlalchemy import func, select

from marketplace.core import clock, files
from marketplace.core.db import current_session, transaction
from marketplace.core.errors import UploadRefused
from marketplace.core.files import StoredFile
from marketplace.listings import services
from marketplace.listings.models import Attachment
from tests.conftest import Browser
from tests.factories import accounts, listings
from tests.visitor import Visitor

EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
MB = 1024 * 1024


def office(entries=(), *, main="word/document.xml", compression=zipfile.ZIP_DEFLATED):
    """A Word file (or what calls itself one) with more entries."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr(main, "<w:document/>")
        for name, content in entries:
            archive.writestr(name, content)
    return out.getvalue()


def png(width=8, height=8, *, kind="PNG"):
    out = io.BytesIO()
    Image.new("RGB", (width, height), "teal").save(out, kind)
    return out.getvalue()


def huge_png(side):
    """A picture of side x side pixels in a few kilobytes."""

    def chunk(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    row = zlib.compress(b"\0" * (side // 8 + 1) * 50, 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", row) + chunk(b"IEND", b"")


def pdf(body=b""):
    return b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog " + body + b" >>\nendobj\ntrailer << /Root 1 0 R >>\n%%EOF\n"


GOOD = {
    "pdf": (pdf(), "报告.pdf"),
    "word": (office(), "说明.docx"),
    "excel": (office(main="xl/workbook.xml"), "数据.xlsx"),
    "slides": (office(main="ppt/presentation.xml"), "路演.pptx"),
    "png": (png(), "图.png"),
    "jpeg": (png(kind="JPEG"), "图.jpg"),
    "webp": (png(kind="WEBP"), "图.webp"),
}
BAD = {
    "nothing": (b"", "a.pdf", "upload_empty"),
    "virus": (pdf(EICAR), "a.pdf", "upload_active_content"),
    "virus in a picture": (png() + EICAR, "a.png", "upload_active_content"),
    "zip bomb": (office([("word/big.xml", b"\0" * 30 * MB)]), "a.docx", "upload_archive_suspicious"),
    "shared strings bomb": (
        office([("xl/sharedStrings.xml", b"a" * 40 * MB)], main="xl/workbook.xml"),
        "a.xlsx",
        "upload_archive_suspicious",
    ),
    "many entries": (office([(f"x/{i}", "") for i in range(5_001)]), "a.docx", "upload_archive_suspicious"),
    "nested archive": (office([("word/media/inner.zip", b"PK\x03\x04")]), "a.docx", "upload_archive_suspicious"),
    "traversal entry": (office([("../../etc/cron.d/x", "x")]), "a.docx", "upload_archive_suspicious"),
    "absolute entry": (office([("/etc/passwd", "x")]), "a.docx", "upload_archive_suspicious"),
    "macro docm": (office([("word/vbaProject.bin", b"x")]), "a.docm", "upload_active_content"),
    "program inside": (office([("word/embeddings/tool.exe", b"MZ")]), "a.docx", "upload_active_content"),
    "any other zip": (office(main="index.html"), "a.docx", "upload_type_not_accepted"),
    "broken zip": (b"PK\x03\x04" + b"\0" * 100, "a.docx", "upload_damaged"),
    "truncated zip": (office([("word/a.xml", "x" * 1000)])[:-40], "a.docx", "upload_damaged"),
    "huge picture": (huge_png(30_000), "a.png", None),
    "truncated picture": (png(200, 200)[:-40], "a.png", "upload_damaged"),
    "script in a pdf": (pdf(b"/OpenAction << /S /JavaScript /JS (app.alert(1)) >>"), "a.pdf", "upload_active_content"),
    "launching pdf": (pdf(b"/AA << /S /Launch /F (cmd.exe) >>"), "a.pdf", "upload_active_content"),
    "pdf with a file": (pdf(b"/EmbeddedFile 5 0 R"), "a.pdf", "upload_active_content"),
    "truncated pdf": (pdf()[:-20], "a.pdf", "upload_damaged"),
    "html called pdf": (b"<html><script>alert(1)</script></html>", "a.pdf", "upload_type_not_accepted"),
    "svg": (b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>', "a.svg", "upload_type_not_accepted"),
    "svg called png": (b'<?xml version="1.0"?><svg onload="alert(1)"/>', "a.png", "upload_type_not_accepted"),
    "gif polyglot": (b"GIF89a/*" + b"\0" * 20 + b"*/=1;alert(1)", "a.gif", "upload_type_not_accepted"),
    "program": (b"MZ\x90\0" + b"\0" * 100, "a.pdf", "upload_type_not_accepted"),
    "shell script": (b"#!/bin/sh\nrm -rf /\n", "a.pdf.sh", "upload_type_not_accepted"),
    "too large": (pdf(b"0" * 21 * MB), "a.pdf", "upload_too_large"),
}


@pytest.fixture
def desk(app):
    """A writer's browser and a draft to attach to."""
    app.test_client_class = Browser
    user, org = accounts.create_member(kind="university")
    row = listings.create_achievement(org, actor=accounts.actor_of(user), published=False)
    return Visitor(app, user), row.id


def send(desk, content, name, **more):
    visitor, listing_id = desk
    data = {"file": (io.BytesIO(content), name), "tier": "public", **more}
    return visitor.post(f"/zh/listings/{listing_id}/files", data=data)


def kept():
    session = current_session()
    session.rollback()
    return [session.scalar(select(func.count()).select_from(model)) for model in (StoredFile, Attachment)]


@pytest.mark.parametrize("what", GOOD)
def test_good_files_are_kept(desk, what):
    content, name = GOOD[what]
    assert send(desk, content, name).status_code == 302
    assert kept() == [1, 1]


@pytest.mark.parametrize("what", BAD)
def test_bad_files_are_refused_in_words(desk, what):
    content, name, _ = BAD[what]
    answer = send(desk, content, name, note="检测报告")
    assert answer.status_code == 422
    assert "data-error-summary" in answer.text
    assert 'value="检测报告"' in answer.text  # what was typed beside it is kept
    assert kept() == [0, 0]


@pytest.mark.parametrize("what", BAD)
def test_for_the_right_reason(what):
    content, name, code = BAD[what]
    with pytest.raises(UploadRefused) as refused:
        files.accept(io.BytesIO(content), name)
    assert code is None or refused.value.code == code


CONTROLS = {
    "zip bomb": ("MAX_ZIP_RATIO", 10**9),
    "shared strings bomb": ("MAX_ZIP_RATIO", 10**9),
    "many entries": ("MAX_ZIP_ENTRIES", 10**6),
    "virus": ("_EICAR", b"something else"),
    "script in a pdf": ("_ACTIVE_PDF", re.compile(rb"never there")),
    "launching pdf": ("_ACTIVE_PDF", re.compile(rb"never there")),
    "too large": ("MAX_BYTES", 50 * MB),
}


@pytest.mark.parametrize("what", CONTROLS)
def test_each_passes_once_its_defence_is_off(monkeypatch, what):
    content, name, _ = BAD[what]
    monkeypatch.setattr(files, *CONTROLS[what])
    assert files.accept(io.BytesIO(content), name).content


def test_more_than_a_request_may_weigh(desk):
    assert send(desk, b"%PDF-" + b"0" * 26 * MB, "a.pdf").status_code == 413
    assert kept() == [0, 0]


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("../../../etc/passwd.png", "passwd.png"),
        ("..\\..\\windows\\system32\\x.png", "x.png"),
        ("a.php\x00.png", "a.php.png"),
        ("report.pdf.exe", "report.pdf.png"),
        ("photo.png.html", "photo.png.png"),
        ("\u202egnp.exe", "gnp.png"),
        (".htaccess", "htaccess.png"),
        ("CON", "CON.png"),
        ("", None),
        ("长" * 300 + ".png", "长" * 96 + ".png"),
        ('"><img src=x onerror=alert(1)>.png', '"><img src=x onerror=alert(1)>.png'),
        ("a\r\nSet-Cookie: x=1.png", None),
    ],
)
def test_names_become_harmless(name, shown):
    accepted = files.accept(io.BytesIO(png()), name)
    assert shown is None or accepted.name == shown
    assert accepted.name.endswith(".png")
    assert len(accepted.name) <= 100
    assert not set(accepted.name) & set("/\\\0\r\n\u202e")


def test_a_name_cannot_add_headers(app, desk):
    """A browser cannot send such a name, an import could: what is shown and sent later is one line all the same."""
    visitor, listing_id = desk
    accepted = files.accept(io.BytesIO(png()), "a\r\nSet-Cookie: stolen=1\r\n.png")
    actor = listings.owner_of(listings.reload(listing_id).organisation)
    with transaction():
        root = Path(app.config["FILES"])
        kept_id = services.attach(listing_id, accepted, tier="public", note="", root=root, actor=actor, now=clock.now()).id
    answer = visitor.get(f"/zh/listings/{listing_id}/files/{kept_id}")
    assert answer.status_code == 200
    assert "stolen" not in answer.headers.get("Set-Cookie", "")
    assert "\n" not in answer.headers["Content-Disposition"]


def test_a_polyglot_picture_keeps_only_its_pixels(desk):
    tail = b"<script>alert(document.domain)</script>" + b"PK\x03\x04"
    accepted = files.accept(io.BytesIO(png() + tail), "a.png")
    assert b"script" not in accepted.content
    assert b"PK\x03\x04" not in accepted.content
    assert Image.open(io.BytesIO(accepted.content)).size == (8, 8)


def test_a_picture_with_text_chunks_loses_them():
    out = io.BytesIO()
    info = PngInfo()
    info.add_text("Comment", "<?php system('id') ?>")
    Image.new("RGB", (4, 4)).save(out, "PNG", pnginfo=info)
    assert b"php" in out.getvalue()
    assert b"php" not in files.accept(io.BytesIO(out.getvalue()), "a.png").content


def test_pixels_are_counted_before_they_are_unpacked():
    content = huge_png(6_500)  # 42 million pixels: over our limit, under Pillow's own
    with pytest.raises(UploadRefused) as refused:
        files.accept(io.BytesIO(content), "a.png")
    assert refused.value.code == "upload_picture_too_large"
    assert refused.value.params == {"megapixels": 40}


def test_the_most_files_a_listing_may_have(desk):
    for number in range(10):
        assert send(desk, pdf(b"/N %d" % number), f"{number}.pdf").status_code == 302
    answer = send(desk, pdf(b"/N 11"), "11.pdf")
    assert answer.status_code == 422
    assert "最多 10 个文件" in answer.text
    assert kept()[1] == 10


def test_the_same_content_is_kept_once(desk):
    send(desk, pdf(), "a.pdf")
    send(desk, pdf(), "b.pdf")
    assert kept() == [1, 2]


@pytest.mark.parametrize("tier", ["", "nobody", "owner", "PUBLIC"])
def test_a_tier_that_was_not_offered_shows_nothing_to_the_public(desk, tier):
    answer = send(desk, pdf(), "a.pdf", tier=tier)
    if tier == "":
        assert answer.status_code == 302
        assert listings.reload(desk[1]).attachments[0].tier == "verified"
    else:
        assert answer.status_code == 422
        assert kept() == [0, 0]


def test_no_file_at_all(desk):
    visitor, listing_id = desk
    answer = visitor.post(f"/zh/listings/{listing_id}/files", data={"tier": "public"})
    assert answer.status_code == 422
    assert "请先选择文件" in answer.text


def test_strangers_and_viewers_attach_nothing(app, desk):
    _, listing_id = desk
    org = listings.reload(listing_id).organisation
    viewer = accounts.create_user()
    accounts.add_member(viewer, org, "viewer")
    stranger = accounts.create_member()[0]
    for user, status in ((viewer, 403), (stranger, 404)):
        assert send((Visitor(app, user), listing_id), pdf(), "a.pdf").status_code == status
    assert kept() == [0, 0]
