"""What the small-area functions refuse, and what they warn of, in the words to be shown."""

from __future__ import annotations

from intake.findings import EstimationError, Finding, Words

_SAID: dict[str, tuple[str, str, str, str]] = {
    "area-shape": (
        "Kích thước dữ liệu không khớp",
        "The shapes do not fit together",
        "Mỗi vùng có một ước lượng, một phương sai và một dòng biến phụ trợ.",
        "Each area has one estimate, one variance and one row of covariates.",
    ),
    "area-choice": (
        "Lựa chọn không có trong danh sách",
        "The choice is not on the list",
        "Hãy dùng một trong các giá trị mong đợi.",
        "Use one of the values expected.",
    ),
    "area-scale": (
        "Chưa rõ ước lượng là tỷ lệ 0–1 hay điểm 0–100",
        "It is unclear whether the figures are shares of 0–1 or points of 0–100",
        (
            "Ghi ShowingRule(scale=1) cho tỷ lệ, scale=100 cho điểm hoặc phần trăm; "
            "most_half_width luôn tính bằng điểm trên 100, None là không giới hạn."
        ),
        (
            "Write ShowingRule(scale=1) for shares, scale=100 for points or percentages; "
            "most_half_width is always in points of a hundred, None sets no bound."
        ),
    ),
    "sampling-variance-not-positive": (
        "Phương sai chọn mẫu thiếu hoặc không lớn hơn 0",
        "The sampling variance is missing or not above zero",
        "Hãy làm trơn phương sai giữa các vùng, hoặc để trống ước lượng trực tiếp của vùng này.",
        "Smooth the variances over areas, or leave this area's direct estimate empty.",
    ),
    "covariate-missing": (
        "Biến phụ trợ thiếu giá trị",
        "A covariate is missing",
        "Mọi vùng, kể cả vùng không có mẫu, cần đủ biến phụ trợ.",
        "Every area, also one without a sample, needs all covariates.",
    ),
    "covariates-dependent": (
        "Các biến phụ trợ phụ thuộc tuyến tính",
        "The covariates depend on each other",
        "Bỏ bớt cột trùng lặp hoặc cột không thay đổi.",
        "Leave out columns that repeat others or do not vary.",
    ),
    "areas-too-few": (
        "Quá ít vùng có mẫu so với số biến",
        "There are too few sampled areas for the covariates",
        "Dùng ít biến hơn, hoặc gộp thêm vùng.",
        "Use fewer covariates, or add areas.",
    ),
    "area-column-missing": (
        "Bảng không có cột cần dùng",
        "The table lacks a column",
        "Hãy kiểm tra tên cột.",
        "Check the names of the columns.",
    ),
    "area-value-missing": (
        "Dòng dữ liệu thiếu giá trị",
        "A row has a missing value",
        "Điền giá trị hoặc bỏ dòng này trước khi tính.",
        "Fill in the value, or leave the row out before.",
    ),
    "area-not-numeric": (
        "Có giá trị không phải là số",
        "A value is no number",
        "Mã hóa biến phân loại thành cột 0/1, mỗi loại một cột.",
        "Turn categories into columns of 0 and 1, one for each.",
    ),
    "area-unknown": (
        "Vùng có mẫu nhưng không có trong bảng tổng thể",
        "An area with answers is not in the population table",
        "Thêm trung bình và quy mô tổng thể của vùng này.",
        "Add this area's population means and size.",
    ),
    "area-twice": (
        "Một vùng xuất hiện nhiều lần",
        "An area comes more than once",
        "Mỗi vùng chỉ có một dòng.",
        "Give one row per area.",
    ),
    "area-size": (
        "Quy mô tổng thể của vùng nhỏ hơn số câu trả lời hoặc bị thiếu",
        "The population size of an area is missing or below its answers",
        "Hãy sửa quy mô tổng thể.",
        "Mend the population size.",
    ),
    "benchmark-total": (
        "Không khớp được với tổng đã công bố",
        "The published total cannot be met",
        "Cần tổng hữu hạn, tỷ trọng dân số dương; phương pháp tỷ lệ cần các ước lượng khác 0.",
        "Give a finite total and positive shares; the ratio needs estimates that are not zero.",
    ),
}

_WARNED: dict[str, tuple[str, str, str, str]] = {
    "area-variance-zero": (
        "Phương sai giữa các vùng được ước lượng bằng 0: mọi ước lượng là ước lượng hồi quy.",
        "The variance between areas is estimated as zero: every estimate is the regression's.",
        "Sai số theo công thức quá thấp; không công bố vùng riêng lẻ dựa vào đó.",
        "The mean squared errors by formula are too small; do not show single areas on them.",
    ),
    "areas-synthetic": (
        "Vùng không có mẫu chỉ có ước lượng hồi quy",
        "Areas without a sample have the regression's estimate alone",
        "Đánh dấu các vùng này khi công bố.",
        "Mark these areas wherever they are shown.",
    ),
}


def refusal(
    code: str, got: object, expected: object, *, row: int | None = None, column: str | None = None
) -> EstimationError:
    """Return the refusal with what was found and what was expected."""
    vi, en, advice_vi, advice_en = _SAID[code]
    return EstimationError.of(
        code,
        f"{vi}: có {got}, mong đợi {expected}.",
        f"{en}: got {got}, expected {expected}.",
        advice_vi,
        advice_en,
        row=row,
        column=column,
    )


def warning(code: str, detail: str = "") -> Finding:
    """Return a warning that travels with the result."""
    vi, en, advice_vi, advice_en = _WARNED[code]
    tail = f": {detail}." if detail else ""
    return Finding(
        code, Words(f"{vi}{tail}", f"{en}{tail}"), Words(advice_vi, advice_en), severity="warning"
    )
