"""The page: well-formed HTML that loads nothing, shows every layer, and escapes every text."""

from __future__ import annotations

import json
import re
from collections import Counter
from html.parser import HTMLParser
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.deploy.report_samples import HARTS, report
from vplat.deploy.report import page
from vplat.deploy.report.html.markup import Markup, tag

VOID = {"meta", "input", "br", "hr"}


class Reader(HTMLParser):
    """Every element with its attributes and texts; a tag that does not match fails."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[tuple[str, str]] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len(dict(attrs)) == len(attrs), f"<{tag}> has an attribute twice"
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open:
            self.texts.append((self.open[-1], data))

    def count(self, tag: str) -> int:
        """How many elements of a name there are."""
        return sum(1 for name, _ in self.elements if name == tag)

    def attributes(self, tag: str, name: str) -> list[str]:
        """An attribute's values, element by element."""
        found = [attributes.get(name) for each, attributes in self.elements if each == tag]
        return [value for value in found if value is not None]

    @property
    def data(self) -> dict[str, list[dict[str, str]]]:
        """What the script reads."""
        text = "".join(data for element, data in self.texts if element == "script")
        found, _ = json.JSONDecoder().raw_decode(text)
        assert isinstance(found, dict)
        return found


NAMES = [f"encoder/layer_{number}/ffn" for number in range(300)]


def test_the_page_is_well_formed_and_its_ids_are_unique() -> None:
    read = Reader(page(report(NAMES)))
    ids = [attributes["id"] for _, attributes in read.elements if "id" in attributes]
    assert [name for name, times in Counter(ids).items() if times > 1] == []
    assert read.elements[0] == ("html", {"lang": "en"})
    assert read.count("title") > len(NAMES)


def test_what_the_script_looks_for_is_there() -> None:
    text = page(report(["a"]))
    ids = set(re.findall(r' id="([^"]+)"', text))
    wanted = set(re.findall(r'getElementById\("([^"]+)"\)', text)) | {"closer", "farther", "whole"}
    assert wanted <= ids


def test_every_layer_is_in_table_timeline_and_data() -> None:
    made = report(NAMES)
    read = Reader(page(made))
    assert read.attributes("button", "data-layer") == [str(each) for each in range(300)]
    assert [each["name"] for each in read.data["layers"]] == NAMES
    hovered = [text for element, text in read.texts if element == "title"]
    for number, name in enumerate(NAMES):
        assert any(told.startswith(f"{number} {name}: ") for told in hovered)
    shown = [text for element, text in read.texts if element == "td"]
    assert all(f"{layer.cycles:,}" in shown for layer in made.layers)


def test_the_page_loads_nothing() -> None:
    text = page(report(NAMES[:20]))
    for loading in ("http:", "https:", "//cdn", "@import", "url(", "src=", "href=", "<link"):
        assert loading not in text
    assert "fetch(" not in text
    assert "innerHTML" not in text


HOSTILE = [
    '</script><script>alert("x")</script>',
    '"><img src=x onerror=alert(1)>',
    "</title></style><b>&amp;",
    "<!-- ]]>",
]


def test_hostile_names_are_text_everywhere() -> None:
    read = Reader(page(report(HOSTILE, network="<i>net</i>", board='"board')))
    assert read.count("script") == 2
    assert read.count("img") == 0
    assert [each["name"] for each in read.data["layers"]] == HOSTILE
    texts = [text for _, text in read.texts]
    assert all(any(name in text for text in texts) for name in HOSTILE)
    assert "<i>net</i>" in texts


@settings(max_examples=30)
@given(st.lists(st.text(st.characters(exclude_categories=["Cs", "Cc"])), min_size=1, max_size=4))
def test_any_name_makes_a_well_formed_page_that_has_it(names: list[str]) -> None:
    read = Reader(page(report(names)))
    assert [each["name"] for each in read.data["layers"]] == names
    assert len(read.attributes("button", "data-layer")) == len(names)


def test_the_timeline_s_layers_stand_in_order_and_do_not_overlap() -> None:
    made = report(NAMES)
    text = page(made)
    hits = re.search(r'<g class="hits">(.*?)</g>', text, re.DOTALL)
    assert hits
    boxes = [
        (float(x), float(width))
        for x, width in re.findall(r'<rect x="([0-9.]+)" y="0" width="([0-9.]+)"', hits[1])
    ]
    assert len(boxes) == len(NAMES)
    for (x, width), (following, _) in pairwise(boxes):
        assert x + width <= following + 0.02
    assert boxes[0][0] == 0
    assert sum(boxes[-1]) == pytest.approx(100_000, abs=0.1)


def test_a_lane_is_as_high_as_its_engine_is_busy() -> None:
    made = report(["only"])
    text = page(made)
    lane = re.search(r'<path d="M0 (\d+)V([0-9.]+)H100000V\d+Z" class="ita">', text)
    assert lane
    bottom, top = float(lane[1]), float(lane[2])
    assert (bottom - top) / 44 == pytest.approx(
        made.layers[0].ita / made.layers[0].cycles, abs=0.01
    )
    assert text.count('class="cores" fill-opacity') == 5
    assert f"harts 0–{HARTS - 1}" in text


def test_memory_maps_show_addresses_and_lifetimes() -> None:
    text = page(report(NAMES[:5]))
    boxes = re.search(r'<figure class="map">.*?</figure>', text, re.DOTALL)
    assert boxes
    assert "x: 512 bytes at 0x80002000, layers 0 to 4" in boxes[0]
    assert "weights &amp; &lt;biases&gt;: 4,096 bytes at 0x80001000, always" in boxes[0]
    placed = re.findall(r'<rect x="\d+" y="([0-9.]+)" width="(\d+)" height="([0-9.]+)"', boxes[0])
    assert len(placed) == 1 + 2 + 4
    for y, width, height in placed:
        assert 0 <= float(y) <= float(y) + float(height) <= 250.02
        assert 1 <= int(width) <= 5


def test_only_the_paper_s_networks_stand_beside_it() -> None:
    assert "Beside the paper" in page(report(["a"], "mobilebert"))
    assert "Beside the paper" not in page(report(["a"], "another"))
    other = page(report(["a"], "dinov2-small", board="pulp-ita"))
    assert "as remembered" in other
    assert "not of pulp-ita" in other


def test_light_dark_and_paper_have_styles() -> None:
    text = page(report(["a"]))
    for rule in ("prefers-color-scheme: dark", "[data-theme=light]", "@media print"):
        assert rule in text


def test_equal_reports_make_equal_pages() -> None:
    assert page(report(NAMES[:9])) == page(report(NAMES[:9]))


def test_markup_is_kept_and_text_is_escaped() -> None:
    made = tag(
        "p", "a < b", Markup("<b>c</b>"), [tag("i", "&")], title='"', data_x=1.5, hidden=True
    )
    expected = '<p title="&quot;" data-x="1.5" hidden>a &lt; b<b>c</b><i>&amp;</i></p>'
    assert made == expected
    assert tag("meta", name=None, charset="utf-8", hidden=False) == '<meta charset="utf-8">'
