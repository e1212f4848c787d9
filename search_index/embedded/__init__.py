"""The embedded engine: tantivy in this process, one folder on a local disk, one writer, any number of readers."""

from search_index.embedded.engine import EmbeddedEngine

__all__ = ["EmbeddedEngine"]
