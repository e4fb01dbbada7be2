"""Lines between devices and harts: what goes out of a peripheral and what comes in.

A board wires outputs to inputs; a peripheral knows only its own ends.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final, Never, Self, overload

from .field import Behaviour, attach

if TYPE_CHECKING:
    from .peripheral import Peripheral

ALL_HARTS: Final = 0xFFFF_FFFF
Sink = Callable[[int, int], None]
"""What an output is connected to: called with the level (1 or 0) and a mask of harts."""


class _Declared:
    name: str

    def __init__(self, doc: str) -> None:
        self.doc = doc

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __set__(self, peripheral: Peripheral, value: Never) -> None:
        raise AttributeError(f"{peripheral.name}.{self.name} is a line; call it to drive it")


class Event(_Declared):
    """An outgoing pulse: ``self.finished()`` raises it, ``self.finished(harts=mask)`` for some."""

    @overload
    def __get__(self, peripheral: None, owner: type) -> Self: ...
    @overload
    def __get__(self, peripheral: Peripheral, owner: type) -> Callable[..., None]: ...
    def __get__(self, peripheral: Peripheral | None, owner: type) -> Self | Callable[..., None]:
        if peripheral is None:
            return self

        def pulse(harts: int = ALL_HARTS) -> None:
            peripheral.emit(self, 1, harts)

        return pulse


class Line(_Declared):
    """An outgoing level: ``self.irq(1)`` raises it, ``self.irq(0)`` lowers it, for ``harts``."""

    @overload
    def __get__(self, peripheral: None, owner: type) -> Self: ...
    @overload
    def __get__(self, peripheral: Peripheral, owner: type) -> Callable[..., None]: ...
    def __get__(self, peripheral: Peripheral | None, owner: type) -> Self | Callable[..., None]:
        if peripheral is None:
            return self

        def drive(level: int, harts: int = ALL_HARTS) -> None:
            peripheral.emit(self, level, harts)

        return drive


class Input(_Declared):
    """``count`` incoming lines; a behaviour may ask for ``index``, ``level`` and ``harts``."""

    def __init__(self, doc: str, *, count: int = 1) -> None:
        super().__init__(doc)
        self.count = count

    def on_change(self, behaviour: Behaviour) -> Behaviour:
        """Run ``behaviour`` on every pulse (``level`` 1) and on every change of a level."""
        return attach(behaviour, "input", self, None)


class Interrupts(_Declared):
    """Interrupt requests by number to each hart, with an acknowledgement when one is taken.

    ``self.irq(hart, 8)`` asks the hart to take interrupt 8, ``self.irq(hart, None)`` withdraws. The
    hart takes it when ``mstatus.MIE`` is set (``mie`` does not gate it), with 8 in ``mcause``.
    """

    @overload
    def __get__(self, peripheral: None, owner: type) -> Self: ...
    @overload
    def __get__(self, peripheral: Peripheral, owner: type) -> Callable[[int, int | None], None]: ...
    def __get__(
        self, peripheral: Peripheral | None, owner: type
    ) -> Self | Callable[[int, int | None], None]:
        if peripheral is None:
            return self
        return peripheral.platform.request_interrupt

    def on_taken(self, behaviour: Behaviour) -> Behaviour:
        """Run ``behaviour`` when a hart takes one; it may ask for ``hart`` and ``number``."""
        return attach(behaviour, "taken", self, None)
