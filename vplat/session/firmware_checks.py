"""What is said of firmware before it runs, and tidied up after it: a plugin like any other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vplat.errors import BoardError
from vplat.hookspecs import hookimpl
from vplat.machine.isa import Isa

if TYPE_CHECKING:
    from .session import Session


@hookimpl
def vplat_session_started(session: Session) -> None:
    """Report what is odd about the ELF, and extensions that it was built for but the harts lack."""
    for warning in session.firmware.warnings:
        session.machine.report("firmware", "elf", warning)
    isa = session.board.harts.isa
    lacking = lacking_extensions(session.firmware.isa_attribute, isa)
    if lacking:
        session.machine.report(
            "firmware",
            "isa",
            f"it was built for {session.firmware.isa_attribute}, but the harts of board "
            f"{session.board.name} are {isa}: instructions of {', '.join(lacking)} are illegal "
            f"there; build it with -march={isa}",
        )


@hookimpl
def vplat_session_finished(session: Session) -> None:
    """Close the host files that the firmware left open."""
    session.machine.semihosting.close()


def lacking_extensions(attribute: str | None, isa: Isa) -> list[str]:
    """The extensions named in an ELF's architecture attribute that ``isa`` has not, in order."""
    if not attribute:
        return []
    try:
        built_for = Isa.parse(attribute)
    except BoardError:
        return []
    return sorted(built_for.extensions - isa.extensions)
