"""What only the classes of devices can tell: kinds, windows, parameters and wiring."""

from __future__ import annotations

import dataclasses

import pytest

from tests.unit.board_texts import SMALL, parse, problem, replaced
from vplat.errors import BoardError
from vplat.machine.board_file import check_devices, check_instructions
from vplat.machine.instruction_set import InstructionSet, no_instructions, refuse
from vplat.model import RW, Event, Input, Line, Parameter, Peripheral, Window, Word


class Mover(Peripheral, kind="mover", size=0x100):
    """Copies."""

    source = Word(0, RW, "Where from.")
    depth = Parameter(4, "Commands that wait.", minimum=1, maximum=8)
    mode = Parameter("fast", "How.", choices=("fast", "slow"))
    done = Event("A copy is done.")
    busy = Line("A copy is under way.")


class Ports(Peripheral, kind="ports"):
    """Has no main window."""

    left = Window(0x400, "One side.")
    right = Window(0x1000, "The other side.")


class Controller(Peripheral, kind="controller", size=0x40):
    """Collects lines."""

    lines = Input("What comes in.", count=8)
    reset_line = Input("One line.")


class Stretched(Peripheral, kind="stretched", size=0x10):
    """As long as the board says."""

    length = Parameter(0x10, "Bytes.", minimum=0x10)

    def window_size(self, window: Window) -> int:
        return self.length


class Gate(Peripheral, kind="gate"):
    """Has no window at all."""

    out = Line("What comes out.")


KINDS: dict[str, type[Peripheral]] = {
    each.kind: each for each in (Mover, Ports, Controller, Stretched, Gate)
}
CONTROLLER = '\n[devices.pic]\nkind = "controller"\nbase = 0x3000_0000\n'


def check(text: str) -> None:
    """Read and check a board."""
    check_devices(parse(text), KINDS)


def refusal(text: str) -> str:
    """The sentence that refuses it, in the second step."""
    board = parse(text)
    with pytest.raises(BoardError) as caught:
        check_devices(board, KINDS)
    return str(caught.value)


def test_a_board_that_fits_its_classes_is_accepted() -> None:
    text = (
        f"{SMALL}parameters = {{ depth = 8, mode = 'slow' }}\n"
        "events.done = ['pic.lines[7]', 'pic.reset_line', 'machine.flush_code']\n"
        f"events.busy = ['pic.reset_line[0]', 'harts.external', 'harts.fast[15]']\n{CONTROLLER}"
        '[devices.gate]\nkind = "gate"\nevents.out = "harts.timer"\n'
    )
    check(text)


def test_devices_may_share_a_page() -> None:
    text = replaced("0x3000_0000", "0x2000_0100", CONTROLLER)
    check(SMALL + text)


def test_an_unknown_kind_is_refused_with_the_closest_known_one() -> None:
    assert refusal(replaced('"mover"', '"movr"')) == (
        "my.toml:17: device 'dma': there is no kind 'movr'; did you mean 'mover', or is its plugin "
        "missing (--plugin)?"
    )


def test_a_kind_like_no_other_is_refused_with_all_there_are() -> None:
    assert refusal(replaced('"mover"', '"xyz"')) == (
        "my.toml:17: device 'dma': there is no kind 'xyz'; there are controller, gate, mover, "
        "ports, stretched; name the plugin that has it with --plugin"
    )


PORTS = replaced('"mover"\nbase = 0x2000_0000\n', '"ports"\n')

