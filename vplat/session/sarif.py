"""Findings as SARIF 2.1.0, which code hosts and editors show beside the source."""

from __future__ import annotations

from typing import Any, Final

from vplat import __version__

from .crash import Place
from .result import Result

SCHEMA: Final = "https://json.schemastore.org/sarif-2.1.0.json"


def sarif(result: Result) -> dict[str, Any]:
    """One run of the tool: each finding with its file and line where the ELF tells them."""
    rules = sorted({finding.rule for finding, _ in result.findings})
    return {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "vplat",
                        "version": __version__,
                        "rules": [{"id": rule, "name": _title(rule)} for rule in rules],
                    }
                },
                "results": [
                    {
                        "ruleId": finding.rule,
                        "ruleIndex": rules.index(finding.rule),
                        "level": "warning",
                        "message": {"text": f"{finding.device}: {finding.sentence}"},
                        "locations": _locations(place),
                        "properties": {
                            "device": finding.device,
                            "hart": finding.hart,
                            "cycle": finding.cycle,
                            "pc": finding.pc,
                        },
                    }
                    for finding, place in result.findings
                ],
            }
        ],
    }


def _title(rule: str) -> str:
    return "".join(word.capitalize() for word in rule.split("-"))


def _locations(place: Place | None) -> list[dict[str, Any]]:
    if place is None:
        return []
    location: dict[str, Any] = {}
    file, _, line = place.line.rpartition(":")
    if file and line.isdecimal():
        location["physicalLocation"] = {
            "artifactLocation": {"uri": file.replace("\\", "/")},
            "region": {"startLine": int(line)},
        }
    if place.function:
        location["logicalLocations"] = [{"name": place.function, "kind": "function"}]
    return [location] if location else []
