"""The Elasticsearch engine: one alias on a cluster, any number of writers and readers. Imported only where it is used."""

from search_index.elastic.engine import ElasticEngine
from search_index.elastic.settings import ElasticSettings

__all__ = ["ElasticEngine", "ElasticSettings"]
