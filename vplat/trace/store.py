"""The store of a ledger: append only, in the order of time, compressed, on disk.

After the magic line come chunks. Each has the lengths of its two parts as 32-bit numbers, then the
parts, both deflated: JSON with what is new (paths, places of code, texts), and records. The first
chunk has the heading and no records.
"""

from __future__ import annotations

import io
import json
import shutil
import struct
import weakref
import zlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path as FilePath
from typing import Any, BinaryIO, Final

import numpy as np
import numpy.typing as npt

from vplat.errors import UsageError

from .record import RECORD, Entry, Kind, Path, Place
from .selection import Narrowed
from .tracing import Tracing

MAGIC: Final = b"vplat ledger 1\n"
LENGTHS: Final = struct.Struct("<II")
LEVEL: Final = 1
"""Of compression: five times smaller at 100 MB/s; more takes much longer for little."""
RECORDS_AT_ONCE: Final = 1 << 16
MOST_BYTES: Final = 1 << 28
"""Of one part of a chunk: what it takes to hold ``RECORDS_AT_ONCE`` long texts."""
WITH_TEXT: Final = (Kind.BEGIN, Kind.SLEEP)
NO_PLACE: Final = Place()

Row = tuple[int, int, int, int, int, int, int, int, int]
"""A record's fields in the order of ``RECORD``."""
Rows = npt.NDArray[np.void]
Text = tuple[str, Mapping[str, int | str]]


class Backing:
    """An open file that is closed when nobody holds this any more."""

    def __init__(self, file: BinaryIO) -> None:
        self.file = file
        weakref.finalize(self, file.close)


class Store:
    """Takes records in nearly the order of time and writes them in that order.

    ``place_of`` says where the code at an address is. What cannot come any more because time has
    passed it goes to the file; the rest waits in memory.
    """

    def __init__(
        self, backing: Backing, heading: Mapping[str, Any], place_of: Callable[[int], Place]
    ) -> None:
        self.backing = backing
        self._place_of = place_of
        self._waiting: list[Row] = []
        self._kept: list[Rows] = []
        self._texts: dict[int, Text] = {}
        self._new_paths: list[Path] = []
        self._places: set[int] = set()
        self._next_text = self._next_path = 0
        self.room = RECORDS_AT_ONCE
        """How many more records to append before ``settle`` is due."""
        self.count = 0
        """Records in the file."""
        self.last_cycle = 0
        self.append = self._waiting.append
        backing.file.write(MAGIC)
        self._write(dict(heading), b"")

    def add_path(self, path: Path) -> int:
        """The number of a path for records."""
        self._new_paths.append(path)
        self._next_path += 1
        return self._next_path - 1

    def add_text(self, text: str, details: Mapping[str, int | str]) -> int:
        """The number of a text for one record."""
        self._texts[self._next_text] = text, details
        self._next_text += 1
        return self._next_text - 1

    def append_rows(self, rows: Rows) -> None:
        """Take records that are made already."""
        self._kept.append(rows)
        self.room -= len(rows)

    def settle(self, before: int) -> None:
        """Write the records of cycles below ``before``: none of such a cycle will be appended."""
        rows = np.concatenate([*self._kept, np.array(self._waiting, RECORD)])
        self._waiting.clear()
        rows = rows[np.argsort(rows["cycle"], kind="stable")]
        ready = int(np.searchsorted(rows["cycle"], before))
        self._kept = [rows[ready:]]
        self.room = RECORDS_AT_ONCE
        for start in range(0, ready, RECORDS_AT_ONCE):
            self._write_rows(rows[start : min(start + RECORDS_AT_ONCE, ready)])

    def _write_rows(self, rows: Rows) -> None:
        new: dict[str, Any] = {}
        if self._new_paths:
            new["paths"] = [path.as_json() for path in self._new_paths]
            self._new_paths.clear()
        pcs = set(np.unique(rows["pc"]).tolist()) - self._places - {0}
        self._places |= pcs
        if pcs:
            new["places"] = {pc: self._place_of(pc) for pc in sorted(pcs)}
        told = rows["third"][np.isin(rows["kind"], WITH_TEXT)].tolist()
        if told:
            new["texts"] = {number: self._texts.pop(number) for number in told}
        self._write(new, rows.tobytes())
        self.count += len(rows)
        self.last_cycle = int(rows["cycle"][-1])

    def _write(self, new: Mapping[str, Any], records: bytes) -> None:
        text = json.dumps(new, ensure_ascii=False, separators=(",", ":"))
        head = zlib.compress(text.encode("utf-8", "replace"), LEVEL)
        body = zlib.compress(records, LEVEL)
        file = self.backing.file
        file.seek(0, io.SEEK_END)
        file.write(LENGTHS.pack(len(head), len(body)) + head + body)


