"""Commands of matching: `measuring` holds `flask match ...` and `flask search ...`, `index` holds `flask index ...`."""

from marketplace.matching.cli.index import index_cli
from marketplace.matching.cli.measuring import match_cli, search_cli

__all__ = ["index_cli", "match_cli", "search_cli"]
