"""Registers, declared once as class attributes.

A declaration is immutable and holds no value; values live in the peripheral instance.
Generators walk declarations, the bus drives instances.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Never, Self, overload

from ..errors import DeclarationError
from .access import Access
from .field import Behaviour, Field, attach, bits, no_such
from .window import MAIN, Window

if TYPE_CHECKING:
    from .peripheral import Peripheral

WORD_MASK = 0xFFFF_FFFF
TAKEN_FIELD_NAMES = ("word", "update")
Condition = Callable[[Any], bool]


class Declared:
    """One or ``count`` registers of 32 bits, ``stride`` bytes apart, with fields in bit order.

    ``windows`` are where they appear; ``ports`` > 0 gives each port its own copy behind one offset;
    ``only`` is a test on the device: the registers exist where it holds for the device's
    parameters; ``mirrors`` is a register declared above whose words these show at another place,
    for a device whose windows lay the same registers out differently; ``todo`` marks what is known
    but not modelled: touching it is reported.

    A field that firmware can only write may lie on one that it can only read, as the FIFO control
    of a 16550 does on its interrupt identification: the word keeps what is read, behaviours get
    what is written.
    """

    name: str

    def __init__(
        self,
        offset: int,
        doc: str,
        fields: dict[str, Field],
        *,
        count: int = 0,
        stride: int = 4,
        windows: Sequence[Window] = (MAIN,),
        ports: int = 0,
        only: Condition | None = None,
        mirrors: Declared | None = None,
        todo: bool = False,
    ) -> None:
        self.offset, self.doc, self.count, self.stride = offset, doc, count, stride
        self.windows, self.ports, self.only, self.todo = tuple(windows), ports, only, todo
        self.mirrors = mirrors
        self.fields: dict[str, Field] = {}
        readable = writable = 0
        for name, field in sorted(fields.items(), key=lambda item: item[1].low):
            if name in TAKEN_FIELD_NAMES:
                raise DeclarationError(
                    f"a field cannot be called {name!r} ({doc!r}): self.register.{name} is what "
                    "every register has; rename the field"
                )
            if field.high > 31 or field.low < 0 or field.high < field.low:
                raise DeclarationError(f"field {name!r} does not fit 32 bits ({doc!r})")
            read = field.mask if field.access.readable else 0
            written = field.mask if field.access.writable else 0
            if readable & read or writable & written:
                raise DeclarationError(f"field {name!r} overlaps one below it ({doc!r})")
            if field.reset << field.low & ~field.mask:
                raise DeclarationError(f"field {name!r} is too narrow for its reset ({doc!r})")
            readable, writable = readable | read, writable | written
            self.fields[name] = dataclasses.replace(field, name=name, register=self)
        if count and ports:
            raise DeclarationError(
                f"{doc!r} has a count and ports; declare one register with ports for each element"
            )
        if mirrors is not None and (self.words, self.reset) != (mirrors.words, mirrors.reset):
            raise DeclarationError(
                f"{doc!r} mirrors {mirrors.name!r} but has another number of words or another reset"
            )

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __set__(self, peripheral: Peripheral, value: Never) -> None:
        raise AttributeError(
            f"{peripheral.name}.{self.name} cannot be replaced; "
            "set one of its fields or elements, or its word"
        )

    @property
    def reset(self) -> int:
        """The word after reset."""
        return sum(field.reset << field.low for field in self.fields.values())

    @property
    def words(self) -> int:
        """How many words of storage it takes: one for each element or each port."""
        return self.count or self.ports or 1

    @property
    def is_word(self) -> bool:
        """The register is one 32-bit value without named fields."""
        return isinstance(self, Word | Words | PortWord)

    @property
    def offsets(self) -> tuple[int, ...]:
        """The offset of every element, in bytes from the window's base."""
        return tuple(self.offset + self.stride * i for i in range(self.count or 1))

    def element_name(self, index: int) -> str:
        """``name`` of a single register, ``name[3]`` of an element of an array."""
        return f"{self.name}[{index}]" if self.count else self.name

    def element_doc(self, index: int) -> str:
        """The meaning with ``{i}`` replaced by the element's number."""
        return self.doc.replace("{i}", str(index))

    def describe(self, value: int, *, stored: bool = False) -> str:
        """The non-zero fields by name, or the value of a plain word in hexadecimal.

        Of two fields that lie on one another it names the one that a load sees, or with ``stored``
        the one that a store reaches.
        """
        if self.is_word:
            return f"{value:#x}"
        concerned = [
            field
            for field in self.fields.values()
            if (field.access.writable if stored else field.access.readable)
        ]
        parts = (
            field.describe(field.get(value))
            for field in self.fields.values()
            if field in concerned or not any(field.mask & each.mask for each in concerned)
        )
        return " ".join(part for part in parts if part)

    def on_read(self, behaviour: Behaviour) -> Behaviour:
        """Run ``behaviour`` just before firmware reads this register.

        If it returns a number, that is the word the register answers with.
        """
        return attach(behaviour, "read", self, None)

    def on_write(self, behaviour: Behaviour) -> Behaviour:
        """Run ``behaviour`` just after firmware has written this register.

        Its ``value`` is the word on the bus, zero in lanes that a narrow store leaves out.
        """
        return attach(behaviour, "write", self, None)


