"""What verbs share that let a gdb in to a run."""

from __future__ import annotations

import contextlib
import dataclasses
import re
import shlex
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click
import rich_click

from .failures import note

if TYPE_CHECKING:
    from vplat.gdb import GdbServer
    from vplat.session import Session

    from .interruption import Interruption

Decorated = TypeVar("Decorated", bound=Callable[..., Any])
KEY: Final = "vplat.debugging"
DEFAULT: Final = "3333"
GDBS: Final = ("gdb-multiarch", "riscv32-unknown-elf-gdb", "riscv64-unknown-elf-gdb")
"""The debuggers that know RISC-V, by the names they are installed under."""
HIGHEST_PORT: Final = 65535


@dataclasses.dataclass(frozen=True)
class Address:
    """Where to listen."""

    host: str
    port: int


class ListenAt(click.ParamType[Address]):
    """``3333``, ``:3333``, ``0.0.0.0:3333`` or ``[::1]:3333``."""

    name = "address"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> Address:
        """The address; this host alone where none is named."""
        if isinstance(value, Address):
            return value
        found = re.fullmatch(r"(?:(?:\[([^\]]+)\]|([^:\[\]]*)):)?([0-9]{1,5})", str(value))
        if found is None or int(found[3]) > HIGHEST_PORT:
            self.fail(f"{value!r} is no port, like 3333, or HOST:PORT", param, ctx)
        return Address(found[1] or found[2] or "127.0.0.1", int(found[3]))


@dataclasses.dataclass(frozen=True)
class Asked:
    """What the options of a call say: where to listen, None for nowhere, and whether to wait."""

    address: Address | None = None
    waits: bool = True

    @classmethod
    def by(cls, context: click.Context) -> Asked:
        """By the options of this call."""
        found: dict[str, Any] = context.meta.get(KEY, {})
        return cls(found.get("gdb"), found.get("gdb_wait", True))


def gdb_options(command: Decorated) -> Decorated:
    """``--gdb`` and ``--gdb-wait``; ``Asked.by`` has what they say."""
    options = (
        rich_click.option(
            "--gdb",
            metavar="[HOST:]PORT",
            is_flag=False,
            flag_value=DEFAULT,
            type=ListenAt(),
            panel="Debugging",
            help="Let a gdb in at this port, 3333 if none is given (--gdb=3334 for another), and "
            "only from this host unless HOST says otherwise.",
        ),
        rich_click.option(
            "--gdb-wait/--gdb-no-wait",
            default=True,
            panel="Debugging",
            help="Wait for gdb before the first instruction, as is the default, or run at once and "
            "let it in whenever it comes.",
        ),
    )
    before = len(getattr(command, "__click_params__", ()))
    for option in reversed(options):
        command = option(command)
    for parameter in command.__click_params__[before:]:  # type: ignore[attr-defined]
        parameter.callback, parameter.expose_value = _keep, False
    return command


@contextlib.contextmanager
def let_gdb_in(
    session: Session, asked: Asked, interruption: Interruption
) -> Iterator[GdbServer | None]:
    """A server for the time of a run, if one was asked for; it is said how to reach it."""
    if asked.address is None:
        yield None
        return
    from vplat.gdb import GdbServer

    server = GdbServer(
        session,
        host=asked.address.host,
        port=asked.address.port,
        note=note,
        is_over=lambda: interruption.asked,
    )
    with contextlib.closing(server):
        when = "waiting for gdb" if asked.waits else "gdb may come at any time"
        note(f"{when}: {how_to_attach(server, session.firmware.path)}")
        yield server


def find_gdb() -> str | None:
    """The gdb of this machine that knows RISC-V, if there is one."""
    return next((name for name in GDBS if shutil.which(name)), None)


def how_to_attach(server: GdbServer, elf: Path) -> str:
    """The command that starts gdb on this session."""
    return shlex.join([find_gdb() or GDBS[0], str(elf), *attaching(server)])


def attaching(server: GdbServer) -> list[str]:
    """The options with which gdb attaches."""
    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(server.host, server.host)  # noqa: S104
    host = f"[{host}]" if ":" in host and not host.startswith("[") else host
    return ["-ex", f"target remote {host}:{server.port}"]


def _keep(context: click.Context, parameter: click.Parameter, value: Any) -> None:
    context.meta.setdefault(KEY, {})[parameter.name] = value
