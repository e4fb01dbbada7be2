"""Sums of bytes as places in tables: what `firmware/kernels/fused_sum.h` is handed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Final

import numpy as np

from vplat.deploy.network import Element, Integers, Operator, TensorType
from vplat.deploy.network.operators import Add, Lookup, NoNorm, Requantise

from .expression import Apply, Expression, Known, Leaf, Table, all_bytes
from .layer import Stored

MOST_OPERANDS: Final = 3
MOST_SUMS: Final = 4096
"""Places of sums where nothing follows that needs room of its own behind them."""
NORMALISED_SUMS: Final = 1024
"""The same in front of the results of a normalisation: FUSED_SUM_SUM_BYTES."""
MOST_RESULTS: Final = 8192
WORDS: Final = 1 << 31


@dataclass(frozen=True)
class Step:
    """An operator on one value, beside constants of one value each."""

    operator: Operator
    operands: tuple[Integers | None, ...]
    """None where the value goes."""

    def compute(self, values: Integers) -> Integers:
        """For each of them."""
        operands = [values if each is None else each for each in self.operands]
        return np.broadcast_to(self.operator.compute(operands), values.shape).astype(np.int64)


@dataclass(frozen=True)
class Term:
    """
    A tensor of bytes that is read at ``home``, or ``stored``, as values by byte: 256 of them, whose
    sum over all terms is what the steps begin with.
    """

    home: str
    stored: Stored | None
    element: Element
    values: Integers

    @property
    def is_plain(self) -> bool:
        """Whether the values are the bytes'."""
        return bool((self.values == all_bytes(self.element)).all())


@dataclass(frozen=True)
class Columns:
    """iNoNorm behind the steps: ``(value * weight + bias) >> shift``, saturated to int8."""

    weight: Integers
    bias: Integers
    shift: int


@dataclass(frozen=True)
class SumOf:
    """``columns(steps(terms[0] + terms[1] + ... + addend))`` for each element."""

    terms: tuple[Term, ...]
    addend: int
    steps: tuple[Step, ...]
    columns: Columns | None

    def after(self, sums: Integers) -> Integers:
        """What the steps make of sums of all terms and the addend."""
        for step in self.steps:
            sums = step.compute(sums)
        return sums


@dataclass(frozen=True)
class SumTables:
    """Members of a `struct fused_sum`, but for its operands and shape."""

    kind: str
    flipped: int
    shift: int
    tables: Stored
    weight: Stored | None = None
    bias: Stored | None = None
    norm_shift: int = 0


def sum_of(expression: Expression, result: TensorType) -> SumOf | None:
    """The expression as a sum that is read once; None if it is none of up to three tensors."""
    columns = None
    if isinstance(expression, Apply) and isinstance(expression.operator, NoNorm):
        columns = _columns(expression.operator, expression.arguments[1:], result.shape)
        if columns is not None:
            expression = expression.arguments[0]
    steps: list[Step] = []
    while isinstance(expression, Apply) and not isinstance(expression.operator, Add):
        step = _step(expression)
        if step is None:
            return None
        steps.insert(0, step[0])
        expression = step[1]
    summed = _summed(expression, result)
    if summed is None or not 1 <= len(summed[0]) <= MOST_OPERANDS:
        return None
    return SumOf(tuple(summed[0]), summed[1], tuple(steps), columns)


def _columns(
    operator: NoNorm, parameters: Sequence[Expression], shape: tuple[int, ...]
) -> Columns | None:
    found: list[Integers] = []
    for each in parameters:
        if not isinstance(each, Known) or each.values.size == 0:
            return None
        values = each.values.reshape(-1, each.values.shape[-1] if each.values.ndim else 1)
        if (values != values[0]).any() or values.shape[1] not in (1, shape[-1]):
            return None
        found.append(np.broadcast_to(values[0], shape[-1:]) * operator.mult)
    return Columns(found[0], found[1], operator.log2_divisor)


def _step(applied: Apply) -> tuple[Step, Expression] | None:
    """The operator with its constants, and what it is applied to."""
    operands: list[Integers | None] = []
    of: list[Expression] = []
    for argument in applied.arguments:
        match argument:
            case Known(values) if values.size == 1:
                operands.append(values.reshape(()))
            case Known(values) if isinstance(applied.operator, Lookup):
                operands.append(values)
            case Known():
                return None
            case _:
                operands.append(None)
                of.append(argument)
    return (Step(applied.operator, tuple(operands)), of[0]) if len(of) == 1 else None


def _summed(expression: Expression, result: TensorType) -> tuple[list[Term], int] | None:
    """All that is added up: tensors, and one number."""
    match expression:
        case Apply(Add(), arguments):
            parts = [_summed(argument, result) for argument in arguments]
            found = [part for part in parts if part is not None]
            if len(found) < len(parts):
                return None
            return list(chain(*(part[0] for part in found))), sum(part[1] for part in found)
        case Known(values) if values.size == 1:
            return [], int(values.flat[0])
        case Known(values):
            term = _stored(np.broadcast_to(values, result.shape))
            return None if term is None else ([term], 0)
        case Leaf(_, _, type_) if type_.element is not Element.INT32:
            table = Table(expression, all_bytes(type_.element), type_.element)
            return _summed(table, result)
        case Table(leaf, values) if leaf.type.size == result.size:
            return [Term(leaf.home, None, leaf.type.element, values)], 0
    return None


