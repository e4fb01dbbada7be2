"""How registers nest in structs."""

from __future__ import annotations

from collections.abc import Iterator

from hypothesis import given

from tests.unit.drawn_kinds import kinds
from tests.unit.export_samples import Mover
from vplat.export.layout import Cluster, Item, layouts
from vplat.model import Declared, Peripheral


def elements(item: Item) -> Iterator[tuple[Declared, int]]:
    """Every register in ``item`` with the offset it comes to lie at."""
    if isinstance(item, Cluster):
        for index in range(item.count):
            for each in item.members:
                yield each.register, item.offset + item.stride * index + each.offset
    else:
        for index in range(item.count or 1):
            yield item.register, item.offset + 4 * index


@given(kind=kinds())
def test_every_element_of_every_register_comes_to_lie_at_its_offset(
    kind: type[Peripheral],
) -> None:
    [layout] = layouts(kind)
    laid = [pair for item in layout.items for pair in elements(item)]
    assert len(laid) == len(set(laid))
    assert set(laid) == {(each, at) for each in kind.registers.values() for at in each.offsets}


@given(kind=kinds())
def test_nothing_overlaps_and_nothing_leaves_the_window(kind: type[Peripheral]) -> None:
    [layout] = layouts(kind)
    cursor = 0
    for item in layout.items:
        assert item.offset >= cursor
        cursor = item.end
        inner = 0
        for each in item.members if isinstance(item, Cluster) else ():
            assert each.offset >= inner
            inner = each.end
        assert not isinstance(item, Cluster) or inner <= item.stride
    assert cursor <= layout.size


@given(kind=kinds())
def test_no_two_members_of_a_struct_have_one_name(kind: type[Peripheral]) -> None:
    [layout] = layouts(kind)
    groups = [layout.items, *(each.members for each in layout.items if isinstance(each, Cluster))]
    for group in groups:
        names = [each.name for each in group]
        assert len(names) == len(set(names))


def test_a_register_that_finds_its_place_taken_is_left_out() -> None:
    [layout] = layouts(Mover)
    assert [register.name for register in layout.left_out] == ["legacy"]
    [layout] = layouts(Mover, {"revision": "old"})
    assert [register.name for register in layout.left_out] == ["modern"]
