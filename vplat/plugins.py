"""Where plugins come from: our own modules first, then whatever is installed or asked for."""

from __future__ import annotations

import dataclasses
import importlib
import importlib.metadata
import importlib.util
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any, Final

import pluggy

from . import __version__, hookspecs
from .errors import PluginError, VplatError

GROUP: Final = "vplat"
"""The entry-point group, and the name of the hooks."""

BUILT_IN: Final = (
    "vplat.peripherals.clint",
    "vplat.peripherals.cluster_control",
    "vplat.peripherals.core_counters",
    "vplat.peripherals.event_unit",
    "vplat.peripherals.icache_control",
    "vplat.peripherals.idma",
    "vplat.peripherals.ita",
    "vplat.peripherals.mchan",
    "vplat.peripherals.msip_word",
    "vplat.peripherals.snitch_barrier",
    "vplat.peripherals.snitch_cluster",
    "vplat.peripherals.sparse_memory",
    "vplat.peripherals.stdout",
    "vplat.peripherals.test_and_set",
    "vplat.peripherals.timer",
    "vplat.peripherals.uart",
    "vplat.peripherals.xdma",
    "vplat.instructions.event_load",
    "vplat.instructions.performance_counters",
    "vplat.instructions.snitch_barrier",
    "vplat.instructions.xdma",
    "vplat.boards",
    "vplat.energy.builtin",
    "vplat.export.builtin",
    "vplat.trace.builtin",
    "vplat.session.firmware_checks",
    "vplat.tui.builtin",
    "vplat.gdb.builtin",
    "vplat.deploy.builtin",
    "vplat.cli.verbs",
)


@dataclasses.dataclass(frozen=True)
class PluginRecord:
    """One plugin: where it was found, its version, its hooks, or why it did not load."""

    name: str
    origin: str
    version: str
    hooks: tuple[str, ...] = ()
    problem: str = ""


class Plugins:
    """The plugins of one session. Sessions never share them, so a test cannot leak one.

    ``files`` are single Python files, ``directories`` hold such files and packages, ``installed``
    takes in what other distributions registered. A plugin that fails to load is recorded with its
    problem; only what needs it fails.
    """

    def __init__(
        self,
        files: Sequence[Path] = (),
        directories: Sequence[Path] = (),
        *,
        installed: bool = True,
    ) -> None:
        self._manager = pluggy.PluginManager(GROUP)
        self._manager.add_hookspecs(hookspecs)
        self.records: list[PluginRecord] = []
        for name in BUILT_IN:
            self._add(importlib.import_module(name), name, "built in", __version__)
        for each in files:
            self._load(each.stem, str(each), lambda each=each: _import_file(each))
        for directory in directories:
            self._load_directory(directory)
        if installed:
            for point in importlib.metadata.entry_points(group=GROUP):
                self._load(point.name, _distribution(point), point.load, _version(point))

    @property
    def broken(self) -> list[PluginRecord]:
        """The plugins that did not load."""
        return [record for record in self.records if record.problem]

    def call(self, hook: str, **arguments: Any) -> list[tuple[str, Any]]:
        """What each plugin answers, by the plugin's name, in the order they were found.

        A plugin that raises is a ``PluginError`` that names it; a ``VplatError`` passes through.
        """
        answers = []
        everybody = self._manager.get_plugins()
        for record in self.records:
            plugin = self._manager.get_plugin(record.name)
            if plugin is None or hook not in record.hooks:
                continue
            others = [other for other in everybody if other is not plugin]
            caller = self._manager.subset_hook_caller(hook, others)
            try:
                answers += [(record.name, _kept(answer)) for answer in caller(**arguments)]
            except VplatError:
                raise
            except (Exception, SystemExit) as error:
                raise PluginError(
                    f"plugin {record.name!r} ({record.origin}) raised in {hook}: "
                    f"{type(error).__name__}: {error}; mend it, or leave it out"
                ) from error
        return answers

    def collect(self, hook: str, **arguments: Any) -> list[tuple[str, Any]]:
        """The single values that each plugin contributes through a hook that returns several."""
        return [
            (name, value)
            for name, answer in self.call(hook, **arguments)
            for value in _several(name, hook, answer)
        ]

    def named(self, hook: str, key: str, what: str, **arguments: Any) -> dict[str, Any]:
        """The contributed values by their ``key``; a ``PluginError`` if two share a name."""
        found: dict[str, Any] = {}
        owners: dict[str, str] = {}
        for owner, value in self.collect(hook, **arguments):
            name = getattr(value, key, None)
            if not isinstance(name, str):
                raise PluginError(
                    f"plugin {owner!r}: {hook} gave {value!r}, which is no {what}: it has no "
                    f"{key}; compare with vplat/hookspecs.py"
                )
            if name in found:
                raise PluginError(
                    f"{what} {name!r} comes from two plugins, {owners[name]!r} and {owner!r}; "
                    "leave one of them out, or rename one"
                )
            found[name], owners[name] = value, owner
        return found

    def hint(self) -> str:
        """A clause on plugins that did not load, for the message that something is missing."""
        if not self.broken:
            return ""
        names = ", ".join(record.name for record in self.broken)
        return f" (plugins that did not load: {names}; see `vplat plugins`)"

    def _load_directory(self, directory: Path) -> None:
        if not directory.is_dir():
            problem = "no such directory; give --plugins-dir a directory that exists"
            self.records.append(PluginRecord(directory.name, str(directory), "", (), problem))
            return
        for path in sorted(directory.iterdir()):
            package = path / "__init__.py"
            if path.suffix == ".py" and not path.name.startswith("_"):
                self._load(path.stem, str(path), lambda path=path: _import_file(path))
            elif package.is_file():
                self._load(path.name, str(path), lambda package=package: _import_file(package))

    def _load(self, name: str, origin: str, load: Any, version: str = "") -> None:
        try:
            plugin = load()
        except (Exception, SystemExit) as error:  # noqa: BLE001 - a stranger's module may raise anything
            problem = f"{type(error).__name__}: {error}; {_remedy(error)}"
            self.records.append(PluginRecord(name, origin, version, (), problem))
            return
        self._add(plugin, name, origin, version or str(getattr(plugin, "__version__", "")))

    def _add(self, plugin: Any, name: str, origin: str, version: str) -> None:
        try:
            self._manager.register(plugin, name)
            self._manager.check_pending()  # a misspelt hook is an error, not silence
        except (pluggy.PluginValidationError, ValueError) as error:
            if self._manager.get_plugin(name) is plugin:
                self._manager.unregister(plugin)
            problem = f"{error}; compare with vplat/hookspecs.py"
            self.records.append(PluginRecord(name, origin, version, (), problem))
            return
        callers = self._manager.get_hookcallers(plugin) or []
        hooks = tuple(sorted(caller.name for caller in callers))
        self.records.append(PluginRecord(name, origin, version, hooks))


