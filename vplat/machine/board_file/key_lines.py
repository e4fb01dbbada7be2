"""On which line of a TOML text a key is.

``tomllib`` reads values and forgets where they were; this walks over the same text once more.
"""

from __future__ import annotations

import bisect
import re
import tomllib
from typing import Final

from ..place import KeyPath

_BLANK: Final = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_SPACE: Final = re.compile(r"[ \t]*")
_KEY: Final = re.compile(r"""[A-Za-z0-9_-]+|"(?:\\.|[^"\\])*"|'[^']*'""")
_STRING: Final = re.compile(
    r'"""(?:\\.|[^\\])*?"{3,5}'
    r"|'''.*?'{3,5}"
    r'|"(?:\\.|[^"\\])*"'
    r"|'[^']*'",
    re.DOTALL,
)
_PLAIN: Final = re.compile(r"[^,\]}\n#]+")


def key_lines(text: str) -> dict[KeyPath, int]:
    """The line, counted from 1, of each key, table header and array element of a TOML text.

    ``text`` must be one that ``tomllib`` reads. An element of an array is found under its index. A
    table with a header of its own is on that line, another one where it is mentioned first.
    """
    return _Walk(text).lines


class _Walk:
    """One pass over a text, a position moving through it."""

    def __init__(self, text: str) -> None:
        self._text, self._at = text, 0
        self._newlines = [match.start() for match in re.finditer("\n", text)]
        self._rows: dict[KeyPath, int] = {}
        self.lines: dict[KeyPath, int] = {}
        table: KeyPath = ()
        while self._after_blank():
            if self._skip("[["):
                table = self._header(row=True)
            elif self._skip("["):
                table = self._header(row=False)
            else:
                self._pair(table)

    @property
    def _line(self) -> int:
        return bisect.bisect_left(self._newlines, self._at) + 1

    def _header(self, *, row: bool) -> KeyPath:
        line, keys = self._line, self._keys()
        self._skip("]]" if row else "]")
        path: KeyPath = ()
        for key in keys[:-1]:
            path = self._latest_row((*path, key))
            self.lines.setdefault(path, line)
        path = (*path, keys[-1])
        if row:
            self.lines.setdefault(path, line)
            self._rows[path] = self._rows.get(path, -1) + 1
        path = self._latest_row(path)
        self.lines[path] = line
        return path

    def _latest_row(self, path: KeyPath) -> KeyPath:
        return (*path, self._rows[path]) if path in self._rows else path

    def _pair(self, table: KeyPath) -> None:
        line, path = self._line, table
        for key in self._keys():
            path = (*path, key)
            self.lines.setdefault(path, line)
        self._skip("=")
        self._value(path)

    def _value(self, path: KeyPath) -> None:
        self._after_blank()
        if self._skip("["):
            index = 0
            while not self._closed("]"):
                self.lines[*path, index] = self._line
                self._value((*path, index))
                index += 1
        elif self._skip("{"):
            while not self._closed("}"):
                self._pair(path)
        elif _STRING.match(self._text, self._at):
            self._match(_STRING)
        else:
            self._match(_PLAIN)

    def _closed(self, bracket: str) -> bool:
        """Whether an array or inline table ends here; else the next element begins here."""
        self._after_blank()
        self._skip(",")
        self._after_blank()
        return self._skip(bracket)

    def _keys(self) -> list[str]:
        keys = [self._key()]
        while self._skip("."):
            keys.append(self._key())
        return keys

    def _key(self) -> str:
        self._match(_SPACE)
        token = self._match(_KEY)
        self._match(_SPACE)
        if token.startswith('"'):
            return str(tomllib.loads(f"key = {token}")["key"])
        return token[1:-1] if token.startswith("'") else token

    def _after_blank(self) -> bool:
        """Go past spaces, newlines and comments; False at the end of the text."""
        self._match(_BLANK)
        return self._at < len(self._text)

    def _skip(self, mark: str) -> bool:
        found = self._text.startswith(mark, self._at)
        self._at += len(mark) if found else 0
        return found

    def _match(self, pattern: re.Pattern[str]) -> str:
        match = pattern.match(self._text, self._at)
        if match is None:
            raise ValueError(f"line {self._line} is not TOML")
        self._at = match.end()
        return match[0]