REFUSALS = [
    pytest.param(
        f"{PORTS}windows = {{ left = 0x2000_0000, rigt = 0x2000_1000 }}\n",
        "my.toml:18: device 'dma' (ports) has no window 'rigt'; did you mean 'right'?",
    ),
    pytest.param(
        f"{PORTS}windows = {{ left = 0x2000_0000, rigt = false }}\n",
        "my.toml:18: device 'dma' (ports) has no window 'rigt'; did you mean 'right'?",
    ),
    pytest.param(
        f"{PORTS}windows = {{ left = 0x2000_0000 }}\n",
        "my.toml:16: window 'right' of device 'dma' (ports) has no base; add windows.right = "
        "0x..., or windows.right = false to leave it out",
    ),
    pytest.param(
        f"{PORTS}base = 0x2000_0000\n",
        "my.toml:18: device 'dma' (ports) has no main window, so no 'base'; give its windows a "
        "base each: left, right",
    ),
    pytest.param(
        replaced('"mover"', '"gate"'),
        "my.toml:18: device 'dma' (gate) has no registers, so no 'base'; remove it",
    ),
    pytest.param(
        replaced("base = 0x2000_0000\n", ""),
        "my.toml:16: device 'dma' (mover) has no base; add one, like base = 0x1020_0000, or "
        "base = false",
    ),
    pytest.param(
        f"{SMALL}windows = {{ left = 0x2000_1000 }}\n",
        "my.toml:19: device 'dma' (mover) has no window 'left'; there are none",
    ),
    pytest.param(
        replaced("base = 0x2000_0000", "base = 0xFFFF_FF80"),
        "my.toml:18: device 'dma' would end at 0x100000080, beyond the 32-bit address space; move "
        "it down",
    ),
    pytest.param(
        f"{SMALL}parameters = {{ dept = 4 }}\n",
        "my.toml:19: device 'dma' (mover) has no parameter 'dept'; did you mean 'depth'?",
    ),
    pytest.param(
        f"{SMALL}\n[devices.dma.parameters]\nmode = 'fast'\ndepth = 9\n",
        "my.toml:22: device 'dma' (mover): parameter 'depth' is 9; it must be 1..8",
    ),
    pytest.param(
        f"{SMALL}parameters.depth = true\n",
        "my.toml:19: device 'dma' (mover): parameter 'depth' must be an integer, not True",
    ),
    pytest.param(
        f"{SMALL}parameters.mode = 'idle'\n",
        "my.toml:19: device 'dma' (mover): parameter 'mode' is 'idle'; choose one of 'fast', "
        "'slow'",
    ),
    pytest.param(
        f"{SMALL}events = {{ don = 'harts.timer' }}\n",
        "my.toml:19: device 'dma' (mover) has no output 'don'; did you mean 'done'?",
    ),
    pytest.param(
        f"{SMALL}events = {{ done = 'pi.lines[0]' }}\n{CONTROLLER}",
        "my.toml:19: dma.done -> 'pi.lines[0]': there is no device 'pi'; did you mean 'pic'?",
    ),
    pytest.param(
        f"{SMALL}events = {{ done = 'pic.line[0]' }}\n{CONTROLLER}",
        "my.toml:19: dma.done -> 'pic.line[0]': pic has no input 'line'; did you mean 'lines'?",
    ),
    pytest.param(
        f"{SMALL}events = {{ done = 'pic.lines' }}\n{CONTROLLER}",
        "my.toml:19: dma.done -> 'pic.lines': pic.lines has 8 lines; say which one, like "
        "pic.lines[0]",
    ),
    pytest.param(
        f"{SMALL}events = {{ done = 'pic.lines[8]' }}\n{CONTROLLER}",
        "my.toml:19: dma.done -> 'pic.lines[8]': pic.lines has 8 lines; the last is [7]",
    ),
    pytest.param(
        f"{SMALL}events = {{ done = 'pic.reset_line[1]' }}\n{CONTROLLER}",
        "my.toml:19: dma.done -> 'pic.reset_line[1]': pic.reset_line has 1 line; the last is [0]",
    ),
    pytest.param(
        f"{SMALL}events = {{ done = 'harts.timer' }}\n",
        "my.toml:19: dma.done -> 'harts.timer': an event is a pulse, and a line of the harts is a "
        "level that nothing would lower; wire it to an interrupt controller",
    ),
    pytest.param(
        SMALL + replaced("0x3000_0000", "0x2000_00C0", CONTROLLER),
        "my.toml:22: device 'pic' (0x200000c0..0x200000ff) overlaps device 'dma' "
        "(0x20000000..0x200000ff, my.toml:18) at 0x200000c0; move one of the two",
    ),
    pytest.param(
        f"{PORTS}windows = {{ left = 0x2000_0C00, right = 0x2000_0000 }}\n",
        "my.toml:18: window 'left' of device 'dma' (0x20000c00..0x20000fff) overlaps window "
        "'right' of device 'dma' (0x20000000..0x20000fff, my.toml:18) at 0x20000c00; move one of "
        "the two",
    ),
    pytest.param(
        replaced("base = 0x2000_0000", "base = 0x0FFF_FFFC"),
        "my.toml:18: device 'dma' (0x0ffffffc..0x100000fb) overlaps memory 'ram' "
        "(0x10000000..0x1000ffff, my.toml:13) at 0x10000000; move one of the two",
    ),
    pytest.param(
        replaced('"mover"', '"stretched"')
        + "parameters.length = 0x1000_0004\n"
        + replaced("0x3000_0000", "0x3000_0000", CONTROLLER),
        "my.toml:23: device 'pic' (0x30000000..0x3000003f) overlaps device 'dma' "
        "(0x20000000..0x30000003, my.toml:18) at 0x30000000; move one of the two",
    ),
]


