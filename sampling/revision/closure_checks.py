"""What closures must fulfil, and what has to be said of them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from intake.findings import Faults, Words
from sampling.revision.closed_strata import Stratum
from sampling.revision.closing import Standing
from sampling.revision.closures import Closure

_LIKE = Words(
    "Giả định: trong cùng tầng, đơn vị đóng cửa có mức trung bình như đơn vị còn mở; "
    "nếu không đúng, kết quả bị chệch.",
    "Assumed: within a stratum, closed units are on average like the open ones; where they "
    "are not, results are biased.",
)
RULES = {
    "nonresponse": (
        Words(
            "Tính là không trả lời: trọng số của các đơn vị còn mở trong tầng được nâng lên.",
            "Counted as nonresponse: the weights of the open units of the stratum were raised.",
        ),
        _LIKE,
    ),
    "reserve": (
        Words(
            "Dự phòng tiếp theo vào mẫu: {entered}; đơn vị đóng cửa tính là không trả lời.",
            "The next reserves came in: {entered}; closed units count as nonresponse.",
        ),
        _LIKE,
    ),
    "out_of_scope": (
        Words(
            "Đơn vị không còn tồn tại hoặc không phục vụ ai: giá trị bằng 0, các trọng số khác "
            "giữ nguyên.",
            "They no longer exist or serve nobody: they count 0, no other weight changes.",
        ),
        Words(
            "Giả định: không còn người dân nào thuộc phạm vi điều tra ở đó.",
            "Assumed: nobody there belongs to the population any more.",
        ),
    ),
}


class ClosureChecks:
    """Notes what is wrong with closures of a sample."""

    def __init__(
        self, strata: Sequence[Stratum], closed: Mapping[str, Closure], faults: Faults
    ) -> None:
        self.strata = strata
        self.closed = closed
        self.faults = faults

    def rule_known(self, rule: str, reserves: bool, done: bool) -> None:
        """Note a rule that there is not, or that lacks what it needs."""
        if rule not in RULES:
            self.faults.add(
                "revision-rule-unknown",
                Words(f"Không có quy tắc “{rule}”.", f"There is no rule '{rule}'."),
                Words(f"Dùng: {', '.join(RULES)}.", f"Use one of: {', '.join(RULES)}."),
            )
        if rule == "reserve" and not reserves:
            self.faults.add(
                "revision-reserves-missing",
                Words("Chưa có danh sách dự phòng.", "The reserves are not given."),
                Words("Dùng reserves.csv của lần chọn mẫu.", "Give the reserves of the draw."),
            )
        if rule == "out_of_scope" and done:
            self.faults.add(
                "revision-done-out-of-scope",
                Words(
                    "Đơn vị ngoài phạm vi không thể có phiếu đã trả lời.",
                    "A unit out of scope cannot hold answered cases.",
                ),
                Words("Dùng quy tắc nonresponse.", "Use the rule nonresponse."),
            )

    def cases_known(self, given: bool) -> None:
        """Note a design of several stages without what lies in its reserves."""
        deep = any(len(unit.rows) > 1 for one in self.strata for unit in one.drawn)
        if deep and not given:
            self.faults.add(
                "revision-reserve-cases-missing",
                Words(
                    "Chưa biết các trường hợp trong đơn vị dự phòng.",
                    "The cases within the reserves are not known.",
                ),
                Words(
                    "Đưa cả thư mục chọn mẫu (hailong sample close-unit).",
                    "Give the folder of the draw (hailong sample close-unit).",
                ),
            )

    def units_drawn(self, strata: Sequence[Stratum]) -> None:
        """Note closures of units that the sample does not hold."""
        known = {unit.unit_id for one in strata for unit in (*one.drawn, *one.reserves)}
        for name, closure in self.closed.items():
            if name not in known:
                self.faults.add(
                    "revision-unit-not-drawn",
                    Words(
                        f"{name} không phải đơn vị giai đoạn 1 của mẫu.",
                        f"{name} is no unit of stage 1 of the sample.",
                    ),
                    Words(
                        "Đơn vị không được chọn thì không cần ghi; với hộ, người: "
                        "hailong sample replace.",
                        "Units that were not drawn need no entry; for households and persons use "
                        "hailong sample replace.",
                    ),
                    row=closure.line,
                    column="unit_id",
                )

    def strata_open(self, standing: Sequence[Standing], merge: Mapping[str, str]) -> None:
        """Note strata in which no unit is open, and which could stand for them."""
        open_ones = {merge.get(one.stratum, one.stratum) for one in standing if one.factor}
        for name in dict.fromkeys(merge.get(one.stratum, one.stratum) for one in standing):
            if name in open_ones:
                continue
            near = next(iter(sorted(open_ones)), "")
            hint = f" (--merge {name}={near})" if near else ""
            self.faults.add(
                "revision-stratum-closed",
                Words(
                    f"Tầng {name}: mọi đơn vị đều đóng cửa.",
                    f"Stratum {name}: every unit is closed.",
                ),
                Words(
                    f"Gọi dự phòng (reserve) hoặc gộp với tầng giống nhất{hint}.",
                    f"Let reserves come in, or merge it with the stratum most like it{hint}.",
                ),
            )

    def reserves_noted(
        self, standing: Sequence[Standing], exhausted: Collection[str], methods: Mapping[str, str]
    ) -> None:
        """Note strata whose reserves ran out, and weights that are not exact."""
        for name in exhausted:
            self._warn(
                "revision-reserves-exhausted",
                Words(f"Tầng {name}: hết dự phòng.", f"Stratum {name}: no reserve is left."),
                Words(
                    "Các đơn vị còn mở thay cho phần thiếu; không tự chọn đơn vị khác.",
                    "The open units stand for the rest; choose no other unit.",
                ),
            )
        touched = {one.stratum for one in standing if one.unit.role == "reserve"}
        for name in sorted(one for one in touched if methods.get(one) != "srs"):
            self._warn(
                "revision-weights-approximate",
                Words(
                    f"Tầng {name}: trọng số sau khi gọi dự phòng chỉ là xấp xỉ.",
                    f"Stratum {name}: weights after reserves came in are an approximation.",
                ),
                Words(
                    "Chỉ chọn ngẫu nhiên đơn giản cho trọng số chính xác; ghi rõ trong báo cáo.",
                    "Simple random draws alone give exact ones; say so in the report.",
                ),
            )
        issued = {one.unit.unit_id for one in standing}
        for name, closure in self.closed.items():
            if name not in issued:
                self._warn(
                    "revision-reserve-not-active",
                    Words(
                        f"{name} là dự phòng chưa được gọi vào mẫu.",
                        f"{name} is a reserve that has not come in.",
                    ),
                    Words("Dòng này không có tác dụng.", "This row changes nothing."),
                    row=closure.line,
                )

    def one_left(self, standing: Sequence[Standing]) -> None:
        """Note strata that a closure leaves with one unit: no variance can be seen there."""
        touched = {one.stratum for one in standing if one.unit.unit_id in self.closed}
        for name in sorted(touched):
            left = [one for one in standing if one.stratum == name and one.status == "active"]
            if len(left) == 1:
                self._warn(
                    "revision-stratum-one-psu",
                    Words(
                        f"Tầng {name} chỉ còn một đơn vị ({left[0].unit.unit_id}).",
                        f"Stratum {name} is left with one unit ({left[0].unit.unit_id}).",
                    ),
                    Words(
                        "Không ước lượng được phương sai ở đó: gộp tầng khi phân tích.",
                        "Its variance cannot be estimated: merge strata in the analysis.",
                    ),
                )

    def _warn(self, code: str, message: Words, advice: Words, row: int | None = None) -> None:
        self.faults.add(code, message, advice, row=row, severity="warning")
