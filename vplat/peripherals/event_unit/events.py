"""Events by number and by name, and masks in words (`pulp-cluster.md` section 1.4)."""

from __future__ import annotations

from typing import Final

from vplat.model import Access, Field, bit, bits

MAX_HARTS: Final = 16
BARRIER: Final = 16
MUTEX: Final = 17
DISPATCH: Final = 18
SOC_EVENT: Final = 27

NAMES: Final = {
    **{number: f"SW event {number}" for number in range(8)},
    8: "DMA",
    9: "DMA irq",
    10: "timer low",
    11: "timer high",
    **{number: f"accelerator event {number - 12}" for number in range(12, 16)},
    BARRIER: "barrier",
    MUTEX: "mutex",
    DISPATCH: "dispatch",
    22: "cluster event 22",
    23: "cluster event 23",
    SOC_EVENT: "SoC event FIFO",
}


def event_bits(access: Access) -> dict[str, Field]:
    """The fields of a register with one bit for each event, all of them of one ``access``."""
    return {
        "software": bits(7, 0, access, "SW events 0 to 7."),
        "dma": bit(8, access, "The DMA has finished a transfer (event)."),
        "dma_irq": bit(9, access, "The DMA has finished a transfer (interrupt)."),
        "timer_low": bit(10, access, "The low half of the timer has reached its compare value."),
        "timer_high": bit(11, access, "The high half of the timer has reached its compare value."),
        "accelerator": bits(15, 12, access, "Accelerator events; bit 12: a job has finished."),
        "barrier": bit(BARRIER, access, "A barrier has been reached by all its harts."),
        "mutex": bit(MUTEX, access, "A mutex now belongs to this hart."),
        "dispatch": bit(DISPATCH, access, "The dispatch FIFO has a value for this hart."),
        "unused_19": bits(21, 19, access, "Lines that the cluster ties low."),
        "cluster": bits(
            23, 22, access, "Cluster events; bit 22: a transfer of the DMA's own port."
        ),
        "unused_24": bits(26, 24, access, "Lines that the cluster ties low."),
        "soc": bit(SOC_EVENT, access, "The SoC event FIFO holds an event."),
        "unused_28": bits(31, 28, access, "Lines that the cluster ties low."),
    }


def event_words(events: int) -> str:
    """``event 8 (DMA)``, or several of them with commas; ``no event`` for an empty mask."""
    found = [number for number in range(32) if events >> number & 1]
    named = [f"{number} ({NAMES[number]})" if number in NAMES else f"{number}" for number in found]
    if not named:
        return "no event"
    return f"event {named[0]}" if len(named) == 1 else f"events {', '.join(named)}"


def hart_words(harts: int) -> str:
    """``hart 7`` or ``harts 0-6, 9``; ``no hart`` for an empty mask."""
    runs: list[list[int]] = []
    for hart in range(harts.bit_length()):
        if not harts >> hart & 1:
            continue
        if runs and runs[-1][1] == hart - 1:
            runs[-1][1] = hart
        else:
            runs.append([hart, hart])
    if not runs:
        return "no hart"
    words = ", ".join(f"{a}-{b}" if b > a else f"{a}" for a, b in runs)
    return f"harts {words}" if harts & (harts - 1) else f"hart {words}"
