"""What ``vplat bench speed`` runs and measures."""

from __future__ import annotations