@pytest.mark.parametrize(("text", "sentence"), REFUSALS)
def test_what_does_not_fit_a_class_is_refused_at_its_line(text: str, sentence: str) -> None:
    assert refusal(text) == sentence


def test_a_window_may_be_left_out_on_purpose() -> None:
    check(f"{PORTS}windows = {{ left = 0x2000_0000, right = false }}\n")
    check(replaced("base = 0x2000_0000", "base = false"))


def test_a_window_is_as_long_as_its_parameter_says() -> None:
    check(replaced('"mover"', '"stretched"') + f"parameters.length = 0x1000_0000\n{CONTROLLER}")


def test_wiring_to_a_device_that_a_board_removes_is_found_where_it_was_written() -> None:
    parent = f"{SMALL}events.done = 'pic.lines[0]'\n{CONTROLLER}"
    board = parse('extends = "small"\n[devices]\npic = false\n', {"small": parent})
    with pytest.raises(BoardError) as caught:
        check_devices(board, KINDS)
    assert str(caught.value) == (
        "small.toml:19: dma.done -> 'pic.lines[0]': there is no device 'pic'; there are dma"
    )


def test_a_board_that_is_in_no_file_is_called_by_its_name() -> None:
    board = parse(replaced('"mover"', '"movr"'))
    unplaced = dataclasses.replace(board, places=type(board.places)())
    with pytest.raises(BoardError, match=r"^board 'my': device 'dma': there is no kind 'movr'"):
        check_devices(unplaced, KINDS)


def known(*names: str, device_kind: str = "") -> dict[str, InstructionSet]:
    """Instruction sets of these names."""
    return {
        name: InstructionSet(name, "", no_instructions, refuse, device_kind=device_kind)
        for name in names
    }


def test_an_unknown_instruction_set_is_refused() -> None:
    board = parse(replaced("count = 2", 'count = 2\ninstructions = "xdm"'))
    check_instructions(board, known("xdm"))
    with pytest.raises(BoardError) as caught:
        check_instructions(board, known("xdma", "xbarrier"))
    assert str(caught.value) == (
        "my.toml:6: there is no instruction set 'xdm'; did you mean 'xdma', or is its plugin "
        "missing (--plugin)?"
    )


def test_a_device_on_a_memory_is_refused_before_its_class_is_known() -> None:
    sentence = problem(replaced("base = 0x2000_0000", "base = 0x1000_FFFC"))
    assert sentence.startswith("my.toml:18: device 'dma' (0x1000fffc..0x1000ffff) overlaps memory")
