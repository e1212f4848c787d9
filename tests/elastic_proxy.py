"""A proxy between the application and its Elasticsearch, switched at run time to each way in which a cluster fails.

It reads whole requests, passes them to the real server, and lets the chosen trouble happen to the answer. Loopback only.
"""

from __future__ import annotations

import http.client
import json
import socket
import socketserver
import struct
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from urllib.parse import urlsplit

SLOW_SECONDS = 2.0
# One question is answered in time; the several of one page together are not.
SLUGGISH_SECONDS = 0.25
DROP_SECONDS = 0.02
_HTML = b"<!doctype html><title>Gateway</title><p>This is some other server."


@dataclass(frozen=True, slots=True)
class Answer:
    """What the real server said."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def head(self, length: int | None = None) -> bytes:
        """Status line and headers; `length` is a promise that need not be kept."""
        lines = [f"HTTP/1.1 {self.status} X", *(f"{name}: {value}" for name, value in self.headers.items())]
        lines.append(f"content-length: {len(self.body) if length is None else length}")
        return ("\r\n".join(lines) + "\r\n\r\n").encode()

    def whole(self) -> bytes:
        return self.head() + self.body


class Proxy:
    """`trouble` is the name of one of TROUBLES, or "" to pass everything through; `asked` counts requests."""

    def __init__(self, upstream: str) -> None:
        self.upstream = urlsplit(upstream).netloc
        self.trouble = ""
        self.asked = 0
        self.port = 0
        self.open: set[socket.socket] = set()
        self.switched = threading.Event()
        self._server: _Server | None = None
        self._listen()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def switch(self, trouble: str) -> None:
        """From now on; what hangs in the trouble before ends."""
        self.switched.set()
        self.switched = threading.Event()
        self.trouble = trouble
        if trouble == "refuse":
            self.close()
        elif self._server is None:
            self._listen()

    def _listen(self) -> None:
        self._server = _Server(("127.0.0.1", self.port), self)
        self.port = int(self._server.server_address[1])
        threading.Thread(target=self._server.serve_forever, args=(0.05,), name="proxy", daemon=True).start()

    def close(self) -> None:
        """Listen no more, and end all connections."""
        self.switched.set()
        server, self._server = self._server, None
        if server is not None:
            server.shutdown()
            server.server_close()
        for connection in list(self.open):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False

    def __init__(self, address: tuple[str, int], proxy: Proxy) -> None:
        self.proxy = proxy
        super().__init__(address, _Handler)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def setup(self) -> None:
        super().setup()
        self.server.proxy.open.add(self.connection)

    def finish(self) -> None:
        self.server.proxy.open.discard(self.connection)
        with suppress(OSError):
            super().finish()

    def handle(self) -> None:
        with suppress(OSError):
            super().handle()

    def log_message(self, *_: object) -> None:
        """Quiet."""

    def _pass(self) -> None:
        proxy = self.server.proxy
        proxy.asked += 1
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        TROUBLES[proxy.trouble](self, lambda: self._from_upstream(body))

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = _pass  # noqa: N815

    def _from_upstream(self, body: bytes) -> Answer:
        upstream = http.client.HTTPConnection(self.server.proxy.upstream, timeout=60)
        kept = {name: value for name, value in self.headers.items() if name.lower() not in ("host", "content-length")}
        try:
            upstream.request(self.command, self.path, body, kept)
            answer = upstream.getresponse()
            hop = ("content-length", "transfer-encoding", "connection")
            headers = {name: value for name, value in answer.getheaders() if name.lower() not in hop}
            return Answer(answer.status, headers, answer.read())
        finally:
            upstream.close()

    # -- what troubles need

    @property
    def is_search(self) -> bool:
        return "_search" in self.path or "_msearch" in self.path

    def say(self, *pieces: bytes, is_last: bool = False) -> None:
        for piece in pieces:
            self.wfile.write(piece)
        self.wfile.flush()
        self.close_connection = self.close_connection or is_last

    def wait(self, seconds: float) -> None:
        """Ends when the trouble is over."""
        self.server.proxy.switched.wait(seconds)

    def break_off(self) -> None:
        """With RST instead of FIN."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()
        self.close_connection = True


Ask = Callable[[], Answer]


def _fine(to: _Handler, ask: Ask) -> None:
    to.say(ask().whole())


