"""Layers that plugins bring, ITA's among them, and a network taken apart with them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import TypeAlias, TypeVar

from vplat.deploy.network import Network, Node
from vplat.errors import DeployError, PluginError, VplatError
from vplat.machine.board import Board
from vplat.plugins import BUILT_IN, Plugins

from .layers.layer import Layer
from .layers.lowering import Lowered, lower
from .layers.matching import Matcher
from .layers.simplify import simplified
from .layers.work import Work
from .planned import l1_room

T = TypeVar("T")


def unchanged(made: T, taken: Collection[str]) -> T:  # noqa: ARG001 - as the fields have it
    """What `Lowering.prepare` and `Lowering.join` do where they are not given."""
    return made


Preparation: TypeAlias = Callable[[Network, Collection[str]], Network]
Joining: TypeAlias = Callable[[Lowered, Collection[str]], Lowered]


@dataclass(frozen=True)
class Lowering:
    """
    What a plugin brings to make layers of nodes, for one board; found afterwards by its ``name``.

    ``matchers`` are asked in their order, plugins before what comes with vplat and the harts last.
    One that raises a ``DeployError`` says that the node cannot be deployed at all.

    ``prepare`` is handed the network before, and returns it in a form of which the matchers take
    more: tensors keep their names and values, new ones may come between. ``join`` is handed the
    layers afterwards, and may put some of them together. Both are also told the names of the nodes
    that lowerings before this one take, which they leave alone.
    """

    name: str
    matchers: Sequence[Matcher]
    sources: Path | None = None
    """
    The folder of C files that the layers' ``Code.includes`` begin from. It is searched beside the
    firmware, and has no file at a path that the firmware has.
    """
    prepare: Preparation = unchanged
    join: Joining = unchanged
    reasons: Mapping[str, str] = field(default_factory=dict)
    """Why nodes were not taken, by the last node's name: read when everything has been asked."""


@dataclass(frozen=True)
class Contributed:
    """A lowering with the plugin that it comes from, which is blamed for what it raises."""

    plugin: str
    lowering: Lowering

    @property
    def matchers(self) -> list[Matcher]:
        """Those of the lowering, such that their layers are looked at."""
        return [self._asked(matcher) for matcher in self.lowering.matchers]

    def _asked(self, matcher: Matcher) -> Matcher:
        def asked(work: Work, last: Node) -> Layer | None:
            with self._blamed(f"node {last.name!r}"):
                layer = matcher(work, last)
                problem = "" if layer is None else _problem(layer, work, last)
            if problem:
                raise self._wrong(f"made of node {last.name!r} {problem}")
            return layer

        return asked

    def prepared(self, network: Network, taken: Collection[str]) -> Network:
        """The network in the form that the lowering wants."""
        with self._blamed("the network, to prepare it"):
            made = self.lowering.prepare(network, taken)
        if not isinstance(made, Network):
            raise self._wrong(f"prepared {made!r}, which is no network")
        return made

    def joined(self, lowered: Lowered, taken: Collection[str]) -> Lowered:
        """The layers after the lowering has put some of them together."""
        with self._blamed("the layers, to join them"):
            made = self.lowering.join(lowered, taken)
        if not isinstance(made, Lowered):
            raise self._wrong(f"joined layers to {made!r}, which are none")
        return made

    @contextmanager
    def _blamed(self, what: str) -> Iterator[None]:
        try:
            yield
        except VplatError:
            raise
        except (Exception, SystemExit) as error:
            raise self._wrong(f"was given {what}, and raised {_told(error)}") from error

    def _wrong(self, what: str) -> PluginError:
        return PluginError(
            f"plugin {self.plugin!r}: lowering {self.lowering.name!r} {what}; mend it, or leave "
            "it out"
        )


@dataclass(frozen=True)
class Mapped:
    """
    A network in the form in which it is deployed, and its layers. ``reasons`` say why nodes are
    left to the harts, ``sources`` are folders of C files beside the firmware.
    """

    network: Network
    lowered: Lowered
    reasons: Mapping[str, str]
    sources: tuple[Path, ...]


