"""On which line of a TOML text a key is."""

from __future__ import annotations

import json
import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vplat.machine.board_file.key_lines import key_lines
from vplat.machine.place import KeyPath


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("a = 1\nb = 2\n", {("a",): 1, ("b",): 2}),
        ("\n# b = 1\n  a = 1 # = [\n", {("a",): 3}),
        ("[t]\n\na = 1", {("t",): 1, ("t", "a"): 3}),
        ("[t.u]\na = 1\n[t]\nb = 2", {("t",): 3, ("t", "u"): 1, ("t", "u", "a"): 2, ("t", "b"): 4}),
        ("a.b = 1\na.c = 2", {("a",): 1, ("a", "b"): 1, ("a", "c"): 2}),
        ("[ t . 'u.v' ]\n\"w\\n\" = 1", {("t",): 1, ("t", "u.v"): 1, ("t", "u.v", "w\n"): 2}),
        (
            "t = { a = 1, b.c = 2 }",
            dict.fromkeys([("t",), ("t", "a"), ("t", "b"), ("t", "b", "c")], 1),
        ),
        ("t = {}\nu = []\nv = ''", {("t",): 1, ("u",): 2, ("v",): 3}),
        ("a = [\n  1, # one\n  2,\n]\nb = 0", {("a",): 1, ("a", 0): 2, ("a", 1): 3, ("b",): 5}),
        ("a = [[],\n[1]]", {("a",): 1, ("a", 0): 1, ("a", 1): 2, ("a", 1, 0): 2}),
        ("a = [\n{ b = 1 },\n]", {("a",): 1, ("a", 0): 2, ("a", 0, "b"): 2}),
        (
            "[[a]]\nb = 1\n[[a]]\nb = 2\n[a.c]\nd = 3",
            {
                ("a",): 1,
                ("a", 0): 1,
                ("a", 0, "b"): 2,
                ("a", 1): 3,
                ("a", 1, "b"): 4,
                ("a", 1, "c"): 5,
                ("a", 1, "c", "d"): 6,
            },
        ),
        ('a = """\nb = 1\n"""\nc = 1', {("a",): 1, ("c",): 4}),
        ("a = '''\nb = 1'''''\nc = 1", {("a",): 1, ("c",): 3}),
        ('a = """\\"""\n""""\nc = "#"', {("a",): 1, ("c",): 3}),
        ("a = 1979-05-27 07:32:00\nb = -inf # c", {("a",): 1, ("b",): 2}),
        ("", {}),
        ("# nothing", {}),
    ],
)
def test_every_key_is_on_its_line(text: str, lines: dict[KeyPath, int]) -> None:
    tomllib.loads(text)
    assert key_lines(text) == lines


KEYS = st.text(alphabet="ab-#'\"\\.=[]{}\n\t", max_size=4)
SCALARS = st.one_of(
    st.integers(-9, 9),
    st.booleans(),
    st.text(alphabet="ab#'\"\\.=[]{},\n", max_size=6),
    st.floats(allow_nan=False, allow_infinity=False),
)
VALUES: st.SearchStrategy[Any] = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3)
)


class Writer:
    """Writes a table as TOML in whatever layout it draws, and notes the line of every key."""

    def __init__(self, data: st.DataObject) -> None:
        self.data = data
        self.text = ""
        self.lines: dict[KeyPath, int] = {}

    def drawn(self, *choices: str) -> str:
        return self.data.draw(st.sampled_from(choices))

    def note(self, path: KeyPath) -> None:
        self.lines[path] = self.text.count("\n") + 1

    def pair(self, key: str, value: object, path: KeyPath) -> None:
        self.note((*path, key))
        self.text += json.dumps(key) + self.drawn("=", " = ")
        self.value(value, (*path, key))

    def value(self, value: object, path: KeyPath) -> None:
        if isinstance(value, dict):
            self.text += "{ "
            for index, (key, each) in enumerate(value.items()):
                self.text += ", " if index else ""
                self.pair(key, each, path)
            self.text += " }"
        elif isinstance(value, list):
            self.text += "["
            for index, each in enumerate(value):
                self.text += self.drawn("", "\n", " # ],\n\n")
                self.note((*path, index))
                self.value(each, (*path, index))
                self.text += self.drawn(",", "\n,", ", # [\n")
            self.text += "]"
        else:
            self.text += json.dumps(value)

    def table(self, table: dict[str, Any], path: KeyPath) -> None:
        below = {}
        for key, value in table.items():
            if isinstance(value, dict) and self.data.draw(st.booleans()):
                below[key] = value
                continue
            self.pair(key, value, path)
            self.text += self.drawn("\n", " # x = 1\n", "\n\n")
        for key, value in below.items():
            self.note((*path, key))
            self.text += f"[{'.'.join(json.dumps(each) for each in (*path, key))}]\n"
            self.table(value, (*path, key))


@given(st.dictionaries(KEYS, VALUES, max_size=4), st.data())
def test_the_lines_of_any_table_in_any_layout_are_found(
    table: dict[str, Any], data: st.DataObject
) -> None:
    writer = Writer(data)
    writer.table(table, ())
    assert tomllib.loads(writer.text) == table
    assert key_lines(writer.text) == writer.lines
