"""Writes to CSRs that do not exist, on standard error, as the Snitch testbench shows them."""

from __future__ import annotations

import struct
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vplat.machine.findings import Dump
    from vplat.session import Result, Session


def dump_line(dump: Dump, first_id: int) -> str:
    """A write in the testbench's words: when, which hart, and the value in three forms.

    The time is the cycle; the hart is its ``mhartid``, that of the first one being ``first_id``.
    The testbench's format is in `snitch-ita-cluster.md` section 4.
    """
    (as_float,) = struct.unpack("<f", dump.value.to_bytes(4, "little"))
    return (
        f"[DUMP] {dump.cycle} Core {dump.hart + first_id:3d}: 0x{dump.csr:03x} = "
        f"0x{dump.value:08x}, {dump.value:10d}, {as_float:f}"
    )


def show_dumps(session: Session) -> None:
    """Show each write when it happens, from now on."""
    first_id = session.board.harts.first_id

    def show(dump: Dump) -> None:
        sys.stderr.write(dump_line(dump, first_id) + "\n")

    session.machine.on_dump = show


def show_kept_dumps(session: Session, result: Result) -> None:
    """Show all writes of a run that is over."""
    first_id = session.board.harts.first_id
    sys.stderr.writelines(dump_line(dump, first_id) + "\n" for dump in result.dumps)