def lowerings(plugins: Plugins, board: Board, l1_bytes: int) -> list[Contributed]:
    """
    What plugins bring for a board of whose L1 layers may use so much, in the order in which it is
    asked.

    :raises PluginError: two have one name, or it is no lowering, or its folder is not there
    """
    found: dict[str, Contributed] = {}
    for plugin, value in plugins.collect("vplat_lowerings", board=board, l1_bytes=l1_bytes):
        if not isinstance(value, Lowering):
            raise PluginError(
                f"plugin {plugin!r}: vplat_lowerings gave {value!r}, which is no Lowering; compare "
                "with vplat/hookspecs.py"
            )
        if value.name in found:
            raise PluginError(
                f"lowering {value.name!r} comes from two plugins, {found[value.name].plugin!r} and "
                f"{plugin!r}; leave one of them out, or rename one"
            )
        if value.sources is not None and not Path(value.sources).is_dir():
            raise PluginError(
                f"plugin {plugin!r}: lowering {value.name!r} has its C files in {value.sources}, "
                "but there is no such folder; make it, or name another one"
            )
        found[value.name] = Contributed(plugin, value)
    return sorted(found.values(), key=lambda each: each.plugin in BUILT_IN)


def map_network(network: Network, board: Board, plugins: Plugins, *, cores_only: bool) -> Mapped:
    """
    Give each node to whoever takes it first: what plugins bring, unless it is for ``cores_only``;
    all else is the harts'.

    :raises DeployError: some nodes cannot be deployed, with the reason for each
    :raises PluginError: a plugin's lowering clashes with another one, or raised
    """
    asked = [] if cores_only else lowerings(plugins, board, l1_room(board))
    before: list[Matcher] = []
    for each in asked:
        network = each.prepared(network, _taken(network, before))
        before += each.matchers
    lowered = lower(network, before)
    before = []
    for each in asked:
        lowered = each.joined(lowered, _taken(network, before))
        before += each.matchers
    reasons = {node: why for each in asked for node, why in each.lowering.reasons.items()}
    folders = (each.lowering.sources for each in asked)
    sources = dict.fromkeys(Path(folder).resolve() for folder in folders if folder is not None)
    return Mapped(network, lowered, reasons, tuple(sources))


@contextmanager
def blaming_layers() -> Iterator[None]:
    """
    Where layers are planned and written.

    :raises PluginError: the layer of a plugin raised, in place of what it raised
    """
    try:
        yield
    except VplatError:
        raise
    except Exception as error:
        layer, place = _innermost_layer(error.__traceback__)
        if layer is None or type(layer).__module__.startswith("vplat."):
            raise
        raise PluginError(
            f"layer {layer.name!r} (kind {layer.kind!r}, {place}) raised {_told(error)}; mend it, "
            "or leave its plugin out"
        ) from error


def _innermost_layer(trace: TracebackType | None) -> tuple[Layer | None, str]:
    """The layer in whose method it happened, and where."""
    found: tuple[Layer | None, str] = None, ""
    while trace is not None:
        owner = trace.tb_frame.f_locals.get("self")
        if isinstance(owner, Layer):
            module = trace.tb_frame.f_globals.get("__name__", "")
            found = owner, f"{module}, line {trace.tb_lineno}"
        trace = trace.tb_next
    return found


def _taken(network: Network, matchers: Sequence[Matcher]) -> set[str]:
    """The nodes that some matchers would take if they were asked alone."""
    taken: set[str] = set()
    if not matchers:
        return taken
    simple = simplified(network)
    work = Work(simple)
    for node in reversed(simple.nodes):
        if node.name in taken:
            continue
        try:
            layers = (matcher(work, node) for matcher in matchers)
            layer = next((each for each in layers if each is not None), None)
        except DeployError:  # `lower` comes across it, and lists it with the others
            continue
        if layer is not None:
            taken.update(layer.nodes)
    return taken


def _problem(layer: object, work: Work, last: Node) -> str:
    """What keeps a layer from being one of the node's."""
    if not isinstance(layer, Layer):
        return f"{layer!r}, which is no layer"
    if last.name not in layer.nodes or last.output not in layer.outputs:
        return f"a layer of nodes {list(layer.nodes)} that writes {list(layer.outputs)}"
    unknown = [name for name in layer.inputs if name not in work.types]
    return f"a layer that reads {unknown[0]!r}, which the network does not have" if unknown else ""


def _told(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"
