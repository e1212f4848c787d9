"""Uploads: what is accepted, and where it is kept.

A file is judged by its content, never by its name; pictures are decoded and written anew (which drops metadata and
anything hidden behind them); the folder is addressed by content and lies outside the web root. Who may read a file is
the policy of the feature that attached it.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import os
import re
import unicodedata
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from sqlalchemy import BigInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.core.db import Base, current_session
from marketplace.core.errors import UploadRefused
from marketplace.core.types import UtcDateTime

MAX_BYTES = 20 * 1024 * 1024
MAX_PIXELS = 40_000_000
MAX_ZIP_ENTRIES = 5_000
MAX_ZIP_BYTES = 200 * 1024 * 1024
MAX_ZIP_RATIO = 200
PICTURES = {"PNG": ("image/png", ".png"), "JPEG": ("image/jpeg", ".jpg"), "WEBP": ("image/webp", ".webp")}
OFFICE = {
    "word/document.xml": ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", ".docx"),
    "xl/workbook.xml": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", ".xlsx"),
    "ppt/presentation.xml": ("application/vnd.openxmlformats-officedocument.presentationml.presentation", ".pptx"),
}
# A PDF that runs script or opens programs has no place here; these names are part of its object syntax.
_ACTIVE_PDF = re.compile(rb"/(JavaScript|JS|Launch|EmbeddedFile|XFA|OpenAction\s*<<[^>]*/JS)\b")
_EICAR = b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE"


class StoredFile(Base):
    """One content, kept once however often it is attached."""

    __tablename__ = "stored_files"

    id: Mapped[int] = mapped_column(primary_key=True)
    sha256: Mapped[str] = mapped_column(String(64), unique=True)
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    media_type: Mapped[str] = mapped_column(String(100))
    stored_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)


@dataclass(frozen=True, slots=True)
class Accepted:
    """An upload that passed: its (possibly re-encoded) bytes, media type and a safe name to show."""

    content: bytes
    media_type: str
    name: str


def accept(stream: BinaryIO, filename: str) -> Accepted:
    """Judge one upload. Raises UploadRefused with code empty, too_large, type_not_accepted, picture_too_large,
    archive_suspicious, active_content or damaged."""
    content = stream.read(MAX_BYTES + 1)
    if not content:
        raise UploadRefused("upload_empty")
    if len(content) > MAX_BYTES:
        raise UploadRefused("upload_too_large", megabytes=MAX_BYTES // 1024 // 1024)
    if _EICAR in content:
        raise UploadRefused("upload_active_content")
    if content.startswith(b"%PDF-"):
        return _accept_pdf(content, filename)
    if content.startswith(b"PK\x03\x04"):
        return _accept_office(content, filename)
    return _accept_picture(content, filename)


def _accept_pdf(content: bytes, filename: str) -> Accepted:
    if b"%%EOF" not in content[-2048:]:
        raise UploadRefused("upload_damaged")
    if _ACTIVE_PDF.search(content):
        raise UploadRefused("upload_active_content")
    return Accepted(content, "application/pdf", safe_name(filename, ".pdf"))


def _accept_office(content: bytes, filename: str) -> Accepted:
    """Word, Excel, PowerPoint in the open format; macros, bombs and nested archives are refused before unpacking."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise UploadRefused("upload_damaged") from error
    unpacked = sum(entry.file_size for entry in entries)
    names = {entry.filename for entry in entries}
    if len(entries) > MAX_ZIP_ENTRIES or unpacked > MAX_ZIP_BYTES or unpacked > MAX_ZIP_RATIO * len(content):
        raise UploadRefused("upload_archive_suspicious")
    if any(".." in name or name.startswith(("/", "\\")) or name.lower().endswith(".zip") for name in names):
        raise UploadRefused("upload_archive_suspicious")
    if any(name.lower().endswith(("vbaproject.bin", ".exe", ".dll", ".js", ".vbs")) for name in names):
        raise UploadRefused("upload_active_content")
    for marker, (media_type, suffix) in OFFICE.items():
        if marker in names:
            return Accepted(content, media_type, safe_name(filename, suffix))
    raise UploadRefused("upload_type_not_accepted")


def _accept_picture(content: bytes, filename: str) -> Accepted:
    """Decode and encode again: what comes out is only pixels."""
    from PIL import Image, UnidentifiedImageError  # here, because only a process that is given pictures need carry it

    try:
        with Image.open(io.BytesIO(content), formats=tuple(PICTURES)) as picture:
            if picture.width * picture.height > MAX_PIXELS:
                raise UploadRefused("upload_picture_too_large", megapixels=MAX_PIXELS // 1_000_000)
            kind = str(picture.format)
            media_type, suffix = PICTURES[kind]
            picture.load()
            clean = picture.convert("RGB") if kind == "JPEG" else picture.convert("RGBA")
            out = io.BytesIO()
            clean.save(out, kind)
    except UnidentifiedImageError as error:
        raise UploadRefused("upload_type_not_accepted") from error
    except (OSError, Image.DecompressionBombError, SyntaxError, ValueError) as error:
        raise UploadRefused("upload_damaged") from error
    return Accepted(out.getvalue(), media_type, safe_name(filename, suffix))


def safe_name(filename: str, suffix: str) -> str:
    """A name to show and to send: no path, no control or direction characters, at most 100 characters, one suffix."""
    base = unicodedata.normalize("NFC", filename.replace("\\", "/").rsplit("/", 1)[-1])
    base = "".join(c for c in base if unicodedata.category(c)[0] != "C").strip(" .")
    stem = base.rsplit(".", 1)[0] if "." in base else base
    return (stem[: 100 - len(suffix)] or "file") + suffix


def path_of(root: Path, sha256: str) -> Path:
    """Where the content with this hash lies."""
    return root / sha256[:2] / sha256[2:4] / sha256


def store(root: Path, accepted: Accepted, *, now: dt.datetime) -> StoredFile:
    """Keep the bytes (written beside, then renamed, so a crash leaves no half file) and return their row."""
    digest = hashlib.sha256(accepted.content).hexdigest()
    target = path_of(root, digest)
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        partial = target.with_suffix(f".{os.getpid()}.part")
        with partial.open("wb") as out:
            out.write(accepted.content)
            out.flush()
            os.fsync(out.fileno())
        partial.replace(target)
    session = current_session()
    row = session.query(StoredFile).filter_by(sha256=digest).one_or_none()
    if row is None:
        row = StoredFile(sha256=digest, size_bytes=len(accepted.content), media_type=accepted.media_type, stored_at=now)
        session.add(row)
        session.flush()  # callers attach it by id
    return row
