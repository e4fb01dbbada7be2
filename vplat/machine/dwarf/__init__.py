"""Debug information (DWARF 2 to 5) through pyelftools, behind a wall that no file can break.

pyelftools trusts what it reads: a hostile file makes it raise anything, loop over entries of no
bytes, or read the same bytes as often as units point to them. So it is imported only when debug
information is asked for, it sees sections and never the file, its reads are charged to a budget,
the structures that can make it loop are checked first, and what it raises becomes one exception.
"""
