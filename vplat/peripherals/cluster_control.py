"""The cluster control unit: which harts run and from where, how a run ends, what shares the TCDM.

Registers and the testbench contract: `pulp-cluster.md` sections 4.1 and 4.2. Offsets between
registers read as zero, as in `cluster_control_unit.sv`.
"""

from __future__ import annotations

from vplat.hookspecs import hookimpl
from vplat.model import (
    RW,
    W1P,
    WO,
    Line,
    Parameter,
    Peripheral,
    Rank,
    Register,
    Registers,
    State,
    Word,
    Words,
    bit,
    bits,
)

MOST_HARTS = 16
STATUS_BITS = 0x7FFF_FFFF


class ClusterControl(Peripheral, kind="cluster_control", size=0x400, undefined=0):
    """Starts and stops the harts, ends the run, enables the accelerator."""

    specification = "pulp-cluster.md section 4.1"

    harts = Parameter(8, "Number of harts.", minimum=1, maximum=MOST_HARTS)
    tcdm_base = Parameter(0x1000_0000, "Address of the TCDM.", minimum=0, maximum=0xFFFF_FFFF)
    boot_address = Parameter(
        0x1C00_0000, "What boot_addr holds after reset.", minimum=0, maximum=0xFFFF_FFFF
    )
    fetch_enabled_at_reset = Parameter(
        0,
        "Harts whose fetch_en bit is set by reset, as by the cluster's fetch enable pin.",
        minimum=0,
    )
    return_reset = Parameter(
        0xFFFF_FFFF,
        "What return_value holds before firmware writes it: the testbench stores all ones.",
        minimum=0,
        maximum=0xFFFF_FFFF,
    )

    eoc = Register(
        0x00,
        "End of computation.",
        eoc=bit(0, RW, "Storing 1 ends the run; bits 30:0 of return_value are its exit status."),
    )
    fetch_en = Register(
        0x08,
        "Which harts fetch instructions.",
        harts=bits(
            15, 0, RW, "Bit h starts hart h at boot_addr[h] when it becomes 1, halts it when 0."
        ),
    )
    event = Register(
        0x10,
        "An event output of the cluster, with nothing behind it on most chips. Reads as zero.",
        event=bit(0, WO, "The level of the output."),
    )
    cluster_cfg = Register(
        0x18,
        "Sharing of the TCDM, and the accelerator (HWPE).",
        hci_max_stall=bits(
            7,
            0,
            RW,
            "Stalls in a row that the side with less priority bears before it gets its turn; 0: "
            "however many there are.",
        ),
        hci_invert_priority=bit(
            8,
            RW,
            "1: the accelerator wins against harts and DMA in the TCDM. 0: they win.",
        ),
        hwpe_en=bit(11, RW, "Clock the accelerator."),
        fregfile_dis=bit(12, RW, "Disable the separate floating-point register file. Kept."),
        hwpe_sel=bits(15, 13, RW, "Which of several accelerators answers and gets the clock."),
    )
    clock_gate = Register(
        0x20,
        "Clock of the cluster.",
        enable=bit(0, RW, "Gate the cluster's clock while it is idle. Kept."),
    )
    debug_status = Register(
        0x28,
        "Debug state of the harts. Nothing halts them but fetch_en, so it reads as zero.",
        harts=bits(15, 0, W1P, "Load: harts halted by the debugger. Store: harts to resume."),
        todo=True,
    )
    halt_mask = Register(
        0x38,
        "Harts that the debugger halts together.",
        harts=bits(15, 0, RW, "When one of these harts halts, all of them do."),
        todo=True,
    )
    boot_addr = Words(
        MOST_HARTS, 0x40, RW, "Where hart {i} begins when fetch_en starts it.", reset=0x1C00_0000
    )
    tcdm_arb_policy = Registers(
        2,
        0x80,
        "Arbitration of TCDM port group {i}: the harts (0), the DMA and the accelerator (1).",
        stride=8,
        fixed_priority=bit(0, RW, "Kept; the platform's timing does not depend on it."),
    )
    return_value = Word(
        0x100,
        RW,
        "RETURN. Bits 30:0 are the run's exit status, 0 for success; the runtime sets bit 31 too.",
        reset=0xFFFF_FFFF,
    )

    event_output = Line("The level of event.event.")
    hwpe_enabled = Line("The level of cluster_cfg.hwpe_en: the accelerator is clocked.")

    fetching = State(0, "Harts that fetch_en lets run.")
    hwpe_clocked = State(0, "The level of hwpe_enabled.")
    returned = State(False, "Firmware has written return_value.")

    def on_reset(self) -> None:
        """Put the board's values where they differ from the declared ones."""
        self.fetching = self.fetch_en.harts = self.fetch_enabled_at_reset & self._all_harts
        self.return_value = self.return_reset
        for hart in range(MOST_HARTS):
            self.boot_addr[hart] = self.boot_address

    def on_boot(self, entry: int) -> None:
        """What the testbench does: the entry for every hart, and fetching as the pin says."""
        for hart in range(MOST_HARTS):
            self.boot_addr[hart] = entry
        for hart in range(self.harts):
            if not self.fetching >> hart & 1:
                self.platform.halt_hart(hart)

    @eoc.eoc.on_set
    def end(self) -> None:
        if not self.returned:
            self.report(
                "no-exit-status",
                f"{self.name}.eoc was set but {self.name}.return_value never written, so the run "
                f"ends with {self.return_value & STATUS_BITS:#x}; store the status there first "
                "(pulp-cluster.md section 4.2)",
            )
        self.platform.finish(self.return_value & STATUS_BITS)

    @return_value.on_write
    def remember_status(self) -> None:
        self.returned = True

    @fetch_en.on_write
    def fetch(self) -> None:
        wanted = self.fetch_en.harts & self._all_harts
        changed, self.fetching = wanted ^ self.fetching, wanted
        self.fetch_en.harts = wanted
        for hart in range(self.harts):
            if (changed & wanted) >> hart & 1:
                self.platform.start_hart(hart, self.boot_addr[hart])
            elif changed >> hart & 1:
                self.platform.halt_hart(hart)

    @event.on_write
    def drive_event(self, value: int) -> None:
        self.event_output(value & 1)

    @cluster_cfg.on_write
    def drive_hwpe(self) -> None:
        first = Rank.BEFORE_HARTS if self.cluster_cfg.hci_invert_priority else Rank.AFTER_HARTS
        self.platform.arbitrate(self.tcdm_base, first, self.cluster_cfg.hci_max_stall)
        if self.hwpe_clocked != self.cluster_cfg.hwpe_en:
            self.hwpe_clocked = self.cluster_cfg.hwpe_en
            self.hwpe_enabled(self.hwpe_clocked)

    def doing(self) -> str:
        """Which accelerator is clocked."""
        if not self.hwpe_clocked:
            return ""
        return f"accelerator {self.cluster_cfg.hwpe_sel} clocked"

    @property
    def _all_harts(self) -> int:
        return (1 << self.harts) - 1


@hookimpl
def vplat_peripherals() -> list[type[Peripheral]]:
    return [ClusterControl]
