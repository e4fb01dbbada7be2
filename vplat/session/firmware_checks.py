"""What is said of firmware before it runs, and tidied up after it: a plugin like any other."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from vplat.hookspecs import hookimpl
from vplat.machine.isa import Isa

if TYPE_CHECKING:
    from .session import Session


@hookimpl
def vplat_session_started(session: Session) -> None:
    """Report what is odd about the ELF, and what it was built for but does not get here."""
    for warning in session.firmware.warnings:
        session.machine.report("firmware", "elf", warning)
    isa = session.board.harts.isa
    isa = session.board.harts.isa
    if session.lone_hart:
        session.machine.report(
            "firmware",
            "lone-hart",
            "it runs on hart 0 alone: nothing in it reads mhartid, so it is written for one hart "
            "and all harts would share its stack; to use more, let the start-up code read mhartid",
        )
    lacking = lacking_extensions(session.firmware.isa_attribute, isa)
    if lacking:
        march = str(isa).removesuffix("_u")
        session.machine.report(
            "firmware",
            "isa",
            f"it is built for harts with {', '.join(lacking)}, which those of {session.board.name} "
            f"are without: such instructions are illegal there; build it with -march={march}",
        )


@hookimpl
def vplat_session_finished(session: Session) -> None:
    """Close the host files that the firmware left open."""
    session.machine.semihosting.close()


def lacking_extensions(attribute: str | None, isa: Isa) -> list[str]:
    """The extensions that an ELF's architecture attribute names and ``isa`` has not, in order."""
    named = re.findall(r"([a-z]+)[0-9]+p[0-9]+", (attribute or "").removeprefix("rv32"))
    return [name for name in named if name not in isa.extensions]
