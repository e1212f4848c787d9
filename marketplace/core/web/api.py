"""The read-only JSON interface: one OpenAPI 3.1 document at /api/v1/openapi.json for the blueprints of all features.

Which resources exist, and what they show to whom, is each feature's api.py; errors are worded where pages' errors are.
"""

from __future__ import annotations

from collections.abc import Iterable

from flask import Flask
from flask_smorest import Api, Blueprint

from marketplace.core.web.addresses import RowNumber

API_PREFIX = "/api/v1"
_DESCRIPTION = (
    "Achievements, needs and their matches as everybody may see them. Texts are answered in the language of "
    "Accept-Language (zh or en) where both exist."
)


def _row_number(converter: RowNumber) -> dict[str, object]:
    return {"type": "integer", "minimum": 0, "maximum": converter.max}


class _Api(Api):
    """flask-smorest without its own error handler: core.web.errors answers every error, in JSON under /api/."""

    def _register_error_handlers(self) -> None:
        pass


def api_blueprint(name: str, *, description: str) -> Blueprint:
    """A blueprint for JSON resources under /api/v1. Its endpoints are named `<name>.<view>`."""
    return Blueprint(name, name, url_prefix=API_PREFIX, description=description)


def install(app: Flask, blueprints: Iterable[Blueprint]) -> None:
    """Register the JSON blueprints and the document that describes them."""
    app.config.update(
        API_TITLE="Shandong Tech Market",
        API_VERSION="v1",
        OPENAPI_VERSION="3.1.0",
        OPENAPI_URL_PREFIX=API_PREFIX,
        OPENAPI_JSON_PATH="openapi.json",
        API_SPEC_OPTIONS={"info": {"description": _DESCRIPTION}, "servers": [{"url": "/"}]},
    )
    api = _Api(app)
    api.register_converter(RowNumber, _row_number)
    for blueprint in blueprints:
        api.register_blueprint(blueprint)
