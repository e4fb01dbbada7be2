"""Address windows: the places on the bus where a peripheral answers."""

from __future__ import annotations

from typing import Final

from .field import Behaviour, attach

HART_PORT: Final = -1


class Window:
    """A range of ``size`` bytes at which the peripheral answers.

    A device with one range needs none of these: its class keyword ``size`` declares it. A device
    that masters see at several addresses declares one window each; the board gives every window
    its base.

    ``port`` numbers the copy that an access through this window reaches in a ``PortWord`` or
    ``PortRegister``; ``HART_PORT`` means the accessing hart's own (core-private ports behind one
    shared address).
    """

    def __init__(self, size: int, doc: str, *, port: int = 0) -> None:
        self.size, self.doc, self.port = size, doc, port
        self.name = ""

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __repr__(self) -> str:
        return f"Window({self.name or 'registers'!r}, {self.size:#x})"

    def on_load(self, behaviour: Behaviour) -> Behaviour:
        """Answer every load in this window with ``behaviour``, in place of registers.

        It may ask for ``offset``, ``size`` (1, 2 or 4 bytes), ``hart`` and ``port``.
        """
        return attach(behaviour, "window load", self, None)

    def on_store(self, behaviour: Behaviour) -> Behaviour:
        """Hand every store in this window to ``behaviour``, in place of registers.

        It may ask for ``offset``, ``size``, ``value``, ``hart`` and ``port``.
        """
        return attach(behaviour, "window store", self, None)

    def on_other_load(self, behaviour: Behaviour) -> Behaviour:
        """Answer the loads at which this window has no register, as ``on_load`` does for all.

        For a device that decodes addresses incompletely, so that its registers repeat.
        """
        return attach(behaviour, "other load", self, None)

    def on_other_store(self, behaviour: Behaviour) -> Behaviour:
        """Hand the stores to places without a register to ``behaviour``, as ``on_store`` does."""
        return attach(behaviour, "other store", self, None)


MAIN: Final = Window(0, "The registers.")
"""The window that the class keyword ``size`` declares; its base is the device's base."""
