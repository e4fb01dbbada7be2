"""The pytest plugin as a project meets it: fixtures, options, reports, bad input."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.system.pytest_projects import Project, new_project

CHOICES = """
import pytest

def test_ini(run, firmware, board):
    assert (firmware.name, board) == ("hello.elf", "pulp-ita")
    result = run()
    assert result.exit_status == 0
    assert "Hello" in result.console

@pytest.mark.vplat(firmware="elf/hello_snitch.elf", board=["snitch-ita", "snitch-ita-2024"])
def test_marker(run, board):
    result = run()
    assert (result.exit_status, result.board) == (0, board)

@pytest.mark.vplat(firmware=["elf/dma_copy.elf", "elf/barrier.elf"], until="main")
class TestBoth:
    def test_one(self, run):
        assert run().exit_status == 0

    @pytest.mark.vplat(max_cycles="1k")
    def test_little(self, run):
        assert run().exit_status == 124

def test_another(boot, platform):
    other = boot("elf/dma_copy.elf", until="mchan.finished")
    assert other.mchan.activities["transfers"] == 1
    assert platform.run().exit_status == other.run().exit_status == 0
"""
FAILURES = """
import pytest
pytestmark = pytest.mark.vplat(firmware="elf/dma_copy.elf", until="main")

def test_lost(platform):
    platform.faults.lose_event("mchan.finished", skip=1)
    assert platform.run().exit_status == 0

def test_crash(platform):
    platform.faults.flip_hart(0, "a0", 30, when="mchan_start")
    assert platform.run().exit_status == 0

def test_stands(platform):
    platform.run_until("mchan.finished")
    assert platform.mchan.status == 7
"""
NONSENSE = """
import pytest
mark = pytest.mark.vplat
elf = "elf/hello.elf"

@mark(board="pulp-itta", firmware=elf)
def test_board(run): run()

@mark(firmware="elf/helo.elf")
def test_elf(run): run()

@mark(firmware="test_bad.py")
def test_no_elf(run): run()

def test_none(run): run()

@mark(firmware=elf, until="mian")
def test_symbol(run): run()

@mark(firmware=elf, until="ita.finished")
def test_event(run): run()

@mark(firmware=elf, max_cycles="soon")
def test_cycles(run): run()

@mark(firmware=elf, operating_point="9V")
def test_point(run): run()

def test_boot(boot):
    boot(elf, untill="main")

@mark(firmware=elf)
def test_name(platform): platform.run_until("mian")

@mark(firmware=elf)
def test_never(platform): platform.run_until("ita.finished", within="10k")
"""
SENTENCES = (
    "there is no board 'pulp-itta'; did you mean 'pulp-ita'?",
    "the firmware elf/helo.elf is not in ",
    "test_bad.py is not an ELF: it looks like text",
    "there is no firmware to test: name an ELF with @pytest.mark.vplat(firmware=...)",
    "hello.elf has no code for 'mian'; did you mean 'main'?",
    "hello.elf did not come to ita.finished, where the test is to begin: it exited with stat",
    "'soon' is no number of cycles; write it like 10_000 or 10M",
    "board pulp-ita has no operating point '9V'; choose one of",
    "a platform has no argument 'untill'; did you mean 'until'?",
    "ita.finished did not come within 10000 cycles; ",
)
BROKEN = """
from vplat.hookspecs import hookimpl
from vplat.model import RW, Peripheral, Word

class Broken(Peripheral, kind="broken", size=0x10):
    "Raises."
    value = Word(0x00, RW, "A value.")

    @value.on_write
    def fail(self):
        self.after(10, self.burst)

    def burst(self):
        raise RuntimeError("burst")

@hookimpl
def vplat_peripherals():
    return [Broken]
"""
OWN_BOARD = """
extends = "pulp-ita"
name = "own"
doc = "One device more."

[devices.broken]
kind = "broken"
base = 0x3000_0000
"""
OWN_TEST = """
import pytest

@pytest.mark.vplat(firmware="elf/hello.elf", board="own.toml")
@pytest.mark.parametrize("n", range(2))
def test_it(platform, n):
    platform.broken.value = 3
    assert platform.broken.value == platform.load("broken.value") == 3
    platform.store("broken.value", 5)
    platform.run()
"""


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return new_project(tmp_path)


def test_firmware_is_chosen_by_marker_option_ini_and_fixture(project: Project) -> None:
    project.write(
        pytest__ini="[pytest]\nvplat_firmware = elf/hello.elf\nvplat_max_cycles = 10M\n",
        test_choice__py=CHOICES,
    )
    (project.folder / "own").mkdir()
    (project.folder / "own" / "conftest.py").write_text("""
