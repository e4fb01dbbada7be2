"""The Snitch DMA as its core sees it: registers behind instructions, a queue, identifiers."""

from __future__ import annotations

from typing import Final

from vplat.hookspecs import hookimpl
from vplat.model import Address, Lent, Parameter, Peripheral, Rank, Stall, State, Work
from vplat.model.transfer import BurstFlow, BusySpan, Refusals

from . import findings
from .lending import loan_of
from .movement import Reach, WideBus, bytes_of, move
from .timing import Rates, schedule
from .transfer import ADDRESS_MASK, FIRST_ID, WORD, Transfer, id_after, signed, traffic

TWO_DIMENSIONAL: Final = 1 << 1
"""In the configuration of a copy; bit 0, which decouples reads from writes, changes no data."""
COMPLETED, NEXT, BUSY, WOULD_BLOCK = range(4)
"""What ``dmstat`` selects."""


class SnitchDma(Peripheral, kind="snitch_dma"):
    """The cluster's DMA: copies of one or two dimensions, from any byte to any byte, in order.

    It has no registers on the bus. Its core sets source, destination, strides and repetitions with
    instructions; they keep their values from copy to copy. ``dmcpy`` starts a copy and returns its
    identifier; while the queue is full the core waits there. All have been copied when ``dmstat``
    says that nothing is busy.

    The bytes of a copy move in the model when it is finished (one of more than 1 MiB or 8192 rows:
    slice by slice); on silicon they move a burst at a time until then. Facts:
    `snitch-ita-cluster.md` section 5, and the synthesizable source where it is named.
    """

    specification = "snitch-ita-cluster.md section 5"

    buffers = Lent(
        until="dmstat gives a completed identifier that has reached it, or says that nothing is "
        "busy",
        section="snitch-ita-cluster.md section 5",
    )

    queue_depth = Parameter(3, "Copies that wait behind the one that makes requests.", minimum=1)
    bytes_per_cycle = Parameter(64, "Bytes a beat.", choices=(8, 16, 32, 64, 128))
    outstanding_bursts = Parameter(3, "Bursts under way.", minimum=1)
    start_cycles = Parameter(3, "From dmcpy to the first request; calibrated.", minimum=0)
    external_cycles = Parameter(8, "Latency of memory outside the cluster; calibrated.", minimum=0)
    finish_cycles = Parameter(
        1, "From the last acknowledgement to the completed identifier; calibrated.", minimum=0
    )
    cluster_base = Parameter(0x1000_0000, "Address of the cluster, where its TCDM is.", minimum=0)
    alias_base = Parameter(0x1800_0000, "Address at which the cluster is seen again.", minimum=0)
    cluster_size = Parameter(0x5_0000, "Bytes of the cluster's addresses.", minimum=8)
    tcdm_size = Parameter(0x2_0000, "Bytes of TCDM.", minimum=8)
    zero_offset = Parameter(0x3_0000, "Where in the cluster the zero memory is.", minimum=0)
    zero_size = Parameter(0x1_0000, "Bytes of the zero memory.", minimum=0)

    source = State(0, "Address that dmsrc set.")
    destination = State(0, "Address that dmdst set.")
    source_stride = State(0, "From a row to the next one, as dmstr set it.")
    destination_stride = State(0, "The same at the destination.")
    repetitions = State(0, "Rows of a 2-D copy, as dmrep set them.")
    next_id = State(FIRST_ID, "Identifier of the next copy.")
    completed_id = State(FIRST_ID - 1, "Identifier of the last finished copy.")
    queue: State[list[Transfer]] = State(list, "Copies with requests to make, oldest first.")
    position = State(0, "Bytes of the oldest one that have been requested.")
    requesting = State(False, "A slice of the oldest one is being requested.")
    under_way: State[dict[int, tuple[Transfer, int, int]]] = State(
        dict, "Slices being copied by serial number: copy, first byte, end."
    )
    serial = State(0, "Number of the next slice.")
    flow: State[BurstFlow] = State(lambda: BurstFlow(1), "Timing of the bursts.")
    finishes = State(0, "The cycle in which the latest slice is done.")
    busy_span: State[BusySpan] = State(BusySpan, "Busy cycles.")
    waiting: State[list[int]] = State(list, "Harts that sleep until there is room in the queue.")
    refusals: State[Refusals] = State(Refusals, "Refused accesses of the oldest copy.")
    hidden: State[dict[int, bytearray]] = State(
        dict, "Pages of memory outside the cluster that no hart can see."
    )

    def on_reset(self) -> None:
        """Fit timing and reach to the parameters; nothing is under way any more."""
        self.account("busy_cycles", 0)
        for behaviour in (self.requested, self.complete):
            self.cancel(behaviour)
        self.flow = BurstFlow(self.outstanding_bursts)
        self._rates = Rates(
            self.bytes_per_cycle, self.start_cycles, self.external_cycles, self.finish_cycles
        )
        self._port = self.platform.memory_port(
            self.cluster_base, self.bytes_per_cycle, Rank.BEFORE_HARTS
        )
        self._reach = Reach(
            self.cluster_base,
            self.alias_base,
            self.cluster_size,
            self.tcdm_size,
            self.zero_offset,
            self.zero_size,
        )

    # What instructions do.

    def set_source(self, low: int, high: int) -> None:
        """``dmsrc``: both halves of an address."""
        self.source = (high << 32 | low) & ADDRESS_MASK

    def set_destination(self, low: int, high: int) -> None:
        """``dmdst``: both halves of an address."""
        self.destination = (high << 32 | low) & ADDRESS_MASK

    def set_strides(self, source: int, destination: int) -> None:
        """``dmstr``: 32 bits each, two's complement."""
        self.source_stride, self.destination_stride = signed(source), signed(destination)

    def set_repetitions(self, rows: int) -> None:
        """``dmrep``."""
        self.repetitions = rows & WORD

    def copy(self, hart: int, length: int, configuration: int) -> int:
        """``dmcpy`` and ``dmcpyi``: the identifier; ``Stall`` while the queue is full."""
        if self.would_block:
            if hart not in self.waiting:
                self.waiting.append(hart)
            raise Stall("a place in the DMA's queue")
        two_dimensional = bool(configuration & TWO_DIMENSIONAL)
        transfer = Transfer(
            number=self.next_id,
            accepted=self.now,
            source=self.source,
            destination=self.destination,
            length=length,
            rows=self.repetitions if two_dimensional else 1,
            source_stride=self.source_stride if two_dimensional else 0,
            destination_stride=self.destination_stride if two_dimensional else 0,
            culprit=self.platform.culprit,
        )
        for finding in findings.odd_shape(transfer, two_dimensional=two_dimensional):
            self.report(*finding)
        for finding in findings.odd_addresses(transfer, self._reach, self.platform.place):
            self.report(*finding)
        self.next_id = id_after(transfer.number)
        self.borrow("transfer", transfer.number, lambda: loan_of(transfer))
        self.queue.append(transfer)
        self.request_next()
        return transfer.number

    def status(self, selector: int) -> int:
        """``dmstat`` and ``dmstati``; the two low bits of ``selector`` choose."""
        if self.observer is not None:  # cores poll it
            self.was_asked()
        match selector & 3:
            case 0:
                return self.completed_id
            case 1:
                return self.next_id
            case 2:
                return int(self.is_busy)
            case _:
                return int(self.would_block)

    @property
    def is_busy(self) -> bool:
        """Something is queued or under way."""
        return bool(self.queue or self.under_way)

    @property
    def would_block(self) -> bool:
        """A further copy would have to wait for a place in the queue."""
        # The oldest one has left the queue for the unit that makes requests.
        return len(self.queue) > self.queue_depth

    # Copies in motion.

    def request_next(self) -> None:
        """Request the next slice of the oldest copy, unless one is still being requested."""
        if self.requesting or not self.queue:
            return
        transfer, begin = self.queue[0], self.position
        end = transfer.slice_end(begin) if transfer.bytes else 0
        course = schedule(transfer, begin, end, self.flow, self._rates, self._reach)
        use = course.tcdm
        self._port.occupy(use.begin, use.end, use.beats)
        self.requesting, self.position = True, end
        self.under_way[self.serial] = transfer, begin, end
        if not begin:
            self.begin_work("transfer", transfer.number, lambda: described(transfer))
        self.busy_span.begin(self.now)
        self.after(max(0, self.flow.request_free - self.now), self.requested)
        # One of no bytes touches no memory, and yet does not overtake those before it.
        self.finishes = max(self.finishes, course.finished, self.now)
        self.after(self.finishes - self.now, self.complete, self.serial)
        self.serial += 1

    def requested(self) -> None:
        """A slice is requested: go on with the copy, or give its place in the queue away."""
        self.requesting = False
        if self.position >= self.queue[0].bytes:
            self.queue.pop(0)
            self.position = 0
            waiting, self.waiting = self.waiting, []
            for hart in waiting:
                self.wake(hart)
        self.request_next()

    def complete(self, serial: int) -> None:
        """Move the bytes of a slice; the last one finishes its copy."""
        transfer, begin, end = self.under_way.pop(serial)
        move(transfer, begin, end, WideBus(self.bus, self._reach, self.hidden), self.refusals)
        self._account_traffic(transfer, begin, end)
        self.account("busy_cycles", self.busy_span.end(self.now))
        if end == transfer.bytes:
            self._retire(transfer)

    def _account_traffic(self, transfer: Transfer, begin: int, end: int) -> None:
        moved = bytes_of(transfer, begin, end, self._reach)
        self.account("bytes_in", moved.into)
        self.account("bytes_out", moved.out)
        self.account("bytes_within", moved.within)
        self.account("bytes_outside", moved.outside)
        self.account("bytes_zeroed", moved.zeroed)
        self.account("bytes_written", end - begin)
        seen = traffic(transfer, begin, end, self.bytes_per_cycle)
        self.account("read_bursts", seen.bursts)
        self.account("write_bursts", seen.bursts)
        self.account("read_beats", seen.read_beats)
        self.account("write_beats", seen.write_beats)

    def _retire(self, transfer: Transfer) -> None:
        if self.refusals.bytes:
            self.report(*findings.refused(transfer, self.refusals), transfer.culprit)
            self.refusals = Refusals()
        self.account("transfers", 1)
        self.end_work("transfer", transfer.number)
        self.hand_back("transfer", transfer.number)
        self.completed_id = transfer.number

    # What it tells about itself.

    def doing(self) -> str:
        """The oldest copy and how many wait behind it; '' when idle."""
        transfers = {transfer.number: transfer for transfer, *_ in self.under_way.values()}
        transfers |= {transfer.number: transfer for transfer in self.queue}
        if not transfers:
            return ""
        oldest = transfers[min(transfers)]
        more = f", {len(transfers) - 1} more" if len(transfers) > 1 else ""
        return f"{findings.describe(oldest)}{more}"

    def explain_wait(self, hart: int) -> str:
        """What a hart that sleeps in ``dmcpy`` waits for."""
        if hart not in self.waiting:
            return ""
        return f"{len(self.queue)} copies are queued; the oldest: {self.doing()}"


def described(transfer: Transfer) -> Work:
    """A copy that begins, for traces."""
    details = {
        "from": Address(transfer.source),
        "to": Address(transfer.destination),
        "bytes": transfer.bytes,
        "rows": transfer.rows,
    }
    return Work(f"copy {transfer.number}", details)


@hookimpl
def vplat_peripherals() -> list[type[Peripheral]]:
    """The device of this package."""
    return [SnitchDma]
