"""The kinds of change between two versions of a questionnaire, and what to do about each."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from intake.findings import Words


class Weight(IntEnum):
    """What a change does to answers: mixes them up, breaks comparability, alters words only."""

    CONFUSES = 0
    BREAKS = 1
    WORDS = 2


@dataclass(frozen=True)
class Kind:
    """A kind of change: its weight, its name, and what to do where the version is a new one."""

    weight: Weight
    name: Words
    advice: Words


_NEW_ID = Words(
    "Hãy đặt mã mới cho câu hỏi; mã cũ không dùng lại.",
    "Give the question a new id; an id is never used again.",
)
_NEW_VALUE = Words(
    "Hãy giữ nguyên nghĩa của giá trị cũ và đặt giá trị mới cho nghĩa mới.",
    "Keep what each value means, and give a new meaning a new value.",
)
_NOT_COMPARED = Words(
    "Không so sánh câu này với đợt trước; hãy ghi rõ trong báo cáo.",
    "Do not compare this question with earlier rounds; say so in the report.",
)
_MAPPED = Words(
    "Khi so sánh với đợt trước, hãy ghi bảng quy đổi từ mã cũ sang mã mới.",
    "Keep a table from old to new codes for comparisons with earlier rounds.",
)
_CONTEXT = Words(
    "Vị trí khác có thể làm câu trả lời khác đi; hãy ghi rõ khi so sánh.",
    "Another place can change the answers; say so when comparing.",
)
_READ = Words(
    "Hãy đọc lại: nếu nghĩa đã khác thì đặt mã hoặc giá trị mới.",
    "Read it again: where the meaning has changed, give a new id or value.",
)
_PEOPLE = Words(
    "Câu này nay hỏi những người khác; chỉ so sánh phần cả hai lần đều được hỏi.",
    "Other people are asked now; compare only those who are asked both times.",
)
_ASKED_ANEW = Words(
    "Đợt trước không có câu trả lời cho phần này.",
    "Earlier rounds have no answers to this.",
)

KINDS = {
    code: Kind(weight, Words(vi, en), advice)
    for weight, code, vi, en, advice in (
        (
            Weight.CONFUSES,
            "type-changed",
            "Mã câu hỏi dùng lại cho loại khác",
            "An id is used again for another type",
            _NEW_ID,
        ),
        (
            Weight.CONFUSES,
            "direction-changed",
            "Thang đo đảo chiều",
            "The scale runs the other way",
            _NEW_VALUE,
        ),
        (
            Weight.CONFUSES,
            "meaning-changed",
            "Giá trị mang nghĩa khác",
            "A value means something else",
            _NEW_VALUE,
        ),
        (
            Weight.CONFUSES,
            "code-moved",
            "Số của phương án trong tệp phân tích thay đổi",
            "The number of an option in the analysis file changes",
            Words(
                "Hãy đặt phương án mới ở cuối, hoặc dùng số nguyên làm giá trị.",
                "Put new options at the end, or take whole numbers as values.",
            ),
        ),
        (
            Weight.CONFUSES,
            "decimals-changed",
            "Đơn vị của cột số thay đổi",
            "The unit of a number column changes",
            _NEW_ID,
        ),
        (
            Weight.BREAKS,
            "another-questionnaire",
            "Đây là hai phiếu khác nhau",
            "These are two questionnaires",
            Words("Hãy kiểm tra tệp đưa vào --against.", "Check the file given to --against."),
        ),
        (
            Weight.BREAKS,
            "question-removed",
            "Câu hỏi không còn",
            "A question is gone",
            _NOT_COMPARED,
        ),
        (Weight.BREAKS, "question-renamed", "Câu hỏi đổi mã", "A question has another id", _MAPPED),
        (Weight.BREAKS, "question-added", "Có câu hỏi mới", "A question is new", _ASKED_ANEW),
        (
            Weight.BREAKS,
            "column-renamed",
            "Cột trong tệp phân tích đổi tên",
            "A column of the analysis file has another name",
            _MAPPED,
        ),
        (
            Weight.BREAKS,
            "row-removed",
            "Dòng của bảng không còn",
            "A row of a matrix is gone",
            _NOT_COMPARED,
        ),
        (
            Weight.BREAKS,
            "row-renamed",
            "Dòng của bảng đổi mã",
            "A row of a matrix has another id",
            _MAPPED,
        ),
        (Weight.BREAKS, "row-added", "Bảng có dòng mới", "A row of a matrix is new", _ASKED_ANEW),
        (
            Weight.BREAKS,
            "option-removed",
            "Phương án không còn",
            "An option is gone",
            _NOT_COMPARED,
        ),
        (
            Weight.BREAKS,
            "option-renamed",
            "Phương án đổi giá trị",
            "An option has another value",
            _MAPPED,
        ),
        (Weight.BREAKS, "option-added", "Có phương án mới", "An option is new", _ASKED_ANEW),
        (
            Weight.BREAKS,
            "option-rule-changed",
            "Cách chọn phương án thay đổi",
            "An option is chosen under another rule",
            _CONTEXT,
        ),
        (
            Weight.BREAKS,
            "universe-changed",
            "Người được hỏi thay đổi",
            "Other people are asked",
            _PEOPLE,
        ),
        (
            Weight.BREAKS,
            "required-changed",
            "Mức bắt buộc thay đổi",
            "It is required in another way",
            Words(
                "Tỷ lệ bỏ trống sẽ khác; hãy ghi rõ khi so sánh.",
                "The share of blanks will differ; say so when comparing.",
            ),
        ),
        (
            Weight.BREAKS,
            "limits-narrowed",
            "Giới hạn hẹp hơn",
            "The limits are narrower",
            Words(
                "Câu trả lời cũ ngoài giới hạn mới vẫn còn trong dữ liệu.",
                "Earlier answers beyond the new limits stay in the data.",
            ),
        ),
        (Weight.BREAKS, "limits-widened", "Giới hạn rộng hơn", "The limits are wider", _CONTEXT),
        (Weight.BREAKS, "order-changed", "Thứ tự thay đổi", "The order changes", _CONTEXT),
        (
            Weight.BREAKS,
            "random-changed",
            "Cách xếp ngẫu nhiên thay đổi",
            "The random order changes",
            _CONTEXT,
        ),
        (
            Weight.BREAKS,
            "scoring-changed",
            "Cách tính điểm thay đổi",
            "The scoring changes",
            Words(
                "Hãy tính lại điểm của các đợt trước theo cách mới trước khi so sánh.",
                "Score earlier rounds the new way before comparing.",
            ),
        ),
        (
            Weight.BREAKS,
            "handling-changed",
            "Cách giữ câu trả lời thay đổi",
            "The answers are kept in another way",
            Words(
                "Hãy xem lại thông báo về dữ liệu cá nhân.",
                "Read the notice on personal data again.",
            ),
        ),
        (
            Weight.WORDS,
            "language-removed",
            "Một ngôn ngữ không còn",
            "A language is gone",
            Words("Người dùng ngôn ngữ đó sẽ đọc tiếng Việt.", "Its readers will read Vietnamese."),
        ),
        (Weight.WORDS, "wording-changed", "Lời văn thay đổi", "The words change", _READ),
    )
}
"""Every kind of change by its code."""