class Word(Declared):
    """A register that is one 32-bit value: ``self.src`` is an int."""

    def __init__(
        self, offset: int, access: Access, doc: str, *, reset: int = 0, **where: Any
    ) -> None:
        super().__init__(offset, doc, {"value": bits(31, 0, access, doc, reset=reset)}, **where)

    @overload
    def __get__(self, peripheral: None, owner: type) -> Word: ...
    @overload
    def __get__(self, peripheral: Peripheral, owner: type) -> int: ...
    def __get__(self, peripheral: Peripheral | None, owner: type) -> Word | int:
        return self if peripheral is None else peripheral.words[self.name][0]

    def __set__(self, peripheral: Peripheral, value: int) -> None:
        peripheral.words[self.name][0] = value & WORD_MASK


class _Row(Declared):
    @overload
    def __get__(self, peripheral: None, owner: type) -> Self: ...
    @overload
    def __get__(self, peripheral: Peripheral, owner: type) -> Row: ...
    def __get__(self, peripheral: Peripheral | None, owner: type) -> Self | Row:
        return self if peripheral is None else Row(peripheral, self.name)


class Words(_Row):
    """``count`` words, ``stride`` bytes apart: ``self.mask[3]`` is an int."""

    def __init__(
        self, count: int, offset: int, access: Access, doc: str, *, reset: int = 0, **where: Any
    ) -> None:
        field = bits(31, 0, access, doc, reset=reset)
        super().__init__(offset, doc, {"value": field}, count=count, **where)


class PortWord(_Row):
    """One word that each of ``ports`` masters has a copy of: ``self.src[port]`` is an int."""

    def __init__(
        self, ports: int, offset: int, access: Access, doc: str, *, reset: int = 0, **where: Any
    ) -> None:
        field = bits(31, 0, access, doc, reset=reset)
        super().__init__(offset, doc, {"value": field}, ports=ports, **where)


class _Fielded(Declared):
    def __getattr__(self, field: str) -> Field:
        fields = self.__dict__.get("fields", {})
        if field not in fields:
            raise AttributeError(no_such("field", field, fields))
        return fields[field]  # type: ignore[no-any-return]


class Register(_Fielded):
    """A register made of named fields: ``self.status.busy`` is an int."""

    def __init__(self, offset: int, doc: str, **fields_and_where: Any) -> None:
        fields, where = _split(fields_and_where)
        super().__init__(offset, doc, fields, **where)

    @overload
    def __get__(self, peripheral: None, owner: type) -> Register: ...
    @overload
    def __get__(self, peripheral: Peripheral, owner: type) -> View: ...
    def __get__(self, peripheral: Peripheral | None, owner: type) -> Register | View:
        return self if peripheral is None else View(peripheral.words[self.name], 0, self)


class _FieldedRow(_Fielded):
    @overload
    def __get__(self, peripheral: None, owner: type) -> Self: ...
    @overload
    def __get__(self, peripheral: Peripheral, owner: type) -> Views: ...
    def __get__(self, peripheral: Peripheral | None, owner: type) -> Self | Views:
        return self if peripheral is None else Views(peripheral.words[self.name], self)


class Registers(_FieldedRow):
    """``count`` registers of named fields: ``self.channel[2].enable`` is an int."""

    def __init__(self, count: int, offset: int, doc: str, **fields_and_where: Any) -> None:
        fields, where = _split(fields_and_where)
        super().__init__(offset, doc, fields, count=count, **where)


class PortRegister(_FieldedRow):
    """A register of named fields that each of ``ports`` masters has: ``self.conf[port].enable``."""

    def __init__(self, ports: int, offset: int, doc: str, **fields_and_where: Any) -> None:
        fields, where = _split(fields_and_where)
        super().__init__(offset, doc, fields, ports=ports, **where)


class Row:
    """The words of one array, or of the banks of one word, of one peripheral."""

    __slots__ = ("_words",)

    def __init__(self, peripheral: Peripheral, name: str) -> None:
        self._words = peripheral.words[name]

    def __getitem__(self, index: int) -> int:
        return self._words[index]

    def __setitem__(self, index: int, value: int) -> None:
        self._words[index] = value & WORD_MASK

    def __iter__(self) -> Iterator[int]:
        return iter(self._words)

    def __len__(self) -> int:
        return len(self._words)


class View:
    """The fields of one register of one peripheral, by name; ``word`` is the whole register."""

    __slots__ = ("_index", "_register", "_words")
    _words: list[int]
    _index: int
    _register: Declared

    def __init__(self, words: list[int], index: int, register: Declared) -> None:
        put = object.__setattr__
        put(self, "_words", words)
        put(self, "_index", index)
        put(self, "_register", register)

    def __getattr__(self, name: str) -> int:
        word = self._words[self._index]
        return word if name == "word" else self._field(name).get(word)

    def __setattr__(self, name: str, value: int) -> None:
        if name == "word":
            self._words[self._index] = value & WORD_MASK
        else:
            field = self._field(name)
            self._words[self._index] = field.put(self._words[self._index], value)

    def update(self, **values: int) -> None:
        """Set several fields."""
        for name, value in values.items():
            setattr(self, name, value)

    def _field(self, name: str) -> Field:
        field = self._register.fields.get(name)
        if field is None:
            raise AttributeError(no_such("field", name, self._register.fields))
        return field


class Views:
    """The registers of one array, or the ports of one register, of one peripheral."""

    __slots__ = ("_register", "_words")

    def __init__(self, words: list[int], register: Declared) -> None:
        self._words, self._register = words, register

    def __getitem__(self, index: int) -> View:
        self._words[index]  # an index out of range is an IndexError here, not later
        return View(self._words, index, self._register)

    def __len__(self) -> int:
        return len(self._words)


def _split(named: dict[str, Any]) -> tuple[dict[str, Field], dict[str, Any]]:
    fields = {name: value for name, value in named.items() if isinstance(value, Field)}
    return fields, {name: value for name, value in named.items() if name not in fields}
