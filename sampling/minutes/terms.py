"""The words of a draw in both languages: methods, what is drawn, how takes are shared out."""

from __future__ import annotations

from intake.findings import Words

METHODS = {
    "srs": Words("chọn ngẫu nhiên đơn giản", "simple random sampling"),
    "srs_with_replacement": Words(
        "chọn ngẫu nhiên đơn giản có hoàn lại", "simple random sampling with replacement"
    ),
    "systematic": Words("chọn hệ thống", "systematic sampling"),
    "systematic_circular": Words("chọn hệ thống vòng tròn", "circular systematic sampling"),
    "pps_systematic": Words(
        "chọn hệ thống xác suất tỷ lệ với quy mô (PPS)",
        "systematic sampling with probability proportional to size (PPS)",
    ),
    "sampford": Words(
        "chọn xác suất tỷ lệ với quy mô theo phương pháp Sampford",
        "probability proportional to size by Sampford's method",
    ),
    "brewer": Words(
        "chọn xác suất tỷ lệ với quy mô theo phương pháp Brewer",
        "probability proportional to size by Brewer's method",
    ),
    "pareto": Words(
        "chọn xác suất tỷ lệ với quy mô theo phương pháp Pareto",
        "probability proportional to size by Pareto sampling",
    ),
    "poisson": Words(
        "chọn Poisson (từng đơn vị độc lập, cỡ mẫu ngẫu nhiên)",
        "Poisson sampling (each unit on its own, random sample size)",
    ),
    "rao_hartley_cochran": Words(
        "chọn theo nhóm ngẫu nhiên Rao–Hartley–Cochran",
        "random groups by Rao, Hartley and Cochran",
    ),
    "chromy": Words(
        "chọn tuần tự Chromy, xác suất tỷ lệ với quy mô, lặp lại ít nhất",
        "Chromy's sequential sampling, proportional to size with minimal replacement",
    ),
    "cube": Words(
        "chọn cân bằng bằng phương pháp khối lập phương (cube)",
        "balanced sampling by the cube method",
    ),
    "local_pivotal": Words(
        "chọn trải đều không gian bằng phương pháp so cặp lân cận (local pivotal)",
        "spatially balanced sampling by the local pivotal method",
    ),
    "scps": Words(
        "chọn Poisson tương quan không gian (SCPS), trải đều không gian",
        "spatially correlated Poisson sampling",
    ),
    "every_kth": Words(
        "cứ k trường hợp lấy một, từ điểm bắt đầu ngẫu nhiên",
        "one in every k, from a random start",
    ),
    "kish": Words(
        "chọn một người trong hộ theo bảng Kish", "one person of a household by Kish grid"
    ),
    "birthday": Words(
        "chọn người trong hộ có ngày sinh nhật gần đây nhất",
        "the person of a household with the last birthday",
    ),
}

# What stands in a column of a table, where the sentence above it would not fit.
SHORT_METHODS = {
    "srs": Words("ngẫu nhiên đơn giản", "simple random"),
    "pps_systematic": Words("hệ thống PPS", "systematic PPS"),
    "systematic": Words("hệ thống", "systematic"),
    "systematic_circular": Words("hệ thống vòng tròn", "circular systematic"),
    "sampford": Words("PPS Sampford", "PPS Sampford"),
    "brewer": Words("PPS Brewer", "PPS Brewer"),
    "pareto": Words("PPS Pareto", "PPS Pareto"),
    "poisson": Words("Poisson", "Poisson"),
    "rao_hartley_cochran": Words("Rao–Hartley–Cochran", "Rao–Hartley–Cochran"),
    "chromy": Words("PPS Chromy", "PPS Chromy"),
    "cube": Words("cân bằng (cube)", "balanced (cube)"),
    "local_pivotal": Words("trải đều không gian (local pivotal)", "local pivotal"),
    "scps": Words("trải đều không gian (SCPS)", "SCPS"),
    "every_kth": Words("cứ k lấy một", "one in k"),
    "kish": Words("bảng Kish", "Kish grid"),
    "birthday": Words("sinh nhật gần nhất", "last birthday"),
}

UNITS = {
    "province": Words("tỉnh, thành phố", "provinces"),
    "commune": Words("xã, phường, đặc khu", "communes"),
    "village": Words("thôn, tổ dân phố", "villages"),
    "household": Words("hộ", "households"),
    "person": Words("người", "persons"),
    "counter": Words("quầy giao dịch", "counters"),
    "agency": Words("cơ quan", "agencies"),
    "visit": Words("lượt giao dịch", "visits"),
    "dossier": Words("hồ sơ", "dossiers"),
    "business": Words("doanh nghiệp", "businesses"),
    "school": Words("trường học", "schools"),
    "facility": Words("cơ sở y tế", "health facilities"),
}

ALLOCATIONS = {
    "equal": Words("chia đều cho các tầng", "shared out equally"),
    "proportional": Words("phân bổ tỷ lệ với quy mô", "shared out in proportion to size"),
    "square_root": Words(
        "phân bổ tỷ lệ với căn bậc hai của quy mô", "shared out by the square root of size"
    ),
    "power": Words("phân bổ lũy thừa (Bankier)", "shared out by power allocation (Bankier)"),
    "neyman": Words("phân bổ Neyman", "Neyman allocation"),
    "cost_optimal": Words("phân bổ tối ưu theo chi phí", "cost-optimal allocation"),
    "bethel": Words("phân bổ theo Bethel/Chromy", "allocation by Bethel/Chromy"),
}

REASONS = {
    "design": Words("thiết kế nêu tên", "named by the design"),
    "whole stratum": Words("lấy cả tầng", "the whole stratum is taken"),
    "as large as the interval": Words("lớn bằng khoảng cách", "as large as the interval"),
}


def term(table: dict[str, Words], name: object, lang: str) -> str:
    """Return the words for a name; a name that the table lacks stands for itself."""
    words = table.get(str(name))
    return words.in_language(lang) if words else str(name)
