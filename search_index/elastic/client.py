"""The only place that talks to the cluster: time limits, and every way a cluster fails told as EngineUnavailable.

It decides how long we wait and what an error means; what is asked, the other files of this package.
"""

import logging
import math
import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

from elasticsearch import ApiError, BadRequestError, ConflictError, Elasticsearch, NotFoundError, UnsupportedProductError
from elasticsearch.exceptions import TransportError

from search_index.elastic.settings import ElasticSettings
from search_index.engine import EngineUnavailable

# Clients are kept for each tenth of a second of patience: making one costs more than a quick question.
_STEP: Final = 0.1
_DETAIL: Final = 200

Body = dict[str, Any]


class NoSuchThing(EngineUnavailable):
    """The cluster answers that it has no such index or document."""


class Refused(EngineUnavailable):
    """The cluster understood the request and refuses it (HTTP 400)."""


class Overtaken(EngineUnavailable):
    """Somebody else has changed the document since it was read (HTTP 409)."""


class Client:
    """Asks the cluster, safe for threads and for a process forked after it was made."""

    def __init__(self, settings: ElasticSettings, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self.settings = settings
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._own = threading.local()
        self._forget()

    def _forget(self) -> None:
        self._pid = os.getpid()
        self._base: Elasticsearch | None = None
        self._patient: dict[int, Elasticsearch] = {}

    @contextmanager
    def within(self, seconds: float) -> Iterator[None]:
        """All that is asked inside shares this much time; an outer limit stays in force."""
        before: float | None = getattr(self._own, "until", None)
        until = self._monotonic() + seconds
        self._own.until = until if before is None else min(before, until)
        try:
            yield
        finally:
            self._own.until = before

    def ask(self, question: Callable[[Elasticsearch], Any]) -> Any:
        """The body of the answer. Raises EngineUnavailable, or one of its kinds above."""
        try:
            return question(self._with_patience()).body
        except NotFoundError as error:
            raise NoSuchThing(_told(error)) from error
        except BadRequestError as error:
            raise Refused(_told(error)) from error
        except ConflictError as error:
            raise Overtaken(_told(error)) from error
        except (ApiError, TransportError, UnsupportedProductError) as error:
            raise EngineUnavailable(_told(error)) from error

    def _with_patience(self) -> Elasticsearch:
        until: float | None = getattr(self._own, "until", None)
        left = self.settings.write_seconds if until is None else until - self._monotonic()
        if left <= 0:
            raise EngineUnavailable("the cluster did not answer in time")
        steps = math.ceil(left / _STEP)
        with self._lock:
            if self._pid != os.getpid():
                self._forget()
            if self._base is None:
                self._base = _connected(self.settings)
            if steps not in self._patient:
                self._patient[steps] = self._base.options(request_timeout=steps * _STEP)
            return self._patient[steps]

    def close(self) -> None:
        """Close all connections; the next question opens new ones."""
        with self._lock:
            if self._base is not None and self._pid == os.getpid():
                self._base.close()
            self._forget()


def _connected(settings: ElasticSettings) -> Elasticsearch:
    """Nothing is sent yet."""
    known: Body = {"max_retries": max(1, min(2, len(settings.hosts) - 1)), "retry_on_timeout": False, "http_compress": False}
    if settings.api_key:
        known["api_key"] = settings.api_key
    elif settings.user:
        known["basic_auth"] = (settings.user, settings.password)
    if settings.ca_file:
        known["ca_certs"] = settings.ca_file
    # A line for each request would drown everything else; which node failed, another logger tells.
    logging.getLogger("elastic_transport.transport").setLevel(logging.ERROR)
    try:
        return Elasticsearch(list(settings.hosts), **known)
    except (ValueError, OSError) as error:
        raise EngineUnavailable(f"the search settings cannot be used: {error}") from error


def _told(error: Exception) -> str:
    """One line for the log and the operator, without what was asked."""
    if isinstance(error, ApiError):
        return f"the cluster answered {error.status_code}: {_reason(error.body)}"[:_DETAIL]
    return f"the cluster cannot be reached: {type(error).__name__}: {error}"[:_DETAIL]


def _reason(body: Any) -> str:
    found = body.get("error") if isinstance(body, Mapping) else body
    if isinstance(found, Mapping):
        return f"{found.get('type')}: {found.get('reason')}"
    return str(found)


def complete(answer: Any) -> Body:
    """A search's answer, made sure to be whole: half an answer is none."""
    if not isinstance(answer, dict):
        raise EngineUnavailable("the cluster answered something else than a search result")
    if "error" in answer:
        raise (Refused if answer.get("status") == 400 else EngineUnavailable)(_reason(answer)[:_DETAIL])
    shards = answer.get("_shards") or {}
    if answer.get("timed_out") or shards.get("failed"):
        raise EngineUnavailable("a part of the index did not answer")
    return answer


@contextmanager
def understood() -> Iterator[None]:
    """What is read inside must have the shape we know; anything else means that it is not our cluster that answers."""
    try:
        yield
    except (KeyError, IndexError, TypeError, AttributeError) as error:
        raise EngineUnavailable(f"the cluster answered something we do not understand: {error!r}"[:_DETAIL]) from error
