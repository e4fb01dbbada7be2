"""The C header of a kind of device, as text; what a compiler makes of it is a system test."""

from __future__ import annotations

import re

import pytest

from tests.unit.export_samples import Arbiter, Mover, Pipe
from vplat.errors import DeclarationError
from vplat.export.c_header import c_header
from vplat.export.names import one_line
from vplat.model import RO, RW, Peripheral, Register, Word, bit


def defined(header: str, name: str) -> str:
    """The body of the one macro called ``name``."""
    found: list[str] = re.findall(rf"^#define {name}(?:\(i\))? (.*)$", header, re.MULTILINE)
    assert len(found) == 1, name
    return found[0]


def struct(header: str, name: str) -> list[str]:
    """The declarations in the struct ``name``, without comments."""
    body = header[: header.index(f"}} {name};")].rpartition("typedef struct {")[2]
    bare = re.sub(r"/\*.*?\*/", "", body, flags=re.DOTALL)
    return [line.strip() for line in bare.splitlines() if line.strip()]


def test_a_register_that_no_store_changes_is_const() -> None:
    members = struct(c_header(Mover), "mover_registers_t")
    assert "volatile const uint32_t here;" in members
    assert "volatile uint32_t go;" in members
    assert "volatile uint32_t bell;" in members


def test_gaps_are_reserved_up_to_the_end_of_the_window() -> None:
    members = struct(c_header(Mover), "mover_registers_t")
    assert "uint32_t _reserved_c[1];" in members
    assert members[-1] == "uint32_t _reserved_6c[5];"


def test_an_array_of_words_side_by_side_is_an_array() -> None:
    header = c_header(Mover)
    assert "volatile uint32_t slots[4];" in struct(header, "mover_registers_t")
    assert defined(header, "MOVER_SLOTS_OFFSET") == "(VPLAT_U(0x020) + VPLAT_U(0x4) * (i))"
    assert defined(header, "MOVER_SLOTS_COUNT") == "VPLAT_U(4)"
    assert defined(header, "MOVER_SLOTS_RESET") == "VPLAT_U(0x00000007)"


def test_an_array_with_a_greater_stride_is_an_array_of_padded_structs() -> None:
    members = struct(c_header(Mover), "mover_registers_t")
    start = members.index("struct {")
    assert members[start : start + 4] == [
        "struct {",
        "volatile uint32_t value;",
        "uint32_t _reserved_4[1];",
        "} pairs[2];",
    ]


def test_arrays_that_interleave_are_one_array_of_structs_named_by_their_common_word() -> None:
    members = struct(c_header(Arbiter), "arbiter_plain_t")
    end = members.index("} hart[8];")
    assert members[:end] == [
        "struct {",
        "volatile uint32_t mask;",
        "volatile uint32_t and_;",
        "uint32_t _reserved_8[5];",
        "volatile const uint32_t buffer;",
        "uint32_t _reserved_20[8];",
    ]


def test_the_array_that_gives_the_others_their_name_is_the_value_in_their_struct() -> None:
    members = struct(c_header(Arbiter), "arbiter_plain_t")
    end = members.index("} barrier[4];")
    assert members[end - 3 : end - 1] == [
        "volatile uint32_t value;",
        "volatile const uint32_t status;",
    ]


def test_interleaved_arrays_without_a_common_word_are_a_bank() -> None:
    members = struct(c_header(Arbiter), "arbiter_plain_t")
    end = members.index("} bank[2];")
    assert members[end - 4 : end - 1] == [
        "volatile uint32_t red;",
        "uint32_t _reserved_4[1];",
        "volatile uint32_t blue;",
    ]


def test_an_array_with_a_stranger_between_its_elements_is_laid_out_one_by_one() -> None:
    members = struct(c_header(Arbiter), "arbiter_plain_t")
    start = members.index("volatile uint32_t left_0;")
    assert members[start + 1 : start + 3] == ["volatile uint32_t odd;", "volatile uint32_t left_1;"]


