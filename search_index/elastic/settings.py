"""Where the cluster is, who we are there, and how the index is spread: read from one installation's settings."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import unquote, urlsplit, urlunsplit

SCHEMES = ("http", "https")


@dataclass(frozen=True, slots=True, kw_only=True)
class ElasticSettings:
    """`index` is the alias every name on the cluster begins with. Seconds are those a question, or a write, may take.

    Raises ValueError, naming the setting, for what cannot be used.
    """

    hosts: tuple[str, ...]
    index: str = "market"
    api_key: str = ""
    user: str = ""
    password: str = ""
    ca_file: str = ""
    shards: int = 1
    replicas: int = 1
    read_seconds: float = 0.7
    write_seconds: float = 30.0
    refresh: Literal["wait_for", "true"] = "wait_for"

    def __post_init__(self) -> None:
        if not self.hosts or any(urlsplit(host).scheme not in SCHEMES or not urlsplit(host).hostname for host in self.hosts):
            raise ValueError("SEARCH_URL must be http:// or https:// addresses, separated by commas")
        if not re.fullmatch("[a-z][a-z0-9_-]*", self.index):
            raise ValueError("SEARCH_INDEX must be a lower-case name of letters, digits, - and _")
        if self.shards < 1 or self.replicas < 0:
            raise ValueError("SEARCH_SHARDS must be 1 or more, SEARCH_REPLICAS 0 or more")


def from_config(config: Mapping[str, Any], **other: Any) -> ElasticSettings:
    """Read SEARCH_URL and its companions; a user and password may also stand in the first address."""
    hosts, user, password = _apart(str(config["SEARCH_URL"]))
    found: dict[str, Any] = {
        "hosts": hosts,
        "index": config["SEARCH_INDEX"],
        "api_key": config["SEARCH_API_KEY"],
        "user": config["SEARCH_USER"] or user,
        "password": config["SEARCH_PASSWORD"] or password,
        "ca_file": config["SEARCH_CA_FILE"],
        "shards": config["SEARCH_SHARDS"],
        "replicas": config["SEARCH_REPLICAS"],
    }
    return ElasticSettings(**(found | other))


def _apart(urls: str) -> tuple[tuple[str, ...], str, str]:
    """Addresses without user and password, and the first user and password found in them."""
    hosts: list[str] = []
    user = password = ""
    for url in (part.strip() for part in urls.split(",")):
        parts = urlsplit(url)
        user, password = user or unquote(parts.username or ""), password or unquote(parts.password or "")
        hosts.append(urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path.rstrip("/"), "", "")))
    return tuple(host for host in hosts if host), user, password
