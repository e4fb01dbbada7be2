"""Whether firmware fits a board's memories, and what to say when it does not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from vplat.machine.elf import Firmware, display_path

Memory = tuple[str, int, int]


@dataclass(frozen=True)
class Misfit:
    """A stretch of ``size`` bytes from ``address`` that is not memory throughout.

    ``nearest`` is the memory with bytes closest to it, None when the board has none.
    """

    address: int
    size: int
    nearest: Memory | None


def fit(firmware: Firmware, memories: Sequence[Memory]) -> tuple[Misfit, ...]:
    """What of ``firmware`` lies outside ``memories``, given as (name, base, size in bytes).

    Both where a segment is loaded and where it runs must be memory; it may span memories that
    touch.
    """
    blocks = _blocks(memories)
    return tuple(
        Misfit(address, size, _nearest(address, size, memories))
        for segment in firmware.segments
        for address, size in segment.extents
        if not any(base <= address and address + size <= end for base, end in blocks)
    )


def explain_misfit(
    firmware: Firmware,
    board_name: str,
    memories: Sequence[Memory],
    other_boards: Mapping[str, Sequence[Memory]],
) -> str | None:
    """One sentence on why ``firmware`` does not fit and what to do, or None when it fits.

    ``other_boards`` maps the names of further boards to their memories; those that would take the
    firmware are named, else the addresses to link it at.
    """
    misfits = fit(firmware, memories)
    if not misfits:
        return None
    name, culprit = display_path(firmware.path), misfits[0]
    more = f" (and {len(misfits) - 1} more)" if len(misfits) > 1 else ""
    return (
        f"{name} does not fit board {board_name}: its segment of {_bytes(culprit.size)} at "
        f"{culprit.address:#010x}{more} {_problem(culprit)}; "
        f"{_remedy(firmware, board_name, memories, other_boards)}"
    )


def _blocks(memories: Iterable[Memory]) -> list[tuple[int, int]]:
    """The (start, end) ranges of memory, with those that touch or overlap made one."""
    blocks: list[tuple[int, int]] = []
    for _name, base, size in sorted(memories, key=lambda each: each[1]):
        if blocks and base <= blocks[-1][1]:
            blocks[-1] = (blocks[-1][0], max(blocks[-1][1], base + size))
        else:
            blocks.append((base, base + size))
    return blocks


def _nearest(address: int, size: int, memories: Iterable[Memory]) -> Memory | None:
    def distance(memory: Memory) -> int:
        _name, base, length = memory
        return max(base - (address + size - 1), address - (base + length - 1), 0)

    return min(memories, key=distance, default=None)


def _problem(misfit: Misfit) -> str:
    if misfit.nearest is None:
        return "finds no memory at all"
    name, base, size = misfit.nearest
    extent = f"{name} ({base:#010x} to {base + size - 1:#010x})"
    over = misfit.address + misfit.size - (base + size)
    if base <= misfit.address < base + size:
        return f"reaches {_bytes(over)} past the end of {extent}"
    return f"lies outside every memory, the nearest being {extent}"


def _remedy(
    firmware: Firmware,
    board_name: str,
    memories: Sequence[Memory],
    other_boards: Mapping[str, Sequence[Memory]],
) -> str:
    fitting = [
        name
        for name, theirs in other_boards.items()
        if name != board_name and not fit(firmware, theirs)
    ]
    if fitting:
        return f"run it with --board {' or '.join(fitting)}, which it fits"
    needed = sum(segment.memory_size for segment in firmware.segments)
    room = [
        f"{name} ({base:#010x}, {_bytes(size)})" for name, base, size in memories if size >= needed
    ]
    if room:
        return f"link it into {' or '.join(room)}"
    return f"no board has room for it: it needs {_bytes(needed)} in all, so make it smaller"


def _bytes(count: int) -> str:
    """``count`` bytes for people: ``512 KiB``, ``1.5 MiB``, ``100 bytes``."""
    for unit, factor in (("MiB", 1 << 20), ("KiB", 1 << 10)):
        if count >= factor:
            return f"{count / factor:.4g} {unit}"
    return f"{count} byte{'' if count == 1 else 's'}"
