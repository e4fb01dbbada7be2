"""``python -m vplat``: the command line without the script."""

from __future__ import annotations

from vplat.cli import main

if __name__ == "__main__":
    main()
