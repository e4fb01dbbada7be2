"""Energy tables as files: those of vplat, a user's own, and wrong ones."""

from __future__ import annotations

import inspect
import math
import re
import textwrap
import tomllib
from pathlib import Path
from types import ModuleType

import pytest

from tests.unit.energy_samples import LOW, board_with, hart, run
from tests.unit.export_samples import registered_kinds
from vplat.energy import EnergyMeter, EnergyTable
from vplat.energy.builtin import vplat_energy_costs
from vplat.energy.table import FOLDER
from vplat.errors import BoardError
from vplat.machine.cost_table import CostTable
from vplat.machine.isa import InstructionClass
from vplat.peripherals.ita.under_way import STEP_MACS

NAMES = sorted(path.stem for path in FOLDER.glob("*.toml"))
TEXT = (FOLDER / "cluster-22nm.toml").read_text("utf-8")
WORKLOADS = re.compile(
    r"bert|dino|whisper|transformer|encoder|gemm|attention|benchmark|inference|network"
)
every_table = pytest.mark.parametrize("name", NAMES)


def complaint(text: str) -> str:
    with pytest.raises(BoardError) as caught:
        EnergyTable(CostTable("my.toml", text))
    sentence = str(caught.value)
    assert "\n" not in sentence
    return sentence


def with_line(key: str, line: str) -> str:
    changed, count = re.subn(rf"^{key} = .*$", line, TEXT, count=1, flags=re.MULTILINE)
    assert count == 1
    return changed


def lines_written(table: dict[str, object], prefix: str = "") -> set[str]:
    """The dotted keys of all lines, which are the sections that hold no section."""
    found = set()
    for key, value in table.items():
        if isinstance(value, dict) and any(isinstance(each, dict) for each in value.values()):
            found |= lines_written(value, f"{prefix}{key}.")
        elif isinstance(value, dict) and key != "reference":
            found.add(prefix + key)
    return found


@every_table
def test_every_line_has_a_source_and_a_class(name: str) -> None:
    table = EnergyTable.load(name)
    assert set(table.lines) == lines_written(tomllib.loads(Path(table.place).read_text("utf-8")))
    assert all(line.source.strip() and line.figure for line in table.lines.values())
    assert all(line.error for line in table.lines.values() if line.figure == "calibrated")


@every_table
def test_every_instruction_class_is_priced(name: str) -> None:
    assert set(EnergyTable.load(name).instructions) == set(InstructionClass)


@every_table
def test_tables_price_activities_and_know_no_workload(name: str) -> None:
    assert WORKLOADS.findall((FOLDER / f"{name}.toml").read_text("utf-8").lower()) == []


@every_table
def test_every_priced_activity_is_one_that_a_device_accounts_for(name: str) -> None:
    sources = {}
    for kind in registered_kinds():
        module = Path(inspect.getfile(kind))
        files = module.parent.glob("*.py") if module.stem == "device" else [module]
        sources[kind.kind] = "".join(file.read_text("utf-8") for file in files)
    for activity in EnergyTable.load(name).activities:
        kind_name, _, what = activity.partition(".")
        told = f'self.account("{what}"' in sources[kind_name]
        assert told or (kind_name == "ita" and what in STEP_MACS.values()), activity


