"""The pytest plugin with suites: workers, builds, coverage, many forks, and projects without it."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from tests.system.pytest_projects import Project, new_project

BUILDS = """
import pytest

@pytest.fixture(scope="session")
def firmware(build_firmware):
    return build_firmware("sh build.sh", "built/dma_copy.elf")
"""
WORK = """
import pytest
pytestmark = pytest.mark.vplat(until="main")

@pytest.mark.parametrize("n", range(3))
def test_it(platform, n):
    if n < 2:
        platform.run_until("mchan.finished")
    else:
        assert platform.run().exit_status == 0
"""
COUNTS_MACHINES = """
import gc
import pytest

@pytest.fixture(scope="session", autouse=True)
def machines_are_few():
    yield
    from vplat.machine.machine import Machine
    from vplat.machine.snapshot.state import MachineState
    gc.collect()
    kept = [each for each in gc.get_objects() if isinstance(each, Machine | MachineState)]
    assert len(kept) == 2, kept
"""
MANY = """
import pytest
pytestmark = pytest.mark.vplat(firmware="elf/dma_copy.elf", until="main")
KEPT = []

@pytest.mark.parametrize("n", range(200))
def test_one(platform, n):
    assert platform.cycles == 0
    assert platform.memory.read_int("in_l2") == 0
    platform.memory.write("in_l2", n)
    platform.run_until("mchan.finished")
    assert platform.mchan.activities["transfers"] == 1
    KEPT.append((platform, platform.mchan, platform.snapshot() if n == 300 else None))
    assert n % 50, "as some do"
"""


OWN_BUILD = """
import pytest

@pytest.fixture
def firmware(build_firmware):
    return build_firmware({!r}, "x.elf")

def test_it(run): run()
"""


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return new_project(tmp_path)


def test_workers_share_a_build_and_add_up_what_they_cover(project: Project) -> None:
    project.write(
        conftest__py=BUILDS,
        build__sh="""
echo once >>builds
mkdir -p built
cp elf/dma_copy.elf built
""",
        test_work__py=WORK,
    )
    both = ["--vplat-cov", "--junitxml", "junit.xml"]
    told = project.run("-n", "2", *both, "--vplat-cov-lcov", "out/two.info")
    assert "3 passed" in told
    assert (project.folder / "builds").read_text() == "once\n"
    shown = re.search(r"^firmware/apps/dma_copy/main.c +(\d+)/(\d+) +(\d+) %", told, re.MULTILINE)
    assert shown is not None, told
    assert int(shown[1]) >= 60
    assert "written to out/two.info" in told
    cases = ET.parse(project.folder / "junit.xml").getroot().iter("testcase")  # noqa: S314
    found = [
        {each.get("name"): each.get("value") for each in case.iter("property")} for case in cases
    ]
    assert len(found) == 3
    for properties in found:
        assert properties["board"] == "pulp-ita"
        assert properties["firmware"] == "dma_copy.elf"
        assert int(properties["cycles"] or 0) > int(properties["instructions"] or 0) // 8 > 0
        assert float(properties["energy_joules"] or 0) > 0
    one = project.run("-p", "no:xdist", *both, "--vplat-cov-lcov", "out/one.info")
    table = re.compile(r"^(firmware/\S+ .*|all .*)$", re.MULTILINE)
    assert table.findall(one) == table.findall(told)
    counts = re.compile(r"^DA:.*$", re.MULTILINE)
    lines = [
        counts.findall((project.folder / "out" / name).read_text())
        for name in ("one.info", "two.info")
    ]
    assert lines[0]
    assert [each.split(",")[0] for each in lines[0]] == [each.split(",")[0] for each in lines[1]]


def test_a_build_that_fails_says_what_the_compiler_said(project: Project) -> None:
    project.write(
        pytest__ini="[pytest]\nvplat_build = sh build.sh\nvplat_firmware = elf/hello.elf\n",
        build__sh="echo 'main.c:3: error: expected ;' >&2; exit 2\n",
        test_ini__py="def test_it(run): run()\n",
    )
    for name, command in (("none", "nosuchtool -j"), ("other", "echo built it")):
        (project.folder / f"test_{name}.py").write_text(OWN_BUILD.format(command))
    told = project.run(status=1)
    assert "3 errors" in told
    for sentence in (
        "ended with status 2; mend what it says:\nmain.c:3: error: expected ;",
        "nosuchtool -j in ",
        "cannot be run: No such file or directory",
        "has not built x.elf; correct the path, or the command. It said:\nbuilt it",
    ):
        assert sentence in told, f"{sentence}\n{told}"
    project.write(build__sh="true\n")
    assert "1 passed" in project.run("test_ini.py")


def test_two_hundred_tests_fork_one_booted_platform_and_leave_nothing_behind(
    project: Project,
) -> None:
    project.write(
        conftest__py=COUNTS_MACHINES,
        test_many__py=MANY,
    )
    told = project.run("-p", "no:xdist", "--tb=line", status=1)
    assert "4 failed, 196 passed" in told


def test_a_project_without_firmware_does_not_wait_for_vplat(project: Project) -> None:
    project.write(
        test_plain__py="""
import sys

def test_plain():
    found = {name for name in sys.modules if name.startswith("vplat")}
    assert found == {"vplat", "vplat.testing", "vplat.testing.plugin"}
    assert not {"numpy", "unicorn", "elftools"} & set(sys.modules)
"""
    )
    assert "1 passed" in project.run()


def test_help_and_fixtures_read_well(project: Project) -> None:
    told = project.run("--help")
    for option in ("board", "firmware", "max-cycles", "check", "cov", "artifacts", "plugin"):
        assert f"--vplat-{option}" in told
    assert "vplat_build" in told
    project.write(test_none__py="")
    told = project.run("--fixtures")
    for name in ("board", "firmware", "platform", "run", "boot", "build_firmware"):
        assert re.search(rf"^{name}( \[session scope\])? -- ", told, re.MULTILINE), told
    assert "no docstring" not in told
    assert "vplat(board, firmware, until" in project.run("--markers")
