"""Observers that write: the ledger and its views, the profile, coverage."""

from __future__ import annotations
