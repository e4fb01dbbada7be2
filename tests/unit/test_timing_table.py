"""Timing tables as files: those of vplat, a user's own, and wrong ones."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vplat.errors import BoardError
from vplat.machine.cost_table import CostTable, Figure
from vplat.machine.isa import InstructionClass
from vplat.timing import TimingTable
from vplat.timing.table import FOLDER

NAMES = sorted(path.stem for path in FOLDER.glob("*.toml"))
TEXT = (FOLDER / "ri5cy.toml").read_text("utf-8")
LOAD = next(line for line in TEXT.splitlines() if line.startswith("load = "))


def table_of(text: str) -> TimingTable:
    return TimingTable(CostTable("my.toml", text))


def complaint(text: str) -> str:
    with pytest.raises(BoardError) as caught:
        table_of(text)
    sentence = str(caught.value)
    assert "\n" not in sentence
    return sentence


def place_of(line: str) -> str:
    return f"my.toml:{TEXT.splitlines().index(line) + 1}: "


@pytest.mark.parametrize("name", NAMES)
def test_every_line_has_a_source_and_a_class(name: str) -> None:
    table = TimingTable.load(name)
    written = {
        f"{section}.{key}"
        for section, lines in tomllib.loads(Path(table.place).read_text("utf-8")).items()
        if isinstance(lines, dict)
        for key in lines
    }
    assert set(table.lines) == written
    assert all(len(line.source) > 5 for line in table.lines.values())
    assert all(isinstance(line.figure, Figure) for line in table.lines.values())


@pytest.mark.parametrize("name", NAMES)
def test_every_instruction_class_is_priced(name: str) -> None:
    lines = TimingTable.load(name).lines
    assert {f"instructions.{kind}" for kind in InstructionClass} <= set(lines)


@pytest.mark.parametrize("name", NAMES)
def test_a_calibrated_line_says_how_far_it_may_be_off(name: str) -> None:
    calibrated = [
        line for line in TimingTable.load(name).lines.values() if line.figure == "calibrated"
    ]
    assert calibrated
    assert all(line.error for line in calibrated)


def test_a_file_of_the_users_is_found_by_its_path(tmp_path: Path) -> None:
    path = tmp_path / "slow.toml"
    path.write_text(TEXT.replace("mulh = { cycles = 5", "mulh = { cycles = 50"), "utf-8")
    assert TimingTable.load(path).lines["instructions.mulh"].amount == 50
    assert TimingTable.load(str(path)).place == str(path)


def test_an_unknown_name_is_refused_with_the_known_ones() -> None:
    with pytest.raises(BoardError, match=r"no timing table 'ri5ky'; did you mean 'ri5cy'\?"):
        TimingTable.load("ri5ky")


def test_a_path_that_is_no_name_of_a_table_is_refused() -> None:
    with pytest.raises(BoardError, match="no timing table"):
        TimingTable.load("../energy/cluster-22nm")


@pytest.mark.parametrize("name", ["missing.toml", "nul\0.toml"])
def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(BoardError, match="cannot read the timing table"):
        TimingTable.load(tmp_path / name)


def test_a_file_that_is_not_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "binary.toml"
    path.write_bytes(b"\x7fELF\xff\xfe")
    with pytest.raises(BoardError, match="not UTF-8 text"):
        TimingTable.load(path)


def test_broken_toml_is_refused_with_its_line() -> None:
    assert "my.toml is not TOML" in complaint(TEXT + "\nload = {")
    assert "line" in complaint('doc = "x"\n[instructions\n')


def test_a_table_nested_too_deeply_is_refused() -> None:
    assert "nests too deeply" in complaint("doc = " + "[" * 100_000)


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("cycles = 1", "cycles = -1", "has cycles = -1; it must be a whole number from 1 to"),
        ("cycles = 1", "cycles = 0", "has cycles = 0"),
        ("cycles = 1", "cycles = 1.5", "has cycles = 1.5"),
        ("cycles = 1", "cycles = true", "has cycles = True"),
        ("cycles = 1", 'cycles = "1"', "has cycles = '1'"),
        ("cycles = 1", "cycles = 99999999999999999999", "has cycles = 9999"),
        ("cycles = 1", "cycle = 1", "no key 'cycle'; did you mean 'cycles'?"),
        ("result = 2", "result = 0", "has result = 0"),
        ("cycles = 1, result = 2", "cycles = 3, result = 2", "raise result"),
        ("cycles = 1, ", "", "has no cycles; give it"),
        ('figure = "exact"', 'figure = "sure"', "must be one of exact, calibrated, estimated"),
        ('figure = "exact"', "figure = 3", "has figure = 3"),
        ('figure = "exact", ', "", "has figure = ''"),
        ('figure = "exact"', 'figure = "calibrated"', "say in error how far it may be off"),
    ],
)
def test_a_wrong_line_is_refused_with_its_place(old: str, new: str, problem: str) -> None:
    sentence = complaint(TEXT.replace(LOAD, LOAD.replace(old, new)))
    assert sentence.startswith(place_of(LOAD) + "instructions.load")
    assert problem in sentence


@pytest.mark.parametrize("source", ['""', '"  "', "7"])
def test_a_line_without_a_source_is_refused(source: str) -> None:
    line = f'load = {{ cycles = 1, figure = "exact", source = {source} }}'
    sentence = complaint(TEXT.replace(LOAD, line))
    assert "instructions.load has no source; say where its figure comes from" in sentence


def test_a_missing_class_is_refused_with_the_line_to_add() -> None:
    sentence = complaint(TEXT.replace(LOAD + "\n", ""))
    assert "instructions has no line for 'load'; add it: { cycles = ..." in sentence


def test_a_class_that_does_not_exist_is_refused_with_its_place() -> None:
    extra = "laod" + LOAD.removeprefix("load")
    sentence = complaint(TEXT.replace(LOAD, f"{LOAD}\n{extra}"))
    assert "instructions.laod means nothing: no key 'laod'; did you mean 'load'?" in sentence


def test_a_section_that_does_not_exist_is_refused() -> None:
    assert "no key 'penalties'" in complaint(TEXT + "\n[penalties]\n")


def test_a_line_that_is_only_a_number_is_refused() -> None:
    assert "instructions.load must be a section" in complaint(TEXT.replace(LOAD, "load = 1"))


@pytest.mark.parametrize("name", ["branches", "operands", "instructions"])
def test_a_table_lacking_a_section_is_refused(name: str) -> None:
    assert f"{name} is missing" in complaint(TEXT.replace(f"[{name}]", "[divider.x]", 1))


def test_a_table_without_a_description_is_refused() -> None:
    assert "doc must be a text" in complaint(TEXT.replace("doc = ", "# ", 1))


def test_slow_csrs_and_known_divisors_may_be_left_out() -> None:
    short = table_of(TEXT.partition("[csrs]")[0])
    assert "csrs.slow" not in short.lines
    assert "divider.known_divisor" not in short.lines


@pytest.mark.parametrize(
    "registers", ["[]", "0x300", "[0x300]", "[[0x300]]", "[[2, 1]]", "[[0, 0x1000]]", '[["a", 1]]']
)
def test_slow_csrs_that_are_no_ranges_are_refused(registers: str) -> None:
    head, _, _ = TEXT.partition("[csrs]")
    line = f'slow = {{ cycles = 4, registers = {registers}, figure = "exact", source = "test" }}'
    sentence = complaint(f"{head}[csrs]\n{line}\n")
    assert "csrs.slow must have registers = [[first, last], ...]" in sentence


def with_lines(section: str, *lines: str) -> str:
    """RI5CY's table with these lines in a section, and no others."""
    kept, keeps = [], True
    for line in TEXT.splitlines():
        keeps = line != f"[{section}]" if line.startswith("[") else keeps
        if keeps:
            kept.append(line)
    return "\n".join([*kept, f"[{section}]", *lines, ""])


