"""How the registers of a window lie in a C struct, or in whatever else nests as one does."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence

from ..model import MAIN, Declared, Peripheral, Window
from .names import member
from .revisions import Values, exists

WORD_BYTES = 4


@dataclasses.dataclass(frozen=True)
class Member:
    """One register, or ``count`` side by side, ``offset`` bytes from the start of what it is in."""

    name: str
    register: Declared
    offset: int
    count: int = 0

    @property
    def end(self) -> int:
        """The offset of the first byte behind it."""
        return self.offset + WORD_BYTES * (self.count or 1)


@dataclasses.dataclass(frozen=True)
class Cluster:
    """``count`` equal groups of registers, ``stride`` bytes apart.

    The offsets of ``members`` are from the start of a group.
    """

    name: str
    offset: int
    count: int
    stride: int
    members: tuple[Member, ...]

    @property
    def end(self) -> int:
        """The offset of the first byte behind it."""
        return self.offset + self.stride * self.count


Item = Member | Cluster


@dataclasses.dataclass(frozen=True)
class WindowLayout:
    """A window's registers in the order of their offsets, no two in one place.

    ``left_out`` are registers that other parameters put where one of these is.
    """

    name: str
    doc: str
    size: int
    items: tuple[Item, ...]
    left_out: tuple[Declared, ...]

    def same_shape(self, other: WindowLayout) -> bool:
        """Whether one C type describes both."""
        return (self.size, self.items) == (other.size, other.items)


def layouts(kind: type[Peripheral], parameters: Values | None = None) -> list[WindowLayout]:
    """The layout of every window.

    Of registers on one offset, the one that ``parameters`` bring has the place, then the first
    declared.
    """
    return [_layout(kind, window, parameters) for window in kind.windows.values()]


def window_size(kind: type[Peripheral], window: Window) -> int:
    """Bytes of a window; the main one's are declared by the class."""
    return kind.size if window is MAIN else window.size


def _layout(kind: type[Peripheral], window: Window, parameters: Values | None) -> WindowLayout:
    here = [each for each in kind.registers.values() if window in each.windows]
    here.sort(key=lambda register: not exists(kind, register, parameters))
    placed: list[Declared] = []
    left_out: list[Declared] = []
    taken: set[int] = set()
    for register in here:
        if taken.isdisjoint(register.offsets):
            taken.update(register.offsets)
            placed.append(register)
        else:
            left_out.append(register)
    items = sorted(_items(placed, window_size(kind, window)), key=lambda item: item.offset)
    return WindowLayout(
        window.name, window.doc, window_size(kind, window), _distinct(items), tuple(left_out)
    )


def _items(registers: Sequence[Declared], size: int) -> Iterable[Item]:
    strided = [each for each in registers if each.count > 1 and each.stride != WORD_BYTES]
    for register in registers:
        if register not in strided:
            yield Member(member(register.name), register, register.offset, register.count)
    for group in _groups(strided):
        others = [each for each in registers if each not in group]
        cluster = _cluster(group)
        taken = {offset for each in others for offset in each.offsets}
        if cluster.end > size or taken & set(range(cluster.offset, cluster.end, WORD_BYTES)):
            yield from _one_by_one(group)
        else:
            yield cluster


def _groups(strided: Sequence[Declared]) -> list[list[Declared]]:
    """Arrays of equal count and stride that interleave, each group sorted by offset."""
    groups: list[list[Declared]] = []
    for register in sorted(strided, key=lambda each: (each.count, each.stride, each.offset)):
        first = groups[-1][0] if groups else None
        if (
            first is not None
            and (first.count, first.stride) == (register.count, register.stride)
            and register.offset < first.offset + first.stride
        ):
            groups[-1].append(register)
        else:
            groups.append([register])
    return groups


def _cluster(group: Sequence[Declared]) -> Cluster:
    first = group[0]
    name, rests = _common_words([each.name for each in group])
    members = tuple(
        Member(member(rest), register, register.offset - first.offset)
        for rest, register in zip(rests, group, strict=True)
    )
    return Cluster(member(name or "bank"), first.offset, first.count, first.stride, members)


def _common_words(names: Sequence[str]) -> tuple[str, list[str]]:
    """The words all names begin with, and how each goes on: ``value`` where it does not."""
    words = names[0].split("_")
    for length in range(len(words), 0, -1):
        common = "_".join(words[:length])
        if all(f"{name}_".startswith(f"{common}_") for name in names):
            rests = [name[len(common) + 1 :] or "value" for name in names]
            if len(set(rests)) == len(rests) and all(rest.isidentifier() for rest in rests):
                return common, rests
    return "", list(names)


def _one_by_one(group: Iterable[Declared]) -> Iterable[Member]:
    for register in group:
        for index, offset in enumerate(register.offsets):
            yield Member(f"{member(register.name)}_{index}", register, offset)


def _distinct(items: Sequence[Item]) -> tuple[Item, ...]:
    """The items, with an offset behind the names made here that another item has as well."""
    names = [item.name for item in items]
    return tuple(
        dataclasses.replace(item, name=f"{item.name}_{item.offset:x}")
        if names.count(item.name) > 1 and not _is_declared(item)
        else item
        for item in items
    )


def _is_declared(item: Item) -> bool:
    return isinstance(item, Member) and item.name == member(item.register.name)