import pytest

@pytest.fixture(scope="session")
def firmware(request):
    return request.config.rootpath / "elf" / "barrier.elf"
""")
    (project.folder / "own" / "test_own.py").write_text(
        "def test_own(platform):\n    assert platform.firmware.path.name == 'barrier.elf'\n"
    )
    told = project.run("-rA")
    assert "9 passed" in told
    for name in ("test_marker[snitch-ita-2024]", "TestBoth::test_little[barrier]", "test_ini\n"):
        assert name in told, told
    again = ["--vplat-firmware", "elf/barrier.elf", "--vplat-board", "pulp-ita"]
    assert "1 failed" in project.run("test_choice.py::test_ini", *again, status=1)
    told = project.run(
        "test_choice.py::test_another", *again, "--vplat-board", "snitch-ita", status=1
    )
    assert "test_another[snitch-ita]" in told
    assert "does not fit" in told


def test_a_failure_shows_the_console_the_explanation_and_how_to_replay_it(project: Project) -> None:
    project.write(
        test_fails__py=FAILURES,
    )
    told = project.run("--vplat-artifacts", "kept", "--vplat-max-cycles", "50M", status=1)
    assert "3 failed" in told
    for sentence in (
        "assert 126 == 0",
        "-- vplat: console --",
        "L2: one piece into the TCDM      ok",
        "elf/dma_copy.elf on pulp-ita: every hart sleeps and nothing is due, at cycle 669,068",
        "event 8 (DMA) comes from mchan.finished: nothing will raise it",
        "fault at cycle 669,068: mchan.finished is lost",
        "pytest test_fails.py::test_lost --vplat-max-cycles 50M",
        "hart 0: load access fault at cycle",
        "assert <status 0x00010000 allocated=0x1> == 7",
        "dma_copy.elf on pulp-ita stands at cycle 365,",
        "harts 1-7: waiting for barrier",
    ):
        assert sentence in told, f"{sentence}\n{told}"
    assert "vplat/testing" not in told
    command = re.search(
        r"^vplat run (--restore kept/test_fails.py-test_lost.snapshot)$", told, re.MULTILINE
    )
    assert command is not None, told
    replayed = project.run("run", *command[1].split(), program="vplat", status=126)
    assert "every hart sleeps and nothing is due" in replayed
    assert (project.folder / "kept" / "test_fails.py-test_lost.console.txt").is_file()


def test_what_makes_no_sense_is_one_sentence(project: Project) -> None:
    project.write(
        test_bad__py=NONSENSE,
    )
    told = project.run("--tb=short", status=1)
    assert "3 failed, 8 errors" in told
    for sentence in SENTENCES:
        assert sentence in told, f"{sentence}\n{told}"
    assert "vplat/testing" not in told
    assert "During handling" not in told
    project.write(
        test_bad__py="import pytest\n@pytest.mark.vplat(bord='x')\ndef test_it(run): run()\n"
        "@pytest.mark.vplat('x.elf')\ndef test_that(run): run()\n"
    )
    told = project.run(status=2)
    assert "the marker vplat has no argument 'bord'; did you mean 'board'?" in told
    project.write(
        test_bad__py="import pytest\n@pytest.mark.vplat('x.elf')\ndef test_that(run): run()\n"
    )
    assert "takes its arguments by name, like vplat(firmware='x.elf')" in project.run(status=2)


def test_a_device_of_the_project_is_a_plugin(project: Project) -> None:
    project.write(
        broken__py=BROKEN,
        own__toml=OWN_BOARD,
        test_own__py=OWN_TEST,
    )
    told = project.run("--vplat-plugin", "broken.py", "--vplat-artifacts", "kept", status=1)
    assert "2 failed" in told
    sentence = r"device 'broken' \(kind 'broken', \S+, line 14\) raised RuntimeError: burst"
    assert len(re.findall(sentence, told)) >= 2, told
    assert re.search(
        r"vplat run --restore kept/\S+.snapshot --board \S+own.toml --plugin broken.py", told
    ), told


def test_a_fault_that_never_strikes_is_a_warning(project: Project) -> None:
    project.write(
        pytest__ini="[pytest]\n",
        test_it__py="""
import pytest

@pytest.mark.vplat(firmware="elf/hello.elf")
def test_it(platform):
    platform.faults.lose_event("ita.finished")
    with platform.fork():
        platform.faults.lose_event("mchan.finished")
    platform.run()
""",
    )
    told = project.run()
    assert "1 passed, 1 warning" in told
    assert "<fault: ita.finished is lost> has not struck, so nothing was tested with it" in told
