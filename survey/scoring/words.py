"""The rules of a framework in words, as a method note says them."""

from __future__ import annotations

from survey.errors import N_
from survey.model.framework import (
    BelowMinimum,
    Blank,
    DontKnow,
    Framework,
    Mode,
    NoUsableGroup,
    Pooling,
    Rounding,
    TieRule,
)
from survey.web.i18n import gettext

MODES = {
    Mode.APPRAISED: N_("Thẩm định"),
    Mode.SURVEY: N_("Điều tra xã hội học"),
    Mode.EXTERNAL: N_("Nguồn ngoài"),
}
# One table for each option: members of different options may have the same value.
POOLING = {
    Pooling.BY_GROUP: N_("tính riêng từng nhóm rồi lấy bình quân theo trọng số nhóm"),
    Pooling.POOLED: N_("gộp phiếu của mọi nhóm rồi tính một lần"),
}
DONT_KNOW = {
    DontKnow.EXCLUDE: N_("không tính vào mẫu số"),
    DontKnow.ZERO: N_("tính là 0"),
    DontKnow.MIDDLE: N_("tính là giữa thang"),
}
BELOW_MINIMUM = {
    BelowMinimum.DROP_GROUP: N_("bỏ nhóm đó, chia lại trọng số cho nhóm còn lại"),
    BelowMinimum.LEAF_NOT_SCORED: N_("không chấm tiêu chí đó"),
    BelowMinimum.LAST_YEAR: N_("lấy kết quả năm trước"),
    BelowMinimum.MANUAL: N_("chờ hội đồng quyết định"),
}
NO_USABLE_GROUP = {
    NoUsableGroup.NOT_SCORED: N_("không chấm, bỏ khỏi điểm tối đa"),
    NoUsableGroup.ZERO: N_("0 điểm"),
}
ROUNDING = {
    Rounding.HALF_UP: N_("làm tròn nửa lên"),
    Rounding.DOWN: N_("cắt bỏ phần thừa"),
    Rounding.HALF_EVEN: N_("làm tròn nửa về số chẵn"),
}
TIES = {
    TieRule.COMPETITION: N_("cùng hạng, bỏ trống hạng sau (1, 2, 2, 4)"),
    TieRule.DENSE: N_("cùng hạng, không bỏ trống hạng (1, 2, 2, 3)"),
}


def rules_of(framework: Framework) -> list[dict[str, str]]:
    """Return every option of a framework: what it is about, and what holds."""
    return [
        {"label": label, "value": value}
        for label, value in (
            (gettext(N_("Gộp các nhóm trả lời")), gettext(POOLING[framework.pooling])),
            (gettext(N_("“Không biết”")), gettext(DONT_KNOW[framework.dont_know])),
            (gettext(N_("Câu để trống")), _blank(framework)),
            (gettext(N_("Số phiếu hợp lệ tối thiểu")), _minimums(framework)),
            (gettext(N_("Nhóm không đủ phiếu")), gettext(BELOW_MINIMUM[framework.below_min])),
            (
                gettext(N_("Không nhóm nào đủ phiếu")),
                gettext(NO_USABLE_GROUP[framework.no_usable_group]),
            ),
            (gettext(N_("Tự đánh giá đơn vị mình")), _own(framework)),
            (gettext(N_("Làm tròn")), _rounding(framework)),
            (gettext(N_("Xếp hạng theo")), _ranking(framework)),
            (gettext(N_("Điểm bằng nhau")), gettext(TIES[framework.tie_rule])),
        )
    ]


def _blank(framework: Framework) -> str:
    if framework.blank == Blank.EXCLUDE:
        return gettext(N_("bỏ qua câu để trống"))
    text = N_("phiếu để trống quá %(percent)s%% số câu không hợp lệ")
    return gettext(text, percent=framework.blank_percent)


def _minimums(framework: Framework) -> str:
    return gettext(
        N_("%(shown)s để hiển thị, %(counted)s để tính điểm"),
        shown=framework.min_valid,
        counted=framework.min_valid_points,
    )


def _own(framework: Framework) -> str:
    return gettext(N_("không tính") if framework.exclude_self else N_("có tính"))


def _rounding(framework: Framework) -> str:
    text = N_("%(rule)s, %(decimals)s chữ số thập phân, chỉ khi công bố")
    rule = gettext(ROUNDING[framework.rounding])
    return gettext(text, rule=rule, decimals=framework.decimals)


def _ranking(framework: Framework) -> str:
    if framework.rank_precision is None:
        return gettext(N_("giá trị chưa làm tròn"))
    text = N_("giá trị làm tròn đến %(decimals)s chữ số thập phân")
    return gettext(text, decimals=framework.rank_precision)
