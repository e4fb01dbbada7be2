"""Snapshots in files.

A file begins with eight bytes that say what it is, the version of the format and the length of a
header: JSON on whose snapshot it is (``About``), and how long what follows is. That is the state as
JSON and then the pages of memory that are not zero, each compressed. The SHA-256 of all this ends
the file.
"""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import json
import os
import struct
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Final

from vplat.errors import SnapshotError, UsageError

from .encoding import Encoded, decode_state, encode_state
from .hints import Misfit
from .plain import decode, encode
from .state import MachineState

if TYPE_CHECKING:
    from ..machine import Machine

MAGIC: Final = b"vplatsnp"
VERSION: Final = 1
START: Final = struct.Struct("<8sII")
"""Magic, version, and the length of the header in bytes."""
CHECKSUM_BYTES: Final = 32
COMPRESSION: Final = 6
LARGEST_STATE_BYTES: Final = 1 << 28


@dataclasses.dataclass(frozen=True)
class About:
    """Whose snapshot it is.

    ``board_digest`` and ``timing_digest`` stand for what the board consists of and what its
    instructions cost, ``layouts`` for what there is to restore of each kind of device ("" for the
    machine itself). ``firmware`` is the path as it was given, ``cycle`` how far the run had come.
    """

    vplat: str
    board: str
    board_digest: str
    timing_digest: str
    layouts: dict[str, str]
    operating_point: str
    firmware: str
    firmware_digest: str
    cycle: int


@dataclasses.dataclass(frozen=True)
class _Header:
    about: About
    state_bytes: tuple[int, int]
    """Compressed, and not."""
    page_bytes: tuple[int, int]


@dataclasses.dataclass(frozen=True)
class SnapshotFile:
    """A file that was read and is whole."""

    path: Path
    about: About
    _packed_state: bytes
    _packed_pages: bytes
    _sizes: tuple[int, int]
    """Of the two, unpacked."""

    def state(self, machine: Machine) -> MachineState:
        """What it holds, for a machine that is as ``about`` says; ``SnapshotError`` if nothing."""
        try:
            return decode_state(machine, self._unpack(machine))
        except (Misfit, ValueError, RecursionError, zlib.error) as error:
            raise _malformed(self.path, error) from None

    def _unpack(self, machine: Machine) -> Encoded:
        state_bytes, page_bytes = self._sizes
        if not 0 <= page_bytes <= sum(memory.size for memory in machine.board.memories):
            raise Misfit("there is more memory than the board has")
        state = json.loads(_unpacked(self._packed_state, state_bytes))
        if not isinstance(state, dict):
            raise Misfit("that is no state")
        return Encoded(state, _unpacked(self._packed_pages, page_bytes))


def write_snapshot(path: Path, machine: Machine, state: MachineState, about: About) -> None:
    """Write a file, so that a reader sees all of it or the one that was there before.

    ``UsageError`` if the place cannot be written to, ``SnapshotError`` if the state cannot.
    """
    encoded = encode_state(machine, state)
    text = json.dumps(encoded.state, separators=(",", ":")).encode()
    packed, pages = zlib.compress(text, COMPRESSION), zlib.compress(encoded.pages, COMPRESSION)
    sizes = (len(packed), len(text)), (len(pages), len(encoded.pages))
    header = json.dumps(encode(_Header(about, *sizes), _Header)).encode()
    content = START.pack(MAGIC, VERSION, len(header)) + header + packed + pages
    try:
        _replace(path, content + hashlib.sha256(content).digest())
    except OSError as error:
        raise UsageError(
            f"the snapshot {path} cannot be written: {error.strerror or error}; name another place"
        ) from None


