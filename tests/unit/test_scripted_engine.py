"""The scripted engine: what its harts do, and what it refuses."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.unit.machine_samples import (
    BEACON,
    CHIME,
    COUNT,
    DOOR,
    FINISH,
    FLASH,
    GATE,
    LEVEL,
    OPEN,
    STAMP,
    beacon,
    enable_interrupts,
    machine,
)
from vplat.engines.script import Script, Step
from vplat.engines.scripted import ScriptedEngine
from vplat.errors import UsageError
from vplat.machine.board import MemorySpec
from vplat.machine.hart import FETCH_FAULT, LOAD_FAULT, STORE_FAULT, HartState
from vplat.machine.machine import TRAP_CYCLES
from vplat.machine.outcome import Ending
from vplat.machine.statistics import Statistics
from vplat.testing import (
    ECALL,
    MRET,
    WFI,
    Answer,
    Back,
    Call,
    Load,
    ScriptedMachine,
    Store,
    Work,
    scripted_board,
)

DATA = 0x8000_8000
ADDI = 0x0010_0093


def test_a_load_sees_what_another_hart_stored_before_it() -> None:
    seen: list[int] = []
    scripts: dict[int, list[Step]] = {
        0: [Work(100), Store(CHIME, 7)],
        3: [Work(99), Load(CHIME, into=seen), Work(10), Load(CHIME, into=seen)],
    }
    machine(scripts).run()
    assert seen == [0, 7]


def test_memory_is_shared_and_holds_every_width() -> None:
    seen: list[int] = []
    steps = [
        Store(DATA, 0x1234_5678),
        Store(DATA + 1, 0xFFAA, 1),
        Store(DATA + 4, 0x7_FFFF, 2),
        *(Load(DATA + offset, size, seen) for offset, size in ((0, 4), (1, 2), (3, 1), (4, 4))),
    ]
    machine({0: steps}).run()
    assert seen == [0x1234_AA78, 0x34AA, 0x12, 0xFFFF]


def test_every_instruction_takes_a_cycle_and_python_code_none() -> None:
    clocks: list[int] = []
    note = Call(lambda: clocks.append(made.harts[0].clock))
    made = machine({0: [Work(5), note, Load(DATA), Store(DATA, 1), note, note, Work(2)]})
    made.run()
    assert clocks == [5, 7, 7]
    assert (made.harts[0].clock, made.harts[0].instructions) == (9, 9)


def test_a_device_access_happens_at_the_cycle_before_its_instruction() -> None:
    seen: list[int] = []
    machine({0: [Work(41), Load(STAMP, into=seen), Load(STAMP, into=seen)]}).run()
    assert seen == [41, 42]


def test_wait_states_of_a_device_make_its_accesses_longer() -> None:
    made = machine({0: [Load(STAMP), Store(COUNT, 1)]}, wait_states=5)
    made.run()
    assert made.harts[0].clock == 12


def test_wait_states_of_a_memory_make_its_accesses_longer() -> None:
    slow = MemorySpec("slow", 0x3000_0000, 0x1000, wait_states=14)
    made = machine({0: [Load(0x3000_0000), Store(DATA, 1)]}, memories=[slow])
    made.run()
    assert made.harts[0].clock == 16


def test_a_stalled_load_is_issued_again_when_its_hart_is_woken() -> None:
    seen: list[int] = []
    made = machine({0: [Work(200), Store(OPEN, 0b10)], 1: [Work(3), Load(GATE, into=seen)]})
    made.run()
    assert beacon(made).issued == [(3, 1), (200, 1)]
    assert seen == [200]
    assert made.harts[1].sleep_cycles == 197
    assert (made.harts[1].clock, made.harts[1].instructions) == (201, 4)


def test_a_stalled_store_is_issued_again_when_its_hart_is_woken() -> None:
    made = machine({0: [Work(50), Store(OPEN, 0b10)], 1: [Store(DOOR, 1), Work(2)]})
    made.run()
    assert beacon(made).issued == [(0, 1), (50, 1)]
    assert (made.harts[1].clock, made.harts[1].instructions) == (53, 3)


def test_a_loop_ends_when_its_condition_holds() -> None:
    seen: list[int] = []
    poll = [Load(CHIME, into=seen), Back(1, until=lambda: seen[-1] == 9)]
    made = machine({0: [Work(20), Store(CHIME, 9)], 1: [*poll, Work(5)]})
    made.run()
    assert seen == [0] * 10 + [9], "a load and a jump take two cycles"
    assert made.harts[1].clock == 27


def test_a_loop_without_a_condition_runs_to_the_limit() -> None:
    made = machine({0: [Work(1), Back(1)]})
    outcome = made.run(max_cycles=500)
    assert outcome.ending is Ending.OUT_OF_CYCLES
    assert made.harts[0].clock == 500


def test_the_run_ends_when_every_script_is_over_and_nothing_is_due() -> None:
    made = machine({0: [Store(FLASH, 1000)], 1: [Work(3)]})
    outcome = made.run()
    assert outcome.ending is Ending.DEADLOCKED
    assert outcome.waiting == ()
    assert beacon(made).flashes == [1000]


def test_a_device_ends_the_run_with_a_status() -> None:
    made = machine({0: [Work(10), Store(FINISH, 3), Work(1000)], 1: [Work(5000)]}, turn_cycles=100)
    outcome = made.run()
    assert (outcome.ending, outcome.status) == (Ending.EXITED, 3)
    assert made.harts[0].clock == 11


def test_harts_without_a_script_stay_halted() -> None:
    made = machine({1: [Work(3)]}, harts=3)
    made.run()
    assert [hart.state for hart in made.harts] == [
        HartState.HALTED,
        HartState.RUNNING,
        HartState.HALTED,
    ]
    assert [hart.clock for hart in made.harts] == [0, 3, 0]


@pytest.mark.parametrize(
    ("step", "cause", "address"),
    [
        (Load(0x4000_0000), LOAD_FAULT, 0x4000_0000),
        (Store(0x4000_0000, 1), STORE_FAULT, 0x4000_0000),
        (Load(BEACON + 0x3C), LOAD_FAULT, BEACON + 0x3C),
        (Store(0x3000_0004, 1), STORE_FAULT, 0x3000_0004),
    ],
)
def test_an_access_that_is_refused_traps(step: Step, cause: int, address: int) -> None:
    rom = MemorySpec("rom", 0x3000_0000, 0x1000, writable=False)
    made = machine({0: [Work(7), step]}, memories=[rom])
    trap = made.run().trap
    assert trap is not None
    assert (trap.cause, trap.value, trap.pc) == (cause, address, made.entry(0) + 4)
    assert made.harts[0].instructions == 7, "the access did not retire"


def test_a_jump_to_where_no_step_is_is_a_fetch_fault() -> None:
    made = machine({0: [ECALL]})
    made.harts[0].csrs.write(0x305, 0x8000_4000)
    trap = made.run().trap
    assert trap is not None
    assert (trap.cause, trap.pc) == (FETCH_FAULT, 0x8000_4000)


def test_a_handler_is_a_sequence_of_its_own() -> None:
    seen: list[int] = []
    script: Script = {0: [ECALL, Work(3)], 0x100: [Load(STAMP, into=seen)]}
    made = machine({0: script})
    made.harts[0].csrs.write(0x305, made.entry(0) + 0x100)
    made.run()
    assert seen == [4], "the way into a handler takes four cycles"
    assert made.harts[0].csrs.peek(0x342) == 11


def test_statistics_count_the_instructions_of_a_script() -> None:
    made = machine({0: [Work(10), Load(GATE), Store(CHIME, 1)], 1: [Store(OPEN, 1)]})
    made.run()
    (first, second) = Statistics.of(made).harts
    mix = {kind.name: count for kind, count in first.mix.items() if count}
    assert mix == {"ALU": 10, "LOAD": 1, "STORE": 1}
    assert (first.instructions, second.instructions) == (12, 1)


def test_answered_instructions_are_carried_out_by_the_machine() -> None:
    made = machine({0: [Answer(0x3412_9073), Work(2)]})  # csrw mepc, t0
    made.engine.write_register(0, 5, 0x1234)
    made.run()
    assert made.harts[0].csrs.peek(0x341) == 0x1234
    assert made.harts[0].instructions == 3


@pytest.mark.parametrize(
    ("script", "complaint"),
    [
        ([Work(-1)], "work is 0 instructions or more"),
        ([Load(DATA, 3)], "1, 2 or 4 bytes"),
        ([Store(DATA, 1, 8)], "1, 2 or 4 bytes"),
        ([Answer(0x9002)], "no 4-byte instruction"),
        ([Answer(0x1_0000_0003)], "no 4-byte instruction"),
        ([Work(1), Back(2)], "there are 1 steps before it"),
        ([Back(0)], "leads out of its sequence"),
        ({2: [Work(1)]}, "a multiple of 4"),
        ({0: [Work(1), Work(1)], 4: [Work(2)]}, "two steps at 0x80000004"),
    ],
)
def test_a_step_that_cannot_be_carried_out_is_refused(
    script: list[Step] | Script, complaint: str
) -> None:
    with pytest.raises(UsageError, match=complaint):
        machine({0: script})


def test_what_the_machine_does_not_answer_is_refused() -> None:
    with pytest.raises(UsageError, match="0x00100093 at 0x80000000 answered"):
        machine({0: [Answer(ADDI)]}).run()


def test_a_script_for_a_hart_that_is_not_there_is_refused() -> None:
    with pytest.raises(UsageError, match="hart 2, but board 'scripted' has harts 0 to 1"):
        ScriptedMachine(scripted_board(), [], {2: []})
    with pytest.raises(UsageError, match="2 scripts for 1 harts"):
        ScriptedEngine(1, machine({}).accesses, [{}, {}])


def test_a_script_outside_of_memory_is_refused() -> None:
    with pytest.raises(UsageError, match="0x40000000, where the board has no memory"):
        ScriptedMachine(scripted_board(), [], {0: [Work(1)]}, at=0x4000_0000).run()


def test_harts_may_share_steps_but_not_addresses() -> None:
    board = scripted_board()
    made = machine({})
    shared: Script = {0x8000_0000: [Work(2), WFI]}
    ScriptedEngine(2, made.accesses, [shared, shared])
    with pytest.raises(UsageError, match="different steps at 0x80000000"):
        ScriptedEngine(board.harts.count, made.accesses, [shared, {0x8000_0000: [Load(0)]}])


def test_work_goes_on_where_an_interrupt_broke_it_off() -> None:
    noted: list[tuple[str, int]] = []
    handler = [Call(lambda: noted.append(("in", made.harts[0].clock))), Store(LEVEL, 1), MRET]
    script: Script = {0: [Work(100), Call(lambda: noted.append(("out", made.harts[0].clock)))]}
    made = machine(
        {0: {**script, 0x100: handler}, 1: [Work(30), Store(LEVEL, 1 << 16 | 1)]},
        events={"lit": ("harts.external",)},
    )
    enable_interrupts(made, 0, handler=made.entry(0) + 0x100, mie=0x800)
    made.run()
    assert noted == [("in", 31 + TRAP_CYCLES), ("out", 102 + TRAP_CYCLES)]


def test_the_test_kit_needs_no_unicorn() -> None:
    check = "import sys, vplat.testing; sys.exit('unicorn' in sys.modules)"
    subprocess.run([sys.executable, "-c", check], check=True)


def test_two_machines_of_the_same_scripts_do_the_same() -> None:
    def trace() -> list[tuple[int, int]]:
        made = machine(
            {0: [Work(9), Store(OPEN, 6)], 1: [Load(GATE)], 2: [Work(4), Load(GATE)]},
            turn_cycles=3,
        )
        made.run()
        return beacon(made).issued

    assert trace() == trace()
