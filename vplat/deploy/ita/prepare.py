"""A network in the form of which ITA takes most."""

from __future__ import annotations

from collections.abc import Collection

from vplat.deploy.layers.lowering import lower
from vplat.deploy.layers.simplify import simplified
from vplat.deploy.network import Network

from .matching import ItaMatching
from .rewriting import with_products
from .scheduled_layer import ScheduledLayer, Target
from .turned_values import with_turned_values


def prepared(network: Network, target: Target, but: Collection[str] = ()) -> Network:
    """
    The same tensors with the same values, and new ones between them: convolutions as products,
    values of attention computed transposed.

    Only what ITA takes then is changed, for the harts are better off with the original; so it is
    tried out, and what is left to the harts is put back. Nodes named in ``but`` stay.

    :raises DeployError: some nodes cannot be deployed, as `lower` says
    """
    simple = simplified(network)
    kept = set(but)
    while True:
        made, products = with_products(simple, kept)
        made, turned = with_turned_values(made, kept)
        if not products and not turned:
            return made
        layers = lower(made, ItaMatching(target).matchers).layers
        taken = {node for each in layers if isinstance(each, ScheduledLayer) for node in each.nodes}
        left = {name for node, name in products.items() if node not in taken}
        left |= {name for name in turned if name not in taken}
        if not left:
            return made
        kept |= left
