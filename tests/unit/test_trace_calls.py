"""Call stacks that are put together from changes of function."""

from __future__ import annotations

import pytest

from vplat.trace.calls import DEEPEST, CallStack
from vplat.trace.record import Arrival

CALL, RETURN, JUMP = Arrival.CALL, Arrival.RETURN, Arrival.JUMP


@pytest.fixture
def stack() -> CallStack:
    made = CallStack()
    made.enter("start", JUMP)
    made.enter("main", CALL)
    return made


def test_a_call_goes_deeper_and_a_return_comes_back(stack: CallStack) -> None:
    assert stack.enter("f", CALL) == (0, True)
    assert stack.functions == ["start", "main", "f"]
    assert stack.enter("main", RETURN) == (1, False)
    assert stack.functions == ["start", "main"]


def test_a_tail_call_takes_the_place_of_its_caller_and_returns_to_the_callers_caller(
    stack: CallStack,
) -> None:
    stack.enter("f", CALL)
    assert stack.enter("g", JUMP) == (1, True)
    assert stack.functions == ["start", "main", "g"]
    stack.enter("main", RETURN)
    assert stack.functions == ["start", "main"]


def test_a_return_over_several_calls_leaves_all_of_them(stack: CallStack) -> None:
    stack.enter("f", CALL)
    stack.enter("g", CALL)
    assert stack.enter("start", RETURN) == (3, False)


def test_a_return_to_a_function_that_was_never_seen_takes_the_place_of_the_last(
    stack: CallStack,
) -> None:
    assert stack.enter("other", RETURN) == (1, True)
    assert stack.functions == ["start", "other"]


def test_an_interrupt_enters_the_handler_however_the_hart_came_there(stack: CallStack) -> None:
    stack.interrupt()
    assert stack.enter("handler", JUMP) == (0, True)
    assert stack.functions == ["start", "main", "handler"]
    stack.enter("main", RETURN)
    assert stack.functions == ["start", "main"]


def test_a_stack_stays_finite(stack: CallStack) -> None:
    for number in range(3 * DEEPEST):
        stack.enter(f"f{number}", CALL)
    assert len(stack.functions) == DEEPEST
    assert stack.functions[-1] == f"f{3 * DEEPEST - 1}"
