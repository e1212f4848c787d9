"""What may stand in an address where a route says `int`: a number that a row of the database can have."""

from __future__ import annotations

from typing import Any

from flask import Flask
from werkzeug.routing import IntegerConverter, Map

# PostgreSQL's integer. A greater number names nothing, and asking a database for it would be an error of ours.
MOST = 2**31 - 1


class RowNumber(IntegerConverter):
    """An `int` in a route, never greater than an id can be: beyond, the address does not exist."""

    def __init__(self, map: Map, *args: Any, **kwargs: Any) -> None:  # noqa: A002 - werkzeug's name
        super().__init__(map, *args, **{"max": MOST, **kwargs})


def init_app(app: Flask) -> None:
    """Take the place of werkzeug's converter; before any route is added."""
    app.url_map.converters["int"] = RowNumber
