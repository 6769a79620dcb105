"""What a draw of a long frame takes beside the frame, and what it holds on to."""

import tracemalloc

import pytest

from sampling import Frame, SampleDesign, draw

ROWS = 20_000


@pytest.fixture(scope="module")
def long_frame():
    return Frame.from_table(
        {
            "unit_id": [f"u{row:07d}" for row in range(ROWS)],
            "unit_name": [f"Thôn {row % 500}" for row in range(ROWS)],
            "province": "31",
            "stratum": [f"s{row % 30:03d}" for row in range(ROWS)],
            "size": [100 + row % 977 for row in range(ROWS)],
        }
    )


@pytest.mark.parametrize("method", ["pps_systematic", "srs"])
def test_a_draw_takes_at_most_three_times_its_frame_beside_it(long_frame, method):
    stage = {"unit": "village", "method": method, "take": 33}
    design = SampleDesign.from_dict({"version": 1, "stages": [stage]})
    tracemalloc.start()
    made = draw(long_frame, design, 7)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak <= 3 * len(long_frame.canonical)
    assert sum(len(one["order"]) for one in made.record["strata"]) == ROWS
