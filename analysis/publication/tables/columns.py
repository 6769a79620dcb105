"""The columns of the frozen tables, and what each means in both languages."""

from __future__ import annotations

from collections.abc import Mapping

from intake.findings import Words

FACTS = "release.json"
WORKBOOK = "hailong.xlsx"
LABEL_COLUMNS = ("round", "quantity", "level", "label_vi", "label_en", "order")
UNIT_COLUMNS = ("unit_id", "name", "type", "lat", "lon", "kind", "drawn", "urban", "population")
STANDING_COLUMNS = (
    "agency_code",
    "name",
    "unit_id",
    "total",
    "se",
    "low",
    "high",
    "band",
    "band_en",
    "rank",
    "rank_low",
    "rank_high",
    "group",
    "flag",
)
POINT_COLUMNS = (
    "agency_code",
    "criterion",
    "title_vi",
    "title_en",
    "maximum",
    "self_scored",
    "appraised",
    "survey",
    "final",
    "low",
    "high",
    "flag",
)
DUTY_COLUMNS = (
    "agency_code",
    "name",
    "reason_vi",
    "reason_en",
    "clause",
    "domain",
    "percent",
    "due_on",
)
WEIGHTING_COLUMNS = ("round", "step", "step_en", "quantity", "quantity_en", "value")
TRUTH_COLUMNS = ("round", "quantity", "truth", "estimate", "low", "high", "covered")
SENSITIVITY_COLUMNS = (
    "round",
    "rule",
    "domain",
    "category",
    "n_excluded",
    "value",
    "with_excluded",
    "verdict",
    "flag",
)
ROUND_COLUMNS = (
    "id",
    "instrument",
    "questionnaire_version",
    "issued",
    "used",
    "valid",
    "opens",
    "closes",
    "frame_sha256",
    "draw_sha256",
    "snapshot_sha256",
)
MEANINGS: Mapping[str, Words] = {
    "round": Words("mã đợt khảo sát", "code of the survey round"),
    "quantity": Words("mã nội dung được đo", "code of what is measured"),
    "level": Words(
        "cấp: tiêu chí (item), yếu tố (factor), khối (block), chung (overall), tỷ lệ (share)",
        "level: item, factor, block, overall, share",
    ),
    "rule": Words("quy tắc tính chỉ số", "rule of the index"),
    "domain": Words("biến phân nhóm; trống là toàn bộ", "domain variable; empty is everyone"),
    "category": Words("nhóm trong biến đó", "category of that variable"),
    "value": Words("kết quả, phần trăm", "result, percent"),
    "se": Words("sai số chuẩn", "standard error"),
    "low": Words("cận dưới khoảng tin cậy 95 %", "lower end of the 95 % interval"),
    "high": Words("cận trên khoảng tin cậy 95 %", "upper end of the 95 % interval"),
    "n": Words("số phiếu trả lời (dưới 100 làm tròn đến 5)", "answers (below 100 rounded to five)"),
    "n_effective": Words("cỡ mẫu hiệu dụng", "effective sample size"),
    "deff": Words("hệ số thiết kế", "design effect"),
    "df": Words("bậc tự do", "degrees of freedom"),
    "flag": Words(
        "c: bảo mật; u: không đủ tin cậy; x: không có mẫu riêng; trống: công bố",
        "c: confidential; u: unreliable; x: no sample of its own; empty: published",
    ),
    "note": Words(
        "r: đọc thận trọng (ít bậc tự do, hoặc 0 hay 100 %); k: phần bù không đủ tin cậy",
        "r: read with care (few degrees of freedom, or 0 or 100 %); k: complement unreliable",
    ),
    "bound": Words(
        "cận thay cho 0 % hoặc 100 % của nhóm nhỏ", "bound shown for 0 % or 100 % of a small group"
    ),
    "n_excluded": Words("số phiếu bị loại", "excluded answers"),
    "with_excluded": Words(
        "kết quả nếu tính cả phiếu bị loại", "result with the excluded answers still in"
    ),
    "verdict": Words(
        "small: đổi không quá nửa khoảng tin cậy; review: đổi nhiều hơn",
        "small: changed by half the interval at most; review: by more",
    ),
    "total": Words("tổng điểm", "total points"),
    "band": Words("xếp loại", "classification"),
    "rank": Words("thứ hạng", "rank"),
    "rank_low": Words("thứ hạng tốt nhất trong khoảng 95 %", "best rank in the 95 % interval"),
    "rank_high": Words("thứ hạng thấp nhất trong khoảng 95 %", "worst rank in the 95 % interval"),
    "group": Words(
        "nhóm không khác biệt có ý nghĩa với đơn vị đứng đầu nhóm",
        "group not told apart from the first unit of the group",
    ),
    "maximum": Words("điểm tối đa", "maximum points"),
    "self_scored": Words("điểm tự chấm", "self-scored points"),
    "appraised": Words("điểm thẩm định", "appraised points"),
    "survey": Words("điểm điều tra xã hội học", "survey points"),
    "final": Words("điểm đạt", "final points"),
    "percent": Words("tỷ lệ điểm đạt, phần trăm", "share of the points reached, percent"),
    "due_on": Words("hạn gửi báo cáo", "due date of the report"),
}