def _kept(answer: object) -> object:
    """A generator's values, so that what it raises is raised where its plugin is known."""
    return list(answer) if isinstance(answer, Iterator) else answer


def _several(name: str, hook: str, answer: object) -> Iterable[Any]:
    if isinstance(answer, Iterable) and not isinstance(answer, str | bytes):
        return answer
    raise PluginError(f"plugin {name!r}: {hook} must return a list, not {answer!r}")


def _import_file(path: Path) -> ModuleType:
    """Import a file, or a package by its ``__init__.py``, under a name that nothing else uses."""
    if not path.is_file():
        raise FileNotFoundError(f"there is no file {path}")
    name = _free_name(path.parent.name if path.name == "__init__.py" else path.stem, path)
    places = [str(path.parent)] if path.name == "__init__.py" else None
    spec = importlib.util.spec_from_file_location(name, path, submodule_search_locations=places)
    if spec is None or spec.loader is None:
        raise ImportError(f"{path} is not a Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module


def _free_name(stem: str, path: Path) -> str:
    """A module name that is the same on every machine, and in this process no other file's."""
    name, count = f"vplat_plugin_{stem}", 1
    while name in sys.modules and sys.modules[name].__file__ != str(path):
        count += 1
        name = f"vplat_plugin_{stem}_{count}"
    for loaded in [each for each in sys.modules if each.startswith(f"{name}.")]:
        del sys.modules[loaded]  # parts of an earlier load; the file may have changed since
    return name


def _remedy(error: BaseException) -> str:
    if isinstance(error, FileNotFoundError):
        return "give --plugin a file that exists"
    if isinstance(error, ModuleNotFoundError) and error.name:
        return f"install {error.name.partition('.')[0]} beside vplat"
    return "mend the plugin, or leave it out"


def _distribution(point: importlib.metadata.EntryPoint) -> str:
    return point.dist.name if point.dist is not None else point.value


def _version(point: importlib.metadata.EntryPoint) -> str:
    return point.dist.version if point.dist is not None else ""
