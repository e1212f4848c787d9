"""Starting an Elasticsearch on a machine that lacks something or is interrupted: told in a sentence, and nothing left behind.

Java, Maven and unzip are stand-ins, so that no server runs here and nothing is fetched.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests import elastic
from tests.waiting import until

ROOT = Path(__file__).resolve().parents[2]
# Says that it runs, and does not end by itself within a test.
FOREVER = 'touch "$TMPDIR/../running"; exec sleep 60'

Tool = Callable[[str, str], Path]


@pytest.fixture
def tool(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Tool:
    """Puts a shell script in the place of a tool; caches and temporary folders are the test's own."""
    for name in ("bin", "cache/shandong-market", "tmp"):
        (tmp_path / name).mkdir(parents=True)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")
    monkeypatch.setenv("TMPDIR", str(tmp_path / "tmp"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(elastic, "CACHE", tmp_path / "cache" / "shandong-market")
    monkeypatch.setattr(elastic.tempfile, "tempdir", str(tmp_path / "tmp"))

    def put(name: str, script: str) -> Path:
        path = tmp_path / "bin" / name
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)
        return path

    put("unzip", "exit 0")
    return put


def left_behind(tmp_path: Path) -> list[str]:
    return sorted(path.name for name in ("cache/shandong-market", "tmp") for path in (tmp_path / name).iterdir())


@pytest.mark.parametrize(
    ("name", "script", "told"),
    [
        ("mvn", "echo no such artifact; exit 1", "with Maven: no such artifact"),
        ("mvn", "exit 3", "with Maven: ended with 3"),
        ("mvn", "exit 0", "not as elasticsearch-"),
        ("unzip", "echo signature not found >&2; exit 9", "if it is damaged, and it is fetched again.*: signature not found"),
    ],
)
def test_what_a_tool_complains_of_is_the_reason(tmp_path: Path, tool: Tool, name: str, script: str, told: str) -> None:
    archive = elastic.CACHE / f"elasticsearch-{elastic.VERSION}.zip"
    if name == "unzip":
        archive.write_text("half of it")
    tool(name, script)
    with pytest.raises(elastic.NoElastic, match=told):
        elastic.Cluster()
    assert left_behind(tmp_path) == ([archive.name] if name == "unzip" else [])


def test_a_tool_that_takes_too_long_is_the_reason(tmp_path: Path, tool: Tool, monkeypatch: pytest.MonkeyPatch) -> None:
    tool("mvn", FOREVER)
    monkeypatch.setattr(elastic, "FETCH_SECONDS", 0.01)
    with pytest.raises(elastic.NoElastic, match=r"with Maven: not done within 0.01 s"):
        elastic.Cluster()
    assert left_behind(tmp_path) == []


def test_a_tool_that_cannot_be_started_is_the_reason(tool: Tool) -> None:
    with pytest.raises(elastic.NoElastic, match=r"keytool: .*No such file"):
        elastic.ran("keytool", ["/nowhere/keytool"], seconds=1)


def started() -> subprocess.Popen[str]:
    """As `make elastic` does."""
    command = [sys.executable, "-m", "tests.elastic"]
    return subprocess.Popen(command, cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


@pytest.mark.parametrize("how", elastic.ENDS)
def test_interrupted_while_it_starts_it_ends_in_silence(tmp_path: Path, tool: Tool, how: signal.Signals) -> None:
    tool("mvn", FOREVER)
    process = started()
    try:
        until((tmp_path / "running").exists, seconds=30, what="Maven runs")
        assert left_behind(tmp_path)
        process.send_signal(how)
        said, complained = process.communicate(timeout=30)
    finally:
        process.kill()
    assert (process.returncode, said, complained) == (0, "stopped\n", "")
    assert left_behind(tmp_path) == []


@pytest.mark.parametrize("how", elastic.ENDS)
def test_interrupted_when_it_is_ready_it_takes_the_server_with_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], how: signal.Signals
) -> None:
    stopped: list[bool] = []

    class Ready:
        def start(self) -> str:
            return "http://127.0.0.1:9"

        def stop(self) -> None:
            stopped.append(True)

    before = {one: signal.getsignal(one) for one in elastic.ENDS}
    monkeypatch.setattr(elastic, "Cluster", Ready)
    monkeypatch.setattr(elastic.signal, "pause", lambda: os.kill(os.getpid(), how))
    try:
        elastic.main()
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)
    assert stopped == [True]
    assert "export SEARCH_URL=http://127.0.0.1:9" in capsys.readouterr().out


def test_without_maven_the_command_says_so(tmp_path: Path, tool: Tool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    process = started()
    _, complained = process.communicate(timeout=30)
    assert process.returncode == 1
    assert complained == "Elasticsearch cannot run here: Maven, which fetches the server, is not installed\n"
    assert left_behind(tmp_path) == []
