"""The one place where an error becomes a sentence and an exit status."""

from __future__ import annotations

import contextlib
import io
import os
import sys
import traceback
from collections.abc import Callable, Collection
from typing import Final

import click

from vplat.errors import DeployError, UsageError, VplatError

OWN_ERROR: Final = 125
INTERRUPTED: Final = 130
"""128 + SIGINT, as shells report it."""
STANDARD_STREAMS: Final = (0, 1, 2)


def guarded(command: Callable[[], int], *, debug: bool) -> int:
    """The status ``command`` comes to, with its error told on standard error if it has one.

    With ``debug`` the traceback comes first.
    """
    closed = _occupy_closed_streams()
    _print_what_can_be_encoded()
    try:
        _refuse_closed_output(closed)
        status = command()
        sys.stdout.flush()
    except (KeyboardInterrupt, click.Abort):
        return INTERRUPTED
    except click.exceptions.NoArgsIsHelpError as error:
        sys.stderr.write(error.message.rstrip() + "\n")
        return OWN_ERROR
    except Exception as error:  # noqa: BLE001 - this is where every error ends
        if debug:
            traceback.print_exc()
        complain(_sentence(error, debug=debug))
        if isinstance(error, OSError):
            _abandon_output()
        return error.exit_code if isinstance(error, VplatError) else OWN_ERROR
    return status


def complain(sentence: str) -> None:
    """A line about an error on standard error."""
    _say(sentence, "red")


def note(sentence: str) -> None:
    """A line on standard error that is worth knowing and no error."""
    _say(sentence, "bright_black")


def _say(sentence: str, colour: str) -> None:
    shows_colour = sys.stderr.isatty() and not os.environ.get("NO_COLOR")
    name = click.style("vplat:", fg=colour, bold=True) if shows_colour else "vplat:"
    with contextlib.suppress(OSError):  # where nobody listens, the status alone has to tell
        first, *items = sentence.split(DeployError.ITEM)
        sys.stderr.write(f"{name} {printable(first)}\n")
        sys.stderr.writelines(f"  {printable(each)}\n" for each in items)
        sys.stderr.flush()


def printable(text: str) -> str:
    """``text`` on one line, without control codes: what a file holds must not drive a terminal."""
    line = " ".join(text.split())
    return "".join(each if each.isprintable() else ascii(each)[1:-1] for each in line)


def _sentence(error: Exception, *, debug: bool) -> str:
    if isinstance(error, VplatError):
        return str(error)
    if isinstance(error, click.ClickException):
        return _usage(error)
    if isinstance(error, BrokenPipeError):
        return "whoever read standard output has closed it, so the rest could not be printed"
    if isinstance(error, OSError) and error.strerror:
        place = error.filename or "standard output"
        return f"{place}: {error.strerror[0].lower()}{error.strerror[1:]}"
    told = f"this is a mistake in vplat itself: {type(error).__name__}: {error}"
    if debug:
        return f"{told}; please report it with the traceback above"
    return f"{told}; please report it with what the same command says under --debug"


def _usage(error: click.ClickException) -> str:
    message = error.format_message().strip().rstrip(".")
    message = message[0].lower() + message[1:] if message[1:2].islower() else message
    context = getattr(error, "ctx", None)
    verb = context.command_path if context is not None else "vplat"
    asks = message.endswith(("?", "?)"))
    return f"{message} See `{verb} --help`" if asks else f"{message}; see `{verb} --help`"


def _occupy_closed_streams() -> set[int]:
    """The standard streams that were closed; none is any more.

    The number of a closed stream goes to the next file that is opened, which would then get what
    was meant for the stream.
    """
    closed = set()
    for stream in STANDARD_STREAMS:
        try:
            os.fstat(stream)
        except OSError:
            closed.add(stream)
            os.open(os.devnull, os.O_RDWR)  # takes the lowest free number, which is this one
    if sys.stderr is None:
        sys.stderr = open(2, "w", encoding="utf-8", closefd=False)  # noqa: SIM115 - for good
    if sys.stdout is None:
        sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115 - for good
    return closed


def _print_what_can_be_encoded() -> None:
    """Where the locale has no rules and arrows, question marks take their place."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper) and stream.errors == "strict":
            stream.reconfigure(errors="replace")


def _refuse_closed_output(closed: Collection[int]) -> None:
    if 1 in closed:
        raise UsageError(
            "standard output is closed, so whatever is printed would be lost; "
            "redirect it, to /dev/null if nobody wants it"
        )


def _abandon_output() -> None:
    """Keep the interpreter from printing at exit what standard output has just refused."""
    with contextlib.suppress(OSError, ValueError):
        descriptor = sys.stdout.fileno()
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, descriptor)
        os.close(null)
