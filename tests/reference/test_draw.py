"""A draw once made must come out the same in any year.

The hashes and units below were recorded from version draw-v1 on 22 November 2026; that
they follow from security.md section 9.2 is shown in tests/sampling/test_drawing.py with
hashlib alone. A change here is a change of the algorithm and needs a new version name.
"""

from sampling import Frame, SampleDesign, draw

FRAME = [
    {
        "unit_id": f"{10500 + 3 * number:05d}",
        "unit_name": f"Xã {number}",
        "province": "Thành phố Hải Phòng",
        "stratum": "rural" if number % 3 else "urban",
        "size": 1000 + 137 * number,
        "adults": 700 + 90 * number,
    }
    for number in range(20)
]
DESIGN = {
    "version": 1,
    "name": "reference",
    "stages": [
        {"unit": "commune", "method": "pps_systematic", "take": {"rural": 3, "urban": 2}},
        {"unit": "person", "method": "srs", "take": 5, "size": "adults"},
    ],
    "reserves": {"commune": 1, "person": 1},
}

RECORDED = {
    "H_frame": "761e4ad3a5bf307f19ddf6afe9a8463ee30c2b4b6f9d4f998c8cdd015b6590d3",
    "H_design": "85f95dd81b3fb366ab0e2b590545036d29bbf85f50beae08cec3f57a27145fe3",
    "seed": "a83eaee217d4f8ace0ec62a7b57ca4a1d3412f3759061f443b2d9ae5f8518c8f",
    "sample_sha256": "88552cdde7f267fd3ccbddb7f6c647cf22283d688f9f381d4c367c5a2888a088",
    "reserves_sha256": "90897032d918a9fd8c13c40f16d6bb373cdbc72f201e2250b00d07841a4df135",
    "units": ["10512", "10551", "10542", "10554", "10527"],
}


def test_the_reference_draw_comes_out_as_recorded():
    made = draw(Frame.from_rows(FRAME), SampleDesign.from_dict(DESIGN), 20260301)
    assert made.record["H_frame"] == RECORDED["H_frame"]
    assert made.record["H_design"] == RECORDED["H_design"]
    assert made.record["seed"] == RECORDED["seed"]
    assert [row.unit_id for row in made.rows if row.stage == 1] == RECORDED["units"]
    assert made.record["sample_sha256"] == RECORDED["sample_sha256"]
    assert made.record["reserves_sha256"] == RECORDED["reserves_sha256"]
