"""The iDMA as software sees it: registers of each port, streams, identifiers, event."""

from __future__ import annotations

from typing import Final

from vplat.hookspecs import hookimpl
from vplat.model import (
    AccessFault,
    Address,
    Declared,
    Mark,
    Peripheral,
    Rank,
    Stall,
    State,
    Work,
)
from vplat.model.transfer import BurstFlow, BusySpan, Refusals, lateness

from . import findings
from .findings import CLUSTER_PORT
from .lending import loan_of
from .movement import Reach
from .registers import STREAMS, IdmaRegisters
from .timing import Rates, schedule
from .transfer import End, Transfer, burst_bytes, id_after, repetitions

BACKEND_FLAGS: Final = 0x1FF


class Idma(IdmaRegisters, kind="idma"):
    """iDMA with the register front end ``reg32_3d``: 1D, 2D and 3D copies on parallel streams.

    A driver writes source, destination, length and configuration to its port's own registers and
    loads ``next_id`` of a stream, which launches the transfer and returns its id. It is done when
    ``done_id`` of the same stream has reached that id; the event (line 8) goes to all harts at
    every completion. Transfers of one stream are done in order, streams work side by side.

    The bytes of a transfer move in the model when it is finished (one of more than 1 MiB or 8192
    rows: slice by slice); on silicon they move a burst at a time until then. Facts:
    `pulp-cluster.md` sections 2.2 b and 5.3, and the synthesizable source where it is named.
    """

    queues: State[list[list[Transfer]]] = State(
        lambda: [[] for _ in range(STREAMS)], "Launches with rows to request, oldest first."
    )
    positions: State[list[int]] = State(
        lambda: [0] * STREAMS, "Bytes of the oldest launch that have been requested."
    )
    under_way: State[dict[int, tuple[Transfer, int, int, int, int, Mark]]] = State(
        dict,
        "Slices being copied by serial number: transfer, first byte, end, bursts, beats in the "
        "TCDM, and since when.",
    )
    serial = State(0, "Number of the next slice.")
    requesting: State[list[bool]] = State(lambda: [False] * STREAMS, "The stream makes requests.")
    flows: State[list[BurstFlow]] = State(list, "Timing of each stream.")
    ends: State[list[int]] = State(
        lambda: [0] * STREAMS, "The cycle in which each stream's latest slice to arrive is done."
    )
    busy: State[BusySpan] = State(BusySpan, "Busy cycles.")
    waiting: State[dict[int, int]] = State(dict, "The stream for which a hart sleeps.")
    refusals: State[list[Refusals]] = State(
        lambda: [Refusals() for _ in range(STREAMS)],
        "Refused accesses of the transfer that each stream finishes next.",
    )
    status_reported = State(False, "A misleading STATUS[0] has been reported.")

    def on_reset(self) -> None:
        """Fit timing and reach to the parameters; nothing is under way any more."""
        self.account("busy_cycles", 0)
        for behaviour in (self.requested, self.arrive, self.complete):
            self.cancel(behaviour)
        self.flows = [BurstFlow(self.outstanding_bursts) for _ in range(self.streams)]
        self._reach = Reach(self.tcdm_base, self.tcdm_size)
        self._port = self.platform.memory_port(self.tcdm_base, self.bytes_per_cycle, Rank.IN_TURN)
        self._rates = Rates(
            self.bytes_per_cycle, self.start_cycles, self.external_cycles, self.finish_cycles
        )
        for stream in range(self.streams, STREAMS):
            self.next_id[stream] = self.done_id[stream] = 0

    # Accesses.

    @IdmaRegisters.next_id.on_read
    def launch(self, index: int, hart: int, port: int) -> int:
        """Launch what the port's registers describe on stream ``index``; its id."""
        self._check_port(hart, port)
        if index >= self.streams:
            self.report(*findings.no_such_stream(index, self.streams))
            return 0
        if len(self.queues[index]) >= self.queue_depth:
            if hart < 0:
                raise AccessFault(f"{self.name}: the queue of stream {index} is full; try again")
            self.waiting[hart] = index
            raise Stall(f"a place in the queue of iDMA stream {index}")
        transfer = self._described(port, index)
        self.next_id[index] = id_after(transfer.number)
        self.borrow(f"stream[{index}]", transfer.number, lambda: loan_of(transfer, self._reach))
        self.queues[index].append(transfer)
        self.request_next(index)
        self._show_status()
        return transfer.number

    @IdmaRegisters.status.on_read
    def read_status(self, index: int) -> None:
        """Let the word be read; warn of the one that hides other streams' work."""
        if index or self.status_is_shared or self.status_reported or self.status[0].word:
            return
        working = (stream for stream in range(self.streams) if self.status[stream].word)
        if (stream := next(working, None)) is not None:
            self.status_reported = True
            self.report(*findings.misleading_status(stream))

    def _check_port(self, hart: int, port: int) -> None:
        """Refuse a launch through the core window to whoever is not one of its harts."""
        if not 0 <= port < self.harts and port != CLUSTER_PORT:
            who = f"hart {hart}" if hart >= 0 else "a master that is no hart"
            raise AccessFault(
                f"{self.name} has no registers for {who} in its core window, only for harts 0.."
                f"{self.harts - 1}; use the cluster window"
            )

    def _described(self, port: int, stream: int) -> Transfer:
        """The transfer that a port's registers describe, with reports of what is odd about it."""
        conf, length = self.conf[port], self.length[port]
        counts = self.reps_2[port], self.reps_3[port]
        rows, planes = repetitions(conf.enable_nd, *counts)
        transfer = Transfer(
            port=port,
            stream=stream,
            number=self.next_id[stream],
            accepted=self.now,
            length=length,
            rows=rows,
            planes=planes,
            source=self._source(port),
            destination=self._destination(port),
            coupled=not conf.decouple_rw,
            culprit=self.platform.culprit,
        )
        self._report_all(findings.odd_shape(conf.enable_nd, length, *counts))
        self._report_all(findings.odd_protocols(transfer))
        self._report_all(findings.odd_addresses(transfer, self._reach))
        return transfer

    def _source(self, port: int) -> End:
        conf = self.conf[port]
        burst = burst_bytes(
            self.bytes_per_cycle, reduced=bool(conf.src_reduce_len), max_llen=conf.src_max_llen
        )
        strides = self.src_stride_2[port], self.src_stride_3[port]
        return End(self.src_addr[port], conf.src_protocol, *strides, burst)

    def _destination(self, port: int) -> End:
        conf = self.conf[port]
        burst = burst_bytes(
            self.bytes_per_cycle, reduced=bool(conf.dst_reduce_len), max_llen=conf.dst_max_llen
        )
        strides = self.dst_stride_2[port], self.dst_stride_3[port]
        return End(self.dst_addr[port], conf.dst_protocol, *strides, burst)

    # The streams.

    def request_next(self, stream: int) -> None:
        """Request the next slice of the oldest launch, unless the stream still makes requests."""
        if self.requesting[stream] or not self.queues[stream]:
            return
        transfer, begin = self.queues[stream][0], self.positions[stream]
        end = transfer.slice_end(begin) if transfer.bytes else 0
        flow = self.flows[stream]
        course = schedule(transfer, begin, end, flow, self._rates)
        use, mark = course.tcdm, self._port.mark()
        self._port.occupy(use.begin, use.end, use.beats)
        self.requesting[stream], self.positions[stream] = True, end
        self.under_way[self.serial] = transfer, begin, end, course.bursts, use.beats, mark
        if not begin:
            self.begin_work(f"stream[{stream}]", transfer.number, lambda: _described(transfer))
        self.busy.begin(self.now)
        self.after(max(0, flow.request_free - self.now), self.requested, stream)
        self.after(max(0, course.finished - self.now), self.arrive, self.serial)
        self.serial += 1

    def requested(self, stream: int) -> None:
        """A slice is requested: go on with the transfer, or give its place in the queue away."""
        self.requesting[stream] = False
        if self.positions[stream] >= self.queues[stream][0].bytes:
            self.queues[stream].pop(0)
            self.positions[stream] = 0
            self._wake_all(stream)
        self.request_next(stream)
        self._show_status()

    def arrive(self, serial: int) -> None:
        """A slice is finished, unless it, or one before it, had to wait for banks.

        A stream's slices finish in their order: ``done_id`` counts transfers.
        """
        transfer, *_, beats, mark = self.under_way[serial]
        stream = transfer.stream
        late = lateness(self._port, mark, self.now, beats)
        self.ends[stream] = end = max(self.ends[stream], self.now + late)
        is_behind = any(
            before < serial and each[0].stream == stream for before, each in self.under_way.items()
        )
        if end > self.now or is_behind:
            self.after(end - self.now, self.complete, serial)
        else:
            self.complete(serial)

    def complete(self, serial: int) -> None:
        """Move the bytes of a slice; the last one finishes its transfer."""
        transfer, begin, end, bursts, *_ = self.under_way.pop(serial)
        refusals = self.refusals[transfer.stream]
        refused_before = refusals.bytes
        self._reach.move(transfer, begin, end, self.bus, refusals)
        self.account("bytes", end - begin - (refusals.bytes - refused_before))
        self.account("bursts", bursts)
        self.account("busy_cycles", self.busy.end(self.now))
        if end == transfer.bytes:
            self._retire(transfer)

    def _retire(self, transfer: Transfer) -> None:
        refusals = self.refusals[transfer.stream]
        if refusals.bytes:
            self.report(*findings.refused(transfer, refusals), transfer.culprit)
            self.refusals[transfer.stream] = Refusals()
        self.end_work(f"stream[{transfer.stream}]", transfer.number)
        self.hand_back(f"stream[{transfer.stream}]", transfer.number)
        self.account("transfers", 1)
        self.done_id[transfer.stream] = id_after(self.done_id[transfer.stream])
        self._show_status()
        self.finished()

    # Status and sleepers.

    def _show_status(self) -> None:
        """``status`` as the streams stand now."""
        moving = {transfer.stream for transfer, *_ in self.under_way.values()}
        for stream in range(self.streams):
            self.status[stream].update(
                midend_busy=bool(self.queues[stream]),
                backend_busy=BACKEND_FLAGS if stream in moving else 0,
            )
        if self.status_is_shared:
            for stream in range(1, self.streams):
                self.status[0].word |= self.status[stream].word

    def _wake_all(self, stream: int) -> None:
        for hart in [hart for hart, wanted in self.waiting.items() if wanted == stream]:
            del self.waiting[hart]
            self.wake(hart)

    def _report_all(self, found: findings.Findings) -> None:
        for rule, sentence in found:
            self.report(rule, sentence)

    def doing(self) -> str:
        """The oldest transfer of each stream and how many wait behind it; '' when idle."""
        lines = []
        for stream in range(self.streams):
            transfers = {t.number: t for t, *_ in self.under_way.values() if t.stream == stream}
            transfers |= {t.number: t for t in self.queues[stream]}
            if transfers:
                oldest, *behind = transfers.values()
                queued = f", {len(behind)} queued" if behind else ""
                lines.append(findings.describe(oldest) + queued)
        return "; ".join(lines)

    def lasts(self, register: Declared, index: int, hart: int) -> bool:
        """The status is only looked at, unless that is to be reported; ``next_id`` launches."""
        told = index or self.status_is_shared or self.status_reported or self.status[0].word
        return register is type(self).status and bool(told or not self.doing())

    def explain_wait(self, hart: int) -> str:
        """What a sleeping hart waits for."""
        if (stream := self.waiting.get(hart)) is None:
            return ""
        return f"a place in the queue of stream {stream}: {len(self.queues[stream])} launches wait"


def _described(transfer: Transfer) -> Work:
    """A transfer that begins, for traces."""
    details = {
        "from": Address(transfer.source.start),
        "to": Address(transfer.destination.start),
        "bytes": transfer.bytes,
        "rows": transfer.rows * transfer.planes,
    }
    return Work(f"copy by {findings.port_name(transfer.port)}", details)


@hookimpl
def vplat_peripherals() -> list[type[Peripheral]]:
    """The device of this package."""
    return [Idma]
