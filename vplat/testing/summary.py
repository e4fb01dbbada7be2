"""Guest coverage of a whole run of pytest: gathered from workers, written, shown."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from vplat.trace.coverage.coverage import Coverage
from vplat.trace.coverage.lcov import from_lcov, to_lcov

from .covering import found_from, table
from .plugin import WORKERS_COVERAGE

if TYPE_CHECKING:
    from .opening import Opener

WHOLE: Final = pytest.StashKey[tuple[Coverage, int]]()
"""What was covered, and how many files are left out."""


def finish_coverage(config: pytest.Config, opener: Opener | None) -> None:
    """All tests of this process are over: hand on what they have covered, or write all of it."""
    own = Coverage() if opener is None else opener.boots.coverage
    output = getattr(config, "workeroutput", None)
    if output is not None:
        output["vplat_coverage"] = to_lcov(own)
        return
    for text in config.stash.get(WORKERS_COVERAGE, []):
        own.add(from_lcov(text, "a worker's coverage"))
    config.stash[WHOLE] = found_from(own, config.rootpath)
    file: Path | None = config.getoption("vplat_cov_lcov")
    if file is not None:
        place = config.invocation_params.dir / file
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(to_lcov(config.stash[WHOLE][0]), "utf-8")


def show_coverage(reporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """The table behind the results."""
    if WHOLE not in config.stash:
        return
    coverage, left_out = config.stash[WHOLE]
    reporter.write_sep("-", "coverage of the firmware")
    if not coverage.files:
        reporter.write_line(
            "none of its source files is found from here; build it with -g, and run pytest where "
            "the sources' names count from"
            if left_out
            else "no firmware with debug information has run; build it with -g"
        )
        return
    for line in table(coverage):
        reporter.write_line(line)
    if left_out:
        reporter.write_line(f"{left_out} source files not found from here are left out")
    file: Path | None = config.getoption("vplat_cov_lcov")
    if file is not None:
        reporter.write_line(f"written to {file}")
