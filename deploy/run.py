"""`make run`: set up what is missing, then keep gunicorn and the worker running until Ctrl-C.

Honours PORT, HOST, DATABASE_URL, INSTANCE_FOLDER and what config.py reads. Uses only the standard library itself.
"""

import os
import signal
import socket
import subprocess
import sys
import time

from bootstrap import ROOT, VENV, bootstrap, fail

BIN = os.path.join(VENV, "bin")
STOP_SECONDS = 10


def main():
    """Set up, start both processes, wait."""
    bootstrap("run")
    host, port = os.environ.get("HOST", "127.0.0.1"), port_number()
    instance = os.environ.get("INSTANCE_FOLDER", os.path.join(ROOT, "instance"))
    make_writable(instance)
    refuse_taken(host, port)
    env = dict(os.environ, PYTHONUNBUFFERED="1", FLASK_SKIP_DOTENV="1")
    env.setdefault("MALLOC_ARENA_MAX", "2")  # threads of one process share memory pools: a smaller process, no slower here
    env.setdefault("PUBLIC_URL", "http://%s:%d" % ("127.0.0.1" if host in ("0.0.0.0", "::") else host, port))  # noqa: S104
    flask = [os.path.join(BIN, "flask"), "--app", "wsgi"]
    if subprocess.call([*flask, "market", "prepare", "--host", host], cwd=ROOT, env=env) != 0:
        fail("The set-up stopped; see the lines above.")
    gunicorn = [os.path.join(BIN, "gunicorn"), "wsgi:app", "-c", "deploy/gunicorn.py", "-b", "%s:%d" % (host, port)]
    children = [
        subprocess.Popen(gunicorn, cwd=ROOT, env=env, start_new_session=True),
        subprocess.Popen([*flask, "market", "worker"], cwd=ROOT, env=env, start_new_session=True),
    ]
    print("\n  %s\n  Ctrl-C stops the site and its worker.\n" % env["PUBLIC_URL"])
    sys.exit(watch(children))


def port_number():
    """PORT as a number, 8000 by default."""
    text = os.environ.get("PORT", "8000")
    if not text.isdigit() or not 0 < int(text) < 65536:
        fail("PORT must be a number from 1 to 65535, not %r." % text)
    return int(text)


def make_writable(folder):
    """Make the instance folder, or say that it cannot be written."""
    try:
        os.makedirs(folder, exist_ok=True)
        probe = os.path.join(folder, ".write-probe")
        with open(probe, "w"):
            pass
        os.remove(probe)
    except OSError as error:
        fail("The folder %s cannot be written (%s)." % (folder, error.strerror))


def refuse_taken(host, port):
    """Say so when another program listens there already."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            fail("Port %d on %s is not free (%s). Set PORT to another one." % (port, host, error.strerror))


def watch(children):
    """Wait until a signal comes or a child ends; then stop both. Returns the exit code."""
    wanted = []
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda received, _frame: wanted.append(received))
    code = 0
    while not wanted:
        ended = [child for child in children if child.poll() is not None]
        if ended:
            code = 1
            sys.stderr.write("A process of the site ended by itself (exit code %s); stopping the other.\n" % ended[0].returncode)
            break
        time.sleep(0.2)
    stop(children)
    return code


def stop(children):
    """Ask both to finish; after a while insist."""
    for child in children:
        if child.poll() is None:
            child.terminate()
    deadline = time.time() + STOP_SECONDS
    for child in children:
        try:
            child.wait(max(0.1, deadline - time.time()))
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


if __name__ == "__main__":
    main()
