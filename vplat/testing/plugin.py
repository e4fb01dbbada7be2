"""The pytest plugin: what pytest imports at its start, in every project that has vplat installed.

So it imports nothing of vplat until a test asks for one of its fixtures.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

if TYPE_CHECKING:
    from vplat.session import Result

    from .opening import Opener
    from .platform import Platform

FIXTURES: Final = ("board", "firmware")
OPENER: Final = pytest.StashKey["Opener"]()
"""Who opens platforms, once a test has asked for one."""
HERE: Final = pytest.StashKey[list["Platform"]]()
"""The platforms of a test."""
WORKERS_COVERAGE: Final = pytest.StashKey[list[str]]()
"""What the workers of pytest-xdist have covered, as lcov has it."""
MARKER: Final = (
    "vplat(board, firmware, until, max_cycles, operating_point, check, files): what the fixture "
    "`platform` is: a board or several, an ELF or several, where the test begins (a function, "
    "FILE:LINE, a cycle, DEVICE.EVENT, console:TEXT), how many cycles it may take, whether the "
    "driver checker looks on, and the directory whose files firmware may use"
)
OPTIONS: Final[dict[str, tuple[dict[str, Any], str]]] = {
    "board": (
        {"action": "append", "metavar": "NAME"},
        (
            "Board of tests whose marker names none: a name, or the path of a board file. Given "
            "several times, tests run on each."
        ),
    ),
    "firmware": ({"metavar": "ELF"}, "Firmware of tests whose marker names none."),
    "max-cycles": (
        {"metavar": "N"},
        "Simulated cycles that a test may take whose marker does not say, like 10M.",
    ),
    "check": (
        {"action": "store_true"},
        (
            "Hold the firmware of all tests to the rules of its devices; findings are in "
            "platform.findings, and in the report of a test that fails."
        ),
    ),
    "cov": (
        {"action": "store_true"},
        "Show which lines of the firmware all tests together have run.",
    ),
    "cov-lcov": (
        {"metavar": "FILE", "type": Path},
        "Write that to FILE as lcov does, for genhtml and code hosts.",
    ),
    "artifacts": (
        {"metavar": "DIR", "type": Path},
        "Keep for each test that fails its console and a snapshot to replay it from.",
    ),
    "plugin": (
        {"action": "append", "metavar": "FILE.py", "type": Path},
        "Load a plugin of vplat, like your own device.",
    ),
}
INI: Final = {
    "vplat_board": "The board of tests that name none; pulp-ita if not given.",
    "vplat_firmware": "The ELF of tests that name none, from the folder of this file on.",
    "vplat_build": "A command that builds the firmware, run once in the root folder.",
    "vplat_until": "Where tests begin that do not say: a function, a cycle, console:TEXT, ...",
    "vplat_max_cycles": "How many simulated cycles a test may take, like 10M; 100M if not given.",
}


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options, all of which begin with ``--vplat``."""
    group = parser.getgroup("vplat", "firmware on the virtual platform vplat")
    for name, (settings, text) in OPTIONS.items():
        group.addoption(f"--vplat-{name}", help=text, **settings)
    for name, text in INI.items():
        parser.addini(name, text)


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known."""
    config.addinivalue_line("markers", MARKER)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give tests the boards and the firmware that their markers name."""
    if any(name in metafunc.fixturenames for name in FIXTURES):
        from .asking import parametrize

        parametrize(metafunc)


@pytest.fixture(scope="session")
def board(request: pytest.FixtureRequest) -> str:
    """The board that firmware runs on, by its name or by the path of its file.

    It is that of the marker `vplat`, or else --vplat-board, vplat_board, pulp-ita. Override it for
    a folder or a module with a fixture of your own.
    """
    from .asking import default_board

    return str(getattr(request, "param", None) or default_board(request.config))


@pytest.fixture(scope="session")
def firmware(request: pytest.FixtureRequest) -> Path:
    """The ELF to run.

    It is that of the marker `vplat`, from the test's folder or the root folder on, or else
    --vplat-firmware, vplat_firmware. Override it with a fixture of your own, like one that returns
    build_firmware("make -C src", "src/app.elf").
    """
    from .asking import chosen_firmware

    _build_by_ini(request)
    return chosen_firmware(getattr(request, "param", None), request.config)


@pytest.fixture(scope="session")
def build_firmware(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Callable[..., Path]:
    """build_firmware(command, elf, *, cwd=None, timeout=600) -> Path of the ELF.

    Runs a command like "make -C src" once, however many tests and workers of pytest-xdist want what
    it builds. Paths count from cwd, which is the root folder if not given. Where it fails, tests
    say so with what the compiler has said.
    """
    from .building import Builder

    return Builder(request.config, tmp_path_factory)


@pytest.fixture
def platform(request: pytest.FixtureRequest, board: str, firmware: Path) -> Iterator[Platform]:
    """A board with firmware on it, for this test alone: run it, look into it, inject faults.

    It stands where the marker `vplat` says with until, or else in front of the first instruction.
    It was booted once for all tests that want the same; what one does to it no other sees.
    """
    opener = _opener(request.config)
    yield opener.open(request, board=board, firmware=firmware)
    opener.close_all(request.node)


@pytest.fixture
def boot(request: pytest.FixtureRequest, board: str) -> Iterator[Callable[..., Platform]]:
    """boot(firmware, *, board=None, until=None, max_cycles=None, ...) -> another platform.

    For a test that wants several, or chooses at run time. What it does not say is what the marker
    and the options say.
    """
    opener = _opener(request.config)

    def boot_another(firmware: str | Path, **wanted: Any) -> Platform:
        __tracebackhide__ = True
        _build_by_ini(request)
        return opener.open(request, **{"board": board, **wanted, "firmware": firmware})

    yield boot_another
    opener.close_all(request.node)


@pytest.fixture
def run(platform: Platform) -> Callable[..., Result]:
    """run(*, max_cycles=None) -> Result: runs the platform's firmware to its end.

    result.exit_status, result.console, result.findings, result.as_json() say what it came to.
    """
    return platform.run


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, Any, None]:
    """Where a test has failed, add what its platform can tell."""
    outcome = yield
    platforms = item.stash.get(HERE, None)
    if platforms:
        from .failing import complete

        complete(outcome.get_result(), item, platforms)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """A worker of pytest-xdist is done: keep what it has covered."""
    text = getattr(node, "workeroutput", {}).get("vplat_coverage", "")
    if text:
        node.config.stash.setdefault(WORKERS_COVERAGE, []).append(text)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Let the machines go, and write what was covered."""
    opener = session.config.stash.get(OPENER, None)
    if opener is not None:
        opener.boots.close()
    if _covers(session.config):
        from .summary import finish_coverage

        finish_coverage(session.config, opener)


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Show what was covered."""
    if _covers(config):
        from .summary import show_coverage

        show_coverage(terminalreporter, config)


def _covers(config: pytest.Config) -> bool:
    return bool(config.getoption("vplat_cov") or config.getoption("vplat_cov_lcov"))


def _opener(config: pytest.Config) -> Opener:
    if OPENER not in config.stash:
        from .opening import Opener

        config.stash[OPENER] = Opener(config, HERE, covers=_covers(config))
    return config.stash[OPENER]


def _build_by_ini(request: pytest.FixtureRequest) -> None:
    command = str(request.config.getini("vplat_build") or "")
    if command:
        request.getfixturevalue("build_firmware")(command)
