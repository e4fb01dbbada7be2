"""A hook exists when a built-in plugin uses it, a test exercises it, and the guide shows it."""

from __future__ import annotations

import inspect
import subprocess
import sys
from pathlib import Path

import pytest

from tests.system.documents import ROOT, blocks
from vplat import hookspecs
from vplat.deploy.lowerings import map_network
from vplat.deploy.network import Network
from vplat.gdb import GdbServer
from vplat.plugins import Plugins
from vplat.session import HostConsole, Session, find_board
from vplat.tui import screenshot_svg

HELLO = ROOT / "firmware" / "prebuilt" / "hello.elf"
GUIDE = ROOT / "docs" / "plugins.md"
HOOKS = sorted(name for name in vars(hookspecs) if name.startswith("vplat_"))
every_hook = pytest.mark.parametrize("hook", HOOKS)

ANSWERS = {"vplat_energy_costs": "{}"}
"""What a plugin that contributes nothing answers, where that is not an empty list."""


@every_hook
def test_a_built_in_plugin_uses_it(hook: str) -> None:
    records = Plugins(installed=False).records
    assert [record.problem for record in records if record.problem] == []
    assert [record.name for record in records if hook in record.hooks] != []


@every_hook
def test_the_guide_has_a_section_on_it_with_an_example(hook: str) -> None:
    headings = [line for line in GUIDE.read_text("utf-8").splitlines() if line.startswith("## ")]
    assert [line for line in headings if hook in line.replace(",", "").split()] != []
    code = [each.text for each in blocks(GUIDE) if each.language == "python"]
    assert [text for text in code if f"@hookimpl\ndef {hook}(" in text] != []


@every_hook
def test_its_specification_says_what_it_is_for_and_does_nothing_itself(hook: str) -> None:
    specification = getattr(hookspecs, hook)
    assert inspect.getdoc(specification)
    with pytest.raises(NotImplementedError):
        specification(**dict.fromkeys(inspect.signature(specification).parameters))


@pytest.fixture
def plugin(tmp_path: Path) -> Path:
    """A plugin that implements every hook, contributes nothing, and notes each call."""
    lines = ["from pathlib import Path", "from vplat.hookspecs import hookimpl"]
    for hook in HOOKS:
        arguments = ", ".join(inspect.signature(getattr(hookspecs, hook)).parameters)
        lines += [
            "@hookimpl",
            f"def {hook}({arguments}):",
            "    with Path(__file__).with_suffix('.calls').open('a') as calls:",
            f"        calls.write('{hook}\\n')",
            f"    return {ANSWERS.get(hook, '[]')}",
        ]
    path = tmp_path / "listener.py"
    path.write_text("\n".join(lines))
    return path


def calls(plugin: Path) -> set[str]:
    """The hooks that have been called since the last look."""
    noted = plugin.with_suffix(".calls")
    called = set(noted.read_text().split())
    noted.unlink()
    return called


def vplat(*arguments: str | Path) -> None:
    command = [sys.executable, "-m", "vplat", *map(str, arguments)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)


def test_a_run_asks_for_all_that_a_platform_is_made_of_and_tells_its_moments(plugin: Path) -> None:
    vplat("run", "--quiet", "--plugin", plugin, HELLO)
    assert calls(plugin) == {
        "vplat_peripherals",
        "vplat_instructions",
        "vplat_boards",
        "vplat_energy_costs",
        "vplat_observers",
        "vplat_session_started",
        "vplat_session_finished",
    }


def test_an_export_asks_for_exporters(plugin: Path) -> None:
    vplat("export", "svd", "--plugin", plugin)
    assert {"vplat_exporters", "vplat_peripherals", "vplat_boards"} <= calls(plugin)


def test_the_help_asks_for_commands(plugin: Path) -> None:
    vplat("--plugin", plugin, "--help")
    assert calls(plugin) == {"vplat_commands"}


def test_a_gdb_server_asks_for_monitor_commands(plugin: Path) -> None:
    session = Session(HELLO, Plugins([plugin], installed=False), HostConsole())
    plugin.with_suffix(".calls").unlink()
    GdbServer(session, port=0).close()
    assert calls(plugin) == {"vplat_monitor_commands"}


def test_a_deployment_asks_for_lowerings(plugin: Path) -> None:
    plugins = Plugins([plugin], installed=False)
    board = find_board("snitch-ita", plugins)
    plugin.with_suffix(".calls").unlink()
    map_network(Network("empty", (), (), (), {}, {}), board, plugins, cores_only=False)
    assert calls(plugin) == {"vplat_lowerings"}


def test_the_live_view_asks_for_panels(plugin: Path) -> None:
    session = Session(HELLO, Plugins([plugin], installed=False), HostConsole())
    plugin.with_suffix(".calls").unlink()
    screenshot_svg(session)
    assert calls(plugin) == {"vplat_panels"}
