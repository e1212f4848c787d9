"""The WSGI entry: gunicorn and the flask command find `app` here."""

import config
from marketplace.app import create_app

app = create_app(config.from_env())