WHY = 'figure = "exact", source = "a test"'
LINES = {
    "line": f"line = {{ bytes = 32, {WHY} }}",
    "buffer": f"buffer = {{ count = 8, {WHY} }}",
    "refill": f"refill = {{ cycles = 2, {WHY} }}",
    "ahead": f"ahead = {{ cycles = 2, {WHY} }}",
    "miss": f"miss = {{ cycles = 6, {WHY} }}",
}


def test_an_instruction_may_have_a_line_of_its_own() -> None:
    table = table_of(with_lines("mnemonics", f'"my.op" = {{ cycles = 7, unit = 2, {WHY} }}'))
    assert table.lines["mnemonics.my.op"].amount == 7
    sentence = complaint(with_lines("mnemonics", f'"my.op" = {{ cycles = 0, {WHY} }}'))
    assert "mnemonics.my.op has cycles = 0" in sentence


@pytest.mark.parametrize("missing", LINES)
def test_fetching_needs_all_its_lines(missing: str) -> None:
    assert table_of(with_lines("fetch", *LINES.values())).cache is not None
    rest = [line for key, line in LINES.items() if key != missing]
    assert f"fetch has no line for '{missing}'" in complaint(with_lines("fetch", *rest))


def test_a_cache_line_has_a_power_of_two_of_bytes() -> None:
    lines = [line.replace("bytes = 32", "bytes = 48") for line in LINES.values()]
    sentence = complaint(with_lines("fetch", *lines))
    assert "fetch.line has bytes = 48; it must be a power of two" in sentence


