"""The options of ``vplat run`` that save and restore snapshots."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click
import rich_click

from vplat.errors import UsageError

from .debugging import Asked
from .failures import note
from .options import Cycles
from .writing import check_writable

if TYPE_CHECKING:
    from vplat.machine.snapshot.file import About
    from vplat.session import Session

Decorated = TypeVar("Decorated", bound=Callable[..., Any])
KEY: Final = "vplat.snapshots"
FILE: Final = click.Path(path_type=Path)


class MomentOfARun(click.ParamType[int | str]):
    """A number of cycles, or a place in the firmware."""

    name = "moment"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> int | str:
        """The cycle, or the place as it was given; whether there is one is for the session."""
        text = str(value).strip()
        return Cycles().convert(text, param, ctx) if text[:1].isdigit() else text


@dataclasses.dataclass
class Snapshotting:
    """What ``vplat run`` was asked to save and to restore."""

    restore: Path | None = None
    save: Path | None = None
    at: int | str | None = None
    saved: bool = False
    about: About | None = None
    """Whose snapshot ``restore`` is."""

    @classmethod
    def asked_for(cls, context: click.Context) -> Snapshotting:
        """By the options of this call, with everything checked that can be before the run."""
        found: dict[str, Any] = context.meta.get(KEY, {})
        asked = cls(found.get("restore"), found.get("save_snapshot"), found.get("at"))
        if asked.at is not None and asked.save is None:
            raise UsageError("--at says when to save a snapshot; say where with --save-snapshot")
        if isinstance(asked.at, str) and Asked.by(context).address is not None:
            raise UsageError(
                f"--at {asked.at} cannot wait for a hart while gdb has the machine; leave out "
                "--gdb, or let gdb break there and save with `monitor snapshot`"
            )
        if asked.save is not None:
            check_writable(asked.save)
        if asked.restore is not None:
            from vplat.machine.snapshot.file import read_snapshot

            asked.about = read_snapshot(asked.restore).about
        return asked

    def firmware(self, elf: Path | None, context: click.Context) -> Path:
        """The firmware to run: the snapshot's if none is named."""
        if elf is not None:
            return elf
        if self.about is not None:
            return Path(self.about.firmware)
        argument = next(each for each in context.command.params if each.name == "elf")
        raise click.MissingParameter(ctx=context, param=argument)

    def prepare(self, session: Session) -> None:
        """Before the run: restore, and plan what is to be saved."""
        if self.restore is not None:
            session.load(self.restore)
        if self.save is not None:
            session.when(self.at, lambda: self._save(session), steers=False)

    def tell(self) -> None:
        """After the run: a ``UsageError`` if the snapshot was not saved."""
        if self.save is None or self.saved:
            return
        if self.at is None:
            raise UsageError(
                f"the run ended by itself, so that there was nothing to go on from, and {self.save}"
                " was not written; say with --at when to save"
            )
        raise UsageError(
            f"the run ended before it came to {self.at}, so {self.save} was not written; "
            "choose an earlier moment with --at"
        )

    def _save(self, session: Session) -> None:
        if self.save is not None:
            session.save(self.save)
            self.saved = True
            note(f"the snapshot {self.save} was taken at cycle {session.statistics().cycles}")


def snapshot_options(command: Decorated) -> Decorated:
    """``--save-snapshot``, ``--at`` and ``--restore``; ``Snapshotting.asked_for`` reads them."""
    options = (
        rich_click.option(
            "--save-snapshot",
            metavar="FILE",
            type=FILE,
            panel="Snapshots",
            help="Write the whole machine's state to FILE, to go on from with --restore: at the "
            "moment that --at says, or else when --max-cycles, --timeout or Ctrl-C ends the run.",
        ),
        rich_click.option(
            "--at",
            metavar="CYCLE|PLACE",
            type=MomentOfARun(),
            panel="Snapshots",
            help="When to save: at a cycle, like 10M, or when the first hart comes to a function "
            "or to FILE:LINE. The run goes on.",
        ),
        rich_click.option(
            "--restore",
            metavar="FILE",
            type=FILE,
            panel="Snapshots",
            help="Go on from a snapshot, to the same end as the run it is of. ELF, --board and "
            "--operating-point are the snapshot's if not given.",
        ),
    )
    before = len(getattr(command, "__click_params__", ()))
    for option in reversed(options):
        command = option(command)
    for parameter in command.__click_params__[before:]:  # type: ignore[attr-defined]
        parameter.callback, parameter.expose_value = _keep, False
    return command


def _keep(context: click.Context, parameter: click.Parameter, value: Any) -> None:
    context.meta.setdefault(KEY, {})[parameter.name] = value
