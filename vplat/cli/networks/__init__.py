"""What ``vplat bench networks`` does: the paper's networks, deployed and run."""

from __future__ import annotations
