"""The edge between a test and vplat: what goes wrong is shown at the test's line, in a sentence."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from vplat.errors import VplatError

Asked = ParamSpec("Asked")
Answer = TypeVar("Answer")


def edge(function: Callable[Asked, Answer]) -> Callable[Asked, Answer]:
    """``function``, whose errors on purpose come without the frames behind it."""

    @functools.wraps(function)
    def called(*positional: Asked.args, **named: Asked.kwargs) -> Answer:
        __tracebackhide__ = True
        try:
            return function(*positional, **named)
        except (VplatError, AssertionError) as error:
            raise error.with_traceback(None) from None

    return called
