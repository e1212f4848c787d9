"""The application that gunicorn and the worker of the browser tests run: the real one, on the folder of the tests.

Only the limit of requests by address is off (a walk over all pages is faster than any visitor), and the cookie is signed
with the tests' key so that they can sign a person in without typing.
"""

from __future__ import annotations

import os
from pathlib import Path

import config
from marketplace.app import create_app


class Live(config.Default):
    """The default configuration on the folder of the tests. Not TESTING: commits wake the worker, errors become pages."""

    INSTANCE = Path(os.environ["INSTANCE_FOLDER"])
    PUBLIC_URL = os.environ["PUBLIC_URL"]
    RATELIMIT_ENABLED = False

    def __init__(self) -> None:
        super().__init__()
        self.SECRET_KEY = config.Testing.SECRET_KEY


app = create_app(Live())
