"""An embedded index that is not yet current, with a writer of its own that ends with it."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

from search_index.documents import ListingDocument
from search_index.embedded.schema import prepare
from search_index.embedded.store import Store
from search_index.embedded.writer import GenerationWriter
from search_index.engine import WriteOutcome
from search_index.fields import Prepared

# Room for some hundred thousand listings in one segment: a question then opens each of its words once.
_HEAP_BYTES: Final = 256_000_000


def prepare_all(documents: Sequence[ListingDocument]) -> list[Prepared]:
    """A batch, as a plain function of a module, which a process pool can call."""
    return [prepare(document) for document in documents]


class EmbeddedGeneration:
    """See `engine.Generation`."""

    def __init__(self, store: Store, name: str, *, now: Callable[[], float]) -> None:
        self.name = name
        self.prepare: Callable[[Sequence[ListingDocument]], list[Any]] = prepare_all
        self._writer: GenerationWriter | None = GenerationWriter(store.folder(self.name), heap_bytes=_HEAP_BYTES, now=now)

    def _open(self) -> GenerationWriter:
        if self._writer is None:
            raise RuntimeError(f"generation {self.name} is closed")
        return self._writer

    def load(self, documents: Sequence[ListingDocument], prepared: Sequence[Prepared]) -> None:
        self._open().load(documents, prepared)

    def commit(self) -> None:
        self._open().commit()

    def put(self, documents: Sequence[ListingDocument]) -> WriteOutcome:
        return self._open().put(documents)

    def drop(self, versions: Sequence[tuple[str, int]]) -> WriteOutcome:
        return self._open().drop(versions)

    def stream_versions(self) -> Iterator[tuple[str, int]]:
        return self._open().versions()

    def close(self) -> None:
        if self._writer is not None:
            self._writer.close()
            self._writer = None