def test_a_file_of_the_users_is_found_by_its_path(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(TEXT.replace("volts = 0.65", "volts = 0.80"), "utf-8")
    assert EnergyTable.load(path).volts == 0.80


def test_an_unknown_name_is_refused_with_the_known_ones() -> None:
    with pytest.raises(BoardError, match="no energy table 'x'; there are cluster-22nm"):
        EnergyTable.load("x")


def test_a_table_that_prices_no_device_is_a_table() -> None:
    table = EnergyTable(CostTable("my.toml", TEXT.partition("[activities")[0]))
    assert dict(table.activities) == {}


@pytest.mark.parametrize(
    ("key", "line", "problem"),
    [
        ("volts", "volts = 0", "reference has volts = 0; it must be a number from 0.1 to 10"),
        ("volts", "volt = 0.65", "reference.volt means nothing: no key 'volt'"),
        ("mulh", "# gone", "instructions has no line for 'mulh'"),
        ("mulh", "mulh = { picojoules = nan }", "instructions.mulh has picojoules = nan"),
        ("mulh", "mulh = { picojoules = -0.1 }", "instructions.mulh has picojoules = -0.1"),
        ("mulh", "mulh = { joules = 1 }", "no key 'joules'; did you mean 'picojoules'?"),
        ("cycle", "tick = 1", "cluster has no line for 'cycle'"),
        ("fetch", "fetch = 3", "harts.fetch must be a section of lines"),
        ("hart", "hart = { watts = 1e9 }", "leakage.hart has watts = 1000000000.0"),
        ("dynamic", "dynamic = { exponent = '2' }", "scaling.dynamic has exponent = '2'"),
        ("dma", "dma = { picojoules = inf }", "activities.mchan.bytes.dma has picojoules = inf"),
        ("dma", "dma = 0.4", "activities.mchan.bytes.dma must be a section of lines"),
    ],
)
def test_a_wrong_line_is_refused_with_its_place(key: str, line: str, problem: str) -> None:
    sentence = complaint(with_line(key, line))
    assert re.match(r"my\.toml:\d+: ", sentence)
    assert problem in sentence


@pytest.mark.parametrize(
    ("addition", "problem"),
    [
        ("[activities.bytes]\nx = 1", "activities.bytes must be named after a kind of device"),
        ("[activities.mchan]\nbytes = 1", "activities.mchan must be named after"),
        ('[activities."dma.x"]\ny = 1', "activities.dma.x.y must be a section of lines"),
        ("[harts.extra]", "harts.extra means nothing"),
        ("[leakage.core]", "leakage.core means nothing"),
        ("[scaling.clock]", "scaling.clock means nothing"),
        ("[cluster.idle]", "cluster.idle means nothing"),
        ("[instructions.vector]", "instructions.vector means nothing"),
        ("[memories]", "memories means nothing"),
    ],
)
def test_what_no_meter_would_read_is_refused(addition: str, problem: str) -> None:
    assert problem in complaint(f"{TEXT}\n{addition}\n")


def test_the_pad_of_a_uart_is_priced_on_boards_that_have_one() -> None:
    assert vplat_energy_costs(board_with("ns16550", "clint"))["ns16550.characters_sent"] > 0
    assert dict(vplat_energy_costs(board_with("clint"))) == {}


def snippets_of_the_guide() -> list[str]:
    """The indented passages of docs/energy.md, without their indentation."""
    guide = (Path(__file__).parents[2] / "docs" / "energy.md").read_text("utf-8")
    passages = re.findall(r"(?:^    .*\n|^\n(?=    ))+", guide, re.MULTILINE)
    return [textwrap.dedent(passage).strip() for passage in passages]


def test_the_line_that_the_guide_shows_can_be_added_to_a_table() -> None:
    shown = next(each for each in snippets_of_the_guide() if each.startswith("[activities."))
    table = EnergyTable(CostTable("my.toml", f"{TEXT}\n{shown}\n"))
    assert table.lines["activities.radio.packets.radio"].error == "10 %"


def test_the_hook_that_the_guide_shows_prices_a_device() -> None:
    shown = next(each for each in snippets_of_the_guide() if each.startswith("@hookimpl"))
    plugin = ModuleType("plugin")
    exec(f"from vplat.hookspecs import hookimpl\n{shown}", vars(plugin))  # noqa: S102 - ours
    costs = plugin.vplat_energy_costs(board_with("radio"))
    energy = EnergyMeter(EnergyTable.load("cluster-22nm"), LOW, costs).measure(
        run(hart(10), radio={"packets": 2})
    )
    assert math.isclose(energy.by_component["radio"], 2 * 5.0e4 * 1e-12)
