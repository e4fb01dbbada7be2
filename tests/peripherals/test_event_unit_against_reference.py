"""Random programs of several harts read the same in the same cycles on device and reference."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from tests.peripherals.event_unit_cluster import Cluster
from tests.peripherals.event_unit_reference import (
    BARRIER,
    BARRIERS,
    HARTS,
    Granted,
    Reference,
    Scenario,
    Step,
)

MEMBERS = st.integers(0, (1 << HARTS) - 1)
EVENTS = (0, 1, 8, BARRIER)
EVENT_SETS = st.sets(st.sampled_from(EVENTS)).map(lambda found: sum(1 << event for event in found))


def steps(barriers: list[int]) -> st.SearchStrategy[Step]:
    """Accesses of a hart that is a member of ``barriers``."""
    pause = st.integers(0, 4)
    verbs = [
        st.builds(Step, st.just("mask"), value=EVENT_SETS, pause=pause),
        st.builds(Step, st.just("clear"), value=EVENT_SETS, pause=pause),
        st.builds(Step, st.just("targets"), value=MEMBERS, pause=pause),
        st.builds(Step, st.just("trigger"), st.integers(0, 1), MEMBERS, pause=pause),
        st.builds(Step, st.just("send"), st.integers(0, 1), clears=st.booleans(), pause=pause),
        st.builds(Step, st.just("event"), clears=st.booleans(), pause=pause),
    ]
    if barriers:
        index = st.sampled_from(barriers)
        verbs += [
            st.builds(Step, st.just("barrier"), index, clears=st.booleans(), pause=pause),
            st.builds(Step, st.just("self"), index, pause=pause),
        ]
    return st.one_of(verbs)


@st.composite
def scenarios(draw: st.DrawFn) -> Scenario:
    barriers = tuple(draw(st.tuples(MEMBERS, MEMBERS)) for _ in range(BARRIERS))
    programs = []
    for hart in range(HARTS):
        mine = [index for index, (members, _) in enumerate(barriers) if members >> hart & 1]
        start = Step("mask", value=draw(EVENT_SETS) | 1 << BARRIER)
        programs.append((start, *draw(st.lists(steps(mine), max_size=7))))
    pulse = st.tuples(st.integers(0, 40), st.just(8), MEMBERS)
    pulses = tuple(draw(st.lists(pulse, max_size=5)))
    return Scenario(tuple(programs), barriers, pulses, cycles=70)


class OnDevice:
    """Runs a scenario on the device, where a stalled read is issued again only after a wake."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        self.cluster = Cluster(harts=HARTS, barriers=BARRIERS)
        self.position = [0] * HARTS
        self.ready = [program[0].pause for program in scenario.programs]
        self.log: list[list[Granted]] = [[] for _ in range(HARTS)]
        for index, (members, targets) in enumerate(scenario.barriers):
            self.cluster.barrier(members, targets, index)

    def run(self) -> None:
        cluster = self.cluster
        for cycle in range(self.scenario.cycles):
            for due, line, harts in self.scenario.pulses:
                if due == cycle:
                    cluster.pulse(line, harts)
            sleeping = set(cluster.stalled)
            cluster.wake_now()
            for hart in range(HARTS):
                if hart in sleeping:
                    if hart not in cluster.stalled:
                        self.note(hart)
                elif self.position[hart] < len(self.scenario.programs[hart]):
                    self.issue(hart, cycle)
            cluster.bench.advance(1)

    def issue(self, hart: int, cycle: int) -> None:
        if cycle < self.ready[hart]:
            return
        step = self.scenario.programs[hart][self.position[hart]]
        wait = "wait_clear" if step.clears else "wait"
        stores = {
            "mask": "event_mask",
            "targets": "sw_events_mask",
            "clear": "buffer_clear",
            "trigger": f"sw_event_trigger[{step.index}]",
        }
        reads = {
            "self": f"barrier_trigger_self[{step.index}]",
            "barrier": f"barrier_trigger_{wait}[{step.index}]",
            "send": f"sw_event_trigger_{wait}[{step.index}]",
            "event": f"event_{wait}",
        }
        if step.verb in stores:
            self.cluster.store(stores[step.verb], step.value, hart)
            self.complete(hart, 0, 0)
        elif self.cluster.read(hart, reads[step.verb]):
            self.note(hart)

    def note(self, hart: int) -> None:
        answer = self.cluster.answers[hart]
        assert answer.cycle == self.cluster.now
        self.complete(hart, answer.value, answer.extra)

    def complete(self, hart: int, value: int, extra: int) -> None:
        now = self.cluster.now
        self.log[hart].append(Granted(self.position[hart], now, value, extra))
        self.position[hart] += 1
        program = self.scenario.programs[hart]
        if self.position[hart] < len(program):
            self.ready[hart] = now + 1 + extra + program[self.position[hart]].pause


BARRIER_MASK = Step("mask", value=1 << BARRIER)
MEETING = (BARRIER_MASK, *[Step("barrier", clears=True, pause=pause) for pause in (3, 0, 2)])


@given(scenarios())
@example(Scenario((MEETING,) * HARTS, ((0xF, 0xF), (0, 0)), (), cycles=70))
@example(  # A hart arrives again while the barrier is being released.
    Scenario(
        (
            (),
            (Step("mask", value=1 << 16 | 1), Step("barrier", 1), Step("barrier", 1)),
            (Step("mask", value=1 << 16), Step("trigger", 0, 0), Step("barrier", 1)),
            (),
        ),
        ((0, 0), (6, 0)),
        (),
        cycles=70,
    )
)
@example(  # A pulse in the cycle of a clear.
    Scenario(
        ((Step("mask", value=1 << 8), Step("event", clears=True)), (), (), ()),
        ((0, 0), (0, 0)),
        ((5, 8, 1), (6, 8, 1)),
        cycles=12,
    )
)
def test_device_and_reference_agree_on_every_cycle_and_value(scenario: Scenario) -> None:
    programs = tuple(program or (BARRIER_MASK,) for program in scenario.programs)
    scenario = Scenario(programs, scenario.barriers, scenario.pulses, scenario.cycles)
    device, reference = OnDevice(scenario), Reference(scenario)
    device.run()
    reference.run()
    assert device.log == reference.log
    cluster = device.cluster
    assert [cluster.buffer(hart) for hart in range(HARTS)] == reference.buffer
    status = [cluster.load(f"barrier_status[{index}]") for index in range(BARRIERS)]
    assert status == reference.status
