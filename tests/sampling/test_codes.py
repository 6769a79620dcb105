"""Every code that the sampling can say is said in one of its tests."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
CODE = re.compile(
    r'"((?:unit|units|office|agency|counter|procedure|frame|design|draw|selection|allocation|size'
    r"|stratification|precision|visits|revision|coordination)"
    r'-[a-z]+(?:-[a-z]+)*)"'
)
BUILT = [
    f"{prefix}-size-{fault}"
    for prefix in ("unit", "frame", "counter")
    for fault in ("not-whole", "not-positive", "too-large")
] + [
    *(
        f"{prefix}-id-{fault}"
        for prefix in ("frame", "office")
        for fault in ("invalid", "repeated")
    ),
    *("design-targets-invalid", "design-costs-invalid"),
]
PARTS = {"size-not-whole", "size-not-positive", "size-too-large"}


def test_every_code_of_the_package_has_a_test():
    source = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "sampling").rglob("*.py"))
    tests = "".join(
        path.read_text(encoding="utf-8")
        for path in Path(__file__).parent.glob("test_*.py")
        if path.name != Path(__file__).name
    )
    codes = (set(CODE.findall(source)) - PARTS) | set(BUILT)
    assert len(codes) > 80
    assert sorted(code for code in codes if code not in tests) == []
