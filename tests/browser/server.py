"""The application that gunicorn and the worker of the browser tests run: the real one, on the folder of the tests.

Only the limit of requests by address is off (a walk over all pages is faster than any visitor). The key that signs the
cookie is the one kept in the folder, which the tests' own application reads too: so they sign a person in without typing.
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


app = create_app(Live())