def _stored(values: Integers) -> Term | None:
    """Constants as bytes: themselves, or the numbers of the few values that there are."""
    for element in (Element.INT8, Element.UINT8):
        if element.least <= values.min() and values.max() <= element.greatest:
            return Term("", values.astype(element.value), element, all_bytes(element))
    distinct, numbers = np.unique(values, return_inverse=True)
    if distinct.size > 256:
        return None
    table = np.zeros(256, dtype=np.int64)
    table[: distinct.size] = distinct
    stored = numbers.reshape(values.shape).astype(np.uint8)
    return Term("", stored, Element.UINT8, table)


@dataclass(frozen=True)
class Places:
    """How bytes become places, and the value at each, from 0 on."""

    kind: str
    values: Integers
    flipped: int = 0
    shift: int = 0
    terms: tuple[Integers, ...] = ()

    def tables(self, rest: Stored | None = None) -> Stored:
        """Terms, values, and behind them ``rest``."""
        stored = [np.frombuffer(each.astype(np.int32).tobytes(), np.int8) for each in self.terms]
        stored.append(self.values.astype(np.int8))
        if rest is not None:
            room = NORMALISED_SUMS - self.values.size if self.values.size else 0
            stored += [np.zeros(room, np.int8), rest]
        return np.concatenate(stored)


def tables_for(of: SumOf, result: Element) -> SumTables | None:
    """The tables of a sum whose results are of the type ``result``; None if they are too large."""
    if of.columns is not None:
        return _normalised(of, of.columns)
    places = None if result is Element.INT32 else _by_bytes(of) or _by_terms(of, MOST_SUMS)
    if places is None:
        return None
    return SumTables(places.kind, places.flipped, places.shift, places.tables())


def _flipped(element: Element) -> int:
    return 0x80808080 if element is Element.INT8 else 0


def _by_bytes(of: SumOf) -> Places | None:
    """By the sum of the bytes, or by the one byte that there is."""
    if len(of.terms) == 1:
        return Places("BYTES", of.after(of.terms[0].values + of.addend))
    elements = {term.element for term in of.terms}
    if len(elements) > 1 or not all(term.is_plain for term in of.terms):
        return None
    [element] = elements
    places = np.arange(255 * len(of.terms) + 1, dtype=np.int64)
    sums = of.after(places + element.least * len(of.terms) + of.addend)
    return Places("BYTES", sums, _flipped(element))


def _by_terms(of: SumOf, most: int) -> Places | None:
    """By the sum of values, shifted as the first requantisation does if there are too many."""
    terms, steps, shift = [term.values for term in of.terms], of.steps, 0
    terms[0] = terms[0] + of.addend
    least, greatest = _range(terms)
    limits: Requantise | None = None
    if greatest - least >= most:
        limits = steps[0].operator if steps and isinstance(steps[0].operator, Requantise) else None
        if limits is None:
            return None
        shift = limits.shift
        mult, add = (int(each) for each in steps[0].operands if each is not None)
        steps = steps[1:]
        terms = [values * mult for values in terms]
        terms[0] = terms[0] + add + ((1 << shift) >> 1)
        least, greatest = (end >> shift for end in _range(terms))
    terms[0] = terms[0] - (least << shift)
    if greatest - least >= most or not _fit_words(terms):
        return None
    places: Integers = np.arange(least, greatest + 1, dtype=np.int64)
    if limits is not None:
        places = np.clip(places, limits.element.least, limits.element.greatest)
    values = SumOf((), 0, steps, None).after(places)
    return Places("TERMS", values, shift=shift, terms=tuple(terms))


def _range(terms: Sequence[Integers]) -> tuple[int, int]:
    return sum(int(each.min()) for each in terms), sum(int(each.max()) for each in terms)


def _fit_words(terms: Sequence[Integers]) -> bool:
    """Whether they, and their sums in any order, are words."""
    return sum(int(np.abs(each).max()) for each in terms) < WORDS


def _normalised(of: SumOf, columns: Columns) -> SumTables | None:
    """The sum's result is multiplied, and its place in a second table is the normalised one."""
    offset, places = 0, None
    if len(of.terms) == 1 and not of.steps and of.addend == 0 and of.terms[0].is_plain:
        element = of.terms[0].element
        places, offset = Places("BYTES", np.zeros(0, np.int64), _flipped(element)), element.least
        values: Integers = np.arange(256, dtype=np.int64)
    else:
        places = _by_bytes(of) if len(of.terms) > 1 else None
        places = places or _by_terms(of, NORMALISED_SUMS)
        if places is None:
            return None
        values = places.values
        if values.min() < Element.INT8.least or values.max() > Element.INT8.greatest:
            return None
    weight, bias = columns.weight, columns.bias + columns.weight * offset
    sums = np.array([weight * int(end) + bias for end in (values.min(), values.max())])
    least, greatest = (int(end) >> columns.shift for end in (sums.min(), sums.max()))
    bias = bias - (least << columns.shift)
    largest = int((np.abs(weight) * int(np.abs(values).max()) + np.abs(bias)).max())
    if greatest - least >= MOST_RESULTS or largest >= WORDS or columns.shift > 31:
        return None
    results = np.clip(np.arange(least, greatest + 1), -128, 127).astype(np.int8)
    return SumTables(
        places.kind,
        places.flipped,
        places.shift,
        places.tables(results),
        weight.astype(np.int32),
        bias.astype(np.int32),
        columns.shift,
    )
