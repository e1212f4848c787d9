"""What every engine answers in the same way, once it can give a reading of its index."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import TypeVar

from search_index import completing, paging, recall
from search_index.plan import scope_node
from search_index.reading import Reading
from search_index.requests import (
    Assistance,
    Candidate,
    Scope,
    SearchRequest,
    SearchResult,
    SimilarRequest,
    Suggestion,
    SuggestRequest,
)

Answer = TypeVar("Answer")


class Answering(ABC):
    """The reading half of `engine.SearchEngine`; an engine adds how a question reaches its index."""

    @abstractmethod
    def _read(self, question: Callable[[Reading], Answer]) -> Answer:
        """Ask the current index. Raises EngineUnavailable."""

    def search(self, request: SearchRequest) -> SearchResult:
        return self._read(lambda reading: paging.search(reading, request))

    def similar(self, request: SimilarRequest) -> tuple[Candidate, ...]:
        return self._read(lambda reading: recall.similar(reading, request))

    def suggest(self, request: SuggestRequest) -> tuple[Suggestion, ...]:
        return self._read(lambda reading: completing.suggest(reading, request))

    def assist(self, request: SearchRequest) -> Assistance:
        return self._read(lambda reading: completing.assist(reading, request))

    def count(self, scope: Scope) -> int:
        return self._read(lambda reading: reading.totals([scope_node(scope)])[0])
