"""What cannot be replicated, said so that a person can mend it."""

from __future__ import annotations

from intake.findings import EstimationError

# By code: what is wrong, and what to do; {got} and {expected} are filled in.
_WORDS: dict[str, tuple[str, str, str, str]] = {
    "replicate-kind-unknown": (
        "Không có loại bản lặp {got}.",
        "There is no kind of replicate {got}.",
        "Các loại: {expected}.",
        "The kinds are: {expected}.",
    ),
    "rho-out-of-range": (
        "Hệ số Fay {got} không hợp lệ.",
        "Fay's coefficient {got} is not possible.",
        "Chọn rho từ 0 đến dưới 1, chỉ với kind='fay'.",
        "Choose rho from 0 to below 1, with kind='fay' alone.",
    ),
    "replicates-too-few": (
        "Số bản lặp {got} quá ít.",
        "{got} replicates are too few.",
        "Cần ít nhất 2 bản lặp.",
        "At least 2 replicates are needed.",
    ),
    "design-unfit": (
        "Cần một SurveyDesign, ở đây là {got}.",
        "A SurveyDesign is needed; here is {got}.",
        "Tạo bản lặp từ thiết kế có tầng và đơn vị sơ cấp.",
        "Make replicates from a design with strata and primary units.",
    ),
    "seed-unfit": (
        "seed={got} không dùng được.",
        "seed={got} cannot be used.",
        "Ghi một số nguyên không âm.",
        "Give a whole number, not below zero.",
    ),
    "seed-absent": (
        "Loại {got} chọn ngẫu nhiên nhưng không có seed.",
        "Kind {got} draws at random, but there is no seed.",
        "Ghi seed= để lặp lại được kết quả.",
        "Give seed= so that the result can be repeated.",
    ),
    "already-adjusted": (
        "Trọng số của thiết kế đã được hiệu chỉnh ({got} bước).",
        "The weights of the design were already adjusted ({got} steps).",
        "Tạo bản lặp trước rồi hiệu chỉnh, để mỗi bản lặp cũng được hiệu chỉnh.",
        "Make the replicates first, then adjust, so that each replicate is adjusted too.",
    ),
    "pps-without-replacement": (
        "Mẫu chọn xác suất không đều, không hoàn lại; bản lặp không tính được điều đó.",
        "Replicates cannot carry draws with unequal probabilities without replacement.",
        "Dùng thiết kế không có pps=, coi như chọn có hoàn lại.",
        "Use the design without pps=, as if drawn with replacement.",
    ),
    "jk1-with-strata": (
        "Thiết kế có {got} tầng, jk1 không tính tầng.",
        "The design has {got} strata, which jk1 does not know.",
        "Dùng kind='jkn'.",
        "Use kind='jkn'.",
    ),
    "strata-too-small": (
        "Tầng “{got}” chỉ có một đơn vị.",
        "Stratum “{got}” has a single unit.",
        "Gộp tầng với tầng lân cận; hoặc {expected}.",
        "Merge the stratum with a neighbour; or {expected}.",
    ),
    "strata-odd": (
        "Tầng {got}: số đơn vị lẻ, không chia được thành cặp.",
        "Stratum {got}: an odd number of units cannot be paired.",
        "Gộp hoặc tách tầng, hoặc dùng {expected}.",
        "Merge or split strata, or use {expected}.",
    ),
    "take-out-of-range": (
        "take={got} không dùng được.",
        "take={got} cannot be used.",
        "Chọn từ {expected}.",
        "Choose from {expected}.",
    ),
    "nothing-drawn": (
        "Không tầng nào có từ hai đơn vị.",
        "No stratum has two units or more.",
        "Kiểm tra cột tầng và cột đơn vị.",
        "Check the columns of strata and units.",
    ),
    "columns-absent": (
        "columns={got} không chỉ ra từ hai cột trở lên.",
        "columns={got} names fewer than two columns.",
        "Các cột của bảng: {expected}.",
        "The columns of the table are: {expected}.",
    ),
    "rscales-absent": (
        "Loại jkn cần rscales.",
        "Kind jkn needs rscales.",
        "Ghi rscales=, một số cho mỗi bản lặp: (n - 1)/n của tầng.",
        "Give rscales=, one number per replicate: (n - 1)/n of its stratum.",
    ),
    "rscales-length": (
        "rscales có kích thước {got}, cần {expected}.",
        "rscales has shape {got}, expected {expected}.",
        "Ghi một số cho mỗi bản lặp.",
        "Give one number per replicate.",
    ),
    "scale-absent": (
        "Không rõ hệ số phương sai của loại {got}.",
        "The scale of the variance is not known for kind {got}.",
        "Ghi {expected}.",
        "Give {expected}.",
    ),
    "scale-out-of-range": (
        "{got} không hợp lệ.",
        "{got} is not possible.",
        "Hệ số là số không âm.",
        "Scales are numbers, not below zero.",
    ),
    "df-out-of-range": (
        "df={got} không hợp lệ.",
        "df={got} is not possible.",
        "Bậc tự do ít nhất là 1.",
        "Degrees of freedom are at least 1.",
    ),
}


def refuse_unless(fine: bool, code: str, got: object = "", expected: object = "") -> None:
    """Raise `EstimationError` that says what was given and what is possible, unless fine.

    Raises
    ------
    EstimationError
        With ``code``.
    """
    if not fine:
        vi, en, advice_vi, advice_en = (
            text.format(got=got, expected=expected) for text in _WORDS[code]
        )
        raise EstimationError.of(code, vi, en, advice_vi, advice_en)
