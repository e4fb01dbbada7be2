"""The ledger as JSON lines: one object about the run, then one an entry."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from .record import Entry
from .wording import as_json


def heading_line(heading: Mapping[str, Any]) -> str:
    """The first line, without its end."""
    return _line({"kind": "ledger", **heading})


def json_lines(entries: Iterable[Entry]) -> Iterator[str]:
    """The lines of entries, without their ends."""
    for entry in entries:
        yield _line(as_json(entry))


def _line(value: Mapping[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
