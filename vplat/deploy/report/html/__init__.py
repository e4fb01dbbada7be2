"""The report as one page of HTML that needs nothing else."""

from __future__ import annotations

from .page import page as page
