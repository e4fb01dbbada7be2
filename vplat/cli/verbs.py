"""The verbs vplat brings along, as a plugin contributes them."""

from __future__ import annotations

import importlib
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

from vplat.hookspecs import hookimpl

if TYPE_CHECKING:
    from click import Command

PANELS: Final[Mapping[str, Sequence[str]]] = {
    "Run firmware": ("run", "debug"),
    "Look into it": ("trace", "profile", "coverage"),
    "Deploy networks": ("deploy", "models", "quantise"),
    "Know the platform": ("boards", "export"),
    "Extend it": ("plugins", "new"),
    "Look after it": ("doctor", "bench", "completion"),
}
"""The verbs as ``vplat --help`` groups them; each is the ``command`` of the module of its name."""
NAMES: Final = tuple(name for names in PANELS.values() for name in names)


def load(name: str) -> Command:
    """The command of the built-in verb ``name``."""
    command: Command = importlib.import_module(f"{__package__}.{name}").command
    return command


@hookimpl
def vplat_commands() -> list[Command]:
    """The built-in verbs, every one of them imported."""
    return [load(name) for name in NAMES]


__all__ = ["NAMES", "PANELS", "Command", "load", "vplat_commands"]
