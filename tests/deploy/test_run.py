"""`make run` as a newcomer meets it: it starts, answers, stops cleanly, and says plainly why it cannot."""

from __future__ import annotations

import errno
import os
import runpy
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import click
import pytest
from flask import Flask

from marketplace import prepare
from marketplace.core import catalogue

ROOT = Path(__file__).resolve().parents[2]
RUN = [sys.executable, str(ROOT / "deploy" / "run.py")]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment(folder: Path, **more: str) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if k in ("PATH", "HOME", "LANG")}
    return {**kept, "INSTANCE_FOLDER": str(folder), **more}


def answer(url: str, deadline: float) -> str:
    """The body at `url`, waiting for the server to come up until the deadline."""
    while True:
        try:
            with urllib.request.urlopen(url, timeout=5) as response:
                return str(response.read(), "utf-8")
        except urllib.error.HTTPError:
            raise
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)  # the one wait of this file: another process is starting


@pytest.fixture
def site(tmp_path):
    """Start the site on a free port; hand out (process, address); make sure nothing is left behind."""
    started: list[subprocess.Popen] = []

    def start() -> tuple[subprocess.Popen, str]:
        port = free_port()
        process = subprocess.Popen(
            RUN, env=environment(tmp_path, PORT=str(port)), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, cwd="/"
        )
        started.append(process)
        return process, f"http://127.0.0.1:{port}"

    yield start
    for process in started:
        if process.poll() is None:
            process.terminate()
            process.wait(20)


@pytest.mark.timeout(180)
def test_it_starts_answers_stops_and_starts_again_quickly(site):
    begun = time.monotonic()
    process, url = site()
    assert "lang=" in answer(f"{url}/zh/", time.monotonic() + 120)
    first = time.monotonic() - begun
    process.send_signal(signal.SIGINT)
    printed, _ = process.communicate(timeout=20)
    assert process.returncode == 0
    assert url in printed
    begun = time.monotonic()
    again, url = site()
    answer(f"{url}/healthz", time.monotonic() + 30)
    took = time.monotonic() - begun
    again.terminate()
    assert again.wait(20) == 0
    # Five seconds on an idle machine; a busy one is judged by its own first start, which loads the market.
    assert took < max(5, first), f"the first start took {first:.1f} s, the second {took:.1f} s"


def refused(tmp_path: Path, **env: str) -> str:
    done = subprocess.run(RUN, env=environment(tmp_path, **env), capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert len(done.stderr.strip().splitlines()) == 1, done.stderr
    return done.stderr


def test_a_taken_port_is_one_sentence(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert f"Port {port}" in refused(tmp_path, PORT=str(port))


@pytest.mark.parametrize("port", ["x", "0", "70000"])
def test_a_wrong_port_is_one_sentence(tmp_path, port):
    assert "PORT" in refused(tmp_path, PORT=port)


def test_an_unwritable_folder_is_one_sentence(tmp_path):
    (tmp_path / "file").write_text("in the way")
    assert "cannot be written" in refused(tmp_path / "file" / "below", PORT=str(free_port()))


def test_a_too_old_python_is_one_sentence():
    program = (
        f"import sys; sys.path.insert(0, {str(ROOT / 'deploy')!r}); sys.version_info = (3, 9, 0); "
        "import bootstrap; bootstrap.bootstrap('run')"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith("Python 3.11 or newer is needed")


def test_words_that_cannot_be_written_are_one_sentence_with_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def read_only() -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS), str(tmp_path))

    monkeypatch.setattr(catalogue, "CHINESE", tmp_path / "messages.po")  # with nothing compiled beside it
    monkeypatch.setattr(catalogue, "compile_all", read_only)
    with pytest.raises(click.ClickException, match=r"^[^\n]+ run: flask --app wsgi i18n compile$"):
        prepare.words("127.0.0.1")


def test_a_server_keeps_its_counts_in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INSTANCE_FOLDER", str(tmp_path))  # one volume, two servers
    monkeypatch.setenv("RUNTIME_DIRECTORY", str(tmp_path))
    folders, leave = [], []
    for _ in range(2):
        monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", "")
        settings = runpy.run_path(str(ROOT / "deploy" / "gunicorn.py"))
        folders.append(Path(os.environ["PROMETHEUS_MULTIPROC_DIR"]))
        leave.append(settings["on_exit"])
        (folders[-1] / "counter_7.db").touch()  # process ids are alike in containers
    assert folders[0] != folders[1]
    assert (folders[0] / "counter_7.db").exists()
    leave[1](None)
    assert [folder.exists() for folder in folders] == [True, False]
    leave[0](None)
    assert list(tmp_path.iterdir()) == []


def test_the_first_visitor_of_a_process_waits_for_no_page_to_be_compiled(
    app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RUNTIME_DIRECTORY", str(tmp_path))
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", "")  # the settings name a folder; afterwards it is as before
    settings = runpy.run_path(str(ROOT / "deploy" / "gunicorn.py"))
    app.jinja_env.cache.clear()  # what other tests have left
    settings["warm"](app)

    def compiled(*_: object, **__: object) -> None:
        pytest.fail("a page was compiled for a visitor")

    monkeypatch.setattr(app.jinja_env, "compile", compiled)
    visitor = app.test_client()
    for address in ("/", "/zh/search?q=电池", "/en/login", "/zh/nothing-here"):
        visitor.get(address, follow_redirects=True)
