"""The vendored files are the ones that were published, each with its licence, and nothing else lies beside them."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

STATIC = Path(__file__).resolve().parents[2] / "static"
VENDOR = STATIC / "vendor"
ROWS = json.loads((VENDOR / "VENDOR.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["file"])
def test_each_file_is_the_published_one(row: dict[str, str]) -> None:
    assert hashlib.sha256((VENDOR / row["file"]).read_bytes()).hexdigest() == row["sha256"]
    assert row["file"].startswith(f"{row['package']}/{row['version']}/")
    assert row["licence"]


def test_a_changed_file_would_be_noticed() -> None:
    row = next(row for row in ROWS if row["file"].endswith(".js"))
    assert hashlib.sha256((VENDOR / row["file"]).read_bytes() + b" ").hexdigest() != row["sha256"]


def test_no_file_is_unlisted() -> None:
    on_disk = {path.relative_to(VENDOR).as_posix() for path in VENDOR.rglob("*") if path.is_file()}
    assert on_disk == {row["file"] for row in ROWS} | {"VENDOR.json"}


def test_every_package_brings_its_licence() -> None:
    packages = {row["package"] for row in ROWS}
    assert {row["package"] for row in ROWS if row["file"].endswith("LICENSE")} == packages


def test_icons_used_exist_in_the_sprite() -> None:
    """`icon('name')` in a template draws nothing when the sprite lacks it, and nobody would see why."""
    import re

    sprite = (VENDOR / "bootstrap-icons" / "1.13.2" / "sprite.svg").read_text(encoding="utf-8")
    known = set(re.findall(r'<symbol id="([^"]+)"', sprite))
    used = set()
    for path in (STATIC.parent / "templates").rglob("*.html"):
        used |= set(re.findall(r"(?:\bicon\(|icon_name=)'([a-z0-9-]+)'", path.read_text(encoding="utf-8")))
    assert used
    assert used <= known, sorted(used - known)
