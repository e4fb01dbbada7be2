"""Lines between devices: events, levels, inputs, interrupts, and how they are wired."""

from __future__ import annotations

import pytest

from vplat.errors import DeclarationError
from vplat.model import ALL_HARTS, Event, Input, Interrupts, Line, Peripheral, State
from vplat.testing import Bench
from vplat.testing.bench import Sent


class Source(Peripheral, kind="source"):
    """Drives lines."""

    finished = Event("Finished.")
    busy = Line("Busy.")
    irq = Interrupts("Interrupts.")
    taken: State[list[tuple[int, int]]] = State(list, "Interrupts that harts took.")

    @irq.on_taken
    def acknowledged(self, number: int, hart: int) -> None:
        self.taken.append((hart, number))

    def finish_later(self) -> None:
        """Finish in ten cycles."""
        self.after(10, self.finish)

    def finish(self) -> None:
        self.finished()


class Sink(Peripheral, kind="sink"):
    """Is driven."""

    lines = Input("Lines.", count=4)
    alone = Input("One line.")
    deaf = Input("Nobody listens.")
    seen: State[list[tuple[object, ...]]] = State(list, "What came.")

    @lines.on_change
    def line_changes(self, harts: int, index: int, level: int) -> None:
        self.seen.append(("lines", index, level, harts))

    @lines.on_change
    @alone.on_change
    def something_changes(self) -> None:
        self.seen.append(("something",))


def test_a_pulse_reaches_every_sink_it_is_wired_to_in_the_order_of_wiring() -> None:
    bench = Bench()
    source, sink = bench.build(Source), bench.build(Sink)
    source.connect("finished", sink.input("lines", 3))
    source.connect("finished", sink.input("alone"))
    source.finished(harts=0b101)
    assert sink.seen == [("lines", 3, 1, 0b101), ("something",), ("something",)]


def test_a_pulse_without_a_mask_is_for_all_harts() -> None:
    bench = Bench()
    bench.build(Source).finished()
    assert bench.sent == [Sent(0, "finished", 1, ALL_HARTS)]


def test_a_line_carries_its_level_and_whom_it_concerns() -> None:
    bench = Bench()
    source, sink = bench.build(Source), bench.build(Sink)
    source.connect("busy", sink.input("lines", 0))
    source.busy(1)
    source.busy(0, harts=2)
    assert [each for each in sink.seen if each[0] == "lines"] == [
        ("lines", 0, 1, ALL_HARTS),
        ("lines", 0, 0, 2),
    ]


def test_an_output_that_goes_nowhere_may_be_driven() -> None:
    bench = Bench()
    Source("alone", bench).finished()
    assert bench.sent == []


def test_an_input_without_a_behaviour_may_be_wired_and_driven() -> None:
    bench = Bench()
    source, sink = bench.build(Source), bench.build(Sink)
    source.connect("busy", sink.input("deaf"))
    source.busy(1)
    assert sink.seen == []


def test_an_unknown_input_is_refused_with_the_closest_one() -> None:
    sink = Bench().build(Sink, name="unit")
    with pytest.raises(DeclarationError, match="unit has no input 'line'; did you mean 'lines'"):
        sink.input("line")


@pytest.mark.parametrize("index", [-1, 4])
def test_a_line_beyond_the_input_is_refused_with_how_many_there_are(index: int) -> None:
    sink = Bench().build(Sink, name="unit")
    with pytest.raises(DeclarationError, match=rf"unit\.lines\[{index}\] .* it has 4 lines"):
        sink.input("lines", index)


def test_an_interrupt_request_reaches_the_machine_and_its_end_the_device() -> None:
    bench = Bench()
    source = bench.build(Source)
    source.irq(2, 8)
    source.irq(3, None)
    assert bench.requests == {2: 8, 3: None}
    source.interrupt_taken(2, 8)
    assert source.taken == [(2, 8)]


def test_what_is_due_later_runs_in_its_cycle_unless_it_is_cancelled() -> None:
    bench = Bench()
    source = bench.build(Source)
    source.finish_later()
    bench.advance(9)
    assert bench.sent == []
    bench.advance(5)
    assert bench.sent == [Sent(10, "finished", 1, ALL_HARTS)]
    source.finish_later()
    source.cancel(source.finish)
    bench.settle()
    assert len(bench.sent) == 1


def test_outputs_and_inputs_are_known_from_the_class() -> None:
    assert list(Source.outputs) == ["finished", "busy"]
    assert {name: each.count for name, each in Sink.inputs.items()} == {
        "lines": 4,
        "alone": 1,
        "deaf": 1,
    }
