"""gunicorn settings: two processes of four threads, plain access to what the environment asks for."""

import os

workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
threads = int(os.environ.get("WEB_THREADS", "4"))
worker_class = "gthread"
timeout = 60
graceful_timeout = 10
max_requests = 20_000
max_requests_jitter = 2_000
loglevel = "warning"
accesslog = None  # the application logs each request itself, with its id and without its query
