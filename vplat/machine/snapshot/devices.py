"""The state of devices as JSON, by what their classes declare."""

from __future__ import annotations

import base64
import binascii
import copy
import typing
from collections.abc import Mapping
from typing import Any, Protocol, runtime_checkable

from vplat.errors import SnapshotError
from vplat.model import Peripheral

from .hints import Hint, Misfit, describe
from .plain import decode, encode

Activities = dict[str, int]


@runtime_checkable
class Packed(Protocol):
    """A value of a device's state that turns itself into bytes, and checks what it takes back.

    ``restore`` raises ``ValueError``, and changes nothing, for what ``state`` cannot have returned.
    """

    def state(self) -> bytes: ...
    def restore(self, state: bytes, /) -> None: ...


def encode_device(device: Peripheral, snapshot: Mapping[str, Any]) -> dict[str, Any]:
    """What ``Peripheral.snapshot`` returned, as JSON.

    ``SnapshotError`` names a state whose value is not of its declared type.
    """
    hints = state_hints(type(device))
    states = {}
    for name, value in snapshot["states"].items():
        try:
            states[name] = _encode_state(value, hints[name])
        except Misfit as misfit:
            raise SnapshotError(
                f"the state of device {device.name!r} cannot be written to a file: "
                f"{device.kind}.{name}: {misfit}; declare what it holds, like State[list[int]]"
            ) from None
    return {
        "words": encode(snapshot["words"], dict[str, list[int]]),
        "states": states,
        "activities": encode(snapshot["activities"], Activities),
    }


def decode_device(device: Peripheral, data: Any) -> dict[str, Any]:
    """What ``Peripheral.restore`` takes; ``Misfit`` if ``data`` is no state of such a device."""
    hints = state_hints(type(device))
    if not isinstance(data, dict) or data.keys() != {"words", "states", "activities"}:
        raise Misfit(f"that is no state of device {device.name!r}")
    words = decode(data["words"], dict[str, list[int]])
    counts = {name: len(values) for name, values in words.items()}
    if counts != {name: len(values) for name, values in device.words.items()}:
        raise Misfit(f"device {device.name!r} has other registers")
    states = data["states"]
    if not isinstance(states, dict) or states.keys() != hints.keys():
        raise Misfit(f"device {device.name!r} has other states")
    return {
        "words": words,
        "states": {
            name: _decode_state(each, hints[name], device.states[name])
            for name, each in states.items()
        },
        "activities": decode(data["activities"], Activities),
    }


def state_hints(kind: type[Peripheral]) -> dict[str, Hint]:
    """The type of each state: what ``State[…]`` is annotated with, or that of its reset value.

    ``SnapshotError`` if the annotations name what cannot be found.
    """
    try:
        declared = typing.get_type_hints(kind)
    except Exception as error:
        raise SnapshotError(
            f"the states of {kind.__module__}.{kind.__name__} cannot be read from its annotations: "
            f"{error}; import at run time what they name"
        ) from error
    found: dict[str, Hint] = {}
    for name, state in kind.declared_states.items():
        arguments = typing.get_args(declared.get(name))
        kept = type(state.fresh())
        found[name] = arguments[0] if arguments else (int | bool) if kept is bool else kept
    return found


def layout(device: Peripheral) -> str:
    """What there is to restore of a device, in words that change when it does."""
    words = [f"{name}:{len(values)}" for name, values in device.words.items()]
    states = [f"{name}:{describe(hint)}" for name, hint in state_hints(type(device)).items()]
    return f"{device.kind} {' '.join(words)}; {' '.join(states)}"


def _encode_state(value: Any, hint: Hint) -> Any:
    if isinstance(value, Packed):
        return base64.b64encode(value.state()).decode("ascii")
    return encode(value, hint)


def _decode_state(data: Any, hint: Hint, present: Any) -> Any:
    if not isinstance(present, Packed):
        return decode(data, hint)
    restored = copy.deepcopy(present)
    try:
        restored.restore(base64.b64decode(data, validate=True))
    except (ValueError, TypeError, binascii.Error) as error:
        raise Misfit(str(error)) from None
    return restored
