"""The rules every file of the project keeps, whatever it does."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import grimp
import pytest

from vplat.demos import prebuilt

ROOT = Path(__file__).resolve().parents[2]
PYTHON_FILES = sorted([*ROOT.glob("vplat/**/*.py"), *ROOT.glob("tests/**/*.py"), ROOT / "setup.py"])
LINES_IN_A_MODULE = 400
LINES_IN_A_FUNCTION = 40
EMPTY_NAMES = re.compile(r"(utils?|helpers?|managers?|misc|common)|.*_v\d+")


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def lines_of_body(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines from the first statement to the last one; a docstring is no statement."""
    statements = function.body[1:] if ast.get_docstring(function) else function.body
    if not statements or statements[-1].end_lineno is None:
        return 0
    return statements[-1].end_lineno - statements[0].lineno + 1


def test_no_module_is_longer_than_400_lines() -> None:
    lengths = {name_of(path): len(path.read_text("utf-8").splitlines()) for path in PYTHON_FILES}
    assert lengths
    assert {name: n for name, n in lengths.items() if n > LINES_IN_A_MODULE} == {}


def test_no_function_is_longer_than_40_lines() -> None:
    lengths = {
        f"{name_of(path)}:{node.lineno} {node.name}": lines_of_body(node)
        for path in PYTHON_FILES
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    assert lengths
    assert {name: n for name, n in lengths.items() if n > LINES_IN_A_FUNCTION} == {}


def test_every_module_is_named_after_an_idea() -> None:
    paths = [path.relative_to(ROOT).with_suffix("") for path in PYTHON_FILES]
    assert [path for path in paths if any(map(EMPTY_NAMES.fullmatch, path.parts))] == []


def test_every_dependency_and_every_disabled_rule_has_its_reason_beside_it() -> None:
    text = (ROOT / "pyproject.toml").read_text("utf-8")
    project = tomllib.loads(text)
    lint = project["tool"]["ruff"]["lint"]
    entries = [
        *project["project"]["dependencies"],
        *project["project"]["optional-dependencies"]["dev"],
        *lint["ignore"],
        *(rule for rules in lint["per-file-ignores"].values() for rule in rules),
    ]
    lines = text.splitlines()
    assert entries
    for entry in entries:
        reasoned = re.compile(rf'\s*"{re.escape(entry)}",\s+# \S+ .+')
        assert any(reasoned.fullmatch(line) for line in lines), entry


def test_continuous_integration_runs_make_test() -> None:
    script = ROOT / ".ci" / "run"
    assert os.access(script, os.X_OK)
    assert re.search(r"^make .*\btest\b", script.read_text("utf-8"), re.MULTILINE)


def test_a_checkout_offers_the_demos_it_has_built() -> None:
    built = {path.stem: path for path in (ROOT / "firmware" / "prebuilt").glob("*.elf")}
    assert "attention" in built
    assert prebuilt() == built


def test_hook_signatures_name_the_upper_layers_for_the_type_checker_alone() -> None:
    graph = grimp.build_graph("vplat", exclude_type_checking_imports=True, cache_dir=None)
    imported = graph.find_modules_directly_imported_by("vplat.hookspecs")
    assert {name.split(".")[1] for name in imported} <= {"machine", "model", "errors"}


def lint_imports(root: Path) -> subprocess.CompletedProcess[str]:
    """Run the project's contracts over the ``vplat`` package of another root."""
    return subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(root)},
    )


@pytest.fixture
def skeleton(tmp_path: Path) -> Path:
    """A package with every layer of the project, each of them empty, under the same contracts."""
    settings = (ROOT / "pyproject.toml").read_text("utf-8")
    (tmp_path / "pyproject.toml").write_text(settings, "utf-8")
    contracts = tomllib.loads(settings)["tool"]["importlinter"]["contracts"]
    for layer in re.findall(r"\w+", " ".join(contracts[0]["layers"])):
        package = tmp_path / "vplat" / layer
        package.mkdir(parents=True)
        (package / "__init__.py").touch()
    (tmp_path / "vplat" / "__init__.py").touch()
    for device in ("dma", "timer"):
        (tmp_path / "vplat" / "peripherals" / f"{device}.py").write_text("import vplat.model\n")
    (tmp_path / "vplat" / "engines" / "unicorn_engine.py").write_text("import unicorn\n")
    (tmp_path / "vplat" / "cli" / "run.py").write_text("import rich, click, rich_click\n")
    return tmp_path


def test_the_layers_hold() -> None:
    result = lint_imports(ROOT)
    assert result.returncode == 0, result.stdout


def test_a_house_in_order_passes_the_contracts(skeleton: Path) -> None:
    result = lint_imports(skeleton)
    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize(
    ("module", "source", "complaint"),
    [
        ("stray.py", "", "vplat.stray"),
        ("model/field.py", "import vplat.machine", "vplat.model is not allowed to import"),
        ("machine/bus.py", "import rich", "vplat.machine.bus"),
        ("session/run.py", "import unicorn", "vplat.session.run"),
        ("peripherals/dma.py", "import vplat.errors", "vplat.peripherals.dma -> vplat.errors"),
        ("peripherals/dma.py", "import vplat.peripherals.timer", "vplat.peripherals.dma"),
    ],
)
def test_a_breach_of_the_layers_is_refused(
    skeleton: Path, module: str, source: str, complaint: str
) -> None:
    (skeleton / "vplat" / module).write_text(source)
    result = lint_imports(skeleton)
    assert result.returncode == 1
    assert complaint in result.stdout
