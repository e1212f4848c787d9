"""House rules that a machine can check. Each says what it is for; the contracts on imports are in pyproject.toml."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from marketplace import wiring
from marketplace.core.web.access import undeclared

ROOT = Path(__file__).resolve().parents[2]
SOURCES = sorted(
    p for folder in ("marketplace", "search_index") for p in (ROOT / folder).rglob("*.py") if "migrations" not in p.parts
)
TEMPLATES = sorted(p for p in (ROOT / "templates").rglob("*") if p.suffix in (".html", ".txt"))
MAX_LINES = 400


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def found_in(pattern: str, paths: list[Path]) -> list[str]:
    looked_for = re.compile(pattern)
    return [
        f"{name_of(path)}:{number}"
        for path in paths
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if looked_for.search(line)
    ]


def test_every_route_says_who_may_call_it(app):
    assert undeclared(app) == []


def test_only_the_transaction_commits():
    """One commit per request, command or job; mail and indexing strictly after it."""
    hits = found_in(r"\bsession\w*(\(\))?\.commit\(|\bdb\.session\.commit\(", SOURCES)
    assert [hit for hit in hits if not hit.startswith("marketplace/core/db.py")] == []


def test_only_the_workflow_sets_a_state():
    """State machines have one door. (The queue rows of core.outbox are no domain state; jobs moves them.)"""
    allowed = ("marketplace/core/workflow.py", "marketplace/core/jobs.py")
    hits = found_in(r"^\s*[\w.\[\]]+\.state\s*(,[^=()]*)?=(?!=)", SOURCES)
    assert [hit for hit in hits if not hit.startswith(allowed)] == []


def test_only_the_clock_reads_the_clock():
    hits = found_in(r"datetime\.now\(|utcnow\(|date\.today\(|\btime\.time\(", SOURCES)
    assert [hit for hit in hits if not hit.startswith("marketplace/core/clock.py")] == []


def test_a_row_that_is_locked_is_read_anew():
    """A page has usually loaded the object already; a lock without populate_existing hands back the stale one."""
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef) and node.name.endswith("_for_update"):
                source = ast.unparse(node)
                assert "populate_existing" in source or "_for_update(" in source.split("\n", 1)[1], f"{name_of(path)}:{node.name}"


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_a_module_is_short_and_says_what_it_decides(path):
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= MAX_LINES
    assert not text.strip() or ast.get_docstring(ast.parse(text))


def test_pages_hold_no_inline_script_style_or_handler():
    """The content security policy would block them; the page must not need them."""
    pages = [p for p in TEMPLATES if "emails" not in p.parts and "email" not in p.parts]
    assert found_in(r"<style|\sstyle=|\son[a-z]+=\"|javascript:", pages) == []
    scripts = [
        hit
        for hit in found_in(r"<script", pages)
        if hit not in found_in(r"<script[^>]*\b(src=|type=\"application/(ld\+)?json\")", pages)
    ]
    assert scripts == []


def test_nothing_is_marked_safe_by_hand():
    assert found_in(r"\|\s*safe\b", TEMPLATES) == []


def test_events_are_past_tense_of_a_feature():
    for name in wiring.EVENTS:
        assert re.fullmatch(r"[a-z]+\.[a-z_]+", name), name
        assert (ROOT / "marketplace" / name.split(".", 1)[0]).is_dir(), name


def test_handlers_have_one_name_each():
    handlers = {}
    for group in wiring.EVENTS.values():
        for handler in group:
            assert handlers.setdefault(handler.name, handler) is handler
