"""From a board's table to a ``Board``."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final, TypeVar

from vplat.errors import BoardError
from vplat.model.field import no_such

from ..board import Board, OperatingPoint, Span
from .device_table import WORD_BYTES, read_device
from .harts_table import read_harts
from .layers import Resolve, is_file_name, read_layers
from .memory_table import read_memory
from .overlaps import (
    Occupied,
    occupied_by_alias,
    occupied_by_memories,
    refuse_overlaps,
    window_keys,
    window_title,
)
from .section import Section, shown

MOST_HERTZ: Final = 10**12
LONGEST_TURN_CYCLES: Final = 1_000_000
LARGEST_FILE_BYTES: Final = 1 << 20
RESERVED_NAMES: Final = ("hart", "harts", "machine", "host")
NO_BOARDS: Final[Mapping[str, Path]] = MappingProxyType({})
_BOARD_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_MEMBER_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_POINT_NAME: Final = re.compile(r"[!-~](?:[ -~]{0,38}[!-~])?")
Spec = TypeVar("Spec")


def load_board(path: Path, known: Mapping[str, Path] = NO_BOARDS) -> Board:
    """The board in a file. ``known`` are the files of boards that ``extends`` may name.

    ``BoardError`` if the file cannot be read, is not TOML, or describes no board.
    """

    def resolve(name: str) -> tuple[str, str]:
        if is_file_name(name):
            return _read(Path(name)), name
        if name not in known:
            raise BoardError(f"there is {no_such('board', name, known)}")
        return _read(known[name]), str(known[name])

    return parse_board(_read(path), str(path), resolve)


def parse_board(text: str, source: str, resolve: Resolve) -> Board:
    """The board that ``text`` describes. ``source`` is the file it is from, for messages.

    ``resolve`` gives text and source of a board named in ``extends``, or of the file if that is a
    path, made relative to where ``source`` is. It raises ``BoardError`` for one it does not know.
    """
    layer = read_layers(text, source, resolve)
    table = Section(layer.values, layer.places)
    board = Board(
        name=_name(table, source),
        doc=table.text("doc", '"What the board is."', ""),
        harts=read_harts(table.section("harts")),
        memories=tuple(_named(table, "memories", read_memory)),
        devices=tuple(_named(table, "devices", read_device)),
        operating_points=_operating_points(table),
        timing=table.text("timing", '"ri5cy"'),
        energy=table.text("energy", '"cluster-22nm"'),
        turn_cycles=table.integer(
            "turn_cycles", "1000", 1000, minimum=1, maximum=LONGEST_TURN_CYCLES
        ),
        source=source,
        places=layer.places,
    )
    table.finish(also=["extends"])
    _check_members(table, board)
    refuse_overlaps([*occupied_by_memories(board), *_first_words(board)])
    _check_boot(table, board)
    return board


def _read(path: Path) -> str:
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST_FILE_BYTES + 1)
    except FileNotFoundError:
        raise BoardError(f"there is no board file {str(path)!r}; check the path") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise BoardError(
            f"cannot read the board file {str(path)!r}: {reason}; give the path of a TOML file"
        ) from error
    if len(data) > LARGEST_FILE_BYTES:
        raise BoardError(f"{path}:1: a board file is at most 1 MiB long; give another file")
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise BoardError(f"{path}:{line}: not TOML: not UTF-8; save it as UTF-8 text") from error


def _name(table: Section, source: str) -> str:
    name = table.text("name", '"my-board"', Path(source).stem)
    if not _BOARD_NAME.fullmatch(name):
        raise table.error(
            f"{name!r} cannot be a board's name; add name = \"...\" of letters, digits, '-', '_' "
            "and '.'",
            "name",
        )
    return name


def _named(
    table: Section,
    group: str,
    read: Callable[[str, Section], Spec],
    pattern: re.Pattern[str] = _MEMBER_NAME,
    wanted: str = "letters, digits and '_', a letter first",
) -> list[Spec]:
    """The members of a group, each of which has a table under its name."""
    members = table.section(group)
    found = []
    for name in members.names():
        if not pattern.fullmatch(name):
            problem = f"{shown(name)} in [{group}] is no name of {wanted}; rename it"
            raise members.error(problem, name)
        section = members.section(name)
        found.append(read(name, section))
        section.finish()
    return found


def _operating_points(table: Section) -> tuple[OperatingPoint, ...]:
    wanted = "up to 40 printable ASCII characters"
    return tuple(_named(table, "operating_points", _operating_point, _POINT_NAME, wanted))


def _operating_point(name: str, section: Section) -> OperatingPoint:
    return OperatingPoint(
        name,
        section.number("volts", "0.65"),
        section.integer("hertz", "425_000_000", minimum=1, maximum=MOST_HERTZ),
    )


def _check_members(table: Section, board: Board) -> None:
    if not board.memories:
        raise table.error("the board has no memory; add one, like [memories.ram]", "memories")
    if not board.operating_points:
        raise table.error(
            "the board has no operating point; add one, like "
            '[operating_points."0.65V"] with volts and hertz',
            "operating_points",
        )
    memories = {memory.name for memory in board.memories}
    elsewhere = [device.name for device in board.devices if device.elsewhere is not None]
    if len(elsewhere) > 1:
        raise table.error(
            f"{elsewhere[0]!r} and {elsewhere[1]!r} both answer elsewhere, where nothing else "
            "does; give one of the two a base",
            "devices",
            elsewhere[1],
        )
    for device in board.devices:
        if device.name in RESERVED_NAMES:
            problem = f"the name {device.name!r} is taken by the platform; rename the device"
            raise table.error(problem, "devices", device.name)
        if device.name in memories:
            problem = (
                f"a memory and a device are both called {device.name!r}; rename one of the two"
            )
            raise table.error(problem, "devices", device.name)


def _first_words(board: Board) -> Iterator[Occupied]:
    """As much of each window as is known without the device's class."""
    for device in board.devices:
        for window, base in device.windows.items():
            place = board.place_of(*window_keys(device.name, window))
            yield Occupied(window_title(device.name, window), Span(base, WORD_BYTES), place)
        for index, base in enumerate(device.aliases):
            yield occupied_by_alias(board, device, index, Span(base, WORD_BYTES))


def _check_boot(table: Section, board: Board) -> None:
    boot = board.harts.boot
    if boot is not None and board.memory_at(boot) is None:
        raise table.error(
            f"'boot' in [harts] is {boot:#010x}, where the board has no memory; "
            "choose an address in one of its memories, or 'elf'",
            "harts",
            "boot",
        )
    entry_word = board.harts.entry_word
    if entry_word is not None and board.memory_at(entry_word) is None:
        raise table.error(
            f"'entry_word' in [harts] is {entry_word:#010x}, where the board has no memory; "
            "choose an address in the memory that holds the boot code",
            "harts",
            "entry_word",
        )
