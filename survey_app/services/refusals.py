"""What a respondent is told when a form cannot be opened or counted.

Each refusal has a code, an HTTP status and two sentences: what happened, and what to do.
"""

from __future__ import annotations

from dataclasses import dataclass

from intake.findings import Finding, ResponseError, Words


@dataclass(frozen=True)
class Refusal:
    """One way in which a form is refused."""

    status: int
    message: Words
    advice: Words


REFUSALS = {
    "code-unknown": Refusal(
        404,
        Words("Không tìm thấy mã này.", "This code is not known."),
        Words(
            "Xin kiểm tra lại từng ký tự trên thư hoặc phiếu, hoặc quét lại mã QR.",
            "Please compare each character with the letter or ticket, or scan the QR code again.",
        ),
    ),
    "code-slip": Refusal(
        404,
        Words("Mã vừa nhập có một ký tự chưa đúng.", "The code has a wrong character."),
        Words(
            "Mã gồm 17 chữ và số in trên thư hoặc phiếu. Xin nhập lại.",
            "A code has the 17 letters and digits printed on the letter or ticket. Type it again.",
        ),
    ),
    "code-used": Refusal(
        409,
        Words("Mã này đã được dùng để gửi phiếu.", "This code has already been used."),
        Words(
            "Mỗi mã chỉ gửi được một lần. Nếu không phải ông/bà gửi, xin báo cho nơi phát mã.",
            "Each code counts once. If it was not you, tell the office that gave you the code.",
        ),
    ),
    "code-expired": Refusal(
        410,
        Words("Mã này đã hết hạn.", "This code has expired."),
        Words(
            "Thời hạn trả lời in trên thư hoặc phiếu. Cảm ơn ông/bà đã quan tâm.",
            "The last day is printed on the letter or ticket. Thank you for your interest.",
        ),
    ),
    "code-elsewhere": Refusal(
        409,
        Words("Mã này thuộc một phiếu khảo sát khác.", "This code belongs to another survey."),
        Words(
            "Mã chưa bị dùng. Xin mở phiếu bằng chính mã này khi có mạng.",
            "It has not been spent. Open the form by this code when there is a network.",
        ),
    ),
    "screen-unknown": Refusal(
        404,
        Words("Không có mã màn hình này.", "This code is not one of the screen."),
        Words(
            "Xin quét lại mã đang hiện trên màn hình tại quầy, hoặc gõ lại 9 chữ và số.",
            "Scan the code now on the counter's screen, or type its 9 letters and digits again.",
        ),
    ),
    "screen-old": Refusal(
        410,
        Words("Mã trên màn hình đã đổi.", "The code on the screen has changed."),
        Words(
            "Mã đổi mỗi phút. Xin quét mã đang hiện trên màn hình.",
            "It changes every minute. Please scan the one that is shown now.",
        ),
    ),
    "screen-withdrawn": Refusal(
        410,
        Words("Màn hình ở quầy này đã tắt.", "The screen at this counter is switched off."),
        Words(
            "Mã riêng đã nhận từ màn hình vẫn dùng được đến hết hạn.",
            "A code of your own that you got from it can be used until it expires.",
        ),
    ),
    "screen-busy": Refusal(
        429,
        Words(
            "Mã màn hình của phút này đã đủ số người dùng.",
            "Enough people have used this minute's code.",
        ),
        Words(
            "Xin chờ mã mới hiện trên màn hình, trong vòng một phút, rồi quét lại.",
            "Wait for the next code on the screen, within a minute, and scan that one.",
        ),
    ),
    "feedback-unknown": Refusal(
        404,
        Words("Không tìm thấy mã góp ý này.", "This feedback code is not known."),
        Words(
            "Xin so lại từng chữ và số của mã.", "Please compare each letter and digit of the code."
        ),
    ),
    "round-not-open": Refusal(
        403,
        Words("Đợt khảo sát này chưa mở.", "This survey has not opened yet."),
        Words(
            "Ngày bắt đầu in trên thư. Xin mở lại đường dẫn từ ngày đó.",
            "The first day is printed on the letter. Please open the link again from that day.",
        ),
    ),
    "round-closed": Refusal(
        410,
        Words("Đợt khảo sát này đã kết thúc.", "This survey has closed."),
        Words(
            "Kết quả sẽ được công bố tại mục Kết quả của trang này.",
            "The results will be published under Results on this site.",
        ),
    ),
    "not-saved": Refusal(
        503,
        Words("Câu trả lời chưa được lưu.", "Your answers have not been saved yet."),
        Words(
            "Xin chờ một phút rồi bấm gửi lại; các câu trả lời vẫn còn trên trang.",
            "Please wait a minute and send again; your answers are still on the page.",
        ),
    ),
}


def refused(code: str) -> ResponseError:
    """Return the error of one kind of refusal."""
    refusal = REFUSALS[code]
    return ResponseError(Finding(code, refusal.message, refusal.advice))
