"""Re-make static/vendor/ from npm packages and write VENDOR.json; nobody who only runs the site needs Node.

This decides which files of which exact versions we ship and how the icon sprite is put together. Whether the files on disk
still are these is checked by tests/core/test_static_vendor.py against the hashes written here.
Run it with: python deploy/vendor.py (needs npm on the path).
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess  # nosec B404 - runs npm with arguments of our own
import tarfile
import tempfile
from pathlib import Path

VENDOR = Path(__file__).resolve().parent.parent / "static" / "vendor"

# package -> (version, licence, {file in the package: file we keep})
PACKAGES: dict[str, tuple[str, str, dict[str, str]]] = {
    "htmx.org": ("2.0.11", "0BSD", {"dist/htmx.min.js": "htmx.min.js", "LICENSE": "LICENSE"}),
    "bootstrap": ("5.3.9", "MIT", {"dist/css/bootstrap-reboot.min.css": "bootstrap-reboot.min.css", "LICENSE": "LICENSE"}),
    "bootstrap-icons": ("1.13.2", "MIT", {"LICENSE": "LICENSE"}),
}

# Alphabetical, so that a difference reads well.
# fmt: off
ICONS = (
    "archive", "arrow-counterclockwise", "arrow-down-up", "arrow-left", "arrow-right", "award", "bell", "bookmark",
    "box-arrow-in-right", "box-arrow-right", "briefcase", "building", "calendar-event", "chat-left-text", "check-circle",
    "check-lg", "chevron-down", "chevron-left", "chevron-right", "clipboard", "clock", "clock-history", "cloud-check", "copy",
    "dash-lg", "diagram-3", "download", "envelope", "exclamation-circle", "exclamation-triangle", "eye", "eye-slash",
    "file-earmark-image", "file-earmark-pdf", "file-earmark-text", "file-earmark-zip", "flag", "fonts", "funnel", "gear",
    "geo-alt", "globe2", "hand-thumbs-down", "hand-thumbs-up", "hourglass-split", "house", "info-circle", "key", "keyboard",
    "lightbulb", "link-45deg", "list", "list-check", "lock", "moon", "paperclip", "patch-check", "pencil", "people",
    "person-circle", "phone", "plus-lg", "printer", "question-circle", "reply", "rss", "search", "send", "share",
    "shield-check", "sliders", "star", "sun", "three-dots", "tools", "trash", "unlock", "upload", "wifi-off", "x-circle",
    "x-lg",
)
# fmt: on


def fetch(package: str, version: str, into: Path) -> Path:
    """Unpack one published package and return its folder; npm itself checks the registry's integrity hash."""
    packed = subprocess.run(  # nosec B603 B607 - no shell, no input from outside
        ["npm", "pack", "--silent", f"{package}@{version}", "--pack-destination", str(into)],
        check=True,
        capture_output=True,
        text=True,
    ).stdout.strip()
    folder = into / f"{package}-{version}"
    with tarfile.open(into / packed.splitlines()[-1]) as archive:
        archive.extractall(folder, filter="data")
    return folder / "package"


def sprite(icons: Path) -> str:
    """One SVG file with a <symbol> for each icon we use, so that a page asks for all icons once."""
    symbols = []
    for name in ICONS:
        source = (icons / f"{name}.svg").read_text(encoding="utf-8")
        body = re.search(r"<svg[^>]*>(.*)</svg>", source, re.DOTALL)
        if body is None:
            raise ValueError(f"{name}.svg is not an icon")
        inner = re.sub(r"\s*\n\s*", "", body.group(1))
        symbols.append(f'<symbol id="{name}" viewBox="0 0 16 16">{inner}</symbol>')
    return '<svg xmlns="http://www.w3.org/2000/svg">\n' + "\n".join(symbols) + "\n</svg>\n"


def row(package: str, version: str, licence: str, path: Path) -> dict[str, str]:
    """What VENDOR.json keeps about one file."""
    return {
        "package": package,
        "version": version,
        "file": path.relative_to(VENDOR).as_posix(),
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        "licence": licence,
    }


def main() -> None:
    """Replace the folder of every package and write the list."""
    rows = []
    with tempfile.TemporaryDirectory() as scratch:
        for package, (version, licence, files) in PACKAGES.items():
            source = fetch(package, version, Path(scratch))
            shutil.rmtree(VENDOR / package, ignore_errors=True)
            target = VENDOR / package / version
            target.mkdir(parents=True)
            for inside, kept in files.items():
                shutil.copyfile(source / inside, target / kept)
            if package == "bootstrap-icons":
                (target / "sprite.svg").write_text(sprite(source / "icons"), encoding="utf-8")
            rows += [row(package, version, licence, path) for path in sorted(target.iterdir())]
    (VENDOR / "VENDOR.json").write_text(json.dumps(rows, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
