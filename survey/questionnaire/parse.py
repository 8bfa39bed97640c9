"""From a JSON document to a `Document`, or to everything wrong with it, each with its place."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from survey.errors import N_, DocumentError, Problem
from survey.questionnaire.document import (
    REFERENCE_LANGUAGE,
    Choice,
    Document,
    Missing,
    Question,
    Section,
    Text,
)
from survey.questionnaire.kinds import KINDS

CODE = re.compile(r"[a-z](?:_?[a-z0-9]){0,31}")
CHOICE_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,15}")
LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
MAX_QUESTIONS = 500
MAX_CHOICES = 200
NOT_AN_OBJECT = N_("Cần một đối tượng JSON ở đây.")

DOCUMENT_KEYS = {"format", "code", "title", "intro", "notice", "languages", "scales", "sections"}
SECTION_KEYS = {"code", "title", "intro", "questions"}
QUESTION_KEYS = {
    "code", "uid", "kind", "text", "help", "scale", "choices", "about", "required", "max_length",
}  # fmt: skip
CHOICE_KEYS = {"code", "label", "coefficient", "missing"}


def parse(raw: Any) -> Document:
    """Return the document of a JSON value; raises `DocumentError` with every problem at once."""
    if not isinstance(raw, Mapping):
        raise DocumentError([Problem("/", "object", NOT_AN_OBJECT)])
    reader = _Reader()
    document = reader.document(raw)
    if reader.problems:
        raise DocumentError(reader.problems)
    return document


class _Reader:
    """Reads part after part and collects problems instead of stopping at the first."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.languages: tuple[str, ...] = (REFERENCE_LANGUAGE,)

    def wrong(self, place: str, code: str, message: str, **values: object) -> None:
        self.problems.append(Problem(place, code, message, values))

    def document(self, raw: Any) -> Document:
        parts = self.mapping(raw, "", DOCUMENT_KEYS)
        if parts.get("format") != 1:
            self.wrong("format", "format", N_("Cần “format”: 1."))
        self.languages = self.language_list(parts.get("languages"))
        scales = {
            name: self.choices(value, f"scales.{name}")
            for name, value in self.mapping(parts.get("scales", {}), "scales").items()
        }
        sections = tuple(self.sections(parts.get("sections"), scales))
        self.unique((s.code for s in sections), "sections")
        questions = [q for s in sections for q in s.questions]
        self.unique((q.code for q in questions), "questions")
        self.unique((q.uid for q in questions), "uid")
        if len(questions) > MAX_QUESTIONS:
            self.wrong("sections", "too-many", N_("Quá %(limit)s câu hỏi."), limit=MAX_QUESTIONS)
        return Document(
            code=self.name(parts.get("code"), "code", re.compile(r"[A-Za-z0-9][\w./-]{0,31}")),
            title=self.text(parts.get("title"), "title"),
            intro=self.text(parts.get("intro"), "intro"),
            notice=self.text(parts.get("notice"), "notice"),
            languages=self.languages,
            sections=sections,
        )

    def sections(self, raw: Any, scales: Mapping[str, tuple[Choice, ...]]) -> Iterator[Section]:
        for number, item in enumerate(self.sequence(raw, "sections"), 1):
            place = f"sections[{number}]"
            parts = self.mapping(item, place, SECTION_KEYS)
            questions = self.sequence(parts.get("questions"), f"{place}.questions")
            yield Section(
                code=self.name(parts.get("code"), f"{place}.code", CODE),
                title=self.text(parts.get("title"), f"{place}.title"),
                intro=self.optional_text(parts.get("intro"), f"{place}.intro"),
                questions=tuple(
                    self.question(q, f"{place}.questions[{n}]", scales)
                    for n, q in enumerate(questions, 1)
                ),
            )

    def question(self, raw: Any, place: str, scales: Mapping[str, tuple[Choice, ...]]) -> Question:
        parts = self.mapping(raw, place, QUESTION_KEYS)
        code = self.name(parts.get("code"), f"{place}.code", CODE)
        question = Question(
            code=code,
            uid=self.name(parts.get("uid", code), f"{place}.uid", re.compile(r"[\w-]{1,64}")),
            kind=str(parts.get("kind")),
            text=self.text(parts.get("text"), f"{place}.text"),
            help=self.optional_text(parts.get("help"), f"{place}.help"),
            choices=self.choices_of(parts, place, scales),
            about_units=self.one_of(parts.get("about", "self"), f"{place}.about", ("self", "units"))
            == "units",
            is_required=self.one_of(
                parts.get("required", False), f"{place}.required", (False, True)
            ),
            max_length=self.length(parts.get("max_length", 1000), f"{place}.max_length"),
        )
        self.check_kind(question, place)
        return question

    def check_kind(self, question: Question, place: str) -> None:
        kind = KINDS.get(question.kind)
        if kind is None:
            self.wrong(
                f"{place}.kind",
                "kind",
                N_("Không có loại câu hỏi “%(value)s”; có: %(known)s."),
                value=question.kind[:40],
                known=", ".join(KINDS),
            )
            return
        if kind.has_choices and len(question.choices) < 2:
            self.wrong(f"{place}.choices", "choices", N_("Cần ít nhất hai phương án trả lời."))
        if not kind.has_choices and question.choices:
            self.wrong(f"{place}.choices", "choices", N_("Loại câu hỏi này không có phương án."))
        if question.about_units and not kind.may_ask_about_units:
            self.wrong(
                f"{place}.about", "about", N_("Loại câu hỏi này không hỏi theo từng đơn vị được.")
            )

    def choices_of(
        self, parts: Mapping[str, Any], place: str, scales: Mapping[str, tuple[Choice, ...]]
    ) -> tuple[Choice, ...]:
        if "scale" not in parts:
            return self.choices(parts.get("choices", []), f"{place}.choices")
        name = parts["scale"]
        if not isinstance(name, str) or name not in scales:
            self.wrong(f"{place}.scale", "scale", N_("Không có thang đo “%(name)s”."), name=name)
            return ()
        if "choices" in parts:
            self.wrong(f"{place}.scale", "scale", N_("Dùng “scale” hoặc “choices”, không cả hai."))
        return scales[name]

    def choices(self, raw: Any, place: str) -> tuple[Choice, ...]:
        items = self.sequence(raw, place)
        if len(items) > MAX_CHOICES:
            self.wrong(place, "too-many", N_("Quá %(limit)s phương án."), limit=MAX_CHOICES)
        found = tuple(
            self.choice(item, f"{place}[{number}]") for number, item in enumerate(items, 1)
        )
        self.unique((choice.code for choice in found), place)
        return found

    def choice(self, raw: Any, place: str) -> Choice:
        parts = self.mapping(raw, place, CHOICE_KEYS)
        missing = parts.get("missing")
        if missing is not None:
            self.one_of(missing, f"{place}.missing", tuple(m.value for m in Missing))
        coefficient = self.coefficient(parts.get("coefficient"), f"{place}.coefficient")
        if missing is not None and coefficient is not None:
            self.wrong(place, "coefficient", N_("“Không biết” không có hệ số điểm."))
        return Choice(
            code=self.name(parts.get("code"), f"{place}.code", CHOICE_CODE),
            label=self.text(parts.get("label"), f"{place}.label"),
            coefficient=coefficient,
            missing=Missing(missing) if missing in list(Missing) else None,
        )

    def coefficient(self, raw: Any, place: str) -> Decimal | None:
        if raw is None:
            return None
        try:
            value = Decimal(raw) if isinstance(raw, str) and len(raw) <= 20 else None
        except InvalidOperation:
            value = None
        if value is None or not value.is_finite() or not 0 <= value <= 1:
            self.wrong(
                place,
                "coefficient",
                N_('Hệ số phải là một chuỗi số thập phân từ 0 đến 1, ví dụ "0.6".'),
            )
            return None
        return value

    def text(self, raw: Any, place: str) -> Text:
        parts = self.mapping(raw, place, set(self.languages))
        for language, text in parts.items():
            if not isinstance(text, str) or not text.strip() or len(text) > 5000:
                self.wrong(
                    f"{place}.{language}", "text", N_("Cần một đoạn chữ từ 1 đến 5000 ký tự.")
                )
        if not isinstance(parts.get(REFERENCE_LANGUAGE), str):
            if isinstance(raw, Mapping):
                self.wrong(place, "text", N_("Thiếu nội dung tiếng Việt (“vi”)."))
            return {REFERENCE_LANGUAGE: "?"}
        return {language: str(text) for language, text in parts.items()}

    def optional_text(self, raw: Any, place: str) -> Text | None:
        return None if raw is None else self.text(raw, place)

    def language_list(self, raw: Any) -> tuple[str, ...]:
        items = self.sequence(raw, "languages")
        tags = tuple(t for t in items if isinstance(t, str) and LANGUAGE.fullmatch(t))
        if len(tags) != len(items) or REFERENCE_LANGUAGE not in tags:
            message = N_("“languages” phải là danh sách mã ngôn ngữ, trong đó có “vi”.")
            self.wrong("languages", "language", message)
            return (REFERENCE_LANGUAGE,)
        return tags

    def length(self, raw: Any, place: str) -> int:
        if isinstance(raw, int) and not isinstance(raw, bool) and 1 <= raw <= 4000:
            return raw
        self.wrong(place, "length", N_("Độ dài tối đa phải từ 1 đến 4000."))
        return 1000

    def name(self, raw: Any, place: str, pattern: re.Pattern[str]) -> str:
        if isinstance(raw, str) and pattern.fullmatch(raw):
            return raw
        self.wrong(place, "code", N_("Mã “%(value)s” không hợp lệ."), value=str(raw)[:40])
        return str(raw)[:40]

    def one_of(self, raw: Any, place: str, allowed: tuple[Any, ...]) -> Any:
        if any(raw is a or (raw == a and type(raw) is type(a)) for a in allowed):
            return raw
        known = ", ".join(str(a).lower() for a in allowed)
        self.wrong(place, "value", N_("Giá trị phải là một trong: %(known)s."), known=known)
        return allowed[0]

    def mapping(self, raw: Any, place: str, known: set[str] | None = None) -> Mapping[str, Any]:
        if not isinstance(raw, Mapping):
            self.wrong(place, "object", NOT_AN_OBJECT)
            return {}
        for key in raw:
            if known is not None and key not in known:
                self.wrong(place or "/", "unknown", N_("Không hiểu khóa “%(key)s”."), key=key[:40])
        return raw

    def sequence(self, raw: Any, place: str) -> list[Any]:
        if isinstance(raw, list) and raw:
            return raw
        if raw != [] or not place.endswith(".choices"):
            self.wrong(place, "list", N_("Cần một danh sách không rỗng ở đây."))
        return []

    def unique(self, names: Iterator[str], place: str) -> None:
        seen: set[str] = set()
        for name in names:
            if name in seen:
                self.wrong(place, "repeated", N_("Mã “%(value)s” lặp lại."), value=name)
            seen.add(name)
