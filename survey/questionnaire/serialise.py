"""A `Document` back as the JSON value that it can be parsed from.

Choices that several questions share by a name stay shared; the names of scales and lists are
not kept, for a document does not know them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from survey.questionnaire.document import (
    Check,
    Choice,
    Document,
    Item,
    Layout,
    Question,
    Repeat,
    Section,
)
from survey.questionnaire.expressions.expression import Expression
from survey.questionnaire.kinds.choices import YesNo
from survey.questionnaire.kinds.registry import KINDS
from survey.questionnaire.parse_choices import MAX_CHOICES

Json = dict[str, Any]


def serialise(document: Document) -> Json:
    """Return the JSON value of a document; parsed, it is the same document."""
    writer = _Writer(document)
    sections = [writer.section(section) for section in document.sections]
    return _present(
        format=1,
        code=document.code,
        title=dict(document.title),
        intro=dict(document.intro),
        notice=dict(document.notice),
        languages=list(document.languages),
        layout=None if document.layout is Layout.PAGES else document.layout.value,
        scales=writer.named["scale"] or None,
        lists=writer.named["list"] or None,
        sections=sections,
    )


def _present(**parts: Any) -> Json:
    return {key: value for key, value in parts.items() if value is not None}


class _Writer:
    """Writes questions, and keeps the choices that they share."""

    def __init__(self, document: Document) -> None:
        self.named: dict[str, Json] = {"scale": {}, "list": {}}
        self.names: dict[tuple[str, int], str] = {}
        self.uses: dict[int, int] = {}
        for question in document.questions():
            self.uses[id(question.choices)] = self.uses.get(id(question.choices), 0) + 1

    def section(self, section: Section) -> Json:
        """Return a section."""
        return _present(
            code=section.code,
            title=dict(section.title),
            intro=dict(section.intro) if section.intro else None,
            show=_text(section.show),
            repeat=_repeat(section.repeat),
            order=_order(is_random=section.is_random),
            questions=[self.question(question) for question in section.questions],
            checks=_checks(section.checks),
        )

    def question(self, question: Question) -> Json:
        """Return a question, with what its kind knows."""
        kind = KINDS[question.kind]
        own = {key: WRITTEN[key](question) for key in sorted(kind.keys - CHOSEN)}
        own |= self.choices(question)
        if "items" in kind.keys:
            own["items"] = [self.item(item) for item in question.items]
        return _present(
            code=question.code,
            uid=question.uid if question.uid != question.code else None,
            kind=question.kind,
            text=dict(question.text),
            help=dict(question.help) if question.help else None,
            about="units" if question.about_units else None,
            required=question.is_required or None,
            missing=[reason.value for reason in question.missing] or None,
            show=_text(question.show),
            checks=_checks(question.checks),
            **own,
        )

    def choices(self, question: Question) -> Json:
        """Return where the choices of a question come from; nothing where its kind makes them."""
        choices = question.choices
        is_made = choices == YesNo.defaults or question.limits.maximum is not None
        if not choices or (is_made and question.kind in {"yes_no", "rating"}):
            return {}
        if len(choices) > MAX_CHOICES:
            return {"list": self.name("list", choices)}
        if self.uses[id(choices)] > 1:
            return {"scale": self.name("scale", choices)}
        return {"choices": [_choice(choice) for choice in choices]}

    def item(self, item: Item) -> Json:
        """Return an item, with its list where it is a level of a cascade."""
        return _present(
            code=item.code,
            uid=item.uid if item.uid != item.code else None,
            text=dict(item.text),
            list=self.name("list", item.choices) if item.choices else None,
        )

    def name(self, kind: str, choices: tuple[Choice, ...]) -> str:
        """Return the name under which choices are shared."""
        key = kind, id(choices)
        if key not in self.names:
            self.names[key] = f"{kind}{len(self.named[kind]) + 1}"
            self.named[kind][self.names[key]] = [_choice(choice) for choice in choices]
        return self.names[key]


def _choice(choice: Choice) -> Json:
    return _present(
        code=choice.code,
        label=dict(choice.label),
        coefficient=_exact(choice.coefficient),
        missing=choice.missing.value if choice.missing else None,
        exclusive=choice.is_exclusive or None,
        parent=choice.parent,
    )


def _repeat(repeat: Repeat | None) -> Json | None:
    if repeat is None:
        return None
    return {"count": repeat.count.text, "most": repeat.most, "label": dict(repeat.label)}


def _checks(checks: tuple[Check, ...]) -> list[Json] | None:
    found = [
        _present(
            code=check.code,
            that=check.that.text,
            message=dict(check.message),
            severity="warning" if check.is_warning else None,
            at=check.at,
        )
        for check in checks
    ]
    return found or None


def _text(expression: Expression | None) -> str | None:
    return None if expression is None else expression.text


def _order(*, is_random: bool) -> str | None:
    return "random" if is_random else None


def _exact(number: Decimal | None) -> str | None:
    return None if number is None else str(number)


def _bound(question: Question, number: Decimal | None) -> str | int | None:
    """Return a bound; those of a rating are how many points it has, so whole numbers."""
    is_points = question.kind == "rating" and number is not None
    return int(number or 0) if is_points else _exact(number)


def _appearance(question: Question) -> str | None:
    usual = getattr(KINDS[question.kind], "appearances", ("",))[0]
    return None if question.appearance == usual else question.appearance


CHOSEN = frozenset({"choices", "scale", "list", "items"})
WRITTEN: Mapping[str, Callable[[Question], Any]] = {
    "appearance": _appearance,
    "decimals": lambda q: q.limits.decimals,
    "earliest": lambda q: q.limits.earliest,
    "filter": lambda q: _text(q.filter),
    "latest": lambda q: q.limits.latest,
    "least": lambda q: q.limits.least,
    "max_length": lambda q: q.limits.max_length,
    "maximum": lambda q: _bound(q, q.limits.maximum),
    "measure": lambda q: dict(q.measure) if q.measure else None,
    "min_length": lambda q: q.limits.min_length or None,
    "minimum": lambda q: _bound(q, q.limits.minimum),
    "most": lambda q: q.limits.most,
    "order": lambda q: _order(is_random=q.is_random),
    "pattern": lambda q: q.limits.pattern,
    "precision": lambda q: q.limits.precision,
    "source": lambda q: q.source or None,
    "total": lambda q: _exact(q.limits.total),
    "value": lambda q: _text(q.value),
    "version": lambda q: q.version or None,
}
