"""The notice by which a commitment is published before the draw (Thông báo cam kết chọn mẫu)."""

from __future__ import annotations

from sampling.minutes.commitment import Commitment
from sampling.minutes.content import Occasion
from sampling.minutes.figures import moment, whole
from sampling.minutes.papers import BLANK, Fact, Facts, Lines, Paper, Section, Signature, shown


def notice_paper(made: Commitment, occasion: Occasion, lang: str) -> Paper:
    """Return the notice as a paper of one page.

    Parameters
    ----------
    made
        The commitment that it publishes.
    occasion
        Place, bodies and title of the survey; the day is that of the commitment.
    lang
        ``en`` for English, else Vietnamese.
    """
    lang = "en" if lang == "en" else "vi"
    said = _EN if lang == "en" else _VI
    units, size = made.frame.get("units"), made.frame.get("total_size")
    frame = said["frame_of"].format(
        units=whole(units, lang) if isinstance(units, int) else BLANK,
        total=whole(size, lang) if isinstance(size, int) else BLANK,
    )
    hashes = (
        Fact(said["H_frame"], made.h_frame, exact=True),
        Fact(said["H_design"], made.h_design, exact=True),
        Fact(said["commitment"], made.secret_hash, exact=True),
    )
    public = (
        Fact(said["source"], shown(made.public_source)),
        Fact(said["known"], said["from"].format(moment=moment(made.public_at, lang))),
    )
    about = (
        Fact(said["design"], shown(made.design)),
        Fact(said["frame"], frame),
        Fact(said["made"], said["from"].format(moment=moment(made.made_at, lang))),
    )
    return Paper(
        lang=lang,
        heading=said["heading"],
        kind=said["kind"],
        subject=said["subject"].format(name=shown(occasion.survey or made.design)),
        mark="TB",
        sections=(
            Section(f"1. {said['what']}", (Facts(about), Facts(hashes))),
            Section(f"2. {said['public']}", (Facts(public),)),
            Section(f"3. {said['then']}", (Lines((said["seed"], said["opens"], said["binds"])),)),
        ),
        signatures=(Signature(said["signer"], said["seals"], shown(occasion.operator)),),
        recipients=(said["posted"], said["filed"]),
        parent=shown(occasion.parent),
        issuer=shown(occasion.issuer),
        place=shown(occasion.place),
        day=made.made_at.date(),
    )


_VI = {
    "heading": "THÔNG BÁO CAM KẾT CHỌN MẪU",
    "kind": "THÔNG BÁO",
    "subject": "Cam kết chọn mẫu khảo sát {name}",
    "what": "Những gì đã được ấn định",
    "design": "Thiết kế mẫu",
    "frame": "Khung mẫu",
    "frame_of": "{units} đơn vị, tổng quy mô {total}",
    "made": "Cam kết được lập",
    "from": "{moment} (giờ Việt Nam)",
    "H_frame": "H_frame, mã băm khung mẫu (SHA-256 của frame.csv)",
    "H_design": "H_design, mã băm thiết kế (SHA-256 của design.json)",
    "commitment": "Cam kết C (SHA-256 của giá trị bí mật)",
    "public": "Giá trị công khai sẽ dùng",
    "source": "Nguồn",
    "known": "Thời điểm biết được",
    "then": "Chọn mẫu",
    "seed": "Sau thời điểm nêu ở mục 2, mẫu được chọn trước người chứng kiến. Hạt giống là SHA-256 "
    "của chữ draw-v1, H_frame, H_design, giá trị bí mật và giá trị công khai viết liền nhau.",
    "opens": "Khi chọn mẫu, giá trị bí mật được công bố; SHA-256 của nó phải bằng C.",
    "binds": "Khung mẫu, thiết kế hoặc giá trị bí mật khác đi thì mã băm khác đi: lần chọn mẫu đó "
    "không đúng với thông báo này.",
    "signer": "ĐẠI DIỆN CƠ QUAN CHỦ TRÌ",
    "seals": "(Ký, ghi rõ họ tên, đóng dấu)",
    "posted": "Niêm yết, đăng tải công khai;",
    "filed": "Lưu: VT, hồ sơ chọn mẫu.",
}
_EN = {
    "heading": "NOTICE OF A COMMITMENT TO A DRAW",
    "kind": "NOTICE",
    "subject": "Commitment to the draw of the survey {name}",
    "what": "What has been fixed",
    "design": "Sample design",
    "frame": "Frame",
    "frame_of": "{units} units, total size {total}",
    "made": "The commitment was made",
    "from": "{moment} (Vietnamese time)",
    "H_frame": "H_frame, hash of the frame (SHA-256 of frame.csv)",
    "H_design": "H_design, hash of the design (SHA-256 of design.json)",
    "commitment": "Commitment C (SHA-256 of the secret)",
    "public": "The public value that will be used",
    "source": "Source",
    "known": "Known from",
    "then": "The draw",
    "seed": "After the time in part 2 the sample is drawn before witnesses. The seed is the "
    "SHA-256 of the word draw-v1, H_frame, H_design, the secret and the public value, "
    "written without separators.",
    "opens": "At the draw the secret is opened; its SHA-256 must be C.",
    "binds": "Another frame, design or secret has another hash: such a draw is not the one that "
    "this notice announces.",
    "signer": "FOR THE BODY IN CHARGE",
    "seals": "(Signature, full name, seal)",
    "posted": "Posted and published;",
    "filed": "File of the draw.",
}
