"""The method note: every option in force, in plain words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from survey.errors import N_
from survey.results.words import (
    GENERATED_LONG,
    OPTIONS,
    ROUNDING_NOTE,
    SAMPLING,
    Say,
    in_language,
)

Entry = tuple[str, str]  # what is chosen, and how


# What this version does for every campaign.
RULES = (
    (
        N_("Trọng số mẫu"),
        N_(
            "Khi biết quy mô của mọi tầng trong nhóm, mỗi phiếu đại diện cho N/r người của"
            " tầng (N: quy mô, r: số phiếu nhận được); khi không biết, mọi phiếu nặng như"
            " nhau. Trong mẫu cụm: N/n cụm của mỗi cụm được chọn nhân M/r người của mỗi phiếu"
            " trong cụm. Trọng số là phân số chính xác."
        ),
    ),
    (
        N_("Không trả lời"),
        N_(
            "Người không trả lời được coi là ngẫu nhiên trong tầng. Khoảng tin cậy không"
            " bao gồm sai lệch do không trả lời."
        ),
    ),
    (
        N_("Khoảng tin cậy"),
        N_(
            "95%, phân phối t trên thang logit, tuyến tính hóa Taylor theo thiết kế mẫu,"
            " có hiệu chỉnh tổng thể hữu hạn khi biết quy mô. Tầng chỉ có một phiếu được"
            " tính quanh trung bình chung."
        ),
    ),
    (
        N_("Sai số của mẫu cụm"),
        N_(
            "Khi biết số cụm của tầng và quy mô của mọi cụm có phiếu: phương sai hai bước, giữa"
            " các cụm và giữa những người trong cụm, có hiệu chỉnh hữu hạn ở cả hai bước. Khi"
            " không biết: phương sai giữa các cụm, không hiệu chỉnh hữu hạn."
        ),
    ),
    (
        N_("So sánh hai đơn vị liền kề"),
        N_(
            "Theo khoảng tin cậy 95% của hiệu số, có tính việc cùng một người chấm cả hai"
            " đơn vị và không hiệu chỉnh tổng thể hữu hạn, vì so sánh là nói về kết quả"
            " công việc chứ không riêng danh sách người trả lời năm nay."
        ),
    ),
    (
        N_("Cửa mở"),
        N_("Phiếu gửi qua đường dẫn mở được trình bày riêng và không dùng để xếp hạng."),
    ),
)


def of_block(block: Mapping[str, Any], say: Say, language: str) -> list[Entry]:
    """Return the rules by which a block was scored, rounded and ranked."""
    return [
        *_framework(block, say, language),
        *_options(block["options"], say),
        *_minimums(block["options"], say),
        *_ranks(block, say),
        *_particulars(block, say),
    ]


def of_run(result: Mapping[str, Any], say: Say, language: str) -> list[Entry]:
    """Return what holds for all blocks: samples, weights, intervals, software."""
    sampling = "; ".join(
        f"{in_language(group['name'], language)}: {say(SAMPLING[group['sampling']])}"
        for group in result["groups"]
    )
    software = N_("xhh %(version)s; công thức ở docs/methods.md của phiên bản này.")
    return [
        (say(N_("Cách chọn người trả lời")), sampling),
        *silent(result, say, language),
        *((say(title), say(text)) for title, text in RULES),
        *_disclosure(result, say),
        (say(N_("Phần mềm")), say(software, version=result["software"]["version"])),
    ]


def _disclosure(result: Mapping[str, Any], say: Say) -> Iterator[Entry]:
    """Yield by which rules a result was made ready for everybody, if it was."""
    policy = result.get("disclosure")
    if policy is None:
        return
    text = N_(
        "Không nêu số liệu của một nhóm về một đơn vị khi có dưới %(staff)s người (nhóm khảo sát"
        " chọn mẫu: dưới %(citizens)s; nhóm được hỏi không quá %(leaders)s người: không nêu riêng),"
        " khi chỉ từ một cụm, hoặc khi hầu hết cùng một câu trả lời; kèm theo là những số liệu mà"
        " hiệu của chúng cho biết số đã giấu, kể cả so với các lần tính trước của đợt. Số phiếu"
        " được làm tròn đến bội số của %(step)s. Người của nhóm không nêu vẫn được tính vào điểm."
    )
    least = policy["minimum"]
    values = {"staff": least["staff"], "citizens": least["citizens"]}
    values |= {"leaders": least["leaders"] - 1, "step": policy["count_step"]}
    yield say(N_("Bảo vệ người trả lời")), say(text, **values)


def silent(result: Mapping[str, Any], say: Say, language: str) -> Iterator[Entry]:
    """Yield, group by group, the strata of which nobody speaks in the points."""
    for group in result["groups"]:
        strata = [
            say(N_("%(label)s (%(code)s, %(people)s người)"), **_stratum(stratum))
            if stratum["population"]
            else say(N_("%(label)s (%(code)s, không rõ quy mô)"), **_stratum(stratum))
            for stratum in group["strata_without_ballots"]
        ]
        if strata:
            text = N_(
                "%(group)s: %(strata)s. Điểm và khoảng tin cậy không nói gì về người của các tầng"
                " này; tầng có ít người không được nêu tên."
            )
            name = in_language(group["name"], language)
            yield say(N_("Tầng không có phiếu")), say(text, group=name, strata="; ".join(strata))


def _stratum(stratum: Mapping[str, Any]) -> dict[str, Any]:
    return {key: stratum[key] for key in ("label", "code")} | {"people": stratum["population"]}


def _framework(block: Mapping[str, Any], say: Say, language: str) -> Iterator[Entry]:
    framework = block["framework"]
    text = say(
        N_("%(title)s (%(code)s, phiên bản %(version)s)"),
        title=in_language(framework["title"], language),
        code=framework["code"],
        version=framework["version"],
    )
    decision = framework["decision_no"]
    yield say(N_("Bộ tiêu chí")), f"{text} – {decision}" if decision else text


def _options(options: Mapping[str, Any], say: Say) -> Iterator[Entry]:
    values = {"decimals": options["decimals"], "percent": options["blank_percent"]}
    for name, (title, meanings) in OPTIONS.items():
        yield say(title), say(meanings[str(options[name])], **values)


def _minimums(options: Mapping[str, Any], say: Say) -> Iterator[Entry]:
    yield (
        say(N_("Số phiếu tối thiểu")),
        say(
            N_(
                "Không công bố số liệu của một nhóm về một đơn vị khi có dưới %(shown)s phiếu;"
                " không tính điểm khi có dưới %(points)s phiếu hợp lệ."
            ),
            shown=options["min_valid"],
            points=options["min_valid_points"],
        ),
    )


def _ranks(block: Mapping[str, Any], say: Say) -> Iterator[Entry]:
    precision = block["options"]["rank_precision"]
    compared = (
        say(N_("Hạng so sánh giá trị chưa làm tròn."))
        if precision is None
        else say(N_("Hạng so sánh giá trị đã làm tròn đến %(n)s chữ số."), n=precision)
    )
    basis = (
        say(N_("Xếp hạng theo chỉ số: tổng điểm chia điểm tối đa áp dụng, nhân 100."))
        if block["ranking"]["basis"] == "index"
        else say(
            N_(
                "Xếp hạng theo phần XHH (phần trăm của điểm tối đa), vì chưa đủ điểm thẩm định"
                " và điểm khác của mọi đơn vị."
            )
        )
    )
    surveyed = say(
        N_("Đơn vị có dưới một nửa điểm tối đa của phần XHH được chấm thì không xếp hạng.")
    )
    yield say(N_("Xếp hạng")), f"{basis} {compared} {surveyed}"


def _particulars(block: Mapping[str, Any], say: Say) -> Iterator[Entry]:
    if block["rescaled"]:
        text = N_(
            "Trọng số của các nhóm không tham gia đợt này được chia lại cho các nhóm còn lại ở"
            " tiêu chí: %(leaves)s."
        )
        yield say(N_("Trọng số chia lại")), say(text, leaves=", ".join(block["rescaled"]))
    if block["not_asked"]:
        text = N_("Không có câu hỏi nào về tiêu chí %(leaves)s nên đã bỏ khỏi điểm tối đa.")
        yield say(N_("Tiêu chí không hỏi")), say(text, leaves=", ".join(block["not_asked"]))
    for exemption in block["exemptions"]:
        text = N_("%(unit)s không áp dụng %(leaf)s: %(reason)s (phê duyệt: %(by)s).")
        yield (
            say(N_("Miễn áp dụng")),
            say(
                text,
                unit=exemption["unit"],
                leaf=exemption["leaf"],
                reason=exemption["reason"],
                by=exemption["approved_by"],
            ),
        )


def as_markdown(result: Mapping[str, Any], say: Say, language: str) -> str:
    """Return the whole note of a run as Markdown."""
    campaign = result["campaign"]
    lines = [f"# {say(N_('Phương pháp tính'))}: {in_language(campaign['title'], language)}", ""]
    if result["is_generated"]:
        lines += [f"**{say(GENERATED_LONG)}**", ""]
    lines += _bullets(of_run(result, say, language))
    for block in result["blocks"]:
        lines += ["", f"## {in_language(block['name'], language)}", ""]
        lines += _bullets(of_block(block, say, language))
    lines += ["", f"## {say(N_('Mã băm'))}", ""]
    lines += [f"- {name}: `{value}`" for name, value in result["hashes"].items()]
    return "\n".join([*lines, "", say(ROUNDING_NOTE), ""])


def _bullets(entries: list[Entry]) -> list[str]:
    return [f"- **{title}**: {text}" for title, text in entries]
