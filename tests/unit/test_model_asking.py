"""What a behaviour may ask for, and that it is given that and no more."""

from __future__ import annotations

import pytest

from vplat.model import RW, Declared, Peripheral, PortWord, State, Window, Words
from vplat.testing import Bench


class Asker(Peripheral, kind="asker", size=0x40):
    """Behaviours that ask for different things."""

    side = Window(0x10, "Another port.", port=3)

    row = Words(3, 0x00, RW, "Row {i}.", stride=8)
    pair = Words(2, 0x04, RW, "Pair {i}.", stride=8)
    own = PortWord(4, 0x00, RW, "Own.", windows=(side,))
    answers: State[list[tuple[object, ...]]] = State(list, "What behaviours were given.")

    @row.on_write
    def all_of_it(self, register: Declared, index: int, port: int, hart: int, value: int) -> None:
        self.answers.append((register.name, index, port, hart, value))

    @row.on_read
    def read_row(self, index: int) -> int:
        return 100 + index

    @pair.on_write
    def index_then_value(self, index: int, value: int) -> None:
        self.answers.append((index, value))

    @pair.on_read
    def nothing_asked(self) -> None:
        self.answers.append(())

    @own.on_write
    def hart_and_port(self, hart: int, port: int) -> None:
        self.answers.append((hart, port))

    @own.on_read
    def port_alone(self, port: int) -> int:
        return port


def test_a_behaviour_is_given_what_it_asks_for_by_name_in_its_own_order() -> None:
    bench = Bench()
    device = bench.build(Asker)
    bench.store(device, "row[2]", 9, hart=5)
    bench.store(device, "pair[1]", 8)
    bench.store(device, "own", 1, hart=-1, window=Asker.side)
    bench.load(device, "pair[0]")
    assert device.answers == [("row", 2, 0, 5, 9), (1, 8), (-1, 3), ()]
    assert [bench.load(device, f"row[{i}]") for i in range(3)] == [100, 101, 102]
    assert bench.load(device, "own", window=Asker.side) == 3


@pytest.mark.parametrize(
    "asked",
    [
        (),
        ("value",),
        ("hart",),
        ("port",),
        ("index",),
        ("register",),
        ("value", "hart"),
        ("value", "port"),
        ("value", "index"),
        ("hart", "index"),
        ("port", "index"),
        ("value", "hart", "index"),
        ("value", "port", "index"),
        ("hart", "port"),
        ("value", "hart", "port"),
        ("index", "hart"),
        ("register", "value"),
    ],
)
def test_every_set_of_things_to_ask_for_is_served(asked: tuple[str, ...]) -> None:
    asking = _asking(asked)
    bench = Bench()
    device = bench.build(asking)
    bench.store(device, "row[1]", 9, hart=5, window=asking.windows["side"])
    everything = {"value": 9, "hart": 5, "port": 3, "index": 1, "register": asking.registers["row"]}
    assert device.states["given"] == [tuple(everything[name] for name in asked)]


def _asking(asked: tuple[str, ...]) -> type[Peripheral]:
    """A kind with one behaviour, which asks for the names in ``asked``."""
    side = Window(0x10, "A port.", port=3)
    row = Words(2, 0x00, RW, "Row.", windows=(side,))
    scope: dict[str, object] = {}
    arguments = ", ".join(("self", *asked))
    kept = "".join(f"{name}, " for name in asked)
    exec(f"def keep({arguments}): self.given.append(({kept}))", scope)  # noqa: S102
    keep = scope["keep"]
    assert callable(keep)
    given: State[list[tuple[object, ...]]] = State(list, "What the behaviour got.")
    declared = {"side": side, "row": row, "given": given, "keep": row.on_write(keep)}
    return type("Asking", (Peripheral,), declared, kind="asking")
