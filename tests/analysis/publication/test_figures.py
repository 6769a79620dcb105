"""Charts: the same bytes, composed letters, far islands set apart, hollow where hidden."""

import re
import unicodedata
from xml.etree import ElementTree as ET

import pytest

from analysis.publication.figures import (
    IntervalRow,
    MapWords,
    Place,
    Spelling,
    centroid_map,
    intervals,
)
from analysis.publication.figures.classes import classes
from analysis.publication.figures.places import positions

WORDS = Spelling("Chỉ số theo xã", "Chỉ số hài lòng (%)", "Dữ liệu mô phỏng")
LEGEND = MapWords("Số phiếu", "Có mẫu, không công bố", "Không có mẫu", "Ngoài khơi", "B", "Khác")
PLACES = [
    Place("Lê Chân", 20.8429, 106.684, True, 81.2, 80, 1),
    Place("Chí Linh", 21.1031, 106.319, True, 76.4, 60, 2),
    Place("Vĩnh Bảo", 20.6796, 106.487, True, None, 0, 0),
    Place("Đồ Sơn", 20.7133, 106.778, False),
    Place("Cát Hải", 20.8087, 106.869, False),
    Place("Nam Sách", 20.9805, 106.354, False),
    Place("Bạch Long Vĩ", 20.1346, 107.7307, False),
]


def texts(svg):
    return [
        "".join(node.itertext()) for node in ET.fromstring(svg).iter() if node.tag.endswith("text")
    ]


def test_a_chart_drawn_twice_is_the_same_and_spells_in_composed_letters():
    rows = [
        IntervalRow(
            unicodedata.normalize("NFD", "Thủ tục"), 82.5, 80.1, 84.9, "82,50 [80,10; 84,90]"
        )
    ]
    one = intervals(rows, WORDS, reference=(81.0, "Chung 81,0"))
    assert one == intervals(rows, WORDS, reference=(81.0, "Chung 81,0"))
    assert "Thủ tục" in texts(one)
    assert "82,50 [80,10; 84,90]" in texts(one)
    assert "Chung 81,0" in texts(one)
    assert "Dữ liệu mô phỏng" in texts(one)


def test_an_island_far_out_stands_in_a_box_and_leaves_the_mainland_its_room():
    far = [spot["name"] for spot in positions(PLACES) if spot["far"]]
    assert far == ["Bạch Long Vĩ"]
    svg = centroid_map(PLACES, WORDS, LEGEND)
    assert "Ngoài khơi" in texts(svg)
    width = float(re.search(r'width="([\d.]+)"', svg)[1])
    assert width < 1000


def test_the_map_numbers_what_is_published_and_leaves_the_rest_hollow():
    said = texts(centroid_map(PLACES, WORDS, LEGEND, narrow=True))
    assert {"1", "2"} <= set(said)
    assert "Có mẫu, không công bố" in said
    assert "Không có mẫu" in said
    assert "81" not in " ".join(said).replace("80 – ≤ 82", "")


@pytest.mark.parametrize(
    ("values", "limits"),
    [([], [0, 100]), ([81.2], [81, 82]), ([72.1, 89.9], [70, 75, 80, 85, 90]), ([70.0], [70, 71])],
)
def test_map_classes_are_whole_numbers_that_hold_every_value(values, limits):
    assert classes(values) == limits
