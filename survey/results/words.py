"""The words of the results: options, reasons and flags in plain language."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction
from typing import Any

from survey.errors import N_
from survey.web.i18n import translate

GENERATED = {"vi": "Số liệu mô phỏng", "en": "Generated data"}
GENERATED_LONG = N_("Số liệu mô phỏng: câu trả lời do máy tạo, không phải của người thật.")
ROUNDING_NOTE = N_("Số liệu có thể không khớp do làm tròn.")
NOT_COMPARABLE = N_("không so sánh được")

Say = Callable[..., str]

# Why something is missing, left out or to be read with care.
REASONS = {
    "no_valid_answer": N_("không có câu trả lời dùng được"),
    "no_degrees_of_freedom": N_("quá ít phiếu để tính khoảng tin cậy"),
    "zero_variance": N_("mọi câu trả lời giống nhau; khoảng tính theo phép chính xác"),
    "at_boundary": N_("điểm ở mức thấp nhất hoặc cao nhất; khoảng tính theo phép chính xác"),
    "census": N_("mọi người đều đã trả lời, không có sai số chọn mẫu"),
    "not_scored": N_("không chấm được"),
    "points_fixed": N_("điểm không từ phiếu nên không có sai số chọn mẫu"),
    "very_low_precision": N_("độ chính xác rất thấp"),
    "n_below_30": N_("dưới 30 phiếu"),
    "df_below_8": N_("dưới 8 bậc tự do"),
    "wide_interval": N_("khoảng tin cậy rất rộng"),
    "group_dropped": N_("có nhóm bị loại, trọng số đã chia lại"),
    "below_minimum": N_("dưới số phiếu tối thiểu để tính điểm"),
    "below_privacy_minimum": N_("ẩn vì quá ít phiếu"),
    "withheld": N_("không công bố, để không lộ câu trả lời của nhóm nhỏ"),
    "no_usable_group": N_("không nhóm nào đủ phiếu"),
    "last_year_used": N_("dùng điểm năm trước"),
    "last_year_missing": N_("không có điểm năm trước"),
    "last_year_other_maximum": N_("điểm tối đa của tiêu chí năm trước khác năm nay"),
    "manual_used": N_("dùng điểm quyết định bằng biên bản"),
    "manual_missing": N_("chưa có điểm quyết định bằng biên bản"),
    "group_missing": N_("nhóm không gửi phiếu nào"),
    "leaf_not_scored": N_("có tiêu chí không chấm được, đã bỏ khỏi điểm tối đa"),
    "leaf_zero": N_("có tiêu chí bị tính 0 điểm"),
    "not_applicable": N_("có tiêu chí không áp dụng"),
    "points_missing": N_("thiếu điểm thẩm định hoặc điểm khác"),
    "without_survey": N_("không có phần XHH"),
    "survey_not_held": N_("không có phần XHH"),
    "not_ranked_by_rule": N_("được đánh giá nhưng không xếp hạng"),
    "too_little_survey": N_("chưa đủ điều tra xã hội học"),
    "no_value": N_("không có giá trị để xếp hạng"),
    "index_incomplete": N_("chưa đủ điểm để tính chỉ số"),
    "no_sampling_error_known": N_("không có phần XHH nên không có sai số chọn mẫu"),
}

STATUSES = {
    "scored": N_("đã chấm"),
    "not_scored": N_("không chấm được"),
    "zero": N_("tính 0 điểm"),
    "last_year": N_("điểm năm trước"),
    "manual": N_("điểm theo biên bản"),
    "not_applicable": N_("không áp dụng"),
}

SAMPLING = {
    "census": N_("hỏi toàn bộ"),
    "stratified": N_("chọn mẫu theo tầng"),
    "cluster": N_("chọn mẫu theo cụm"),
}

# One sentence for every option of a framework and each of its values.
OPTIONS: dict[str, tuple[str, Mapping[str, str]]] = {
    "pooling": (
        N_("Gộp các nhóm"),
        {
            "by_group": N_(
                "Tính trung bình hệ số trong từng nhóm, rồi cộng theo trọng số của nhóm."
            ),
            "pooled": N_("Gộp phiếu của mọi nhóm thành một rồi tính một trung bình chung."),
        },
    ),
    "dont_know": (
        N_("Trả lời “không biết”"),
        {
            "exclude": N_("Không tính vào điểm và không vào mẫu số."),
            "zero": N_("Tính là hệ số 0."),
            "middle": N_("Tính bằng trung điểm giữa hệ số thấp nhất và cao nhất của câu."),
        },
    ),
    "blank": (
        N_("Câu bỏ trống"),
        {
            "exclude": N_("Không tính vào điểm và không vào mẫu số; phiếu vẫn có giá trị."),
            "invalidate_ballot": N_("Phiếu bỏ trống hơn %(percent)s%% số câu bị loại cả phiếu."),
        },
    ),
    "below_min": (
        N_("Nhóm dưới số phiếu tối thiểu"),
        {
            "drop_group": N_("Bỏ nhóm đó và chia lại trọng số cho các nhóm còn lại."),
            "leaf_not_scored": N_("Không chấm tiêu chí đó cho đơn vị."),
            "last_year": N_("Dùng điểm năm trước của tiêu chí."),
            "manual": N_("Dùng điểm quyết định bằng biên bản."),
        },
    ),
    "no_usable_group": (
        N_("Không nhóm nào đủ phiếu"),
        {
            "not_scored": N_("Bỏ tiêu chí khỏi điểm tối đa của đơn vị và ghi chú rõ."),
            "zero": N_("Tính 0 điểm."),
        },
    ),
    "exclude_self": (
        N_("Tự chấm đơn vị mình"),
        {
            "True": N_("Phần trả lời của một người về đơn vị của chính mình không được tính."),
            "False": N_("Phần trả lời của một người về đơn vị của chính mình vẫn được tính."),
        },
    ),
    "rounding": (
        N_("Làm tròn"),
        {
            "half_up": N_("Từ 5 trở lên thì làm tròn lên, %(decimals)s chữ số thập phân."),
            "down": N_("Cắt bỏ phần thừa, giữ %(decimals)s chữ số thập phân."),
            "half_even": N_("Đúng 5 thì về số chẵn gần nhất, %(decimals)s chữ số thập phân."),
        },
    ),
    "tie_rule": (
        N_("Đồng hạng"),
        {
            "competition": N_("Các đơn vị bằng nhau cùng hạng, hạng sau bỏ cách (1, 2, 2, 4)."),
            "dense": N_("Các đơn vị bằng nhau cùng hạng, hạng sau nối tiếp (1, 2, 2, 3)."),
        },
    ),
}


def speaker(language: str) -> Say:
    """Return how a text is said in a language."""

    def say(text: str, **values: object) -> str:
        return translate(text, language, values)

    return say


def reasons(codes: Iterable[str], say: Say) -> str:
    """Return reasons and flags as one text, each once."""
    return "; ".join(dict.fromkeys(say(REASONS.get(code, code)) for code in codes if code))


def in_language(name: Mapping[str, str], language: str) -> str:
    """Return a name in a language, in Vietnamese where it is not translated."""
    return name.get(language) or name["vi"]


def value_of(number: Mapping[str, Any] | None) -> Fraction | None:
    """Return the exact value of a number of a run."""
    return None if number is None else Fraction(number["fraction"])
