"""Which indices there are, which one is current, which one was before, and how one takes another's place."""

import re
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, Final

from search_index.documents import id_of
from search_index.elastic import mapping
from search_index.elastic.client import Client, NoSuchThing, Refused, complete, understood
from search_index.elastic.state import State
from search_index.engine import NONE_BEFORE, EngineUnavailable, IndexMissing, RebuildNeeded

SWAP: Final = "swap"
_SWAP_SENTENCE: Final = "another process is just making another index current"
_STREAMED: Final = 5000
_KEPT_OPEN: Final = "2m"


@dataclass(frozen=True, slots=True)
class Pointers:
    """The current generation, the one to go back to, and all there are."""

    current: str | None
    before: str | None
    names: tuple[str, ...]


class Generations:
    """Indices named `<alias>-<schema>-<dictionary>-<number>`; the alias is the pointer, moved in one call."""

    def __init__(self, client: Client, state: State) -> None:
        self._client = client
        self._state = state
        self.alias = client.settings.index
        self._before = f"{self.alias}-before"
        self._pattern = re.compile(rf"{re.escape(self.alias)}-[0-9a-f]{{8}}-\d+\.[0-9a-f]{{8}}-(\d{{6}})")
        self._lock = threading.Lock()
        self._troubles: dict[str, str | None] = {}

    def pointers(self) -> Pointers:
        """One quick question."""
        found = self._client.ask(lambda es: es.indices.get_alias(index=f"{self.alias}-*"))
        with understood():
            aliases = {name: set(known["aliases"]) for name, known in found.items() if self._pattern.fullmatch(name)}
        current = [name for name, known in aliases.items() if self.alias in known]
        before = [name for name, known in aliases.items() if self._before in known]
        return Pointers(max(current, default=None), max(before, default=None), tuple(sorted(aliases)))

    def current(self) -> str:
        """The current generation. Raises IndexMissing, and RebuildNeeded when it is not of this program's make."""
        return self.usable(self.pointers().current)

    def before(self) -> str:
        """The generation to go back to. Raises IndexMissing, and RebuildNeeded when it is not of this program's make."""
        name = self.pointers().before
        if name is None:
            raise IndexMissing(NONE_BEFORE)
        if trouble := self.trouble(name):
            raise RebuildNeeded(f"the one before: {trouble}")
        return name

    def usable(self, name: str | None) -> str:
        """The same for pointers read already."""
        if name is None:
            raise IndexMissing(f"no index {self.alias} on the cluster; build one with: flask index rebuild")
        if trouble := self.trouble(name):
            raise RebuildNeeded(f"{trouble}; run: flask index rebuild")
        return name

    def trouble(self, name: str) -> str | None:
        """Why the running code must not use this generation, or None; asked once for each."""
        with self._lock:
            if name in self._troubles:
                return self._troubles[name]
        found = self._client.ask(lambda es: es.indices.get_mapping(index=name))
        with understood():
            trouble = mapping.trouble(found[name]["mappings"].get("_meta"))
        with self._lock:
            self._troubles[name] = trouble
        return trouble

    def built_at(self, name: str) -> int:
        """When it was made, in epoch seconds."""
        found = self._client.ask(lambda es: es.indices.get_settings(index=name, name="index.creation_date"))
        with understood():
            return int(found[name]["settings"]["index"]["creation_date"]) // 1000

    def create(self, *, is_loading: bool) -> str:
        """An empty generation of this program's make, not yet current."""
        taken = [int(name[-6:]) for name in self.pointers().names]
        for number in range(max(taken, default=0) + 1, 1_000_000):
            name = f"{self.alias}-{mapping.make()}-{number:06d}"
            if self._make(name, is_loading=is_loading):
                return name
        raise EngineUnavailable("there are no numbers left for a new index")

    def _make(self, name: str, *, is_loading: bool) -> bool:
        """False when somebody else has just made it."""
        settings = mapping.settings(self._client.settings, is_loading=is_loading)
        try:
            self._client.ask(lambda es: es.indices.create(index=name, mappings=mapping.mappings(), settings=settings))
        except Refused as error:
            if "resource_already_exists" not in str(error):
                raise
            return False
        return True

    def first(self) -> str:
        """A current generation where there was none; several writers may ask at once and get the same."""
        name = f"{self.alias}-{mapping.make()}-000001"
        self._make(name, is_loading=False)
        self._move([{"add": {"index": name, "alias": self.alias}}])
        return name

    def swap(self, generation: str, before: Callable[[], None] | None) -> None:
        """Make a generation current while writing to the present one is held; when `before` raises nothing changes."""
        if trouble := self.trouble(generation):
            raise RebuildNeeded(f"{trouble}; an index of another make cannot become current")
        with self._state.lease(SWAP, _SWAP_SENTENCE) as still_mine:
            old = self.pointers().current
            with self._held(old):
                if before is not None:
                    before()
                still_mine()
                self._point(generation, old)

    @contextmanager
    def _held(self, name: str | None) -> Iterator[None]:
        """Writers to this index wait; what they have begun is finished when the block is on."""
        if name is None:
            yield
            return
        self._client.ask(lambda es: es.indices.add_block(index=name, block="write"))
        try:
            yield
        finally:
            self.release(name)

    def release(self, name: str) -> None:
        """Let writers go on."""
        self._client.ask(lambda es: es.indices.put_settings(index=name, settings={"index.blocks.write": None}))

    def release_after_death(self, name: str) -> None:
        """The same when nobody holds them any more: the process that did was killed."""
        if not self._state.is_leased(SWAP):
            self.release(name)

    def _point(self, generation: str, old: str | None) -> None:
        actions: list[dict[str, Any]] = [{"add": {"index": generation, "alias": self.alias}}]
        if old is not None and old != generation:
            every = f"{self.alias}-*"
            actions += [
                {"remove": {"index": old, "alias": self.alias}},
                {"remove": {"index": every, "alias": self._before, "must_exist": False}},
                {"add": {"index": old, "alias": self._before}},
            ]
        self._move(actions)

    def _move(self, actions: Sequence[dict[str, Any]]) -> None:
        self._client.ask(lambda es: es.indices.update_aliases(actions=actions))

    def discard(self, name: str) -> None:
        """Delete a generation unless it became current, or is the one to go back to."""
        pointers = self.pointers()
        if name in (pointers.current, pointers.before):
            return
        with suppress(NoSuchThing):
            self.delete(name)
        self._state.drop_table(name)

    def delete(self, name: str) -> None:
        """Delete a generation, whatever it is."""
        self._client.ask(lambda es: es.indices.delete(index=name))

    def remove_orphans(self) -> list[str]:
        """Delete generations that are neither current nor the one before."""
        pointers = self.pointers()
        gone = [name for name in pointers.names if name not in (pointers.current, pointers.before)]
        for name in gone:
            self.discard(name)
        return gone

    def refresh(self, name: str) -> None:
        """Make all that was written to it visible."""
        self._client.ask(lambda es: es.indices.refresh(index=name))

    def versions(self, name: str) -> Iterator[tuple[str, int]]:
        """(id, rev) of every listing of this instant, by sequence number, however long the caller takes."""
        self.refresh(name)
        opened = self._client.ask(lambda es: es.open_point_in_time(index=name, keep_alive=_KEPT_OPEN))
        with understood():
            point = opened["id"]
        try:
            after: list[Any] | None = None
            while True:
                hits = self._versions_after(point, after)
                yield from ((id_of(seq), rev) for seq, rev in hits)
                if len(hits) < _STREAMED:
                    return
                after = [hits[-1][0]]
        finally:
            with suppress(EngineUnavailable):
                self._client.ask(lambda es: es.close_point_in_time(id=point))

    def _versions_after(self, point: str, after: list[Any] | None) -> list[tuple[int, int]]:
        body: dict[str, Any] = {
            "pit": {"id": point, "keep_alive": _KEPT_OPEN},
            "size": _STREAMED,
            "sort": [{"seq": "asc"}],
            "source": False,
            "docvalue_fields": ["rev"],
            "track_total_hits": False,
        }
        if after is not None:
            body["search_after"] = after
        found = complete(self._client.ask(lambda es: es.search(**body)))
        with understood():
            return [(int(hit["sort"][0]), int(hit["fields"]["rev"][0])) for hit in found["hits"]["hits"]]
