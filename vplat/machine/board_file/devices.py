"""What only the classes of devices can tell about a board."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterator, Mapping

from vplat.errors import BoardError, DeclarationError
from vplat.model import Event, Peripheral, Window
from vplat.model.field import no_such

from ..board import Board, DeviceSpec, InstructionsSpec, Span
from ..instruction_set import InstructionSet
from .overlaps import (
    Occupied,
    occupied_by_alias,
    occupied_by_memories,
    refuse_overlaps,
    window_keys,
    window_title,
)
from .section import WORD
from .targets import HARTS, Target, parse_target

Kinds = Mapping[str, type[Peripheral]]


def check_devices(board: Board, kinds: Kinds) -> None:
    """Refuse a board whose devices do not fit the classes in ``kinds``.

    ``BoardError`` for the first unknown kind, window, parameter, output or target, a window without
    a base, a parameter's bad value, windows that overlap memories or one another or go beyond 32
    bits, and a pulse wired to a level of the harts.
    """
    for spec in board.devices:
        _check_kind(board, spec, kinds)
        _check_parameters(board, spec, kinds[spec.kind])
        _check_windows(board, spec, kinds[spec.kind])
    refuse_overlaps([*occupied_by_memories(board), *_occupied_by_windows(board, kinds)])
    classes = {spec.name: kinds[spec.kind] for spec in board.devices}
    for spec in board.devices:
        _check_events(board, spec, classes)


def check_instructions(board: Board, known: Mapping[str, InstructionSet]) -> None:
    """Refuse a board whose custom instructions are not in ``known``, or lack their device.

    ``BoardError`` for the first set of an unknown name, or whose device is missing, is none of the
    board's, or is of another kind than the set needs.
    """
    kinds = {device.name: device.kind for device in board.devices}
    for index, spec in enumerate(board.harts.instructions):
        place = board.place_of("harts", "instructions", index)
        if spec.name not in known:
            raise BoardError(f"{place}: {_unknown('instruction set', spec.name, known)}")
        if problem := _device_problem(spec, known[spec.name].device_kind, kinds):
            raise BoardError(f"{place}: {problem}")


def _device_problem(spec: InstructionsSpec, wanted: str, kinds: Mapping[str, str]) -> str:
    """Why the device of an instruction set is not the one it needs, or ''."""
    who = f"instruction set {spec.name!r}"
    fitting = next((name for name, kind in kinds.items() if kind == wanted), "dma")
    example = f'{{ name = "{spec.name}", device = "{fitting}" }}'
    if not spec.device:
        if not wanted:
            return ""
        return f"{who} keeps its state in a device of kind {wanted!r}; name one, like {example}"
    if not wanted:
        return f"{who} needs no device; remove device = {spec.device!r}"
    if spec.device not in kinds:
        return f"{who}: there is {no_such('device', spec.device, kinds)}"
    if kinds[spec.device] != wanted:
        return (
            f"{who} needs a device of kind {wanted!r}, but {spec.device!r} is of kind "
            f"{kinds[spec.device]!r}; name another, like {example}"
        )
    return ""


def _unknown(what: str, name: str, known: Collection[str]) -> str:
    """A sentence for something that plugins provide and none has."""
    if close := difflib.get_close_matches(name, sorted(known), n=1):
        remedy = f"did you mean {close[0]!r}, or is its plugin missing (--plugin)?"
    else:
        listed = ", ".join(sorted(known)) or "none"
        remedy = f"there are {listed}; name the plugin that has it with --plugin"
    return f"there is no {what} {name!r}; {remedy}"


def _check_kind(board: Board, spec: DeviceSpec, kinds: Kinds) -> None:
    if spec.kind not in kinds:
        place = board.place_of("devices", spec.name, "kind")
        raise BoardError(f"{place}: device {spec.name!r}: {_unknown('kind', spec.kind, kinds)}")


def _who(spec: DeviceSpec) -> str:
    return f"device {spec.name!r} ({spec.kind})"


def window_bytes(spec: DeviceSpec, kind: type[Peripheral], window: Window) -> int:
    """Bytes of a window, which depend on nothing but the device's parameters."""
    device = object.__new__(kind)
    device.name = spec.name
    device.parameters = {
        name: parameter.check(spec.parameters.get(name, parameter.default), _who(spec))
        for name, parameter in kind.declared_parameters.items()
    }
    return device.window_size(window)


