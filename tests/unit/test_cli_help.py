"""``vplat`` itself: help, verbs of plugins, and what it does with mistakes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.unit.command_line import CommandLine, environment
from vplat import __version__
from vplat.cli import verbs

GREETING = """\
import click
from vplat.hookspecs import hookimpl

@click.command("{name}")
def command():
    "Say hello."
    click.echo("hello")

@hookimpl
def vplat_commands():
    return [command]
"""


@pytest.fixture
def greeting(tmp_path: Path) -> Path:
    """A plugin with a verb of its own."""
    path = tmp_path / "greeting.py"
    path.write_text(GREETING.format(name="greet"))
    return path


def test_the_help_names_every_verb_with_a_line_about_it(vplat: CommandLine) -> None:
    ended = vplat("--help")
    assert (ended.status, ended.err) == (0, "")
    for name in verbs.NAMES:
        line = next(line for line in ended.out.splitlines() if line.split()[:1] == [name])
        assert len(line.split()) > 3


@pytest.mark.parametrize("flag", ["-h", "--help"])
@pytest.mark.parametrize("verb", verbs.NAMES)
def test_every_verb_has_help_that_a_pipe_can_take(vplat: CommandLine, verb: str, flag: str) -> None:
    ended = vplat(verb, flag)
    assert ended.status == 0
    assert f"vplat {verb}" in ended.out
    assert "\x1b" not in ended.out
    assert max(map(len, ended.out.splitlines())) <= 100


def test_every_option_of_run_is_explained_in_a_group(vplat: CommandLine) -> None:
    shown = vplat("run", "--help").out
    for heading in ("Machine:", "Limits:", "Output:", "Plugins:"):
        assert heading in shown
    for status in ("124", "125", "126", "130"):
        assert status in shown


def test_the_version_is_told(vplat: CommandLine) -> None:
    assert vplat("--version").out == f"vplat {__version__}\n"


def test_without_a_verb_the_help_goes_to_standard_error(vplat: CommandLine) -> None:
    ended = vplat()
    assert (ended.status, ended.out) == (125, "")
    assert "Run firmware:" in ended.err


def test_an_unknown_verb_is_told_the_closest(vplat: CommandLine) -> None:
    assert vplat.refusal("runn") == "no such command 'runn'. Did you mean 'run'? See `vplat --help`"


def test_the_module_can_be_started_as_the_script_can() -> None:
    command = [sys.executable, "-m", "vplat", "--version"]
    ran = subprocess.run(command, capture_output=True, text=True, check=True, env=environment())
    assert ran.stdout == f"vplat {__version__}\n"


def test_a_verb_imports_nothing_that_it_does_not_need() -> None:
    listed = (
        "import sys; sys.argv = ['vplat', '--version']\n"
        "from vplat.cli import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "print(sorted({name.partition('.')[0] for name in sys.modules}))"
    )
    command = [sys.executable, "-c", listed]
    ran = subprocess.run(command, capture_output=True, text=True, check=True, env=environment())
    for heavy in ("numpy", "unicorn", "elftools", "rich"):
        assert f"'{heavy}'" not in ran.stdout


def test_a_plugins_verb_is_there_and_in_the_help(vplat: CommandLine, greeting: Path) -> None:
    assert vplat("--plugin", greeting, "greet").out == "hello\n"
    shown = vplat("--plugin", greeting, "--help").out
    assert "From plugins:" in shown
    assert "Say hello." in shown
    assert "no such command 'greet'" in vplat.refusal("greet")


def test_a_verb_that_clashes_is_an_error_that_names_both(
    vplat: CommandLine, tmp_path: Path
) -> None:
    (tmp_path / "mine.py").write_text(GREETING.format(name="boards"))
    sentence = vplat.refusal("--plugin", tmp_path / "mine.py", "greet")
    assert "command 'boards' comes from two plugins, 'vplat.cli.verbs' and 'mine'" in sentence
    ended = vplat("--plugin", tmp_path / "mine.py", "--help")
    assert ended.status == 0
    assert "comes from two plugins" in ended.err


def test_what_nobody_expected_is_one_sentence_and_with_debug_a_traceback(
    vplat: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(name: str) -> None:
        raise LookupError(f"lost {name}")

    monkeypatch.setattr(verbs, "load", broken)
    sentence = vplat.refusal("boards")
    assert "mistake in vplat itself: LookupError: lost boards" in sentence
    assert "--debug" in sentence
    for arguments in (("--debug", "boards"), ("boards", "--debug")):
        ended = vplat(*arguments)
        assert ended.status == 125
        assert "Traceback" in ended.err


def test_debug_shows_where_an_error_of_the_users_was_found(vplat: CommandLine) -> None:
    ended = vplat("run", "--debug", "missing.elf")
    assert ended.status == 125
    assert "Traceback" in ended.err
    assert ended.err.splitlines()[-1].startswith("vplat: missing.elf does not exist")
