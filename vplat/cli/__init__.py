"""The command line: one module a verb.

A verb's module is imported when the verb is used, so that ``vplat run`` waits for no other.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import NoReturn


def main(argv: Sequence[str] | None = None) -> NoReturn:
    """Run ``vplat`` with ``argv`` (the process's own when None) and end with its status.

    DESIGN section 6 has the statuses; every error becomes one sentence and one of them here.
    """
    from .failures import guarded
    from .group import run_verb

    arguments = list(sys.argv[1:] if argv is None else argv)
    sys.exit(guarded(lambda: run_verb(arguments), debug="--debug" in arguments))
