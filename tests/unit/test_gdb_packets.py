"""gdb's packets on the wire, however they are cut, damaged or shortened."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vplat.gdb.packets import (
    LONGEST_RUN,
    MAX_PACKET,
    Kind,
    Received,
    Receiver,
    checksum,
    decode_runs,
    encode_runs,
    escape,
    frame,
    unescape,
)

NOISE = [byte for byte in range(256) if byte not in b"$+-\x03"]


def packets(received: list[Received]) -> list[bytes]:
    return [each.data for each in received if each.kind is Kind.PACKET]


def test_a_packet_is_framed_with_the_sum_of_its_bytes() -> None:
    assert frame(b"OK") == b"$OK#9a"
    assert checksum(b"\xff\xff") == 0xFE


@given(st.binary())
def test_data_survives_escaping_shortening_and_framing(data: bytes) -> None:
    sent = frame(encode_runs(escape(data)))
    (received,) = Receiver().feed(frame(decode_runs(sent[1:-3])))
    assert received == Received(Kind.PACKET, data)


@given(st.binary())
def test_data_is_sent_without_what_ends_a_packet_or_begins_another(data: bytes) -> None:
    sent = encode_runs(escape(data))
    assert not {ord("$"), ord("#")} & set(sent)
    assert unescape(escape(data)) == data


@given(st.integers(1, 4 * LONGEST_RUN))
def test_a_run_is_shortened_with_counts_that_can_be_printed_and_mean_nothing_else(
    length: int,
) -> None:
    sent = encode_runs(b"0" * length)
    assert decode_runs(sent) == b"0" * length
    assert len(sent) <= length
    counts = [after for before, after in pairwise(sent) if before == ord("*")]
    assert all(32 <= count <= 126 and count not in b"$#+-" for count in counts)


def test_a_run_of_a_hundred_zeros_takes_five_bytes() -> None:
    assert encode_runs(b"0" * 100) == b"0*~00"


@given(st.lists(st.binary(max_size=20), max_size=5), st.data())
def test_packets_come_out_whole_however_the_bytes_are_cut(
    sent: list[bytes], data: st.DataObject
) -> None:
    stream = b"".join(frame(escape(each)) for each in sent)
    receiver, found = Receiver(), []
    while stream:
        count = data.draw(st.integers(1, len(stream)))
        found += receiver.feed(stream[:count])
        stream = stream[count:]
    assert packets(found) == sent


@given(st.lists(st.sampled_from(NOISE)))
def test_noise_between_packets_is_passed_over(noise: list[int]) -> None:
    assert packets(Receiver().feed(bytes(noise) + frame(b"?"))) == [b"?"]


@given(st.binary(max_size=300))
def test_after_any_bytes_at_all_a_packet_is_understood_again(before: bytes) -> None:
    receiver = Receiver()
    receiver.feed(before)
    assert packets(receiver.feed(frame(b"?")))[-1:] == [b"?"]


@pytest.mark.parametrize("damaged", [b"$OK#9b", b"$OL#9a", b"$OK#zz", b"$OK# 9"])
def test_a_packet_with_another_sum_is_damaged(damaged: bytes) -> None:
    assert Receiver().feed(damaged) == [Received(Kind.DAMAGED)]


def test_a_packet_that_is_too_long_is_damaged_and_the_next_one_is_not() -> None:
    receiver = Receiver()
    assert receiver.feed(frame(b"a" * MAX_PACKET)) == [Received(Kind.PACKET, b"a" * MAX_PACKET)]
    found = receiver.feed(frame(b"a" * (MAX_PACKET + 1)) + frame(b"?"))
    assert found == [Received(Kind.DAMAGED), Received(Kind.PACKET, b"?")]


def test_signs_between_packets_are_told_and_those_inside_are_data() -> None:
    found = Receiver().feed(b"+-\x03" + frame(b"+-\x03"))
    kinds = [each.kind for each in found]
    assert kinds == [Kind.ACKNOWLEDGED, Kind.REFUSED, Kind.INTERRUPT, Kind.PACKET]
    assert found[-1].data == b"+-\x03"


def test_a_new_packet_begins_in_the_middle_of_one_that_was_cut_off() -> None:
    assert Receiver().feed(b"$m1000" + frame(b"?")) == [Received(Kind.PACKET, b"?")]