@pytest.mark.parametrize(("given", "other"), [("loads", "accesses"), ("accesses", "loads")])
def test_what_is_in_flight_is_given_for_loads_and_for_all(given: str, other: str) -> None:
    line = f"{given}_in_flight = {{ count = 1, {WHY} }}"
    assert "give both or neither" in complaint(with_lines("memory", line))
    both = f"{other}_in_flight = {{ count = 4, {WHY} }}"
    assert table_of(with_lines("memory", line, both)).lines["memory.loads_in_flight"].figure


@pytest.mark.parametrize("count", ["0", "65", "1.5", '"1"'])
def test_what_is_in_flight_is_a_small_number(count: str) -> None:
    lines = [f"{each}_in_flight = {{ count = {count}, {WHY} }}" for each in ("loads", "accesses")]
    assert "memory.loads_in_flight has count = " in complaint(with_lines("memory", *lines))


def test_one_write_port_is_the_only_number_that_makes_a_difference() -> None:
    line = f"write_ports = {{ count = 2, {WHY} }}"
    assert "registers.write_ports has count = 2" in complaint(with_lines("registers", line))


def test_a_divider_goes_by_its_divisor_or_by_its_quotient() -> None:
    known = f"known_divisor = {{ cycles = 3, {WHY} }}"
    quotient = f"quotient = {{ result = 5, {WHY} }}"
    assert "divider.known_divisor" in table_of(with_lines("divider", known)).lines
    sentence = complaint(with_lines("divider", quotient))
    assert "divider has no line for 'no_quotient'" in sentence
    assert "divider.known_divisor means nothing" in complaint(
        with_lines("divider", quotient, known)
    )


@given(st.data())
def test_a_damaged_table_is_either_read_or_refused_in_one_sentence(data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(TEXT)))
    end = data.draw(st.integers(start, min(len(TEXT), start + 40)))
    sentence = "my.toml is whole"
    try:
        table_of(TEXT[:start] + data.draw(st.text(max_size=20)) + TEXT[end:])
    except BoardError as error:
        sentence = str(error)
    assert sentence.startswith("my.toml")
