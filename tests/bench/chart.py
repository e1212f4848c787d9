"""Draws the figures of `bench_engines` as one SVG picture: bars to p50, thinner to p99, by engine and size.

The picture paints its own ground, so it is readable wherever it stands, and follows a reader's dark colours.
"""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

from tests.bench.figures import Figures, Run

WIDTH = 860
LABELS = 190
AXIS = 500
ROW = 30
TITLE = 34
GAP = 26
STYLE = """
.ground { fill: #ffffff } text { font: 13px system-ui, sans-serif; fill: #1f2933 } .title { font-weight: 600; font-size: 15px }
.embedded { fill: #0b6e66 } .elastic { fill: #8a4b08 } .raw { fill: #7b8794 } .tail { opacity: 0.45 }
.limit { stroke: #b42318; stroke-width: 1.5; stroke-dasharray: 5 4 } .over { fill: #b42318 } .line { stroke: #cbd2d9 }
@media (prefers-color-scheme: dark) {
.ground { fill: #15191e } text { fill: #e4e7eb } .embedded { fill: #4fc3b5 } .elastic { fill: #f0a04b } .raw { fill: #9aa5b1 }
.limit { stroke: #ff8a80 } .over { fill: #ff8a80 } .line { stroke: #3e4c59 } }
"""


@dataclass(frozen=True)
class Panel:
    """One question: which row of the figures, whether its raw call is drawn as well, and what is wanted at which share."""

    title: str
    row: str
    has_raw: bool = False
    limit: float | None = None
    limit_name: str = ""


PANELS = (
    Panel("Search with facets: our service, and the raw engine call below it", "facets", has_raw=True),
    Panel("Whole search page", "page", limit=80, limit_name="wanted: p99 at most 80 ms"),
    Panel("Ten explained matches of one need", "matches", limit=150, limit_name="wanted: p95 at most 150 ms"),
)


def draw(run: Run) -> str:
    """The picture as text."""
    parts: list[str] = []
    top = 74
    for panel in PANELS:
        height, drawn = _panel(panel, run, top)
        parts.append(drawn)
        top += height + GAP
    told = f"Milliseconds by engine and number of listings, {run.cpus} cores"
    box = f'viewBox="0 0 {WIDTH} {top}" width="{WIDTH}" height="{top}"'
    lines = (
        f'<svg xmlns="http://www.w3.org/2000/svg" {box} role="img" aria-labelledby="name told">',
        f'<title id="name">Speed of both engines</title><desc id="told">{escape(_told(run))}</desc>',
        f"<style>{STYLE}</style>",
        f'<rect class="ground" width="{WIDTH}" height="{top}" rx="8"/>',
        f'<text x="20" y="28" class="title">{escape(told)}</text>',
        '<text x="20" y="50">Full bar: half of all answers were quicker (p50). Pale bar: 99 of 100 were (p99).</text>',
        *parts,
        "</svg>\n",
    )
    return "\n".join(lines)


def _told(run: Run) -> str:
    """The same for who does not see it."""
    return "; ".join(
        f"{panel.title}: " + ", ".join(f"{_name(one)} p50 {_ms(row['p50'])}, p99 {_ms(row['p99'])}" for one, row in rows)
        for panel in PANELS
        if (rows := _rows(panel, run))
    )


def _rows(panel: Panel, run: Run) -> list[tuple[Figures, dict[str, float]]]:
    ordered = sorted(run.figures, key=lambda one: (one.engine != "embedded", one.listings))
    return [(one, one.rows[panel.row]) for one in ordered]


def _name(one: Figures) -> str:
    return f"{one.engine}, {one.listings:,}"


def _ms(value: float) -> str:
    return f"{value:.1f} ms" if value < 10 else f"{value:.0f} ms"


def _panel(panel: Panel, run: Run, top: int) -> tuple[int, str]:
    rows = _rows(panel, run)
    each = ROW + (14 if panel.has_raw else 0)
    bottom = top + TITLE + each * len(rows)
    longest = max([panel.limit or 0, *(max(row["p99"], row.get("raw99", 0) * panel.has_raw) for _, row in rows)])
    scale = AXIS / (longest * 1.02)
    drawn = [f'<text x="20" y="{top + 18}" class="title">{escape(panel.title)}</text>']
    drawn.append(f'<path class="line" d="M{LABELS} {top + TITLE - 4}V{bottom}"/>')
    for number, (one, row) in enumerate(rows):
        at = top + TITLE + number * each
        drawn.append(f'<text x="{LABELS - 10}" y="{at + 15}" text-anchor="end">{escape(_name(one))}</text>')
        drawn.append(_bar(one.engine, at + 2, 16, row["p50"] * scale, row["p99"] * scale))
        drawn.append(_value(at + 15, row["p50"], row["p99"]))
        if panel.has_raw:
            drawn.append(_bar("raw", at + 21, 9, row["raw50"] * scale, row["raw99"] * scale))
            drawn.append(_value(at + 31, row["raw50"], row["raw99"]))
    if panel.limit is not None:
        drawn.append(f'<path class="limit" d="M{LABELS + panel.limit * scale:.1f} {top + TITLE - 6}V{bottom}"/>')
        drawn.append(f'<text x="{WIDTH - 20}" y="{top + 18}" text-anchor="end" class="over">{escape(panel.limit_name)}</text>')
    return bottom - top, "\n".join(drawn)


def _bar(kind: str, y: int, height: int, half: float, most: float) -> str:
    return (
        f'<rect class="{kind} tail" x="{LABELS}" y="{y + height * 0.2:.1f}" width="{most:.1f}" height="{height * 0.6:.1f}"/>'
        f'<rect class="{kind}" x="{LABELS}" y="{y}" width="{half:.1f}" height="{height}"/>'
    )


def _value(y: int, half: float, most: float) -> str:
    return f'<text x="{WIDTH - 20}" y="{y}" text-anchor="end">{_ms(half)} / {_ms(most)}</text>'
