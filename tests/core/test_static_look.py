"""The look keeps its promises: contrast in both themes, no inline anything, sizes within the budget of a first visit."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CSS = (ROOT / "static" / "css" / "site.css").read_text(encoding="utf-8")
KILOBYTE = 1024
TEXT = 4.5
SHAPE = 3.0
# (what is written, on what, least contrast)
PAIRS = [
    *((ink, ground, TEXT) for ink in ("ink", "ink-2", "ink-3", "link") for ground in ("paper", "surface")),
    *((ink, "sunken", TEXT) for ink in ("ink", "ink-2", "ink-3")),
    *((ink, "sea-50", TEXT) for ink in ("ink", "ink-2", "ink-3", "link")),
    *((state, f"{state}-bg", TEXT) for state in ("ok", "wait", "bad", "info")),
    *(("ink", f"{state}-bg", TEXT) for state in ("ok", "wait", "bad", "info")),
    *((ink, "surface", TEXT) for ink in ("bad", "wait", "ok", "brand", "link-hover")),
    ("brand-ink", "brand", TEXT),
    ("brand-ink", "brand-hover", TEXT),
    ("accent-ink", "accent", TEXT),
    ("accent-ink", "accent-hover", TEXT),
    ("field-tag", "sea-100", TEXT),
    ("gold-tag", "amber-100", TEXT),
    ("ink", "mark", TEXT),
    ("ink", "sea-100", TEXT),
    ("paper", "ink", TEXT),
    *(("focus", ground, SHAPE) for ground in ("paper", "surface", "sea-50", "sunken")),
    *(("line-field", ground, SHAPE) for ground in ("paper", "surface")),
    *(("bar", ground, SHAPE) for ground in ("paper", "surface")),
    *(("bar-gap", ground, SHAPE) for ground in ("paper", "surface")),
]


def tokens(block: str) -> dict[str, str]:
    return dict(re.findall(r"--([\w-]+):\s*([^;]+);", block))


def themes() -> dict[str, dict[str, str]]:
    light = tokens(re.search(r":root \{(.*?)\n  \}", CSS, re.DOTALL)[1])
    wished = tokens(re.search(r':root:not\(\[data-theme="light"\]\) \{(.*?)\n    \}', CSS, re.DOTALL)[1])
    chosen = tokens(re.search(r'\n    :root\[data-theme="dark"\] \{(.*?)\n    \}', CSS, re.DOTALL)[1])
    return {"light": light, "wished dark": {**light, **wished}, "chosen dark": {**light, **chosen}}


def colour(theme: dict[str, str], name: str) -> tuple[int, int, int]:
    value = theme[name].strip()
    while value.startswith("var("):
        value = theme[value[6:-1]].strip()
    return tuple(int(value[at : at + 2], 16) for at in (1, 3, 5))


def luminance(rgb: tuple[int, int, int]) -> float:
    parts = [c / 255 / 12.92 if c <= 10 else ((c / 255 + 0.055) / 1.055) ** 2.4 for c in rgb]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def contrast(theme: dict[str, str], first: str, second: str) -> float:
    high, low = sorted((luminance(colour(theme, first)), luminance(colour(theme, second))), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("name", ["light", "wished dark", "chosen dark"])
def test_contrast(name: str) -> None:
    theme = themes()[name]
    measured = [(f"{ink} on {ground}", contrast(theme, ink, ground), least) for ink, ground, least in PAIRS]
    assert not [(pair, round(value, 2)) for pair, value, least in measured if value < least]


def test_the_measure_of_contrast_is_right() -> None:
    assert round(contrast({"a": "#000000", "b": "#ffffff"}, "a", "b"), 1) == 21.0
    assert round(contrast({"a": "#777777", "b": "#ffffff"}, "a", "b"), 2) == 4.48


def test_the_two_dark_blocks_say_the_same() -> None:
    found = themes()
    assert found["wished dark"] == found["chosen dark"]


def test_colours_stand_in_the_tokens_only() -> None:
    components = (ROOT / "static" / "css" / "components.css").read_text(encoding="utf-8")
    screen = components.split("@layer print")[0]
    assert not re.findall(r"#[0-9a-f]{3,8}\b", screen)


def packed(*names: str) -> int:
    return sum(len(gzip.compress((ROOT / "static" / name).read_bytes())) for name in names)


def test_a_first_visit_stays_within_its_budget() -> None:
    reboot = "vendor/bootstrap/5.3.9/bootstrap-reboot.min.css"
    assert packed("css/site.css", "css/components.css", reboot) <= 40 * KILOBYTE
    scripts = [f"js/{path.name}" for path in (ROOT / "static" / "js").glob("*.js")]
    assert packed("vendor/htmx.org/2.0.11/htmx.min.js", *scripts) <= 45 * KILOBYTE


INLINE = re.compile(
    r"<style|\sstyle=|\son[a-z]+=[\"']|javascript:|<script(?![^>]*\bsrc=)(?![^>]*type=\"application/(?:ld\+)?json\")",
    re.IGNORECASE,
)


@pytest.mark.parametrize("bad", ["<p style='x'>", '<a onclick="x">', "<script>", "<style>", '<a href="javascript:x">'])
def test_inline_code_would_be_noticed(bad: str) -> None:
    assert INLINE.search(bad)


def test_templates_hold_no_inline_code() -> None:
    found = [path.name for path in (ROOT / "templates").rglob("*.html") if INLINE.search(path.read_text(encoding="utf-8"))]
    assert not found


def test_paper_is_never_dark() -> None:
    """What keeps its background in print (tags, notices) would be dark on dark, whatever the visitor chose for the screen."""
    for start in (r':root:not\(\[data-theme="light"\]\) \{', r':root\[data-theme="dark"\] \{'):
        around = re.search(r"@media ([^{]*) \{\s*" + start, CSS)
        assert around is not None
        assert around[1].startswith("screen")