class Reader:
    """Reads a store, also one that is still being written.

    ``heading`` is what its writer said about the run. Damage is a ``UsageError`` that calls the
    file ``name``.
    """

    def __init__(self, backing: Backing, name: str) -> None:
        self._backing, self._name = backing, name
        self._file = file = backing.file
        file.seek(0)
        if file.read(len(MAGIC)) != MAGIC:
            raise UsageError(f"{name} is no ledger of this version; record it again")
        self._position = self._start = len(MAGIC)
        self.paths: list[Path] = []
        self._places: dict[int, Place] = {}
        first = self._read_chunk()
        if first is None or not isinstance(first[0].get("harts"), int):
            raise self._damaged()
        self.heading: dict[str, Any] = first[0]
        self._start = self._position
        self._narrowed: Narrowed | None = None

    def narrow(self, tracing: Tracing) -> None:
        """Give only entries that ``tracing`` selects; ``UsageError`` if nothing can match it."""
        harts = [f"harts[{hart}]" for hart in range(self.heading["harts"])]
        self._narrowed = Narrowed(tracing, [*self.heading["devices"], *harts])

    def __iter__(self) -> Iterator[Entry]:
        """Every entry from the first on, in the order of time."""
        self._position = self._start
        self.paths.clear()
        yield from self.more()

    def copy_to(self, file: BinaryIO) -> None:
        """Write the whole store to a file; ``UsageError`` if it has been narrowed."""
        if self._narrowed is not None:
            raise UsageError(
                "a ledger is copied as a whole; leave out --select, --from and --until, or choose "
                "another view"
            )
        self._file.seek(0)
        shutil.copyfileobj(self._file, file)

    def more(self) -> Iterator[Entry]:
        """The entries that were written since the last one that was read."""
        while (chunk := self._read_chunk()) is not None:
            yield from self._entries(*chunk)

    def _entries(self, new: Mapping[str, Any], records: bytes) -> Iterator[Entry]:
        texts: Mapping[str, Any] = new.get("texts", {})
        narrowed = self._narrowed
        try:
            self.paths += [Path.from_json(each) for each in new.get("paths", ())]
            self._places |= {int(pc): Place(*each) for pc, each in new.get("places", {}).items()}
            rows = np.frombuffer(records, RECORD).tolist()
            for cycle, code, hart, _, path, pc, first, second, third in rows:
                text, details = texts[str(third)] if code in WITH_TEXT else ("", {})
                about, kind, place = self.paths[path], Kind(code), self._places.get(pc, NO_PLACE)
                if narrowed is None or narrowed.takes(cycle, kind, hart, about):
                    entry = cycle, kind, hart, about, pc, place, first, second, third, text, details
                    yield Entry(*entry)
        except (KeyError, IndexError, ValueError, TypeError, AttributeError):
            raise self._damaged() from None

    def _read_chunk(self) -> tuple[dict[str, Any], bytes] | None:
        """The next chunk; None behind the last one."""
        self._file.seek(self._position)
        lengths = self._file.read(LENGTHS.size)
        if not lengths:
            return None
        try:
            head, body = LENGTHS.unpack(lengths)
            new = json.loads(_inflated(self._file.read(head)))
            records = _inflated(self._file.read(body))
        except (struct.error, zlib.error, ValueError):
            raise self._damaged() from None
        if not isinstance(new, dict):
            raise self._damaged()
        self._position += LENGTHS.size + head + body
        return new, records

    def _damaged(self) -> UsageError:
        return UsageError(f"{self._name} is damaged; record it again")


def _inflated(data: bytes) -> bytes:
    """``data`` inflated; ``ValueError`` if that is not all of it, or more than a chunk can be."""
    inflater = zlib.decompressobj()
    inflated = inflater.decompress(data, MOST_BYTES)
    if not inflater.eof:
        raise ValueError
    return inflated


def open_ledger(path: FilePath) -> Reader:
    """The ledger in a file; a ``UsageError`` if it is none."""
    try:
        return Reader(Backing(path.open("rb")), str(path))
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror or error}") from None


def is_ledger(path: FilePath) -> bool:
    """Whether the file begins as a ledger does."""
    try:
        with path.open("rb") as file:
            return file.read(len(MAGIC)) == MAGIC
    except OSError:
        return False
