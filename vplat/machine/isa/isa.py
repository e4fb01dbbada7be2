"""An ISA string, understood.

Naming follows the RISC-V unprivileged ISA manual, chapter "ISA Extension Naming Conventions"; the
value of `misa` follows the privileged manual, section "Machine ISA Register (misa)".
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from vplat.errors import BoardError

MXL_32: Final = 1 << 30
"""misa.MXL = 1 in an RV32 hart: XLEN is 32."""

GENERAL: Final = ("i", "m", "a", "f", "d", "zicsr", "zifencei")
"""What the letter g stands for."""

BASES: Final = ("i", "e", "g")
"""The letters a string may begin with."""
SINGLE_LETTERS: Final = "iemafdcb"
"""The unprivileged single-letter extensions, in canonical order."""

IMPLIED: Final[dict[str, tuple[str, ...]]] = {
    "m": ("zmmul",),
    "a": ("zaamo", "zalrsc"),
    "f": ("zicsr",),
    "d": ("f",),
    "c": ("zca",),
    "zcf": ("zca", "f"),
    "zcd": ("zca", "d"),
    "b": ("zba", "zbb", "zbs"),
    "zicntr": ("zicsr",),
    "zihpm": ("zicsr",),
    "s": ("u",),
}
"""What an extension brings with it."""

COMPOSED: Final[tuple[tuple[frozenset[str], str], ...]] = (
    (frozenset({"c", "f"}), "zcf"),
    (frozenset({"c", "d"}), "zcd"),
    (frozenset({"zaamo", "zalrsc"}), "a"),
    (frozenset({"zba", "zbb", "zbs"}), "b"),
)
"""Extensions that together make up another."""

MULTI_LETTER: Final = (
    "zicntr",
    "zicond",
    "zicsr",
    "zifencei",
    "zihintntl",
    "zihintpause",
    "zihpm",
    "zmmul",
    "zaamo",
    "zalrsc",
    "zca",
    "zcf",
    "zcd",
    "zba",
    "zbb",
    "zbs",
)
"""The standard multi-letter extensions that the decoder knows, in canonical order."""

_PREFIX: Final = re.compile(r"rv([0-9]+)")
_VERSION: Final = re.compile(r"[0-9]+(?:p[0-9]+)?")
_MULTI_LETTER_NAME: Final = re.compile(rf"([a-z](?:[a-z0-9]*?[a-z])?)(?:{_VERSION.pattern})?")
_PRIVILEGE_TOKEN: Final = re.compile(r"su?|us?")
_EXAMPLE: Final = "write it like 'rv32imafc_zicsr_zifencei'"


@dataclass(frozen=True)
class Isa:
    """The instruction set of a hart: a set of extensions, closed under implication.

    `extensions` holds lower-case names: the base (`i` or `e`), single letters, `z...` and `x...`
    names, and the privilege modes beside machine mode (`u`, `s`).
    """

    extensions: frozenset[str]

    @classmethod
    def parse(cls, text: str, *, user_mode: bool = False) -> Isa:
        """The ISA that `text` names, in either case, with or without version numbers.

        User mode is there when `user_mode` is set or the text has the letter u, supervisor mode
        when it has the letter s. A text with neither `zicsr` nor `zifencei` is from before these
        two left the base, so both are taken to be present; one that names either is taken at its
        word. Raises `BoardError` for a text that names no instruction set this platform decodes.
        """
        names = _names(text)
        if not {"zicsr", "zifencei"} & set(names):
            names += ["zicsr", "zifencei"]
        if user_mode:
            names.append("u")
        return cls(_closure(names))

    def has(self, extension: str) -> bool:
        """Whether the hart has this extension or privilege mode."""
        return extension.lower() in self.extensions

    @property
    def user_mode(self) -> bool:
        """Whether harts have a user mode beside machine mode."""
        return "u" in self.extensions

    @cached_property
    def misa(self) -> int:
        """The value of the `misa` CSR: MXL = 1 and a bit for each letter; X if any `x...` is there.

        Extensions without a letter (`z...`) have no bit.
        """
        letters = {name for name in self.extensions if len(name) == 1}
        if any(name.startswith("x") for name in self.extensions):
            letters.add("x")
        return MXL_32 | sum(1 << (ord(letter) - ord("a")) for letter in letters)

    @cached_property
    def canonical(self) -> str:
        """The ISA string in canonical order, without what its other names imply.

        `zicsr` and `zifencei` are always written; privilege modes come last. `Isa.parse` of it
        gives an equal object.
        """
        letters = "".join(name for name in SINGLE_LETTERS if name in self.extensions)
        parts = ["rv32" + letters]
        parts += [name for name in MULTI_LETTER if self._must_be_written(name)]
        parts += sorted(name for name in self.extensions if name.startswith("x"))
        if modes := "".join(mode for mode in "su" if mode in self.extensions):
            parts.append(modes)
        return "_".join(parts)

    def __str__(self) -> str:
        return self.canonical

    def _must_be_written(self, name: str) -> bool:
        if name not in self.extensions:
            return False
        letters = {letter for letter in SINGLE_LETTERS if letter in self.extensions}
        return name in ("zicsr", "zifencei") or name not in _closure(letters)


def _closure(names: Collection[str]) -> frozenset[str]:
    closed = frozenset(names)
    while (wider := closed | _composed(_with_implied(closed))) != closed:
        closed = wider
    return closed


def _with_implied(names: frozenset[str]) -> frozenset[str]:
    closed: set[str] = set()
    pending = list(names)
    while pending:
        name = pending.pop()
        if name not in closed:
            closed.add(name)
            pending += IMPLIED.get(name, ())
    return frozenset(closed)


def _composed(names: frozenset[str]) -> frozenset[str]:
    """`names`, which hold what they imply, and the extensions that they make up together."""
    wholes = {whole for parts, whole in COMPOSED if parts <= names}
    if "zca" in names and _compressed_is_whole(names):
        wholes.add("c")
    return names | wholes


def _compressed_is_whole(names: Collection[str]) -> bool:
    """C on RV32 is Zca, with Zcf where there is F and Zcd where there is D (manual, "Zc*")."""
    return ("f" not in names or "zcf" in names) and ("d" not in names or "zcd" in names)


def _names(text: str) -> list[str]:
    """The extension names written in `text`, `g` replaced by what it stands for."""
    bare = text.strip().lower()
    prefix = _PREFIX.match(bare)
    if prefix is None:
        raise BoardError(f"{text!r} is not an ISA string: {_EXAMPLE}.")
    if prefix[1] != "32":
        raise BoardError(
            f"ISA {text!r} is not a 32-bit one, and this platform runs RV32 only: {_EXAMPLE}."
        )
    extensions = bare[prefix.end() :]
    if not extensions.startswith(BASES):
        raise BoardError(
            f"ISA {text!r} does not begin with a base: write rv32i, rv32e or rv32g there."
        )
    written = [name for token in extensions.split("_") for name in _token_names(token, text)]
    _check_written(written, text)
    general = GENERAL if "g" in written else ()
    return [*general, *(name for name in written if name != "g")]


def _check_written(written: list[str], text: str) -> None:
    bases = [name for name in written if name in BASES]
    if len(bases) > 1:
        raise BoardError(
            f"ISA {text!r} names two bases, '{bases[0]}' and '{bases[1]}': keep one of them."
        )
    for position, name in enumerate(written):
        if name in written[:position]:
            raise BoardError(f"ISA {text!r} names {name!r} twice: keep one of them.")


def _token_names(token: str, text: str) -> Iterator[str]:
    """The names in one underscore-separated piece of `text`."""
    if not token:
        raise BoardError(f"ISA {text!r} has an empty name beside an underscore: {_EXAMPLE}.")
    while token:
        if _PRIVILEGE_TOKEN.fullmatch(token):
            yield from token
            return
        if token[0] in "zxs":
            yield _multi_letter_name(token, text)
            return
        yield _single_letter_name(token[0], text)
        version = _VERSION.match(token, 1)
        token = token[version.end() if version else 1 :]


def _single_letter_name(letter: str, text: str) -> str:
    if letter not in SINGLE_LETTERS and letter not in "gu":
        raise BoardError(
            f"ISA {text!r} names {letter!r}, which this platform does not decode: use a base "
            f"(i, e, g) with letters of m, a, f, d, c, b, and u for user mode."
        )
    return letter


def _multi_letter_name(token: str, text: str) -> str:
    match = _MULTI_LETTER_NAME.fullmatch(token)
    name = match[1] if match else token
    custom = match is not None and name.startswith("x") and len(name) > 1
    if not custom and name not in MULTI_LETTER:
        raise BoardError(
            f"ISA {text!r} names {token!r}, which this platform does not decode: known are "
            f"{', '.join(sorted(MULTI_LETTER))}, and x... for an extension of a plugin."
        )
    return name
