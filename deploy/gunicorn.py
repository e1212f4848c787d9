"""gunicorn settings: two processes of four threads, plain access to what the environment asks for."""

import gc
import os

workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
threads = int(os.environ.get("WEB_THREADS", "4"))
worker_class = "gthread"
# Loaded once and shared: each process then holds only what it changes, and the start does the work once.
preload_app = True
timeout = 60
graceful_timeout = 10
max_requests = 20_000
max_requests_jitter = 2_000
loglevel = "warning"
accesslog = None  # the application logs each request itself, with its id and without its query


def when_ready(_server):
    """What is loaded now stays for good, so the garbage collector need not walk through it (nor unshare it) again and again.

    A page makes some thousand objects and hardly a cycle; looking every 700 cost a twentieth of its processor time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)
