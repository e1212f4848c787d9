"""What a process of the bench shares with a real web process, and the log it writes."""

from __future__ import annotations

import gc
import logging
import os


def as_served() -> None:
    """The collector as deploy/gunicorn.py sets it: walking through the loaded program took 100 ms now and then."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)


def unheard() -> None:
    """A page writes its line of the log as ever, only not onto this terminal."""
    root = logging.getLogger()
    nowhere = logging.FileHandler(os.devnull)
    nowhere.setFormatter(root.handlers[0].formatter)
    root.handlers[:] = [nowhere]