def _check_windows(board: Board, spec: DeviceSpec, kind: type[Peripheral]) -> None:
    elsewhere = [] if spec.elsewhere is None else [spec.elsewhere]
    for name in (*spec.windows, *sorted(spec.absent), *elsewhere):
        if name not in kind.windows:
            place = board.place_of(*window_keys(spec.name, name))
            raise BoardError(f"{place}: {_who(spec)} has {_no_window(name, kind)}")
    for name, window in kind.windows.items():
        if name not in spec.windows:
            if name not in spec.absent and name != spec.elsewhere:
                raise BoardError(f"{board.place_of('devices', spec.name)}: {_no_base(spec, name)}")
            continue
        end = spec.windows[name] + window_bytes(spec, kind, window)
        if end > WORD + 1:
            place = board.place_of(*window_keys(spec.name, name))
            raise BoardError(
                f"{place}: {window_title(spec.name, name)} would end at {end:#x}, beyond the "
                "32-bit address space; move it down"
            )
    for index, base in enumerate(spec.aliases):
        if (end := base + window_bytes(spec, kind, kind.windows[""])) > WORD + 1:
            place = board.place_of("devices", spec.name, "aliases", index)
            raise BoardError(
                f"{place}: alias {index + 1} of device {spec.name!r} would end at {end:#x}, beyond "
                "the 32-bit address space; move it down"
            )


def _no_window(name: str, kind: type[Peripheral]) -> str:
    if name:
        return no_such("window", name, [each for each in kind.windows if each])
    named = ", ".join(kind.windows)
    if not named:
        return "no registers, so no 'base'; remove it"
    return f"no main window, so no 'base'; give its windows a base each: {named}"


def _no_base(spec: DeviceSpec, window: str) -> str:
    if not window:
        return f"{_who(spec)} has no base; add one, like base = 0x1020_0000, or base = false"
    return (
        f"window {window!r} of {_who(spec)} has no base; add windows.{window} = 0x..., or "
        f"windows.{window} = false to leave it out"
    )


def _check_parameters(board: Board, spec: DeviceSpec, kind: type[Peripheral]) -> None:
    for name, value in spec.parameters.items():
        place = board.place_of("devices", spec.name, "parameters", name)
        declared = kind.declared_parameters.get(name)
        if declared is None:
            problem = no_such("parameter", name, kind.declared_parameters)
            raise BoardError(f"{place}: {_who(spec)} has {problem}")
        try:
            declared.check(value, _who(spec))
        except DeclarationError as error:
            raise BoardError(f"{place}: {error}") from error


def _occupied_by_windows(board: Board, kinds: Kinds) -> Iterator[Occupied]:
    for spec in board.devices:
        kind = kinds[spec.kind]
        for name, base in spec.windows.items():
            size = window_bytes(spec, kind, kind.windows[name])
            place = board.place_of(*window_keys(spec.name, name))
            yield Occupied(window_title(spec.name, name), Span(base, size), place)
        for index, base in enumerate(spec.aliases):
            size = window_bytes(spec, kind, kind.windows[""])
            yield occupied_by_alias(board, spec, index, Span(base, size))


def _check_events(board: Board, spec: DeviceSpec, classes: Kinds) -> None:
    outputs = classes[spec.name].outputs
    for output, targets in spec.events.items():
        place = board.place_of("devices", spec.name, "events", output)
        if output not in outputs:
            raise BoardError(f"{place}: {_who(spec)} has {no_such('output', output, outputs)}")
        for text in targets:
            target = parse_target(text)
            problem = _wiring_problem(target, classes)
            if target.owner == HARTS and isinstance(outputs[output], Event):
                problem = (
                    "an event is a pulse, and a line of the harts is a level that nothing would "
                    "lower; wire it to an interrupt controller"
                )
            if problem:
                raise BoardError(f"{place}: {spec.name}.{output} -> {text!r}: {problem}")


def _wiring_problem(target: Target, classes: Kinds) -> str:
    """Why nothing can be wired to ``target``, or ''."""
    if not target.is_device:
        return ""
    if target.owner not in classes:
        return f"there is {no_such('device', target.owner, classes)}"
    inputs = classes[target.owner].inputs
    if target.line not in inputs:
        return f"{target.owner} has {no_such('input', target.line, inputs)}"
    count = inputs[target.line].count
    name = f"{target.owner}.{target.line}"
    if target.index is None and count > 1:
        return f"{name} has {count} lines; say which one, like {name}[0]"
    if target.index is not None and target.index >= count:
        return f"{name} has {count} {'lines' if count > 1 else 'line'}; the last is [{count - 1}]"
    return ""
