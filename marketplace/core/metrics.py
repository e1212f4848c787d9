"""Figures for the operator's monitoring, in Prometheus' text format: what this installation did, and how far behind it is.

Counts are kept by each process; with PROMETHEUS_MULTIPROC_DIR set (deploy/gunicorn.py does) the answer adds up those of all
web processes. Gauges are asked at the moment of the scrape. No label holds anything a person typed.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector

_own = CollectorRegistry()
REQUESTS = Counter("market_requests", "Answers of the site", ("status",), registry=_own)
SECONDS = Histogram(
    "market_request_seconds",
    "Server time of an answer",
    registry=_own,
    buckets=(0.005, 0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12),
)
SEARCHES = Counter("market_searches", "Questions to the search engine, by who answered", ("answered_by",), registry=_own)
BREAKER = Counter("market_search_breaker_opened", "How often the engine was left alone after failures", registry=_own)
_gauges: dict[tuple[tuple[str, str], ...], Callable[[], Sequence[float]]] = {}


def gauges(read: Callable[[], Sequence[float]], **told: str) -> None:
    """Figures that one look gives together: `told` names and describes them in the order of what `read` answers.

    A look that fails leaves its figures out of the answer.
    """
    _gauges[tuple(told.items())] = read


def counted(status: int, seconds: float) -> None:
    """One answer of the site: its status as a class ("2xx"), its server time in seconds."""
    REQUESTS.labels(f"{status // 100}xx").inc()
    SECONDS.observe(seconds)


def text() -> bytes:
    """Everything, as Prometheus reads it."""
    registry = CollectorRegistry()
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]  # the library gives its arguments no types
    else:
        registry.register(_own)
    registry.register(_Gauges())
    return generate_latest(registry)


class _Gauges:
    """The figures of the moment."""

    def describe(self) -> list[GaugeMetricFamily]:
        return []  # asked at registration, where reading would be too early

    def collect(self) -> Iterator[GaugeMetricFamily]:
        for told, read in _gauges.items():
            try:
                values = read()
            # One unreadable figure must not hide the others; its absence is an alarm of its own.
            except Exception:  # noqa: BLE001, S112 # nosec B112
                continue
            for (name, meaning), value in zip(told, values, strict=True):
                yield GaugeMetricFamily(name, meaning, value=value)
