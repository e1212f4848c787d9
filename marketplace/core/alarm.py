"""The alarm clock: carries the wake-up call from a commit to the worker and keeps the minutes. What is to be done is `core.jobs`.

On SQLite the call is a row in a small queue file that both sides share; on PostgreSQL the database itself calls the workers
of every machine. A lost call loses nothing: each minute the worker looks by itself. Imported by the worker and by the first
commit that has work for it, not before: Huey brings ten megabytes.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import structlog
from huey import SqliteHuey
from huey.registry import Message
from huey.serializer import Serializer
from sqlalchemy.engine import URL

from marketplace.core.outbox import CHANNEL

LOOK_SECONDS = 1.0
RETRY_SECONDS = 5.0
log = structlog.get_logger(__name__)


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


def listen(url: URL, wake: Callable[[], object], stopped: threading.Event) -> None:
    """Call `wake` for commits that any process of this PostgreSQL made, until `stopped`; several at once are one call."""
    import psycopg

    address = url.set(drivername="postgresql").render_as_string(hide_password=False)
    while not stopped.is_set():
        try:
            with psycopg.connect(address, autocommit=True) as connection:
                connection.execute(f"LISTEN {CHANNEL}")
                wake()  # for what was committed while nobody listened
                while not stopped.is_set():
                    if list(connection.notifies(timeout=LOOK_SECONDS, stop_after=1)):
                        list(connection.notifies(timeout=0))
                        wake()
        except psycopg.OperationalError as error:
            log.warning("not_listening", error=str(error).splitlines()[0])
            stopped.wait(RETRY_SECONDS)
