"""What the bench writes into the documents: figures are never typed by hand, and the picture is only a picture."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from tests.bench import chart, report, ten_million
from tests.bench.figures import Figures, Run

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = (("docs/performance.md", "bench:engines"), ("docs/ten-million.md", "bench:ten-million"))
SHARES = ("p50", "p95", "p99", "cpu", "raw50", "raw95", "raw99", "rawcpu")


def found(engine: str, listings: int, milliseconds: float) -> Figures:
    row = {share: milliseconds * (1 + at / 10) for at, share in enumerate(SHARES)} | {"n": 10, "unanswered": 0, "calls": 1}
    return Figures(
        engine=engine,
        listings=listings,
        needs=listings // 5,
        rebuild_seconds=listings / 2000,
        index_bytes=listings * 1500,
        database_bytes=listings * 2000,
        word_buckets=listings // 10,
        resident_mb={"VmRSS": 250},
        rows=dict.fromkeys(report.QUESTIONS, row),
    )


@pytest.fixture
def run() -> Run:
    figures = [found(engine, size, size / 10_000) for size in (50_000, 200_000) for engine in ("embedded", "elastic")]
    return Run(figures=figures, heap="1g", server="8", python="3.11", cpus=2, load=0.5, questions=10)


@pytest.mark.parametrize(("name", "mark"), DOCUMENTS)
def test_a_document_has_its_place_for_the_tables_once(name: str, mark: str) -> None:
    text = (ROOT / name).read_text("utf-8")
    once = report.between(text, mark, "| new |")
    assert "| new |" in once and report.between(once, mark, "| new |") == once
    with pytest.raises(ValueError, match="once"):
        report.between(text.replace(f"<!-- {mark} -->", ""), mark, "")


def test_what_is_over_its_mark_stands_out_and_growth_is_named(run: Run) -> None:
    made = report.tables(run)
    for table in made.split("\n\n"):
        assert len({line.count("|") for line in table.splitlines() if line.startswith("|")}) <= 1
    assert "**4.00 x**" in made  # four times as long at four times the size
    assert "160,000 achievements and 40,000 needs" in made
    assert "| elastic | 200,000 | 300 MB | 1,500 | 100 s | 2,000 | 250 MB |" in made


def test_ten_million_follows_from_the_figures(run: Run) -> None:
    """5 ms at 50,000 and 20 ms at 200,000 (p95 half as much again): 40 ms hold 266,667 listings, so 38 shards."""
    made = ten_million.tables(run)
    assert "| 0.27 million |" in made and "| 38, of 0.26 million each |" in made
    assert "| 15.0 GB, 0.39 GB a shard |" in made


def test_the_picture_is_a_picture(run: Run) -> None:
    for text in (chart.draw(run), (ROOT / report.CHART).read_text("utf-8")):
        root = ET.fromstring(text)
        used = {element.tag.rpartition("}")[2] for element in root.iter()}
        assert used <= {"svg", "title", "desc", "style", "rect", "text", "path"}
        assert "prefers-color-scheme: dark" in text
        assert "embedded, " in text and "elastic, " in text
