"""Character output: what a hart stores to its own address appears on the console.

`pulp-cluster.md` section 4.3: STDOUT base + (core << 3) + (cluster << 7).
"""

from __future__ import annotations

from vplat.hookspecs import hookimpl
from vplat.model import WO, Peripheral, State, Words

CORES = 16
CLUSTERS = 32
LONGEST_LINE = 4096


class Stdout(Peripheral, kind="stdout", size=8 * CORES * CLUSTERS, undefined=0):
    """One character port for each core of each cluster.

    Lines are handed to the console whole, as stream ``core + 16 * cluster``, so that harts which
    print at the same time do not mix their letters. A line of 4096 bytes is handed over without its
    end, and what is left when the run ends comes out with ``flush``.
    """

    specification = "pulp-cluster.md section 4.3"

    putc = Words(
        CORES * CLUSTERS,
        0x00,
        WO,
        "Print the low byte as a character of core {i}; cores of cluster c count from 16 * c.",
        stride=8,
    )

    lines: State[dict[int, bytes]] = State(dict, "The unfinished line of each stream.")

    @putc.on_write
    def take(self, value: int, index: int) -> None:
        line = self.lines.get(index, b"") + bytes([value & 0xFF])
        if line.endswith(b"\n") or len(line) == LONGEST_LINE:
            self.platform.print(line, index)
            line = b""
        self.lines[index] = line

    def on_end(self) -> None:
        """Print what is held back, in the order of the streams."""
        for stream, line in sorted(self.lines.items()):
            if line:
                self.platform.print(line, stream)
        self.lines = {}


@hookimpl
def vplat_peripherals() -> list[type[Peripheral]]:
    return [Stdout]