def test_windows_with_the_same_registers_share_one_type() -> None:
    assert "typedef arbiter_demux_t arbiter_cluster_t;" in c_header(Arbiter)


def test_a_window_without_registers_has_a_size_and_no_struct() -> None:
    header = c_header(Pipe)
    assert defined(header, "PIPE_BODY_SIZE") == "VPLAT_U(0x1000)"
    assert "typedef" not in header


def test_a_field_has_mask_and_shift_and_its_values() -> None:
    header = c_header(Mover)
    assert defined(header, "MOVER_CTRL_MODE_MASK") == "VPLAT_U(0x00000006)"
    assert defined(header, "MOVER_CTRL_MODE_SHIFT") == "VPLAT_U(1)"
    assert defined(header, "MOVER_CTRL_MODE_FAST") == "VPLAT_U(2)"
    assert defined(header, "MOVER_CTRL_TOP_MASK") == "VPLAT_U(0xff000000)"
    assert defined(header, "MOVER_CTRL_RESET") == "VPLAT_U(0x00000004)"


def test_every_register_and_every_field_is_explained() -> None:
    header = c_header(Mover)
    assert "ticket (write-only, a load acts): Stores hand one in, loads draw one." in header
    assert "bell (read-only, a store acts): Times rung; a store rings it." in header
    for register in Mover.registers.values():
        for field in register.fields.values():
            assert field.doc.replace("{i}", "i") in header


def test_a_word_of_the_language_is_no_name_of_a_member() -> None:
    assert "volatile uint32_t default_;" in struct(c_header(Mover), "mover_registers_t")
    assert "MOVER_DEFAULT_OFFSET" in c_header(Mover)


def test_of_registers_on_one_offset_the_struct_has_the_one_that_exists_by_default() -> None:
    header = c_header(Mover)
    assert "volatile uint32_t modern;" in struct(header, "mover_registers_t")
    assert "legacy" not in " ".join(struct(header, "mover_registers_t"))
    assert defined(header, "MOVER_LEGACY_OFFSET") == "VPLAT_U(0x030)"
    assert "register has its place." in one_line(header)


def test_a_boards_parameters_choose_among_registers_on_one_offset() -> None:
    members = struct(c_header(Mover, {"revision": "old"}), "mover_registers_t")
    assert "volatile const uint32_t legacy;" in members
    assert "modern" not in " ".join(members)


def test_a_register_that_collides_with_none_is_shown_whatever_the_parameters() -> None:
    assert "volatile uint32_t deep;" in struct(c_header(Mover), "mover_registers_t")


@pytest.mark.parametrize(
    ("register", "condition"),
    [
        ("legacy", 'Exists where revision is "old".'),
        ("deep", "Exists where depth is 6..8."),
        ("trace", "Exists where traced is true."),
    ],
)
def test_a_conditional_register_says_when_it_exists(register: str, condition: str) -> None:
    assert re.search(rf"{register} \(.*\n?.*{re.escape(condition)}", c_header(Mover))


def test_a_docstring_cannot_end_the_comment_it_is_in() -> None:
    comment = c_header(Mover).partition("*/")[0]
    assert "A second paragraph." in comment
    assert "Generated from tests.unit.export_samples by `vplat export c-header`" in comment


def test_two_declarations_that_would_make_one_macro_are_an_error_naming_both() -> None:
    class Twin(Peripheral, kind="twin", size=8):
        """Two ways to one name."""

        a = Register(0, "First.", b_c=bit(0, RW, "One."))
        a_b = Register(4, "Second.", c=bit(1, RW, "Other."))

    with pytest.raises(DeclarationError, match=r"twin: .*'a\.b_c'.*'a_b\.c'.*TWIN_A_B_C_SHIFT"):
        c_header(Twin)


def test_a_subclass_keeps_the_registers_of_its_base() -> None:
    class More(Mover, kind="more", size=0x100):
        """A mover with more to it."""

        extra = Word(0x80, RO, "More.")

    members = struct(c_header(More), "more_registers_t")
    assert "volatile const uint32_t here;" in members
    assert "volatile const uint32_t extra;" in members
