"""What the MCHAN tells the developer: each function gives ``(rule, sentence)`` for one mistake."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from vplat.model.transfer import Refusals

from .command import FIRST_WORD, NUMBER_BITS, Command, Direction, words_needed
from .movement import Reach

CLUSTER_PORT: Final = 16
FABRIC_PORT: Final = 17
TIDS: Final = 16

TCDM_REGION: Final = 0x10_0000
"""Bytes of the address map that hold the TCDM and its repetitions (section 4.1)."""
SECTION: Final = "(pulp-cluster.md section 2.1)"

Finding = tuple[str, str]
Findings = Iterator[Finding]


def port_name(port: int) -> str:
    """The port as a sentence names it."""
    names = {CLUSTER_PORT: "the cluster port", FABRIC_PORT: "the fabric port"}
    return names.get(port, f"hart {port}")


def describe(command: Command) -> str:
    """One line: direction, addresses, bytes, who."""
    ends = [f"external {command.external.start:#010x}", f"TCDM {command.tcdm.start:#010x}"]
    if command.direction is Direction.TX:
        ends.reverse()
    return (
        f"{command.direction.name} {ends[0]} -> {ends[1]}, {command.length} bytes "
        f"({port_name(command.port)}, TID {command.tid})"
    )


def odd_first_word(first: int) -> Iterator[Finding]:
    """A first word with bits that have no meaning."""
    if first >> 24:
        sentence = (
            f"CMD: the first word of a command is {first:#010x}, but bits 31..24 have no meaning; "
            f"is it an address, with a word missing or too many before it? {SECTION}"
        )
        yield "dma-command-word", sentence


def odd_rows(words: Sequence[int], external_words: int) -> Iterator[Finding]:
    """Counts and strides of a complete command that no driver means to write."""
    rest = iter(words[2 + external_words :])
    for side, flag in (("external", "twd_ext"), ("TCDM", "twd_tcdm")):
        if not FIRST_WORD[flag].get(words[0]):
            continue
        count, stride = next(rest), next(rest)
        if not count:
            sentence = (
                f"CMD: the {side} count is 0, which the hardware takes as one row of all LEN "
                f"bytes; write the bytes of a row {SECTION}"
            )
            yield "dma-row-length", sentence
        if stride >> NUMBER_BITS:
            sentence = (
                f"CMD: the {side} stride {stride:#x} is negative or too large; the hardware keeps "
                f"its low {NUMBER_BITS} bits and counts up, so start at the lowest row {SECTION}"
            )
            yield "dma-stride", sentence


def odd_tcdm_address(command: Command, reach: Reach) -> Iterator[Finding]:
    """A TCDM address that the hardware can only take for another one."""
    address, base = command.tcdm.start, reach.tcdm_base
    if not 0 <= address - base < TCDM_REGION:
        sentence = (
            f"CMD: the TCDM address {address:#010x} is not in the TCDM at {base:#010x}; the "
            f"hardware decodes its low bits only and uses {reach.tcdm(address):#010x}; the second "
            f"word is the TCDM address, the third the external one {SECTION}"
        )
        yield "dma-tcdm-address", sentence


def not_allocated(command: Command) -> Finding:
    """A command under a TID that is free."""
    sentence = (
        f"CMD: {port_name(command.port)} starts a command under TID {command.tid}, which is not "
        f"allocated; load CMD first and free the TID last {SECTION}"
    )
    return "dma-tid-not-allocated", sentence


def port_shared(port: int, hart: int, other: int) -> Finding:
    """Words of two harts in one command."""
    sentence = (
        f"CMD: hart {hart} and hart {other} both write words of one command of {port_name(port)}; "
        f"use the core window, where each hart has a port of its own, or a lock {SECTION}"
    )
    return "dma-port-shared", sentence


def command_broken(port: int, words: Sequence[int], external_words: int, how: str) -> Finding:
    """Another access in the middle of a command."""
    needed = words_needed(words[0], external_words)
    sentence = (
        f"{port_name(port)} {how} after {len(words)} of {needed} words of a command, which returns "
        f"the port to idle and loses the command; store all words to CMD without another access to "
        f"the port in between {SECTION}"
    )
    return "dma-command-broken", sentence


def tid_freed(tids: int, problem: str) -> Iterator[Finding]:
    """TIDs that should not have been freed."""
    for tid in range(TIDS):
        if tids >> tid & 1:
            yield "dma-tid-freed", f"STATUS: TID {tid} is freed but {problem} {SECTION}"


def tid_leak(port: int) -> Finding:
    """No TID is free although nothing is copied."""
    sentence = (
        f"CMD: {port_name(port)} asks for a TID, but all {TIDS} are allocated and none has "
        f"anything to do; store 1 << tid to STATUS when a transfer is finished {SECTION}"
    )
    return "dma-tid-leak", sentence


def refused(command: Command, refusals: Refusals) -> Finding:
    """Addresses that the bus refuses."""
    sentence = (
        f"{describe(command)}: access to {refusals.address:#010x} is refused ({refusals.message}); "
        f"{refusals.bytes} bytes are not copied, all others are; correct the address {SECTION}"
    )
    return "dma-access-fault", sentence
