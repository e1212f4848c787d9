"""Turns the figures of `bench_engines` into tables, and writes them between marks into the documents with the chart."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from tests.bench import chart, ten_million
from tests.bench.figures import Figures, Row, Run

CHART = "docs/pictures/engines.svg"
QUESTIONS = {
    "facets": "search, 20 hits and 9 facets",
    "filtered": "the same with two filters, 10 hits",
    "plain": "20 hits without facets",
    "suggest": "suggestions",
    "similar": "up to 400 candidates of a 200-character need",
    "matches": "... scored, ten of them explained",
    "page": "search page, anonymous, every search another one",
    "matches_page": "ten explained matches of a need, from the database to the words",
}
SEARCHES = ("facets", "filtered", "plain")
RATIO_50, RATIO_99 = 1.5, 2.0
PAGE_P99, MATCHES_P95 = 80.0, 150.0
GROWTH = 2.0


def tables(run: Run) -> str:
    """All tables, as they are printed and as they stand in docs/performance.md."""
    size = run.sizes[-1]
    largest = [one for one in run.figures if one.listings == size]
    return "\n\n".join(
        (
            _conditions(run),
            _beside_raw(largest),
            _waiting(largest),
            _growth(run),
            _weight(run),
        )
    )


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _ms(value: float) -> str:
    return f"{value:.1f}" if value < 100 else f"{value:.0f}"


def _against(value: float, limit: float, unit: str = "") -> str:
    """The value, and in bold when it is over its mark."""
    shown = f"{value:.2f}{unit}" if value < 10 else f"{_ms(value)}{unit}"
    return shown if value <= limit else f"**{shown}**"


def _conditions(run: Run) -> str:
    size = run.sizes[-1]
    needs = run.of_engine("elastic", size).needs
    unanswered = sum(int(row["unanswered"]) for one in run.figures for row in one.rows.values())
    return (
        f"{size - needs:,} achievements and {needs:,} needs; the smaller sizes are the first of them. "
        f"CPython {run.python}, SQLite, {run.cpus} cores shared by everything, load average {run.load} at the end. "
        f"Elasticsearch {run.server}: one node, one shard, no replica, heap {run.heap}, asked over loopback. "
        f"{run.questions} different questions of a kind; {unanswered or 'none'} went unanswered. In bold: over its mark."
    )


def _beside_raw(largest: Sequence[Figures]) -> str:
    head = (
        "milliseconds",
        "engine",
        "ours p50",
        "p95",
        "p99",
        "raw p50",
        "raw p99",
        "ratio p50",
        "ratio p99",
        "our CPU",
        "raw CPU",
    )
    rows = [
        _compared(QUESTIONS[name], one, one.rows[name], is_search=name in SEARCHES)
        for name in QUESTIONS
        for one in largest
        if "raw50" in one.rows[name]
    ]
    wanted = (
        f"Wanted of a search: at most {RATIO_50} x the raw call at p50 and {RATIO_99:g} x at p99. "
        "Suggestions and candidates have no such mark: choosing among words and comparing texts is their work."
    )
    return f"{_table(head, rows)}\n\n{wanted}"


def _compared(name: str, one: Figures, row: Row, *, is_search: bool) -> list[str]:
    half, most = row["p50"] / row["raw50"], row["p99"] / row["raw99"]
    no_mark = float("inf")
    return [
        name,
        one.engine,
        *(_ms(row[at]) for at in ("p50", "p95", "p99", "raw50", "raw99")),
        _against(half, RATIO_50 if is_search else no_mark),
        _against(most, RATIO_99 if is_search else no_mark),
        _ms(row["cpu"]),
        _ms(row["rawcpu"]),
    ]


def _waiting(largest: Sequence[Figures]) -> str:
    head = ("milliseconds", "engine", "p50", "p95", "p99", "our CPU", "wanted")
    marks = {"page": ("p99", PAGE_P99), "matches": ("p95", MATCHES_P95), "matches_page": ("p95", MATCHES_P95)}
    rows = []
    for name, (share, limit) in marks.items():
        for one in largest:
            row = one.rows[name]
            shown = [_against(row[at], limit) if at == share else _ms(row[at]) for at in ("p50", "p95", "p99")]
            rows.append([QUESTIONS[name], one.engine, *shown, _ms(row["cpu"]), f"{share} ≤ {limit:g}"])
    return _table(head, rows)


def _growth(run: Run) -> str:
    small, large = run.sizes[:2]
    head = ("p50 in milliseconds", "engine", f"{small:,}", f"{large:,}", "growth", "wanted")
    rows = []
    for name, words in QUESTIONS.items():
        for engine in dict.fromkeys(one.engine for one in run.figures):
            before, after = (run.of_engine(engine, size).rows[name]["p50"] for size in (small, large))
            rows.append([words, engine, _ms(before), _ms(after), _against(after / before, GROWTH, " x"), f"≤ {GROWTH:g} x"])
    return _table(head, rows)


def _weight(run: Run) -> str:
    head = ("engine", "listings", "index", "bytes a listing", "rebuild", "documents a second", "asking process, resident")
    rows = [
        [
            one.engine,
            f"{one.listings:,}",
            f"{one.index_bytes / 1e6:,.0f} MB",
            f"{one.bytes_each:,.0f}",
            f"{one.rebuild_seconds:.0f} s",
            f"{one.rate:,.0f}",
            f"{one.resident_mb.get('VmRSS', 0)} MB",
        ]
        for one in run.figures
    ]
    return _table(head, rows)


def between(text: str, mark: str, made: str) -> str:
    """The text with everything between the two marks replaced."""
    found = re.compile(f"(<!-- {re.escape(mark)} -->\n).*?(\n?<!-- /{re.escape(mark)} -->)", re.DOTALL)
    if len(found.findall(text)) != 1:
        raise ValueError(f"the document must hold <!-- {mark} --> and <!-- /{mark} --> once")
    return found.sub(lambda hit: f"{hit[1]}\n{made}\n\n{hit[2].strip()}", text)


def write(root: Path, run: Run) -> None:
    """The chart and the generated parts of both documents."""
    (root / CHART).write_text(chart.draw(run), "utf-8")
    for name, mark, made in (
        ("docs/performance.md", "bench:engines", tables(run)),
        ("docs/ten-million.md", "bench:ten-million", ten_million.tables(run)),
    ):
        path = root / name
        path.write_text(between(path.read_text("utf-8"), mark, made), "utf-8")
        print(f"written: {name}")
    print(f"written: {CHART}")
