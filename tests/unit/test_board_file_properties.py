"""Whatever a board file holds, it is a board or one sentence."""

from __future__ import annotations

import json
import re
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from tests.unit.board_texts import SMALL, parse
from vplat.errors import BoardError
from vplat.machine.board_file import check_devices

SENTENCE = re.compile(r"(?:my|small)\.toml:\d+: \S[^\n]*")

TEMPLATE: dict[str, Any] = {
    "name": "my",
    "doc": "",
    "timing": "t",
    "energy": "e",
    "turn_cycles": 100,
    "harts": {"count": 1, "isa": "rv32i", "boot": "elf", "mtvec": "boot", "instructions": []},
    "operating_points": {"p": {"volts": 1.0, "hertz": 1000}},
    "memories": {"m": {"base": 0, "size": "4 KiB", "aliases": [{"base": 4096, "size": 4096}]}},
    "devices": {
        "d": {
            "kind": "k",
            "base": 0x10000,
            "windows": {"w": 0x20000},
            "wait_states": {"w": 1},
            "parameters": {"p": 1},
            "events": {"e": ["d.input[1]", "harts.timer"]},
        }
    },
}
KEYS = st.sampled_from(
    sorted(
        {"extends", "user_mode", "first_id", "writable", "banks", "bank_bytes", "aliases", "", "x"}
        | {key for part in (TEMPLATE, *TEMPLATE.values()) if isinstance(part, dict) for key in part}
        | set(TEMPLATE["memories"]["m"])
        | set(TEMPLATE["devices"]["d"])
    )
)
WORDS = st.sampled_from(["elf", "boot", "1 KiB", "d.input", "harts.fast[99999]", "rv32imac", "a/b"])
INTEGERS = st.sampled_from([-1, 0, 1, 3, 4096, (1 << 32) - 4096, 1 << 32, 1 << 63, 1 << 12000])
SCALARS = st.one_of(INTEGERS, st.integers(), st.booleans(), st.floats(), WORDS, st.text(max_size=5))
VALUES: st.SearchStrategy[Any] = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=6,
)


def toml(value: object) -> str:
    """``value`` on one line of TOML."""
    if isinstance(value, dict):
        return f"{{{', '.join(f'{json.dumps(k)} = {toml(v)}' for k, v in value.items())}}}"
    if isinstance(value, list):
        return f"[{', '.join(map(toml, value))}]"
    if isinstance(value, int) and not isinstance(value, bool):
        return hex(value) if value >= 0 else str(value)
    if isinstance(value, float):
        return repr(value)
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def paths_of(table: object, path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    """Every place in the template."""
    if not isinstance(table, dict):
        return [path]
    return [path, *(each for key, value in table.items() for each in paths_of(value, (*path, key)))]


def with_value(table: Any, path: tuple[str, ...], value: object) -> Any:
    """The template with another value at ``path``."""
    if not path:
        return value
    return {**table, path[0]: with_value(table[path[0]], path[1:], value)}


def is_a_board_or_a_sentence(text: str) -> None:
    """Read ``text``; only a ``BoardError`` of one line may come of it."""
    try:
        check_devices(parse(text, {"small": SMALL}), {})
    except BoardError as error:
        sentence = str(error)
    else:
        return
    assert SENTENCE.fullmatch(sentence), sentence


def test_the_template_is_a_board() -> None:
    text = "\n".join(f"{key} = {toml(value)}" for key, value in TEMPLATE.items())
    assert parse(text).name == "my"


@given(st.sampled_from(paths_of(TEMPLATE)[1:]), VALUES)
def test_any_value_anywhere_gives_a_board_or_a_sentence(path: tuple[str, ...], value: Any) -> None:
    table = with_value(TEMPLATE, path, value)
    is_a_board_or_a_sentence("\n".join(f"{key} = {toml(each)}" for key, each in table.items()))


@given(st.sampled_from(paths_of(TEMPLATE)), KEYS, VALUES)
def test_any_further_key_anywhere_gives_a_board_or_a_sentence(
    path: tuple[str, ...], key: str, value: Any
) -> None:
    inner: Any = TEMPLATE
    for each in path:
        inner = inner[each]
    table = with_value(TEMPLATE, path, {**inner, key: value} if isinstance(inner, dict) else value)
    is_a_board_or_a_sentence("\n".join(f"{key} = {toml(each)}" for key, each in table.items()))


@given(st.text())
@example("\ufeff")
@example('"\\u0000" = 1')
@example('extends = "\\u0000.toml"')
@example('name = "\\u007f"')
def test_any_text_gives_a_board_or_a_sentence(text: str) -> None:
    is_a_board_or_a_sentence(text)


@given(st.data())
def test_a_damaged_board_gives_a_board_or_a_sentence(data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(SMALL)))
    end = data.draw(st.integers(start, min(start + 8, len(SMALL))))
    patch = data.draw(st.text(alphabet="[]{}=\"'.,#\\ \n0x9ae-_", max_size=6))
    is_a_board_or_a_sentence(SMALL[:start] + patch + SMALL[end:])


@given(VALUES)
def test_any_table_on_top_of_a_board_gives_a_board_or_a_sentence(value: Any) -> None:
    for key in ("devices", "memories", "harts", "operating_points"):
        is_a_board_or_a_sentence(f'extends = "small"\n{key} = {toml(value)}')
