"""The package that ``vplat new peripheral`` writes: a device, a board that has it, and tests."""

from __future__ import annotations

import keyword
import re
from collections.abc import Collection, Mapping
from string import Template
from typing import Final

from vplat.errors import UsageError
from vplat.session import DEFAULT_BOARD

LONGEST_NAME: Final = 40

DEVICE: Final = Template('''"""$kind: a device for vplat."""

from __future__ import annotations

from pathlib import Path

from vplat.hookspecs import hookimpl
from vplat.model import RO, RW, W1C, W1P, Event, Peripheral, Register, Word, bit

__version__ = "0.1.0"


class $class_name(Peripheral, kind="$kind", size=0x10):
    """A countdown: set delay, write ctrl.start, wait for the event or for status.done."""

    # The data sheet. C header, SVD, reference page and the names in messages come from it.

    delay = Word(0x00, RW, "Cycles from start to end.", reset=100)
    ctrl = Register(0x04, "Control.", start=bit(0, W1P, "Begin the countdown."))
    status = Register(
        0x08,
        "State of the countdown.",
        busy=bit(0, RO, "A countdown is under way."),
        done=bit(1, W1C, "A countdown has ended."),
    )
    finished = Event("A countdown has ended.")

    # The behaviour.

    @ctrl.start.on_set
    def begin(self) -> None:
        """Start, unless a countdown is under way: a driver that does so is told."""
        if self.status.busy:
            self.report(
                "started-while-busy",
                "ctrl.start was written while a countdown was under way, which changes nothing; "
                "wait for status.done first",
            )
            return
        self.status.busy = 1
        self.account("busy_cycles", self.delay)
        self.after(self.delay, self.end)

    def end(self) -> None:
        """The countdown has ended."""
        self.status.update(busy=0, done=1)
        self.finished()

    def doing(self) -> str:
        """What the live view shows."""
        return "counting down" if self.status.busy else ""


@hookimpl
def vplat_peripherals() -> list[type[Peripheral]]:
    """The kinds of device this package brings."""
    return [$class_name]


@hookimpl
def vplat_boards() -> list[Path]:
    """The boards this package brings."""
    return [Path(__file__).parent / "$board.toml"]
''')

BOARD: Final = Template("""name = "$board"
doc = "The board $base_board with a $kind beside it"
extends = "$base_board"

[devices.$kind]
kind = "$kind"
base = 0x5000_0000
wait_states = 13 # estimate what an access costs beyond one to the TCDM
events.finished = "event_unit.lines[24]" # one that nothing else is wired to
""")

TESTS: Final = Template('''"""$kind, driven from its registers, and on its board."""

from __future__ import annotations

from pathlib import Path

from vplat.machine.board_file import check_devices
from vplat.plugins import Plugins
from vplat.session import find_board
from vplat.testing import Bench

import $package
from $package import $class_name


def test_a_countdown_ends_after_its_delay_with_an_event() -> None:
    bench = Bench()
    device = bench.build($class_name)
    bench.store(device, "delay", 20)
    bench.store(device, "ctrl", 1)
    bench.advance(19)
    assert (bench.load(device, "status"), bench.sent) == (0b01, [])
    bench.advance(1)
    assert bench.load(device, "status") == 0b10
    assert [(sent.cycle, sent.output) for sent in bench.sent] == [(20, "finished")]


def test_firmware_clears_done_by_writing_one_to_it() -> None:
    bench = Bench()
    device = bench.build($class_name)
    bench.store(device, "ctrl", 1)
    bench.advance(100)
    bench.store(device, "status", 0b10)
    assert bench.load(device, "status") == 0


def test_a_start_while_busy_is_reported_and_changes_nothing() -> None:
    bench = Bench()
    device = bench.build($class_name)
    bench.store(device, "ctrl", 1)
    bench.advance(60)
    bench.store(device, "ctrl", 1)
    bench.advance(40)
    assert bench.load(device, "status") == 0b10
    assert [rule for rule, sentence in bench.reports] == ["started-while-busy"]


def test_its_board_has_it() -> None:
    plugins = Plugins([Path($package.__file__)], installed=False)
    board = find_board("$board", plugins)
    kinds = plugins.named("vplat_peripherals", "kind", "peripheral kind")
    check_devices(board, kinds)
    assert "$kind" in [device.name for device in board.devices]
''')

PROJECT: Final = Template("""[build-system]
requires = ["setuptools>=77"]
build-backend = "setuptools.build_meta"

[project]
name = "$distribution"
version = "0.1.0"
description = "$kind: a device for vplat"
readme = "README.md"
requires-python = ">=3.11"
dependencies = ["vplat"]

[project.optional-dependencies]
test = ["pytest"]

# This is how vplat finds it wherever it is installed.
[project.entry-points.vplat]
$kind = "$package"

[tool.setuptools]
packages = ["$package"]

[tool.setuptools.package-data]
$package = ["*.toml"]

[tool.pytest.ini_options]
pythonpath = ["."]
testpaths = ["tests"]
""")

README: Final = Template("""# $distribution

`$kind`, a device for [vplat](https://pypi.org/project/vplat/): its registers and behaviour are in
`$package/__init__.py`, a board that has it in `$package/$board.toml`, its tests in `tests/`.

As written it is a countdown that tells when it has ended. Change the data sheet first (registers,
fields, events), then the behaviour, then the tests.

## Test it

    python -m pytest

## Use it

From these files, without installing anything:

    vplat run --plugin $package/__init__.py --board $board firmware.elf

Installed, with `pip install -e .`, it is there in every run; `vplat plugins` lists it:

    vplat run --board $board firmware.elf

What a driver needs comes from the same description:

    vplat export c-header --board $board --device $kind
    vplat export board-header --board $board
    vplat export markdown --board $board --device $kind
""")


def files(name: str, known_kinds: Collection[str]) -> tuple[str, Mapping[str, str]]:
    """The package's directory and the text of each file in it, for a device called ``name``.

    A name that cannot be one is a ``UsageError``.
    """
    kind = name.strip().lower().replace("-", "_")
    _check(name, kind, known_kinds)
    dashed = kind.replace("_", "-")
    values = {
        "kind": kind,
        "class_name": "".join(word.capitalize() for word in kind.split("_")),
        "package": f"vplat_{kind}",
        "distribution": f"vplat-{dashed}",
        "board": f"{DEFAULT_BOARD}-{dashed}",
        "base_board": DEFAULT_BOARD,
    }
    package, board = values["package"], values["board"]
    templates = {
        "pyproject.toml": PROJECT,
        "README.md": README,
        f"{package}/__init__.py": DEVICE,
        f"{package}/{board}.toml": BOARD,
        f"tests/test_{kind}.py": TESTS,
    }
    written = {path: template.substitute(values) for path, template in templates.items()}
    return values["distribution"], written


def _check(name: str, kind: str, known_kinds: Collection[str]) -> None:
    if not re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", kind) or len(kind) > LONGEST_NAME:
        raise UsageError(
            f"{name!r} cannot name a device: use up to {LONGEST_NAME} letters, digits and single "
            "dashes, with a letter first, like pwm-timer"
        )
    if keyword.iskeyword(kind):
        raise UsageError(f"{name!r} is a word of Python's own; choose another name")
    if kind in known_kinds:
        raise UsageError(f"there is a device {kind!r} already; choose another name")
