"""The one way in which tests wait: look again and again until it is so, and fail at a deadline."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TypeVar

PAUSE_SECONDS = 0.02
_tick = threading.Event()
T = TypeVar("T")


def until(ask: Callable[[], T], *, seconds: float, what: str) -> T:
    """The first true answer of `ask`; fails after `seconds`, saying `what` did not come."""
    deadline = time.monotonic() + seconds
    while True:
        answer = ask()
        if answer:
            return answer
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds} s: {what}")
        _tick.wait(PAUSE_SECONDS)


def seconds_until(ask: Callable[[], object], *, seconds: float, what: str) -> float:
    """How long it took."""
    begun = time.monotonic()
    until(ask, seconds=seconds, what=what)
    return time.monotonic() - begun
