"""Starts the market for the browser tests: gunicorn and the worker as processes on a folder of their own."""

from __future__ import annotations

import http.client
import os
import shutil
import signal
import socket
import subprocess
import sys
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from flask import Flask

from marketplace.accounts.models import User
from marketplace.core import search
from marketplace.core.db import current_session
from tests.factories import accounts
from tests.factories.market import Market
from tests.waiting import until

ROOT = Path(__file__).resolve().parent.parent.parent
START_SECONDS = 30.0
STOP_SECONDS = 10.0


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Site:
    """A running market. `app` is the same application in this process, for seeding and looking into the database."""

    app: Flask
    folder: Path
    port: int = field(default_factory=free_port)
    market: Market = field(default_factory=Market)
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start both processes and wait until the site answers."""
        with self.app.app_context():
            search.engine().close()  # what this process indexed while seeding made it the one writer; from here on the worker is
        env = dict(os.environ, INSTANCE_FOLDER=str(self.folder), PUBLIC_URL=self.url, WEB_CONCURRENCY="1", FLASK_SKIP_DOTENV="1")
        bin_folder = Path(sys.executable).parent
        gunicorn = [str(bin_folder / "gunicorn"), "tests.browser.server:app", "-c", "deploy/gunicorn.py", "-b", self.url[7:]]
        worker = [str(bin_folder / "flask"), "--app", "tests.browser.server", "market", "worker"]
        for name, command in (("web", gunicorn), ("worker", worker)):
            with (self.folder / f"{name}.log").open("wb") as log:
                self.processes.append(
                    subprocess.Popen(command, cwd=ROOT, env=env, stdout=log, stderr=subprocess.STDOUT, start_new_session=True)
                )
        until(self._answers, seconds=START_SECONDS, what="the site answers")

    def _answers(self) -> bool:
        for process in self.processes:
            assert process.poll() is None, self.logs()
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", "/healthz")
            return connection.getresponse().status == 200
        except OSError:
            return False
        finally:
            connection.close()

    def stop(self) -> None:
        """Ask both to finish, then insist. Raises AssertionError when one had ended before: its tests ran without it."""
        died = "" if all(process.poll() is None for process in self.processes) else self.logs()
        for process in self.processes:
            process.send_signal(signal.SIGTERM)
        for process in self.processes:
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)
        assert not died, died

    def logs(self) -> str:
        """What both processes printed."""
        return "\n".join((self.folder / f"{name}.log").read_text("utf-8", "replace") for name in ("web", "worker"))

    def cookies_of(self, user_id: int) -> list[dict[str, object]]:
        """The cookies of a browser in which this person has signed in."""
        with self.app.app_context():
            client = self.app.test_client()
            user = current_session().get(User, user_id)
            assert user is not None
            accounts.sign_in(client, user)
            cookie = client.get_cookie(self.app.config["SESSION_COOKIE_NAME"])
            assert cookie is not None
            current_session().rollback()
        return [{"name": cookie.key, "value": cookie.value, "url": self.url}]

    def letters(self, to: str) -> list[EmailMessage]:
        """The mails written to an address so far, oldest first."""
        found = []
        for path in sorted((self.folder / "mail").glob("*.eml")):
            mail = message_from_bytes(path.read_bytes(), policy=policy.default)
            if to in str(mail["To"]):
                found.append(mail)
        return found

    def letter(self, to: str, *, containing: str, seconds: float = 5.0) -> EmailMessage:
        """The newest mail to an address whose text holds `containing`, waited for."""

        def look() -> EmailMessage | None:
            return next((m for m in reversed(self.letters(to)) if containing in text_of(m)), None)

        found = until(look, seconds=seconds, what=f"a mail to {to} with {containing!r}")
        assert found is not None
        return found


def text_of(mail: EmailMessage) -> str:
    """The plain text of a mail, with its subject on top."""
    part = mail.get_body(("plain",))
    return f"{mail['Subject']}\n\n{part.get_content() if part is not None else ''}"