def _slow(seconds: float) -> Callable[[_Handler, Ask], None]:
    def slow(to: _Handler, ask: Ask) -> None:
        to.wait(seconds)
        to.say(ask().whole())

    return slow


def _hang(to: _Handler, ask: Ask) -> None:
    to.wait(60)
    to.break_off()


def _drops(to: _Handler, ask: Ask) -> None:
    answer = ask()
    to.say(answer.head())
    for at in range(len(answer.body)):
        to.say(answer.body[at : at + 1])
        to.wait(DROP_SECONDS)
        if to.server.proxy.trouble != "drops":
            to.say(answer.body[at + 1 :])
            return


def _reset(to: _Handler, ask: Ask) -> None:
    to.break_off()


def _deaf(to: _Handler, ask: Ask) -> None:
    """What was asked is done, but nobody learns of it."""
    ask()
    to.break_off()


def _unacknowledged(to: _Handler, ask: Ask) -> None:
    """The same for writes only."""
    (_deaf if "_bulk" in to.path else _fine)(to, ask)


def _truncated(to: _Handler, ask: Ask) -> None:
    answer = ask()
    to.say(answer.head(), answer.body[: len(answer.body) // 2], is_last=True)


def _half_json(to: _Handler, ask: Ask) -> None:
    answer = ask()
    half = answer.body[: len(answer.body) // 2]
    to.say(answer.head(len(half)), half)


def _error(status: int) -> Callable[[_Handler, Ask], None]:
    def fail(to: _Handler, ask: Ask) -> None:
        body = json.dumps({"error": {"type": "exception", "reason": "out of order"}, "status": status}).encode()
        to.say(Answer(status, {"content-type": "application/json", "x-elastic-product": "Elasticsearch"}, body).whole())

    return fail


def _page(status: int) -> Callable[[_Handler, Ask], None]:
    def other(to: _Handler, ask: Ask) -> None:
        to.say(Answer(status, {"content-type": "text/html"}, _HTML).whole())

    return other


def _garbage(to: _Handler, ask: Ask) -> None:
    to.say(b"\x16\x03\x00\xff\xfe this is no HTTP \x00" * 20, is_last=True)


def _odd_json(to: _Handler, ask: Ask) -> None:
    """Valid, and not what was asked for."""
    headers = {"content-type": "application/json", "x-elastic-product": "Elasticsearch"}
    to.say(Answer(200, headers, b'[{"hits": 7}, "took", null]').whole())


def _fewer(**changes: object) -> Callable[[_Handler, Ask], None]:
    """Searches find nothing, and the answer says in the small print that it is not whole."""

    def change(found: dict[str, object]) -> dict[str, object]:
        shards = {"total": 2, "successful": 1, "skipped": 0, "failed": 1}
        hits = {"total": {"value": 0, "relation": "eq"}, "max_score": None, "hits": []}
        return found | {"hits": hits, "_shards": shards} | changes if "hits" in found else found

    def fewer(to: _Handler, ask: Ask) -> None:
        answer = ask()
        if not to.is_search or answer.status != 200:
            to.say(answer.whole())
            return
        found = json.loads(answer.body)
        if "responses" in found:
            found["responses"] = [change(one) for one in found["responses"]]
        to.say(Answer(200, answer.headers, json.dumps(change(found)).encode()).whole())

    return fewer


_ALL_SHARDS = {"total": 1, "successful": 1, "skipped": 0, "failed": 0}
TROUBLES: dict[str, Callable[[_Handler, Ask], None]] = {
    "": _fine,
    "slow": _slow(SLOW_SECONDS),
    "sluggish": _slow(SLUGGISH_SECONDS),
    "hang": _hang,
    "drops": _drops,
    "reset": _reset,
    "deaf": _deaf,
    "unacknowledged": _unacknowledged,
    "truncated": _truncated,
    "half json": _half_json,
    "500": _error(500),
    "503": _error(503),
    "429": _error(429),
    "401": _error(401),
    "html": _page(200),
    "html 404": _page(404),
    "garbage": _garbage,
    "odd json": _odd_json,
    "a shard is missing": _fewer(),
    "timed out": _fewer(timed_out=True, _shards=_ALL_SHARDS),
    "refuse": _reset,  # nobody listens; this is for connections that were open
}
