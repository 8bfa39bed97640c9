"""Kinds whose answer is several of the choices: multiple choice and ranking."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from random import Random

from survey.errors import N_, Problem
from survey.questionnaire.document import Question, Value
from survey.questionnaire.expressions.types import Type
from survey.questionnaire.kinds.base import (
    Asked,
    Fault,
    Fields,
    Kind,
    Raw,
    label_of,
    unknown_choice,
)

EQUALS = "="  # between a choice and its rank in a raw ranking


class Several(Kind):
    """A list of codes."""

    operand = Type.CHOICES
    takes_choices = True
    is_several = True
    may_ask_about_units = False

    def faults(self, question: Question) -> Iterator[Fault]:
        """Yield bounds that cannot be met."""
        yield from super().faults(question)
        least, most = question.limits.least or 0, question.limits.most
        if most is not None and (most > len(question.choices) or most < least):
            yield "most", "limits", N_("Số phương án tối đa không phù hợp với câu hỏi.")
        elif least > len(question.choices):
            yield "least", "limits", N_("Số phương án tối thiểu không phù hợp với câu hỏi.")

    def value_of(self, asked: Asked, text: str) -> Value | Problem | None:
        """Return the value of a list with one text."""
        return self.value_of_several(asked, (text,))

    def words(self, asked: Asked, value: Value, language: str) -> str:
        """Return the labels, in order."""
        return "; ".join(label_of(asked, code, language) for code in value)

    @staticmethod
    def misfit(asked: Asked, codes: tuple[str, ...]) -> Problem | None:
        """Return the first thing wrong with a list of codes."""
        unknown = next((code for code in codes if asked.choice(code) is None), None)
        if unknown is not None:
            return unknown_choice(asked, unknown)
        if len(set(codes)) != len(codes):
            return asked.wrong("repeated", N_("Một phương án được chọn hai lần."))
        return None


class Multiple(Several):
    """Any number of choices; an exclusive one stands alone."""

    name = "multiple"
    keys = frozenset({"choices", "scale", "list", "order", "filter", "least", "most"})

    def value_of_several(self, asked: Asked, texts: tuple[str, ...]) -> Value | Problem | None:
        """Return the codes in the order of the questionnaire."""
        if problem := self.misfit(asked, texts):
            return problem
        picked = set(texts)
        chosen = [choice for choice in asked.variable.choices if choice.code in picked]
        alone = next((choice for choice in chosen if choice.stays), None)
        if alone is not None and len(chosen) > 1:
            message = N_("“%(value)s” không chọn cùng phương án khác được.")
            return asked.wrong("exclusive", message, value=alone.code)
        if alone is None and (problem := _number_misfit(asked, len(chosen))):
            return problem
        return tuple(choice.code for choice in chosen) or None

    def sample(self, asked: Asked, random: Random) -> Raw:
        """Return a few codes, within the bounds."""
        free = [choice.code for choice in asked.choices if not choice.stays]
        limits = asked.question.limits
        most = min(limits.most or len(free), len(free))
        count = random.randint(min(limits.least or 1, most), most) if free else 0
        return tuple(random.sample(free, count))


def _number_misfit(asked: Asked, count: int) -> Problem | None:
    least, most = asked.question.limits.least, asked.question.limits.most
    if count and least is not None and count < least:
        return asked.wrong("too-few", N_("Hãy chọn ít nhất %(limit)s phương án."), limit=least)
    if most is not None and count > most:
        return asked.wrong("too-many", N_("Chỉ được chọn tối đa %(limit)s phương án."), limit=most)
    return None


class Ranking(Several):
    """Choices in order of preference, each with the number of its rank: nothing is dragged."""

    name = "ranking"
    keys = frozenset({"choices", "scale", "order", "filter", "least", "most"})

    def faults(self, question: Question) -> Iterator[Fault]:
        """Yield choices that have no place in an order."""
        yield from super().faults(question)
        if any(choice.stays for choice in question.choices):
            yield "choices", "choices", N_("Xếp hạng không nhận phương án loại trừ hay “missing”.")

    def parts(self, asked: Asked) -> tuple[str, ...]:
        """Return a field for the rank of each choice."""
        return tuple(choice.code for choice in asked.variable.choices)

    def raw_of(self, asked: Asked, fields: Fields, language: str) -> Raw:  # noqa: ARG002
        """Return the choices with the ranks that were given to them."""
        ranks = ((code, (fields.get(code) or ("",))[0].strip()) for code in self.parts(asked))
        return tuple(f"{code}{EQUALS}{rank}" for code, rank in ranks if rank)

    def fields_of(self, asked: Asked, raw: Raw, language: str) -> Mapping[str, tuple[str, ...]]:  # noqa: ARG002
        """Return the rank of each choice; codes alone are ranked in their order."""
        given = raw if isinstance(raw, tuple) else (raw,)
        pairs = (text.partition(EQUALS) for text in given if text)
        return {code: (rank or str(n),) for n, (code, _, rank) in enumerate(pairs, 1)}

    def value_of_several(self, asked: Asked, texts: tuple[str, ...]) -> Value | Problem | None:
        """Return the codes from the first rank on."""
        ranks = {text: str(n) for n, text in enumerate(texts, 1)}
        pairs = [(code, rank or ranks[text]) for text in texts
                 for code, _, rank in [text.partition(EQUALS)]]  # fmt: skip
        if problem := self.misfit(asked, tuple(code for code, _ in pairs)):
            return problem
        if any(not (rank.isascii() and rank.isdigit() and len(rank) <= 3) for _, rank in pairs):
            return asked.wrong("rank", N_("Thứ hạng phải là số nguyên từ 1."))
        ordered = sorted((int(rank), code) for code, rank in pairs)
        if [rank for rank, _ in ordered] != list(range(1, len(ordered) + 1)):
            message = N_("Mỗi thứ hạng chỉ dùng một lần, bắt đầu từ 1 và không bỏ cách.")
            return asked.wrong("rank", message)
        return _number_misfit(asked, len(ordered)) or tuple(code for _, code in ordered) or None

    def words(self, asked: Asked, value: Value, language: str) -> str:
        """Return the labels with their ranks."""
        return "; ".join(f"{n}. {label_of(asked, c, language)}" for n, c in enumerate(value, 1))

    def sample(self, asked: Asked, random: Random) -> Raw:
        """Return the choices in some order, as many as may be ranked."""
        codes = [choice.code for choice in asked.choices]
        limits = asked.question.limits
        return tuple(random.sample(codes, min(limits.most or len(codes), len(codes))))
