"""The alarm clock: carries the wake-up call from a commit to the worker and keeps the minutes. What is to be done is `core.jobs`.

Imported by the worker and by the first commit that has work for it, not before: Huey brings ten megabytes.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from huey import SqliteHuey
from huey.registry import Message
from huey.serializer import Serializer


class JsonSerializer(Serializer):
    """Huey pickles by default; a queue file that can run code when read is not wanted (ASVS 1.5.2)."""

    def _serialize(self, data: Any) -> bytes:
        return json.dumps(data._asdict() if isinstance(data, Message) else data, default=str).encode()

    def _deserialize(self, data: bytes) -> Any:
        loaded = json.loads(data)
        if isinstance(loaded, dict) and set(loaded) == set(Message._fields):
            loaded["args"] = tuple(loaded["args"] or ())
            return Message(**loaded)
        return loaded


def make_huey(folder: Path) -> SqliteHuey:
    """The wake-up queue in its own small file beside the database."""
    return SqliteHuey("market", filename=str(folder / "queue.db"), serializer=JsonSerializer(), results=False)
