"""A job decoded from its registers (`ita.md` section 2.2, `snitch-ita-cluster.md` section 7)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vplat.peripherals.ita.activation import Activation
from vplat.peripherals.ita.job import Job
from vplat.peripherals.ita.revision import AUGUST_2024, CURRENT
from vplat.peripherals.ita.sequence import Layer

WORD = st.integers(0, (1 << 32) - 1)


@given(st.lists(WORD, min_size=17, max_size=17))
def test_a_job_is_decoded_from_the_registers_of_its_context(words: list[int]) -> None:
    job = Job.from_registers(words, CURRENT)
    assert [
        job.input_ptr,
        job.weight_ptr0,
        job.weight_ptr1,
        job.bias_ptr,
        job.output_ptr,
    ] == words[:5]
    assert job.tiles == tuple((words[6] >> low) % 16 or 1 for low in (0, 4, 8, 12))
    octets = b"".join(word.to_bytes(4, "little") for word in words)
    assert bytes(job.mult) == octets[28:36]
    assert bytes(job.shift) == octets[36:44]
    assert [each % 256 for each in job.add] == list(octets[44:52])
    assert all(-128 <= each <= 127 for each in job.add)
    assert (job.layer, job.activation) == (words[13] % 4, words[13] // 4 % 4)
    flags = [
        job.weight_preload,
        job.weight_nextload,
        job.bias_disable,
        job.bias_direction,
        job.output_disable,
    ]
    assert flags == [bool(words[14] >> bit & 1) for bit in range(5)]
    b, c, mult, shift, add = job.activation_constants
    assert [b % 65536, c % 65536] == [words[15] % 65536, words[15] >> 16]
    assert (mult, shift, add % 256) == (*octets[64:66], octets[66])
    assert all(-(1 << 15) <= each < 1 << 15 for each in (b, c))


@given(st.lists(WORD, min_size=14, max_size=14))
def test_the_first_release_has_its_flags_where_later_ones_have_the_layer(words: list[int]) -> None:
    job = Job.from_registers(words, AUGUST_2024)
    assert (job.layer, job.activation) == (Layer.ATTENTION, Activation.IDENTITY)
    assert job.output_disable == bool(words[13] & 16)
    assert job.tiles == tuple((words[6] >> low) % 16 for low in (0, 4, 8, 12))
    assert len(job.mult) == len(job.shift) == len(job.add) == 6


def test_a_context_with_too_few_registers_is_refused() -> None:
    with pytest.raises(ValueError, match="revision 2025-04 has 17 job registers, not 14"):
        Job.from_registers([0] * 14, CURRENT)
