"""Coverage: shares, merging, and the files of lcov."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vplat.errors import UsageError
from vplat.trace.coverage.coverage import Branch, Coverage, FileCoverage
from vplat.trace.coverage.lcov import from_lcov, to_lcov

counts = st.integers(0, 2**40)
names = st.text("abc_", min_size=1, max_size=4)
branches = st.builds(Branch, counts, counts)
files = st.builds(
    FileCoverage,
    st.dictionaries(st.integers(1, 99), counts, max_size=5),
    st.dictionaries(st.tuples(st.integers(1, 99), st.integers(0, 3)), branches, max_size=5),
    st.dictionaries(names, st.tuples(st.integers(1, 99), counts), max_size=3),
)
coverages = st.builds(Coverage, st.dictionaries(names.map("src/{}.c".format), files, max_size=3))

SMALL = Coverage(
    {
        "main.c": FileCoverage(
            {3: 1, 4: 0}, {(4, 0): Branch(2, 0), (4, 1): Branch(0, 0)}, {"main": (3, 1)}
        )
    }
)
TEXT = """TN:
SF:main.c
FN:3,main
FNDA:1,main
FNF:1
FNH:1
BRDA:4,0,0,2
BRDA:4,0,1,0
BRDA:4,1,0,-
BRDA:4,1,1,-
BRF:4
BRH:1
DA:3,1
DA:4,0
LF:2
LH:1
end_of_record
"""


def test_a_tracefile_says_what_lcov_expects() -> None:
    assert to_lcov(SMALL) == TEXT


@given(coverages)
def test_what_is_written_can_be_read_again(coverage: Coverage) -> None:
    text = to_lcov(coverage)
    assert from_lcov(text, "it").files == coverage.files
    assert to_lcov(from_lcov(text, "it")) == text


@given(coverages, coverages)
def test_merged_files_add_up_whichever_comes_first(one: Coverage, other: Coverage) -> None:
    texts = to_lcov(one), to_lcov(other)

    def merged(*order: str) -> Coverage:
        whole = Coverage()
        for text in order:
            whole.add(from_lcov(text, "it"))
        return whole

    both = merged(*texts)
    assert both.files.keys() == one.files.keys() | other.files.keys()
    for name, file in both.files.items():
        parts = [each.files.get(name, FileCoverage()) for each in (one, other)]
        for line, count in file.lines.items():
            assert count == sum(part.lines.get(line, 0) for part in parts)
        for place, branch in file.branches.items():
            taken = sum(part.branches.get(place, Branch()).taken for part in parts)
            assert branch.taken == taken
    assert [file.lines for _, file in sorted(both.files.items())] == [
        file.lines for _, file in sorted(merged(*reversed(texts)).files.items())
    ]


def test_a_newer_tracefile_with_checksums_and_last_lines_can_be_read() -> None:
    text = "TN:\nSF:a.c\nVER:1\nFN:3,9,main\nFNDA:2,main\nDA:4,7,abcdef==\nend_of_record\n"
    found = from_lcov(text, "it").files["a.c"]
    assert (found.lines, found.functions) == ({4: 7}, {"main": (3, 2)})


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("hello\n", 1),
        ("SF:a.c\nDA:1\n", 2),
        ("SF:a.c\nDA:1,-2\n", 2),
        ("SF:a.c\nDA:x,2\n", 2),
        ("SF:a.c\nBRDA:1,0,0\n", 2),
        ("TN:\nDA:1,2\n", 2),
        ("SF:a.c\nend_of_record\nDA:1,2\n", 3),
        ("SF:a.c\nFNDA:1\n", 2),
    ],
)
def test_what_is_no_tracefile_is_refused_with_the_line(text: str, line: int) -> None:
    with pytest.raises(UsageError, match=rf"^a\.info:{line}: .* is nothing that a tracefile"):
        from_lcov(text, "a.info")


@given(st.text(max_size=80))
def test_no_text_makes_more_than_a_sentence(text: str) -> None:
    try:
        found: Coverage | None = from_lcov(text, "it")
    except UsageError:
        found = None
    assert found is None or isinstance(found.files, dict)


def test_shares_count_lines_ways_of_branches_and_functions() -> None:
    file = SMALL.files["main.c"]
    assert file.line_share == (1, 2)
    assert file.branch_share == (1, 4)
    assert file.function_share == (1, 1)
    twice = Coverage({"main.c": file, "other.c": file}).total()
    assert (twice.line_share, twice.branch_share, twice.function_share) == ((2, 4), (2, 8), (2, 2))
