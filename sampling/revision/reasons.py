"""Why a drawn case was replaced, and what that makes of it.

The classes are those of the AAPOR dispositions: ``not_eligible`` cases do not belong to the
population, the others do and were not reached. The reasons are the ones that field staff
write; they are a proposal and not taken from any regulation.
"""

from __future__ import annotations

from typing import NamedTuple

NOT_ELIGIBLE = "not_eligible"
REFUSAL = "refusal"
NON_CONTACT = "non_contact"
OTHER = "other"


class Reason(NamedTuple):
    """The class of a reason, and its words."""

    disposition: str
    vi: str
    en: str


REASONS = {
    "deceased": Reason(NOT_ELIGIBLE, "đã mất", "deceased"),
    "moved": Reason(NOT_ELIGIBLE, "đã chuyển khỏi địa bàn", "moved out of the area"),
    "under_age": Reason(NOT_ELIGIBLE, "chưa đủ 18 tuổi", "under 18"),
    "duplicate": Reason(NOT_ELIGIBLE, "trùng trong danh sách", "twice on the list"),
    "not_a_dwelling": Reason(NOT_ELIGIBLE, "không phải nhà ở", "not a dwelling"),
    "no_transaction": Reason(NOT_ELIGIBLE, "không có giao dịch", "no such transaction"),
    "closed": Reason(NOT_ELIGIBLE, "đơn vị đã giải thể", "unit dissolved"),
    "refused": Reason(REFUSAL, "từ chối", "refused"),
    "not_found": Reason(NON_CONTACT, "không gặp sau các lần hẹn", "not met after all visits"),
    "long_absence": Reason(NON_CONTACT, "vắng dài ngày", "away for long"),
    "wrong_address": Reason(NON_CONTACT, "không tìm thấy địa chỉ", "address not found"),
    "unable": Reason(OTHER, "ốm, không trả lời được", "ill, unable to answer"),
    "language": Reason(OTHER, "khác ngôn ngữ", "no common language"),
    "unreachable": Reason(OTHER, "thiên tai, không đến được", "cannot be reached (disaster)"),
}
