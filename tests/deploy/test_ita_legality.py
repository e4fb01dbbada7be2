"""What ITA can take exactly: its registers do what the operator does, or there is a reason."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vplat.deploy.ita.legality import (
    Fitted,
    NotOnItaError,
    check_inner,
    check_int8,
    check_padding,
    checked_bias,
    checked_weights,
    fitted,
    fitted_no_norm,
    fitted_values,
)
from vplat.deploy.ita.matrices import Requant
from vplat.deploy.network import Element, Integers, TensorType
from vplat.deploy.network.operators import NoNorm, Requantise
from vplat.peripherals.ita.requantisation import requantise

SUMS: Integers = np.concatenate(
    [np.arange(-3000, 3000), np.arange(-(2**24), 2**24, 4099), np.array([-(2**24), 2**24 - 1])]
)


def on_ita(fit: Fitted, sums: Integers) -> Integers:
    """What the accelerator's requantiser makes of the sums."""
    accumulators = (fit.sign * sums + fit.bias).astype(np.float64)
    made = requantise(accumulators, *fit.requant)
    return made.astype(np.int64)


@given(
    mult=st.integers(-255, 255),
    shift=st.integers(0, 31),
    after=st.integers(-128, 127),
    bias=st.integers(-4000, 4000),
)
def test_addends_that_can_be_folded_give_the_same_results(
    mult: int, shift: int, after: int, bias: int
) -> None:
    add = bias * mult + (after << shift)
    operator = Requantise(shift, Element.INT8)
    fit = fitted(operator, np.array(mult), np.array(add))
    expected = operator.compute((SUMS, np.array(mult), np.array(add)))
    assert np.array_equal(on_ita(fit, SUMS), expected)


@given(mult=st.integers(-255, 255), part=st.floats(-1, 1), shift=st.integers(0, 22))
def test_any_addend_that_counts_up_to_one_step_can_be_folded(
    mult: int, part: float, shift: int
) -> None:
    add = round(part * 2**shift)
    operator = Requantise(shift, Element.INT8)
    fit = fitted(operator, np.array(mult), np.array(add))
    expected = operator.compute((SUMS, np.array(mult), np.array(add)))
    assert np.array_equal(on_ita(fit, SUMS), expected)


@given(mult=st.integers(1, 10**6), add=st.integers(-(10**6), 10**6), shift=st.integers(0, 31))
def test_whatever_is_taken_is_exact(mult: int, add: int, shift: int) -> None:
    try:
        fit = fitted_values(mult, add, shift)
    except NotOnItaError:
        return
    expected = Requantise(shift, Element.INT8).compute((SUMS, np.array(mult), np.array(add)))
    assert np.array_equal(on_ita(fit, SUMS), expected)
    assert 0 <= fit.requant.mult <= 255
    assert -128 <= fit.requant.add <= 127


@given(mult=st.integers(-255, 255), shift=st.integers(0, 20))
def test_no_norm_rounds_down_on_ita_too(mult: int, shift: int) -> None:
    operator = NoNorm(mult, shift)
    weights, bias = np.array([57]), np.array([-1234])
    values = np.arange(-128, 128)[:, None]
    fit = fitted_no_norm(operator)
    expected = operator.compute((values, weights, bias))
    assert np.array_equal(on_ita(fit, values * weights + bias), expected)


def test_an_addend_of_the_logits_becomes_a_bias() -> None:
    # ICCT_ITA's, which is -1070 after the shift (quantised-operators.md section 2).
    fit = fitted_values(32, -34240 * 32, 10)
    expected = np.clip((SUMS * 32 + 512 >> 10) - 1070, -128, 127)
    assert np.array_equal(on_ita(fit, SUMS), expected)


def test_an_even_multiplier_is_halved_until_it_fits() -> None:
    assert fitted_values(1024, 0, 20) == Fitted(Requant(128, 17))


@pytest.mark.parametrize(
    ("mult", "add", "shift", "reason"),
    [
        (257, 0, 16, "its multiplier 257 does not fit ITA's 8 bits"),
        (3, 1, 25, "its addend 1 is too great"),
        (0, 1 << 28, 3, "is too great for 8 bits after the shift of 3"),
        (255, 0, 35, "its shift 35 is above ITA's 34"),
    ],
)
def test_registers_that_do_not_fit_are_named(mult: int, add: int, shift: int, reason: str) -> None:
    with pytest.raises(NotOnItaError, match=re.escape(reason)):
        fitted_values(mult, add, shift)


def test_scales_by_channel_and_unsigned_results_are_left_to_the_harts() -> None:
    operator = Requantise(8, Element.INT8)
    with pytest.raises(NotOnItaError, match="multiplier differs from channel to channel"):
        fitted(operator, np.array([[1, 2]]), np.array(0))
    with pytest.raises(NotOnItaError, match="its result is uint8"):
        fitted(Requantise(8, Element.UINT8), np.array(1), np.array(0))


def test_unsigned_operands_long_sums_and_wide_biases_are_reasons() -> None:
    with pytest.raises(NotOnItaError, match="an operand is uint8"):
        check_int8(TensorType(Element.UINT8, (1,)), "an operand")
    check_inner(960)
    with pytest.raises(NotOnItaError, match="it sums over 961, and ITA over 960 at most"):
        check_inner(961)
    with pytest.raises(NotOnItaError, match="does not fit ITA's 24 bits"):
        checked_bias(np.array([0, 1 << 23]))
    assert checked_bias(np.zeros(3, np.int64)) is None


def test_a_negative_scale_goes_into_weights_unless_one_is_the_least() -> None:
    assert checked_weights(np.array([3, -127]), -1).tolist() == [-3, 127]
    with pytest.raises(NotOnItaError, match="a weight of -128"):
        checked_weights(np.array([3, -128]), -1)


def test_padded_keys_need_a_scale_that_a_bias_can_outweigh() -> None:
    check_padding(100, 64, Requant(31, 16, 0))
    check_padding(128, 64, Requant(1, 34, 127))
    with pytest.raises(NotOnItaError, match="too small for a bias to take padded keys out"):
        check_padding(100, 64, Requant(1, 20, 0))
