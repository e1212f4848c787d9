"""One node of the cluster over HTTP, never longer than was said.

The transport beneath counts its time anew for each piece that comes and waits without limit for a free connection. Here
the limit holds for everything: waiting for a connection, connecting, and an answer that comes in drops.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from elastic_transport import NodeConfig, Urllib3HttpNode
from urllib3 import BaseHTTPResponse, HTTPConnectionPool, Timeout
from urllib3.exceptions import EmptyPoolError, ReadTimeoutError

_PIECE: Final = 1 << 16
_NO_LIMIT: Final = 3600.0
# Of the time, to wait until another thread gives its connection back; the rest begins when there is one.
_FOR_A_CONNECTION: Final = 0.125


@dataclass(frozen=True, slots=True)
class _Whole:
    """An answer read to its end."""

    status: int
    headers: Any
    data: bytes


class _PunctualPool:
    """What the transport needs of a connection pool."""

    def __init__(self, pool: HTTPConnectionPool) -> None:
        self._pool: Any = pool

    def urlopen(
        self,
        method: str,
        target: str,
        *,
        body: bytes | None,
        headers: Mapping[str, str],
        retries: Any,
        timeout: float | None = None,
    ) -> _Whole:
        until = time.monotonic() + (timeout or _NO_LIMIT)
        try:
            answer = self._pool.urlopen(
                method,
                target,
                body=body,
                headers=headers,
                retries=retries,
                timeout=Timeout(total=timeout),
                pool_timeout=timeout and timeout * _FOR_A_CONNECTION,
                preload_content=False,
            )
        except EmptyPoolError as error:
            raise ReadTimeoutError(self._pool, target, "all connections are in use") from error
        return _Whole(answer.status, answer.headers, self._read(answer, target, until))

    def _read(self, answer: BaseHTTPResponse, target: str, until: float) -> bytes:
        pieces: list[bytes] = []
        is_whole = False
        try:
            while time.monotonic() < until and not is_whole:
                pieces.append(answer.read1(_PIECE))
                is_whole = not pieces[-1]
        finally:
            if not is_whole:
                answer.close()  # what may still come belongs to this question
            answer.release_conn()
        if not is_whole:
            raise ReadTimeoutError(self._pool, target, "the answer did not end in time")
        return b"".join(pieces)

    def close(self) -> None:
        self._pool.close()


class PunctualNode(Urllib3HttpNode):
    """See the module."""

    def __init__(self, config: NodeConfig) -> None:
        super().__init__(config)
        self.pool: Any = _PunctualPool(self.pool)
