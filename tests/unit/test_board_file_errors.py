"""Files, syntax, keys and types that are wrong, and the sentence each gets."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.board_texts import SMALL, problem, replaced
from vplat.errors import BoardError
from vplat.machine.board_file import load_board


def refusal_of(path: Path) -> str:
    """The sentence that refuses a file."""
    with pytest.raises(BoardError) as caught:
        load_board(path)
    return str(caught.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "none.toml"
    assert refusal_of(path) == f"there is no board file {str(path)!r}; check the path"


def test_a_directory_is_no_board_file(tmp_path: Path) -> None:
    assert refusal_of(tmp_path) == (
        f"cannot read the board file {str(tmp_path)!r}: Is a directory; "
        "give the path of a TOML file"
    )


def test_a_path_that_no_system_takes_is_refused() -> None:
    assert refusal_of(Path("a\0b.toml")).startswith("cannot read the board file 'a\\x00b.toml': ")


def test_a_file_that_is_not_utf_8_is_refused_at_the_line(tmp_path: Path) -> None:
    path = tmp_path / "latin.toml"
    path.write_bytes(b'name = "x"\ndoc = "caf\xe9"\n')
    assert refusal_of(path) == f"{path}:2: not TOML: not UTF-8; save it as UTF-8 text"


def test_a_huge_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "huge.toml"
    path.write_bytes(b"#" * ((1 << 20) + 1))
    assert refusal_of(path) == f"{path}:1: a board file is at most 1 MiB long; give another file"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        pytest.param(
            "name = \n",
            "my.toml:1: not TOML: invalid value at column 8; correct that line",
        ),
        pytest.param(
            'name = "x"\n\n[harts\n',
            "my.toml:3: not TOML: expected ']' at the end of a table declaration at column 7; "
            "correct that line",
        ),
        pytest.param(
            'name = "x"\nisa',
            "my.toml:2: not TOML: expected '=' after a key in a key/value pair at the end of the "
            "file; complete it",
        ),
        pytest.param(
            "a = 1\na = 2\n",
            "my.toml:2: not TOML: cannot overwrite a value at column 6; correct that line",
        ),
        pytest.param(
            f"a = {'[' * 5000}",
            "my.toml:1: tables or arrays are nested too deeply; flatten them",
        ),
        (f"a = {'1' * 5000}", "my.toml:1: a number has too many digits; shorten it"),
    ],
)
def test_what_is_not_toml_is_refused_at_its_line(text: str, sentence: str) -> None:
    assert problem(text) == sentence


def test_a_number_of_more_than_64_bits_is_refused_wherever_it_is() -> None:
    text = f"{SMALL}parameters = {{ depth = 0x1{'0' * 5000} }}\n"
    assert problem(text) == (
        f"my.toml:19: 'depth' is 0x1{'0' * 54}..., more than 64 bits hold; use a smaller number"
    )


UNKNOWN_KEYS = [
    pytest.param(
        replaced('timing = "ri5cy"', 'timing = "ri5cy"\nturns = 3'),
        "my.toml:2: the board has no key 'turns'; did you mean 'turn_cycles'?",
    ),
    pytest.param(
        replaced("count = 2", "count = 2\ninstruction = []"),
        "my.toml:6: [harts] has no key 'instruction'; did you mean 'instructions'?",
    ),
    pytest.param(
        replaced('size = "64 KiB"', 'size = "64 KiB"\nwait_state = 1'),
        "my.toml:15: [memories.ram] has no key 'wait_state'; did you mean 'wait_states'?",
    ),
    pytest.param(
        f"{SMALL}window = {{}}\n",
        "my.toml:19: [devices.dma] has no key 'window'; did you mean 'windows'?",
    ),
    pytest.param(
        replaced("volts = 0.8", "volts = 0.8\nherz = 1"),
        "my.toml:10: [operating_points.nominal] has no key 'herz'; did you mean 'hertz'?",
    ),
    pytest.param(
        replaced('"64 KiB"', '"64 KiB"\naliases = [\n  { base = 0, size = 0x1000, sizes = 1 },\n]'),
        "my.toml:16: [memories.ram.aliases[0]] has no key 'sizes'; did you mean 'size'?",
    ),
]


@pytest.mark.parametrize(("text", "sentence"), UNKNOWN_KEYS)
def test_an_unknown_key_is_refused_with_the_closest_known_one(text: str, sentence: str) -> None:
    assert problem(text) == sentence


MISSING = [
    pytest.param(
        'timing = "ri5cy"\n',
        "my.toml:1: the board has no 'timing'; add one, like timing = \"ri5cy\"",
    ),
    ("count = 2\n", "my.toml:4: [harts] has no 'count'; add one, like count = 8"),
    pytest.param(
        'isa = "rv32imac_zicsr_zifencei"\n',
        "my.toml:4: [harts] has no 'isa'; add one, like isa = \"rv32imac\"",
    ),
    pytest.param(
        "volts = 0.8\n",
        "my.toml:8: [operating_points.nominal] has no 'volts'; add one, like volts = 0.65",
    ),
    pytest.param(
        'size = "64 KiB"\n',
        "my.toml:12: [memories.ram] has no 'size'; add one, like size = \"128 KiB\"",
    ),
    pytest.param(
        'kind = "mover"\n',
        "my.toml:16: [devices.dma] has no 'kind'; add one, like kind = \"ns16550\"",
    ),
]


@pytest.mark.parametrize(("removed", "sentence"), MISSING)
def test_a_missing_key_is_asked_for_with_an_example(removed: str, sentence: str) -> None:
    assert problem(replaced(removed, "")) == sentence


def test_a_board_without_a_memory_is_refused() -> None:
    text = replaced('[memories.ram]\nbase = 0x1000_0000\nsize = "64 KiB"\n', "")
    assert problem(text) == "my.toml:1: the board has no memory; add one, like [memories.ram]"


def test_a_board_without_an_operating_point_is_refused() -> None:
    text = replaced("[operating_points.nominal]\nvolts = 0.8\nhertz = 100_000_000\n", "")
    assert problem(text) == (
        "my.toml:1: the board has no operating point; add one, like "
        '[operating_points."0.65V"] with volts and hertz'
    )


WRONG_TYPES = [
    pytest.param(
        replaced("count = 2", 'count = "two"'),
        "my.toml:5: 'count' in [harts] must be an integer, not 'two'; write it like 8",
    ),
    pytest.param(
        replaced("count = 2", "count = true"),
        "my.toml:5: 'count' in [harts] must be an integer, not true; write it like 8",
    ),
    pytest.param(
        replaced("count = 2", "count = 2.0"),
        "my.toml:5: 'count' in [harts] must be an integer, not 2.0; write it like 8",
    ),
    pytest.param(
        replaced('"rv32imac_zicsr_zifencei"', "32"),
        "my.toml:6: 'isa' in [harts] must be a string, not 32; write it like \"rv32imac\"",
    ),
    pytest.param(
        replaced("count = 2", "count = 2\nuser_mode = 1"),
        "my.toml:6: 'user_mode' in [harts] must be true or false, not 1; write it like true",
    ),
    pytest.param(
        replaced("count = 2", 'count = 2\nboot = "rom"'),
        "my.toml:6: 'boot' in [harts] must be \"elf\" or an address, not 'rom'; write it like "
        "0x1C00_8080",
    ),
    pytest.param(
        replaced("count = 2", 'count = 2\nmtvec = "elf"'),
        "my.toml:6: 'mtvec' in [harts] must be an address or \"boot\", not 'elf'; write it like "
        "0x1C00_8001",
    ),
    pytest.param(
        replaced("count = 2", 'count = 2\ninstructions = ["xdma", 3]'),
        "my.toml:6: 'instructions' in [harts] must be an array of strings and tables, not an "
        'array; write it like ["xdma", { name = "xdma", harts = [8], device = "dma" }]',
    ),
    pytest.param(
        replaced("volts = 0.8", 'volts = "0.8"'),
        "my.toml:9: 'volts' in [operating_points.nominal] must be a number, not '0.8'; write it "
        "like 0.65",
    ),
    pytest.param(
        replaced("hertz = 100_000_000", "hertz = 1e8"),
        "my.toml:10: 'hertz' in [operating_points.nominal] must be an integer, not 100000000.0; "
        "write it like 425_000_000",
    ),
    pytest.param(
        replaced('"64 KiB"', '"64 KB"'),
        "my.toml:14: 'size' in [memories.ram] must be an integer or a string with B, KiB, MiB or "
        "GiB, not '64 KB'; write it like \"128 KiB\"",
    ),
    pytest.param(
        replaced('"64 KiB"', "[]"),
        "my.toml:14: 'size' in [memories.ram] must be an integer, not an array; write it like "
        '"128 KiB"',
    ),
    pytest.param(
        replaced('"64 KiB"', '"64 KiB"\naliases = { base = 0 }'),
        "my.toml:15: 'aliases' in [memories.ram] must be an array of tables, not a table; write it "
        "like [{ base = 0x1002_0000, size = 0xE_0000 }]",
    ),
    pytest.param(
        replaced("[devices.dma]", "[devices]\nuart = 3\n[devices.dma]"),
        "my.toml:17: 'uart' in [devices] must be a table, not 3; write it like {}",
    ),
    pytest.param(
        f"{SMALL}windows = 0x2000_1000\n",
        "my.toml:19: 'windows' in [devices.dma] must be a table, not 0x20001000; write it like "
        "{ core = 0x1020_4400 }",
    ),
    pytest.param(
        f"{SMALL}wait_states = 'few'\n",
        "my.toml:19: 'wait_states' in [devices.dma] must be an integer, not 'few'; write it like 3",
    ),
    pytest.param(
        f"{SMALL}parameters = {{ depth = 1.5 }}\n",
        "my.toml:19: parameter 'depth' of device 'dma' must be an integer, a string or true or "
        "false, not 1.5; see `vplat export` for what the device takes",
    ),
    pytest.param(
        f"{SMALL}events = {{ done = 8 }}\n",
        "my.toml:19: 'done' in [devices.dma.events] must be a string or an array of strings, not "
        '8; write it like "event_unit.lines[8]"',
    ),
]


@pytest.mark.parametrize(("text", "sentence"), WRONG_TYPES)
def test_a_value_of_the_wrong_type_is_refused_with_an_example(text: str, sentence: str) -> None:
    assert problem(text) == sentence
