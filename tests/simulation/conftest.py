"""These tests take minutes: they run where their marker is asked for (`make simulate`)."""

from __future__ import annotations

from pathlib import Path

import pytest

HERE = Path(__file__).parent


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if "slow" in str(config.option.markexpr):
        return
    here = [item for item in items if HERE in Path(item.path).parents]
    for item in (item for item in here if item.get_closest_marker("slow")):
        item.add_marker(pytest.mark.skip(reason="repeated samples: run by `make simulate`"))
