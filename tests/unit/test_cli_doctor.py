"""``vplat doctor`` and ``vplat completion``."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from tests.unit.command_line import CommandLine, run_shell
from vplat.cli import examination, verbs
from vplat.cli.examination import State
from vplat.engines import unicorn_engine


def checks(vplat: CommandLine, *arguments: str | Path) -> dict[str, dict[str, str]]:
    """What was found, by what was looked at."""
    ended = vplat("doctor", "--json", *arguments)
    return {check["name"]: check for check in json.loads(ended.out)}


def fake_compiler(folder: Path, script: str) -> None:
    """A compiler of the name that is looked for first."""
    path = folder / examination.COMPILERS[0]
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def test_what_is_needed_is_here_and_a_program_runs_on_both_probes(vplat: CommandLine) -> None:
    ended = vplat("doctor")
    assert ended.status == 0
    for text in ("unicorn", "native probe", "self test", "RISC-V toolchain", "picolibc"):
        assert text in ended.out
    assert "on both probes" in checks(vplat)["self test"]["found"]


def test_without_a_toolchain_only_that_is_lacking(
    vplat: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    ended = vplat("doctor")
    assert ended.status == 0
    assert "toolchain.md says how to get one" in " ".join(ended.out.split())
    found = checks(vplat)
    lacking = [name for name, check in found.items() if check["state"] != State.OK]
    assert lacking == ["RISC-V toolchain"]
    assert "picolibc" not in found


@pytest.mark.parametrize(
    ("script", "state", "name"),
    [
        ("echo 11.1.0", State.LACKING, "RISC-V toolchain"),
        ('case "$1" in -d*|--v*) echo 14.2.0;; *) exit 1;; esac', State.LACKING, "picolibc"),
        ("echo 14.2.0", State.LACKING, "picolibc"),
        ("exit 1", State.LACKING, "RISC-V toolchain"),
    ],
)
def test_a_toolchain_too_old_or_without_picolibc_is_told(
    vplat: CommandLine,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    script: str,
    state: State,
    name: str,
) -> None:
    fake_compiler(tmp_path, script)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}/bin{os.pathsep}/usr/bin")
    assert checks(vplat)[name]["state"] == state


def test_without_a_compiled_probe_the_remedy_is_told_and_nothing_is_broken(
    vplat: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unicorn_engine, "NativeProbe", None)
    found = checks(vplat)
    assert found["native probe"]["state"] == State.LACKING
    assert "C compiler" in found["native probe"]["remedy"]
    assert found["self test"]["state"] == State.OK


def test_without_demos_the_self_test_makes_a_program_of_its_own(
    vplat: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(examination, "prebuilt", dict)
    found = checks(vplat)
    assert found["prebuilt firmware"]["state"] == State.LACKING
    assert found["self test"]["found"].startswith("loop.elf ended after")


def test_a_broken_plugin_is_told_and_keeps_nothing_from_working(
    vplat: CommandLine, tmp_path: Path
) -> None:
    (tmp_path / "mine.py").write_text("raise ValueError")
    found = checks(vplat, "--plugin", tmp_path / "mine.py")
    assert found["plugins"]["found"] == "did not load: mine"
    assert found["self test"]["state"] == State.OK


def test_a_platform_that_cannot_run_anything_is_status_1(
    vplat: CommandLine, tmp_path: Path
) -> None:
    (tmp_path / "mine.py").write_text(
        "from vplat.hookspecs import hookimpl\n@hookimpl\ndef vplat_peripherals(): return [42]"
    )
    ended = vplat("doctor", "--plugin", tmp_path / "mine.py")
    assert ended.status == 1
    assert "broken" in ended.out
    assert "vplat_peripherals gave 42" in " ".join(ended.out.split())


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_shell_gets_its_script_with_what_to_do_with_it(vplat: CommandLine, shell: str) -> None:
    ended = vplat("completion", shell)
    assert (ended.status, ended.err) == (0, "")
    assert f"vplat completion {shell}" in ended.out.splitlines()[0]
    assert "_VPLAT_COMPLETE" in ended.out


def test_bash_takes_its_script(tmp_path: Path) -> None:
    check = "bash --norc -c 'eval \"$($VPLAT completion bash)\" && complete -p vplat'"
    ended = run_shell(check, tmp_path)
    assert ended.status == 0, ended.err
    assert ended.out.endswith("vplat\n")


def completed(tmp_path: Path, *words: str) -> list[str]:
    """What bash is offered after ``words``, the last of them unfinished."""
    line = " ".join(["vplat", *words])
    script = f'COMP_WORDS="{line}" COMP_CWORD={len(words)} _VPLAT_COMPLETE=bash_complete $VPLAT'
    ended = run_shell(script, tmp_path)
    assert (ended.status, ended.err) == (0, "")
    return [each.partition(",")[2] for each in ended.out.split()]


def test_verbs_boards_forms_kinds_and_options_are_completed(tmp_path: Path) -> None:
    assert set(completed(tmp_path, "")) >= set(verbs.NAMES)
    assert completed(tmp_path, "bo") == ["boards"]
    assert completed(tmp_path, "run", "--board", "pulp-ita-") == ["pulp-ita-idma"]
    assert completed(tmp_path, "boards", "pu") == ["pulp-ita", "pulp-ita-idma"]
    assert completed(tmp_path, "export", "he") == ["headers"]
    assert completed(tmp_path, "export", "svd", "--device", "mc") == ["mchan"]
    assert "--max-cycles" in completed(tmp_path, "run", "--m")
    assert completed(tmp_path, "new", "per") == ["peripheral"]


def test_firmware_is_completed_as_files_are(tmp_path: Path) -> None:
    script = 'COMP_WORDS="vplat run fir" COMP_CWORD=2 _VPLAT_COMPLETE=bash_complete $VPLAT'
    assert run_shell(script, tmp_path).out == "file,fir\n"
