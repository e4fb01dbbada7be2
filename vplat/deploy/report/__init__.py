"""
The report of a deployed network: timeline, layers, energy, memory maps, and the paper's figures.

``report_of`` makes a `Report`, plain data, of a network that the flow has placed and run, and
``gather`` does of what is told in another way. ``sheets`` are its tables as rows of text for a
terminal, ``page`` is one self-contained file of HTML.
"""

from __future__ import annotations

from .counting import Nodes as Nodes
from .counting import macs_of as macs_of
from .deployed import facts_of as facts_of
from .deployed import report_of as report_of
from .figures import LayerFacts as LayerFacts
from .figures import LayerFigures as LayerFigures
from .figures import MappedBuffer as MappedBuffer
from .figures import MemoryMap as MemoryMap
from .figures import PaperFigures as PaperFigures
from .figures import Point as Point
from .figures import Report as Report
from .gathering import gather as gather
from .gathering import map_of_l1 as map_of_l1
from .gathering import maps_of as maps_of
from .html import page as page
from .paper import figures_of as figures_of
from .tables import Sheet as Sheet
from .tables import sheets as sheets
