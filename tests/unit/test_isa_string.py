"""ISA strings, as boards write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vplat.errors import BoardError
from vplat.machine.isa import Isa

MXL_32 = 1 << 30

# Single letters and multi-letter names that may follow a base, each at most once.
LETTERS = "mafdcb"
NAMES = ("zicsr", "zifencei", "zicond", "zba", "zbb", "zbs", "zca", "zcf", "zcd", "zaamo")
CUSTOM = ("xdma", "xpulp", "xssr")


def bits(letters: str) -> int:
    return sum(1 << (ord(letter) - ord("a")) for letter in letters)


@st.composite
def isa_strings(draw: st.DrawFn) -> str:
    letters = "".join(draw(st.lists(st.sampled_from(LETTERS), unique=True)))
    names = draw(st.lists(st.sampled_from((*NAMES, *CUSTOM)), unique=True))
    modes = draw(st.sampled_from([[], ["u"], ["s"], ["su"], ["s", "u"]]))
    return "_".join([f"rv32{draw(st.sampled_from('ie'))}{letters}", *names, *modes])


def test_the_string_of_the_default_board_is_understood() -> None:
    isa = Isa.parse("rv32imafc_zicsr_zifencei_u")
    for extension in ("i", "m", "a", "f", "c", "C", "zicsr", "zifencei", "u"):
        assert isa.has(extension)
    for extension in ("e", "d", "s", "b", "zba", "zicond", "xdma"):
        assert not isa.has(extension)
    assert isa.user_mode
    assert isa.canonical == str(isa) == "rv32imafc_zicsr_zifencei_u"


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("rv32i", "rv32i_zicsr_zifencei"),
        ("RV32IMAC", "rv32imac_zicsr_zifencei"),
        (" rv32imac \n", "rv32imac_zicsr_zifencei"),
        ("rv32i_zicsr", "rv32i_zicsr"),
        ("rv32i_zifencei", "rv32i_zifencei"),
        ("rv32if_zifencei", "rv32if_zicsr_zifencei"),
        ("rv32g", "rv32imafd_zicsr_zifencei"),
        ("rv32gc", "rv32imafdc_zicsr_zifencei"),
        ("rv32e", "rv32e_zicsr_zifencei"),
        ("rv32id", "rv32ifd_zicsr_zifencei"),
        ("rv32icafm", "rv32imafc_zicsr_zifencei"),
        ("rv32i_m_a_c", "rv32imac_zicsr_zifencei"),
        ("rv32imaczicsr_zifencei", "rv32imac_zicsr_zifencei"),
        ("rv32i2p1_m2p0_a2p1_c2p0_zicsr2p0_zifencei2p0", "rv32imac_zicsr_zifencei"),
        ("rv32i2m2", "rv32im_zicsr_zifencei"),
        ("rv32imacsu", "rv32imac_zicsr_zifencei_su"),
        ("rv32imac_s", "rv32imac_zicsr_zifencei_su"),
        ("rv32imacu", "rv32imac_zicsr_zifencei_u"),
        ("rv32ima_xdma_u", "rv32ima_zicsr_zifencei_xdma_u"),
        ("rv32imaxdma", "rv32ima_zicsr_zifencei_xdma"),
        ("rv32i_zba_zbb_zbs", "rv32ib_zicsr_zifencei"),
        ("rv32i_zaamo_zalrsc", "rv32ia_zicsr_zifencei"),
        ("rv32i_zmmul", "rv32i_zicsr_zifencei_zmmul"),
        ("rv32i_zca", "rv32ic_zicsr_zifencei"),
        ("rv32if_zca", "rv32if_zicsr_zifencei_zca"),
        ("rv32if_zca_zcf", "rv32ifc_zicsr_zifencei"),
        ("rv32i_zbs_zba", "rv32i_zicsr_zifencei_zba_zbs"),
        ("rv32i_zicntr_zihpm", "rv32i_zicntr_zicsr_zifencei_zihpm"),
    ],
)
def test_strings_have_a_canonical_form(text: str, canonical: str) -> None:
    assert Isa.parse(text).canonical == canonical


@given(isa_strings())
def test_the_canonical_string_means_the_same_isa(text: str) -> None:
    isa = Isa.parse(text)
    assert Isa.parse(isa.canonical) == isa
    assert Isa.parse(isa.canonical).canonical == isa.canonical
    assert hash(Isa.parse(text.upper())) == hash(isa)


@given(isa_strings(), st.data())
def test_the_order_of_names_does_not_matter(text: str, data: st.DataObject) -> None:
    base, *names = text.split("_")
    shuffled = data.draw(st.permutations(names))
    assert Isa.parse("_".join([base, *shuffled])) == Isa.parse(text)


@pytest.mark.parametrize(
    ("text", "letters"),
    [
        ("rv32i", "i"),
        ("rv32e", "e"),
        ("rv32imac", "imac"),
        ("rv32imafc_u", "imafcu"),
        ("rv32id", "ifd"),
        ("rv32ima_s", "imasu"),
        ("rv32ima_xdma", "imax"),
        ("rv32i_zba_zbb_zbs", "ib"),
        ("rv32i_zba", "i"),
        ("rv32i_zmmul", "i"),
    ],
)
def test_misa_has_mxl_1_and_a_bit_for_each_letter(text: str, letters: str) -> None:
    assert Isa.parse(text).misa == MXL_32 | bits(letters)


def test_user_mode_may_be_given_beside_the_string() -> None:
    assert Isa.parse("rv32imac", user_mode=True) == Isa.parse("rv32imac_u")
    assert Isa.parse("rv32imac_u", user_mode=False).user_mode
    assert not Isa.parse("rv32imac").user_mode


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "'' is not an ISA string: write it like"),
        ("arm", "'arm' is not an ISA string"),
        ("rv", "'rv' is not an ISA string"),
        ("rv32", "does not begin with a base"),
        ("rv64gc", "'rv64gc' is not a 32-bit one"),
        ("rv128i", "not a 32-bit one"),
        ("rv320i", "not a 32-bit one"),
        ("rv32cafmi", "does not begin with a base"),
        ("rv32mac", "does not begin with a base"),
        ("rv32zicsr", "does not begin with a base"),
        ("rv32ie", "two bases, 'i' and 'e'"),
        ("rv32ig", "two bases, 'i' and 'g'"),
        ("rv32imm", "names 'm' twice"),
        ("rv32i_zba_zba", "names 'zba' twice"),
        ("rv32i__m", "empty name beside an underscore"),
        ("rv32im_", "empty name beside an underscore"),
        ("rv32iv", "names 'v', which this platform does not decode"),
        ("rv32i\nm", r"names '\\n', which"),
        ("rv32i m", "names ' ', which"),
        ("rv32i-m", "names '-', which"),
        ("rv32i_zicrs", "names 'zicrs', which this platform does not decode: known are"),
        ("rv32i_z", "names 'z', which"),
        ("rv32i_x", "names 'x', which"),
        ("rv32i_svinval", "names 'svinval', which"),
        ("rv32i_xdma!", "names 'xdma!', which"),
        ("rv32i_é", "names 'é', which"),
    ],
)
def test_a_string_that_names_no_instruction_set_is_refused_in_one_sentence(
    text: str, complaint: str
) -> None:
    with pytest.raises(BoardError, match=complaint) as refusal:
        Isa.parse(text)
    assert repr(text) in str(refusal.value)
    assert str(refusal.value).endswith(".")
    assert "\n" not in str(refusal.value)


@given(st.text(max_size=20).map("rv32i".__add__) | st.text(max_size=20))
def test_any_text_is_an_isa_or_is_refused(text: str) -> None:
    try:
        isa = Isa.parse(text)
    except BoardError:
        return
    assert isa.canonical.startswith("rv32")
