"""The example of a workflow runs what there is, with options that there are."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

from tests.system.firmware_tree import PACKAGES, PREBUILT, ROOT

WORKFLOW = ROOT / "docs" / "examples" / "firmware-tests.yml"


def test_the_workflow_tests_a_project_and_keeps_what_it_names(tmp_path: Path) -> None:
    text = WORKFLOW.read_text("utf-8")
    commands = re.findall(r"^        run: (.+)$", text, re.MULTILINE)
    assert len(commands) == text.count("run:") == 3
    assert all(package in commands[0] for package in PACKAGES.split(" and "))
    assert "vplat[test]" in commands[1]
    (tmp_path / "firmware").symlink_to(ROOT / "firmware")
    (tmp_path / "test_it.py").write_text(f"""
import pytest
pytestmark = pytest.mark.vplat(firmware={str(PREBUILT / "hello.elf")!r})
def test_good(run): assert run().exit_status == 0
def test_bad(run): assert run().exit_status == 1
""")
    program, *options = shlex.split(commands[2])
    assert (program, options[:2]) == ("pytest", ["-n", "auto"])
    plugin = ["-p", "no:cacheprovider", "-p", "vplat.testing.plugin"]
    result = subprocess.run(
        [sys.executable, "-m", "pytest", *plugin, *options[2:]],
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "1 failed, 1 passed" in result.stdout, result.stdout
    kept = text.partition("path: |")[2].partition("if-no-files")[0].split()
    assert kept == ["results.xml", "coverage.info", "kept"]
    assert all((tmp_path / name).exists() for name in kept)


def test_the_workflow_is_indented_as_yaml_is() -> None:
    lines = WORKFLOW.read_text("utf-8").splitlines()
    assert not [line for line in lines if "\t" in line or line != line.rstrip()]
    assert not [line for line in lines if (len(line) - len(line.lstrip())) % 2]
    keys = [line.partition(":")[0] for line in lines if re.match(r"\w", line)]
    assert keys == ["name", "on", "permissions", "jobs"]
