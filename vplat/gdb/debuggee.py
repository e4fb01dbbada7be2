"""What is debugged: one session, held by run control, while a debugger is connected."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vplat.machine.debug import OnStop, RunControl
from vplat.machine.snapshot.state import MachineState

from .history import History
from .memory import Memory
from .registers import Registers

if TYPE_CHECKING:
    from vplat.session import Session
    from vplat.trace.ledger import Ledger

    from .snapshots import Kept


class Debuggee:
    """A session in the hands of a debugger; ``close`` lets it run on as if there had been none."""

    def __init__(self, session: Session, on_stop: OnStop, beginning: MachineState) -> None:
        self.session, self.machine = session, session.machine
        self.control = RunControl(session.machine, on_stop)
        self.memory = Memory(session.machine)
        self.registers = Registers(session.machine, self.control, _custom_csrs(session))
        self.history = History(session.machine, self.control, beginning)
        self.hart = 0
        """The hart that registers, memory and monitor commands are about."""
        self.snapshots: dict[str, Kept] = {}
        """Those that were kept by name."""
        self.ledger: Ledger | None = None
        """What ``monitor trace`` records."""

    @property
    def harts(self) -> int:
        """How many there are."""
        return len(self.machine.harts)

    def stop_tracing(self) -> None:
        """Record nothing more; what was recorded stays until the next one."""
        if self.ledger is not None and self.ledger in self.machine.watching.observers:
            self.machine.watching.unwatch(self.ledger)
            self.ledger.finish()

    def close(self) -> None:
        """Give the machine back."""
        self.stop_tracing()
        self.history.close()
        self.control.close()


def _custom_csrs(session: Session) -> dict[int, str]:
    """The CSRs of the board's instruction sets, by number."""
    sets = session.plugins.named("vplat_instructions", "name", "instruction set")
    wanted = {each.name for each in session.board.harts.instructions}
    return {csr.number: csr.name for name in wanted for csr in sets[name].csrs}
