"""Every error vplat raises on purpose, in one tree.

VplatError
├── DeclarationError    a device is described wrongly; raised while its class is made
├── BoardError          a board's table is missing, malformed or contradicts itself
├── FirmwareError       a file is not firmware this board can run
├── PluginError         a plugin cannot be loaded, clashes with another one, or raised
├── SnapshotError       a snapshot is damaged, or of another board or firmware
├── DeployError         a network cannot be read, or does not fit the cluster
├── UsageError          the command line asks for something that does not exist
└── ToolError           an external program is missing or failed

A message is one sentence, or two, that names the culprit, the place and the next step:
``boards/my.toml:14: device 'dma' overlaps 'timer' at 0x10204400; move one of the two``.

What firmware does wrong while it runs is not in this tree. A crash, a deadlock and a spent budget
are outcomes of a run, and an access that nothing answers is a trap of the hart that made it.
"""

from __future__ import annotations

from typing import Final


class VplatError(Exception):
    """Base of the tree; ``exit_code`` is the status the command line ends with."""

    exit_code = 125


class DeclarationError(VplatError, TypeError):
    """A device's description contradicts itself: two registers on one offset, for example."""


class BoardError(VplatError):
    """A board cannot be built: no such table, an unknown key or kind, an overlap."""


class FirmwareError(VplatError):
    """A file cannot be loaded: not an RV32 ELF, truncated, or larger than the board's memories."""


class PluginError(VplatError):
    """A plugin cannot be imported, claims a name that is taken, or raised inside a hook."""


class SnapshotError(VplatError):
    """A snapshot cannot be restored: damaged, or of another board, firmware or vplat."""


class DeployError(VplatError):
    """A network cannot be deployed: not ONNX, unsupported operators, or too large for a memory."""

    ITEM: Final = "\n  "
    """In front of each of several problems, which are told at once."""


class UsageError(VplatError):
    """A command was asked for something that does not exist or does not fit its other options."""


class ToolError(VplatError):
    """An external program, a compiler for one, is missing or ended with an error."""
