"""What verbs share that run firmware to look into it: the machine's options, and the run."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from . import terminal
from .interruption import Interruption
from .options import load_plugins
from .run import PROBES
from .run import command as run_command

if TYPE_CHECKING:
    from vplat.session import Result, Session

SHARED: Final = ("board", "operating_point", "files", "probe", "max_cycles", "timeout")
"""The options of ``vplat run`` that say what machine runs, and how long."""
CHOICES: Final = "vplat.run_choices"


def runs_firmware(command: click.Command) -> click.Command:
    """Give a verb the options of ``vplat run`` that say what machine runs, and how long."""
    for option in run_command.params:
        if option.name in SHARED and option.name not in {each.name for each in command.params}:
            command.params.append(_kept(option))
    return command


def _kept(option: click.Parameter) -> click.Parameter:
    """The option, whose value is kept for ``open_session`` and not handed to the verb."""

    def keep(context: click.Context, parameter: click.Parameter, value: Any) -> None:
        context.meta.setdefault(CHOICES, {})[parameter.name] = value

    copied = click.Option.__new__(type(option))
    copied.__dict__.update(option.__dict__)
    copied.callback, copied.expose_value = keep, False
    return copied


def open_session(context: click.Context, elf: Path, **wanted: Any) -> Session:
    """A session as the options say; what the firmware prints goes to standard error.

    ``wanted`` are further settings.
    """
    from vplat.session import HostConsole, Session, Settings

    choices: dict[str, Any] = context.meta.get(CHOICES, {})
    settings = Settings(
        board=choices.get("board") or Settings.board,
        operating_point=choices.get("operating_point"),
        max_cycles=choices.get("max_cycles"),
        timeout_seconds=choices.get("timeout"),
        files=choices.get("files"),
        native=PROBES.get(choices.get("probe") or ""),
        **wanted,
    )
    sys.stdout.flush()
    sys.stderr.flush()
    return Session(elf, load_plugins(context), HostConsole(2, 2, 0), settings)


def run_session(
    session: Session,
    watch: Callable[[], None] | None = None,
    before_telling: Callable[[], None] | None = None,
) -> Result:
    """Run to the end, or until Ctrl-C; how it ended is told on standard error if not well.

    ``watch`` is called some 30 times a second, ``before_telling`` when the run is over.
    """
    with Interruption() as interruption:

        def stop(_: Session) -> bool:
            if watch is not None:
                watch()
            return interruption.asked

        result = session.run(watch=stop, steers=False)
    if before_telling is not None:
        before_telling()
    _tell(session, result)
    return result


def _tell(session: Session, result: Result) -> None:
    from vplat.machine.outcome import Ending

    from .summary import report

    if result.findings or result.outcome.ending is not Ending.EXITED:
        text = getattr(session.console, "text", "")
        if text and not text.endswith("\n"):
            sys.stderr.write("\n")
        report(session, result, terminal.errors(), quiet=True, tables=False)