def read_snapshot(path: Path) -> SnapshotFile:
    """Read a file; ``SnapshotError`` if it cannot be, or is damaged."""
    try:
        content = path.read_bytes()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise SnapshotError(f"cannot read the snapshot {path}: {reason}; check its path") from None
    if not content.startswith(MAGIC) or len(content) < START.size:
        raise SnapshotError(f"{path} is no snapshot; name a file that --save-snapshot wrote")
    _, version, header_bytes = START.unpack_from(content)
    if version != VERSION:
        raise SnapshotError(
            f"the snapshot {path} has version {version} of the format, and this vplat reads "
            f"version {VERSION}; take it again with this vplat"
        )
    body, checksum = content[:-CHECKSUM_BYTES], content[-CHECKSUM_BYTES:]
    if hashlib.sha256(body).digest() != checksum:
        raise SnapshotError(
            f"the snapshot {path} is damaged: its checksum is another one; take it again"
        )
    try:
        return _parse(path, body[START.size :], header_bytes)
    except (Misfit, ValueError, RecursionError, zlib.error) as error:
        raise _malformed(path, error) from None


def _parse(path: Path, body: bytes, header_bytes: int) -> SnapshotFile:
    header = decode(json.loads(body[:header_bytes]), _Header)
    (packed_state, state_bytes), (packed_pages, page_bytes) = header.state_bytes, header.page_bytes
    middle = header_bytes + packed_state
    if not 0 <= state_bytes <= LARGEST_STATE_BYTES or packed_state < 0:
        raise Misfit("its state is too large")
    if len(body) != middle + packed_pages:
        raise Misfit("its parts are not as long as it says")
    state, pages = body[header_bytes:middle], body[middle:]
    return SnapshotFile(path, header.about, state, pages, (state_bytes, page_bytes))


def _unpacked(packed: bytes, size: int) -> bytes:
    """``size`` bytes; ``Misfit`` if there are more or fewer."""
    stream = zlib.decompressobj()
    content = stream.decompress(packed, max(size, 0) + 1)
    if len(content) != size or not stream.eof or stream.unused_data:
        raise Misfit("a part of it is not as long as it says")
    return content


def _malformed(path: Path, error: BaseException) -> SnapshotError:
    return SnapshotError(
        f"the snapshot {path} does not hold the state of such a machine: {error}; take it again"
    )


def _replace(path: Path, content: bytes) -> None:
    if path.exists() and not path.is_file():  # a device or a pipe is written to, not replaced
        path.write_bytes(content)
        return
    # In the same directory, because a rename is whole only within one file system.
    place = path.resolve()
    temporary = place.with_name(f".{place.name}.{os.getpid()}")
    try:
        with temporary.open("xb") as file:
            file.write(content)
        temporary.replace(place)
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise


def check_fits(path: Path, theirs: About, ours: About) -> None:
    """``SnapshotError`` if a snapshot is not of a run like ours, with what to do about it."""
    problem = _difference(theirs, ours)
    if problem:
        raise SnapshotError(f"the snapshot {path} does not fit this run: {problem}")


def _difference(theirs: About, ours: About) -> str:
    if theirs.board != ours.board:
        return (
            f"it is of board {theirs.board!r}, not of {ours.board!r}; choose the other with --board"
        )
    if theirs.board_digest != ours.board_digest:
        return f"board {ours.board!r} has changed since; take it again"
    if theirs.timing_digest != ours.timing_digest:
        return f"the timing table of board {ours.board!r} has changed since; take it again"
    for kind, digest in ours.layouts.items():
        if theirs.layouts.get(kind) != digest:
            what = f"the device kind {kind!r}" if kind else "the machine"
            return (
                f"it was taken with vplat {theirs.vplat}, where {what} has another state than in "
                f"this vplat {ours.vplat}; take it again"
            )
    if theirs.operating_point != ours.operating_point:
        return (
            f"it was taken at operating point {theirs.operating_point!r}, not "
            f"{ours.operating_point!r}; choose the other with --operating-point"
        )
    if theirs.firmware_digest != ours.firmware_digest:
        return (
            f"it is of {theirs.firmware}, and {ours.firmware} is another build; "
            "name the file it was taken with"
        )
    return ""
