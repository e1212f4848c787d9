"""A throw-away PostgreSQL cluster for one test process: own folder, own port, loopback only."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path


class NoPostgres(RuntimeError):
    """There is no PostgreSQL server on this machine."""


def binaries() -> Path:
    """The folder with initdb and pg_ctl, newest version first."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: int(p.parts[-3].split(".")[0]))
    if found:
        return found[-1].parent
    on_path = shutil.which("initdb")
    if on_path:
        return Path(on_path).parent
    raise NoPostgres("PostgreSQL is not installed")


class Cluster:
    """initdb, start, url, stop. The server refuses root, so root hands it to the `postgres` or `nobody` user."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="market-pg-"))
        self.bin = binaries()
        self.prefix: list[str] = []
        if os.geteuid() == 0:
            self.prefix = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
            shutil.chown(self.folder, "postgres", "postgres")
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]

    def _run(self, *command: str) -> None:
        done = subprocess.run([*self.prefix, *command], capture_output=True, text=True, timeout=60, check=False, cwd="/")
        if done.returncode:
            raise NoPostgres(f"{command[0]} failed: {done.stderr[-800:]}")

    def start(self) -> str:
        """Make and start the cluster; returns its URL."""
        data = str(self.folder / "data")
        self._run(
            str(self.bin / "initdb"), "-D", data, "-U", "market", "-A", "trust", "-E", "UTF8", "--no-sync", "--locale=C.UTF-8"
        )
        options = f"-p {self.port} -k {self.folder} -c listen_addresses=127.0.0.1 -c fsync=off -c full_page_writes=off"
        log = str(self.folder / "log")
        self._run(str(self.bin / "pg_ctl"), "-D", data, "-o", options, "-l", log, "-w", "-t", "30", "start")
        return f"postgresql+psycopg://market@127.0.0.1:{self.port}/postgres"

    def stop(self) -> None:
        """Stop at once and remove everything."""
        try:
            self._run(str(self.bin / "pg_ctl"), "-D", str(self.folder / "data"), "-m", "immediate", "stop")
        finally:
            shutil.rmtree(self.folder, ignore_errors=True)
