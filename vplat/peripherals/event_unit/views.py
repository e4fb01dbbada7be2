"""The registers that each hart has, as the core-private and the periph view show them."""

from __future__ import annotations

from typing import Final

from vplat.model import (
    HART_PORT,
    RO,
    RW,
    WO,
    Parameter,
    Peripheral,
    PortRegister,
    PortWord,
    Register,
    Registers,
    Window,
    Words,
    bit,
    bits,
)

from .events import MAX_HARTS, event_bits

STRIDE: Final = 0x40
"""Bytes between the registers of two harts in the periph view (`pulp-cluster.md` section 1.3)."""


class EventViews(Peripheral, size=0x800, undefined=0):
    """Two views of the same registers (`pulp-cluster.md` sections 1.1 to 1.3)."""

    demux = Window(
        0x400,
        "The core-private view: at one address, each hart has its own unit. Waits exist only here.",
        port=HART_PORT,
    )
    harts = Parameter(8, "How many harts have a unit.", minimum=1, maximum=MAX_HARTS)

    event_mask = PortRegister(
        MAX_HARTS,
        0x00,
        "Events that end a wait of this hart. The bit of what is waited for must be set.",
        windows=(demux,),
        **event_bits(RW),
    )
    event_mask_and = PortWord(
        MAX_HARTS, 0x04, WO, "Clears the bits of event_mask that are set here.", windows=(demux,)
    )
    event_mask_or = PortWord(
        MAX_HARTS, 0x08, WO, "Sets the bits of event_mask that are set here.", windows=(demux,)
    )
    irq_mask = PortRegister(
        MAX_HARTS,
        0x0C,
        "Events that interrupt this hart; the highest pending one first.",
        windows=(demux,),
        **event_bits(RW),
    )
    irq_mask_and = PortWord(
        MAX_HARTS, 0x10, WO, "Clears the bits of irq_mask that are set here.", windows=(demux,)
    )
    irq_mask_or = PortWord(
        MAX_HARTS, 0x14, WO, "Sets the bits of irq_mask that are set here.", windows=(demux,)
    )
    clock_status = Register(
        0x18,
        "State of the hart's clock.",
        windows=(demux,),
        running=bit(0, RO, "The clock runs; it is gated while the hart sleeps."),
    )
    event_buffer = PortRegister(
        MAX_HARTS,
        0x1C,
        "Events that have occurred and have not been cleared, whatever the masks say.",
        windows=(demux,),
        **event_bits(RO),
    )
    buffer_masked = PortWord(
        MAX_HARTS, 0x20, RO, "Pending events that are set in event_mask.", windows=(demux,)
    )
    buffer_irq_masked = PortWord(
        MAX_HARTS, 0x24, RO, "Pending events that are set in irq_mask.", windows=(demux,)
    )
    buffer_clear = PortWord(
        MAX_HARTS, 0x28, WO, "Clears the pending events that are set here.", windows=(demux,)
    )
    sw_events_mask = PortRegister(
        MAX_HARTS,
        0x2C,
        "Who gets the SW events that this hart triggers by a trigger-and-wait read.",
        windows=(demux,),
        harts=bits(15, 0, RW, "One bit for each hart; none set means all harts."),
    )
    sw_events_mask_and = PortWord(
        MAX_HARTS,
        0x30,
        WO,
        "Clears the bits of sw_events_mask that are set here.",
        windows=(demux,),
    )
    sw_events_mask_or = PortWord(
        MAX_HARTS, 0x34, WO, "Sets the bits of sw_events_mask that are set here.", windows=(demux,)
    )

    hart_event_mask = Words(
        MAX_HARTS,
        0x00,
        RW,
        "Events that end a wait of hart {i}.",
        stride=STRIDE,
        mirrors=event_mask,
    )
    hart_event_mask_and = Words(
        MAX_HARTS,
        0x04,
        WO,
        "Clears the bits of hart {i}'s event mask that are set here.",
        stride=STRIDE,
    )
    hart_event_mask_or = Words(
        MAX_HARTS,
        0x08,
        WO,
        "Sets the bits of hart {i}'s event mask that are set here.",
        stride=STRIDE,
    )
    hart_irq_mask = Words(
        MAX_HARTS, 0x0C, RW, "Events that interrupt hart {i}.", stride=STRIDE, mirrors=irq_mask
    )
    hart_irq_mask_and = Words(
        MAX_HARTS,
        0x10,
        WO,
        "Clears the bits of hart {i}'s irq mask that are set here.",
        stride=STRIDE,
    )
    hart_irq_mask_or = Words(
        MAX_HARTS,
        0x14,
        WO,
        "Sets the bits of hart {i}'s irq mask that are set here.",
        stride=STRIDE,
    )
    hart_clock_status = Registers(
        MAX_HARTS,
        0x18,
        "State of the clock of hart {i}.",
        stride=STRIDE,
        running=bit(0, RO, "The clock runs; it is gated while the hart sleeps."),
    )
    hart_event_buffer = Words(
        MAX_HARTS,
        0x1C,
        RO,
        "Events that hart {i} has pending, whatever the masks say.",
        stride=STRIDE,
        mirrors=event_buffer,
    )
    hart_buffer_masked = Words(
        MAX_HARTS,
        0x20,
        RO,
        "Events of hart {i} that are pending and set in its event mask.",
        stride=STRIDE,
    )
    hart_buffer_irq_masked = Words(
        MAX_HARTS,
        0x24,
        RO,
        "Events of hart {i} that are pending and set in its irq mask.",
        stride=STRIDE,
    )
    hart_buffer_clear = Words(
        MAX_HARTS,
        0x28,
        WO,
        "Clears the pending events of hart {i} that are set here.",
        stride=STRIDE,
    )
    hart_sw_events_mask = Registers(
        MAX_HARTS,
        0x2C,
        "Who gets the SW events that hart {i} triggers by a trigger-and-wait read.",
        stride=STRIDE,
        mirrors=sw_events_mask,
        harts=bits(15, 0, RW, "One bit for each hart; none set means all harts."),
    )
    hart_sw_events_mask_and = Words(
        MAX_HARTS,
        0x30,
        WO,
        "Clears the bits of hart {i}'s SW events mask that are set here.",
        stride=STRIDE,
    )
    hart_sw_events_mask_or = Words(
        MAX_HARTS,
        0x34,
        WO,
        "Sets the bits of hart {i}'s SW events mask that are set here.",
        stride=STRIDE,
    )
