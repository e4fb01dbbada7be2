"""``monitor``: commands of vplat's own at gdb's prompt. Plugins add to them."""

from __future__ import annotations

import dataclasses
import difflib
import shlex
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from vplat.errors import UsageError, VplatError

from .devices import show

if TYPE_CHECKING:
    from vplat.machine.machine import Machine
    from vplat.session import Session

    from .debuggee import Debuggee

Run = Callable[["Monitor", Sequence[str]], str]
"""Does what the words behind the command's name ask for; what is shown."""


@dataclasses.dataclass(frozen=True)
class MonitorCommand:
    """One command: what is typed behind ``monitor``, and what it does.

    ``usage`` shows what may follow the name, '' for nothing. ``run`` may raise ``VplatError``.
    """

    name: str
    usage: str
    doc: str
    run: Run


class Monitor:
    """The commands of one session, and what they may touch.

    The machine stands still while a command runs.
    """

    def __init__(
        self, debuggee: Debuggee, commands: Iterable[MonitorCommand], *, may_write: bool = True
    ) -> None:
        """``may_write`` tells whether files of the host may be touched: not for who is far away."""
        self.debuggee = debuggee
        self._may_write = may_write
        self.commands: Mapping[str, MonitorCommand] = {each.name: each for each in commands}

    @property
    def session(self) -> Session:
        """What is debugged."""
        return self.debuggee.session

    @property
    def machine(self) -> Machine:
        """Its machine."""
        return self.debuggee.machine

    @property
    def hart(self) -> int:
        """The hart of the thread that is selected in gdb."""
        return self.debuggee.hart

    def run(self, line: str) -> str:
        """Do what ``line`` says; what is to be shown, which is a sentence if it cannot be done."""
        try:
            words = shlex.split(line)
        except ValueError as error:
            return f"vplat: {error}: {line}"
        try:
            return self._run(words)
        except VplatError as error:
            return f"vplat: {error}"

    def path(self, text: str) -> Path:
        """A file of the host; ``UsageError`` for a gdb that is not on this host."""
        if not self._may_write:
            raise UsageError(
                "files are out of reach for a gdb that may be on another host; let it in on "
                "127.0.0.1 alone"
            )
        return Path(text).expanduser()

    def changed(self) -> None:
        """To be called by a command before it changes the machine: what follows is another run."""
        self.debuggee.history.changed()

    def _run(self, words: Sequence[str]) -> str:
        name, arguments = (words[0], words[1:]) if words else ("help", ())
        command = self.commands.get(name)
        if command is not None:
            return command.run(self, arguments)
        device = name.partition(".")[0]
        if device not in self.machine.devices:
            known = [*self.commands, *self.machine.devices]
            close = difflib.get_close_matches(device, known, n=1)
            hint = f"did you mean {close[0]!r}?" if close else "`monitor help` lists them"
            raise UsageError(f"there is no command and no device {name!r}; {hint}")
        if arguments:
            raise UsageError(f"nothing may follow {name!r}; `monitor store` writes a register")
        return show(self.machine, name, self.hart)
