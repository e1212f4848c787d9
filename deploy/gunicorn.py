"""gunicorn settings: two processes of four threads, plain access to what the environment asks for."""

import gc
import os
import shutil
import tempfile

# Each process keeps its counts here, so that /metrics can add them up; they begin and end with the server. A folder of its
# own for each server and off the shared instance folder, for files are named by process id and those are alike in containers.
# systemd's runtime folder where there is one: nobody sweeps it by age. The folder must stand before the application is
# loaded, for prometheus_client looks for it then.
COUNTS = tempfile.mkdtemp(prefix="market-metrics-", dir=os.environ.get("RUNTIME_DIRECTORY"))
os.environ["PROMETHEUS_MULTIPROC_DIR"] = COUNTS

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


def warm(app):
    """What the first visitor of each process would wait for, half a second, and each process then hold by itself."""
    from search_index.aligning import align

    for name in app.jinja_env.list_templates(extensions=("html", "xml")):
        app.jinja_env.get_template(name)
    align(["山"])  # folds every character once


def when_ready(server):
    """What is loaded now stays for good, so the garbage collector need not walk through it (nor unshare it) again and again.

    A page makes some thousand objects and hardly a cycle; looking every 700 cost a twentieth of its processor time.
    """
    warm(server.app.wsgi())
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)


def child_exit(_server, worker):
    """A process that ended is told to the books; its counts stay."""
    from prometheus_client import multiprocess

    multiprocess.mark_process_dead(worker.pid)


def on_exit(_server):
    """The counts go with the server that kept them."""
    shutil.rmtree(COUNTS, ignore_errors=True)
