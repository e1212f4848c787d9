"""The folder of an embedded index: generations, the CURRENT pointer, stamps and locks.

It decides what is current and who may write; what is in a generation is the writer's and the reader's business.
"""

import fcntl
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Final

import tantivy

from search_index.embedded.schema import WHEEL, build_schema, schema_hash
from search_index.engine import NONE_BEFORE, EngineUnavailable, IndexMissing, RebuildNeeded, WriterBusy
from search_index.tokens import DICTIONARY_VERSION

_STAMP: Final = "generation.json"
FREQUENCIES: Final = "frequencies.npz"


@dataclass(frozen=True, slots=True)
class Stamp:
    """What an index was built with. Any difference to the running code asks for a rebuild."""

    schema: str
    dictionary: str
    wheel: str

    @classmethod
    def mine(cls) -> "Stamp":
        return cls(schema_hash(), DICTIONARY_VERSION, WHEEL)

    def trouble(self) -> str | None:
        """Why the running code must not use this index, or None."""
        for name, value in asdict(Stamp.mine()).items():
            if getattr(self, name) != value:
                return f"index built with {name} {getattr(self, name)}, this program has {value}"
        return None


class Store:
    """Paths, pointer and locks under one root folder on a local disk."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._generations = root / "generations"
        self._pointer = root / "CURRENT"

    def folder(self, generation: str) -> Path:
        return self._generations / generation

    def pointers(self) -> tuple[str | None, str | None]:
        """The current generation and the one before."""
        try:
            lines = self._pointer.read_text("utf-8").split()
        except FileNotFoundError:
            return None, None
        return lines[0], lines[1] if len(lines) > 1 else None

    def pointer_mark(self) -> tuple[int, int] | None:
        """Changes when the pointer does; one `stat`, so it may be asked often."""
        try:
            state = self._pointer.stat()
        except FileNotFoundError:
            return None
        return state.st_ino, state.st_mtime_ns

    def current(self) -> str:
        """The current generation's name. Raises IndexMissing, and RebuildNeeded when it is not of this program's make."""
        name, _ = self.pointers()
        if name is None:
            raise IndexMissing(f"no index in {self.root}; build one with: flask index rebuild")
        if trouble := self.stamp(name).trouble():
            raise RebuildNeeded(f"{trouble}; run: flask index rebuild")
        return name

    def before(self) -> str:
        """The generation to go back to. Raises IndexMissing, and RebuildNeeded when it is not of this program's make."""
        _, name = self.pointers()
        if name is None:
            raise IndexMissing(NONE_BEFORE)
        if trouble := self.stamp(name).trouble():
            raise RebuildNeeded(f"the one before: {trouble}")
        return name

    def stamp(self, generation: str) -> Stamp:
        try:
            return Stamp(**json.loads((self.folder(generation) / _STAMP).read_text("utf-8")))
        except (OSError, ValueError, TypeError) as error:
            raise RebuildNeeded(f"generation {generation} cannot be read ({error}); run: flask index rebuild") from error

    def built_at(self, generation: str) -> int | None:
        """When it was made, in epoch seconds."""
        try:
            return int((self.folder(generation) / _STAMP).stat().st_mtime)
        except FileNotFoundError:
            return None

    def create(self) -> str:
        """An empty generation of this program's make, not yet current."""
        self._generations.mkdir(parents=True, exist_ok=True)
        name = self._next()
        folder = self.folder(name)
        folder.mkdir()
        tantivy.Index(build_schema(), path=str(folder))
        _write_durably(folder / _STAMP, json.dumps(asdict(Stamp.mine())))
        return name

    def twin(self, generation: str) -> str:
        """A new generation that begins with everything of another one, which a worker may still hold open.

        Files of an index are written once or replaced whole, so a second name for each will do; locks are not taken along.
        Raises EngineUnavailable when the disk has it otherwise.
        """
        name = self._next()
        source, made = self.folder(generation), self.folder(name)
        try:
            shutil.copytree(source, made, copy_function=os.link, ignore=shutil.ignore_patterns(_STAMP, "*.lock", "*.part"))
            _write_durably(made / _STAMP, json.dumps(asdict(self.stamp(generation))))
        except OSError as error:
            shutil.rmtree(made, ignore_errors=True)
            raise EngineUnavailable(f"generation {generation} cannot be taken up again ({error})") from error
        return name

    def _next(self) -> str:
        stamp = Stamp.mine()
        taken = [int(name.rpartition("-")[2]) for name in self.names() if name.rpartition("-")[2].isdigit()]
        return f"{stamp.schema}-{stamp.dictionary}-{max(taken, default=0) + 1:06d}"

    def names(self) -> list[str]:
        return sorted(entry.name for entry in self._generations.iterdir()) if self._generations.is_dir() else []

    def point_to(self, generation: str) -> None:
        """Atomically make a generation current and remember the one before."""
        if trouble := self.stamp(generation).trouble():
            raise RebuildNeeded(f"{trouble}; a generation of another make cannot become current")
        before, _ = self.pointers()
        kept = [generation, *([before] if before and before != generation else [])]
        _write_durably(self._pointer, "\n".join(kept) + "\n")

    def discard(self, generation: str) -> None:
        """Delete a generation unless it became current, or is the one to go back to."""
        if generation not in self.pointers():
            shutil.rmtree(self.folder(generation), ignore_errors=True)

    def remove_orphans(self) -> list[str]:
        """Delete generations that are neither current nor the one before. The rebuild lock must be held."""
        kept = set(self.pointers())
        gone = [name for name in self.names() if name not in kept]
        for name in gone:
            shutil.rmtree(self.folder(name))
        return gone

    @contextmanager
    def swapping(self) -> Iterator[None]:
        """No write while the pointer moves."""
        with self._lock("swap.lock", fcntl.LOCK_EX):
            yield

    @contextmanager
    def writing(self) -> Iterator[None]:
        """The pointer does not move while this write goes on."""
        with self._lock("swap.lock", fcntl.LOCK_SH):
            yield

    @contextmanager
    def _lock(self, name: str, how: int) -> Iterator[None]:
        self.root.mkdir(parents=True, exist_ok=True)
        with (self.root / name).open("a") as file:
            fcntl.flock(file, how)
            yield

    def claim(self, name: str, sentence: str) -> IO[str]:
        """Take a lock for as long as the returned file stays open; the system frees it when the process dies."""
        self.root.mkdir(parents=True, exist_ok=True)
        file = (self.root / name).open("a+")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            holder = file.read().strip() or "unknown"
            file.close()
            raise WriterBusy(f"{sentence} (process {holder} holds {self.root / name})") from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        return file


def _write_durably(path: Path, text: str) -> None:
    partial = path.with_name(f"{path.name}.{os.getpid()}.part")
    with partial.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)
    _make_durable(path.parent)


def _make_durable(folder: Path) -> None:
    """The names in it."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
