"""From nodes to layers on ITA, and the reasons why others are left to the harts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from vplat.deploy.layers.layer import Layer
from vplat.deploy.layers.work import Work
from vplat.deploy.network import Node
from vplat.errors import DeployError

from .attention_layer import AttentionLayer
from .attention_match import find_attention, fitted_attention
from .legality import NotOnItaError
from .product_layer import ProductLayer
from .product_match import match_product
from .scheduled_layer import Target
from .sum_layer import SumLayer
from .sum_match import match_no_norm, match_sum

Matcher: TypeAlias = Callable[[Work, Node], Layer | None]


@dataclass
class ItaMatching:
    """
    Matchers of one lowering: `matchers` go before those of the harts. ``reasons`` says of each node
    at which a product, a sum or attention ended why that is not on ITA.
    """

    target: Target
    reasons: dict[str, str] = field(default_factory=dict)

    @property
    def matchers(self) -> Sequence[Matcher]:
        """To be asked in this order."""
        return [self._asked(kind) for kind in (self._attention, self._product, self._sum)]

    def _asked(self, match: Matcher) -> Matcher:
        def asked(work: Work, last: Node) -> Layer | None:
            try:
                layer = match(work, last)
            except NotOnItaError as reason:
                self.reasons.setdefault(last.name, str(reason))
                return None
            except DeployError as reason:
                self.reasons.setdefault(last.name, f"there is too little L1: {reason}")
                return None
            if layer is not None:
                self.reasons.pop(last.name, None)
            return layer

        return asked

    def _attention(self, work: Work, last: Node) -> Layer | None:
        found = find_attention(work, last)
        if found is None:
            return None
        attention = fitted_attention(work, found)
        return AttentionLayer(found.name, found.nodes, attention, self.target)

    def _product(self, work: Work, last: Node) -> Layer | None:
        found = match_product(work, last)
        if found is None:
            return None
        return ProductLayer(found.name, found.nodes, found.product, self.target)

    def _sum(self, work: Work, last: Node) -> Layer | None:
        found = match_no_norm(work, last) or match_sum(work, last)
        if found is None:
            return None
        return SumLayer(found.name, found.nodes, found.scaled, self.target)
