"""The arguments of a call: how many there are, and what each may be."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from survey.errors import N_
from survey.questionnaire.expressions.dates import day_of
from survey.questionnaire.expressions.faults import shown
from survey.questionnaire.expressions.functions import LISTS, REASONS, Function, Takes
from survey.questionnaire.expressions.terms import Form, Term, common_codes
from survey.questionnaire.expressions.types import Type

WRITABLE = {Type.TEXT, Type.NUMBER, Type.DATE, Type.CHOICE}
CODED = {Type.CHOICE, Type.TEXT}
ALLOWED = {
    Takes.NUMBERS: {Type.NUMBER},
    Takes.ORDERED: {Type.NUMBER, Type.DATE},
    Takes.ALL: set(Type),
    Takes.CHOICE_LIST: {Type.CHOICE},
}


class Faults(Protocol):
    """What arguments need of a checker."""

    def wrong(self, column: int, code: str, message: str, **values: object) -> None:
        """Keep a fault."""

    def single(self, term: Term) -> Term:
        """Return a term that must be one value."""

    def known_code(self, term: Term, codes: tuple[str, ...] | None) -> None:
        """Refuse an unknown code."""


class Arguments:
    """The arguments of one call."""

    def __init__(self, faults: Faults, function: Function, terms: tuple[Term, ...]) -> None:
        self.faults = faults
        self.function = function
        self.terms = terms
        self.takers: dict[Takes, Callable[[Term], Form]] = {
            Takes.SAME: self.anything,
            Takes.ANY: self.anything,
            Takes.NAME: self.name,
            Takes.REASON: self.reason,
            Takes.DECIMALS: self.decimals,
            Takes.DAY: self.day,
            Takes.CODE: self.code,
        }

    def call(self, column: int) -> Term:
        """Return the term of the whole call."""
        function = self.function
        if not self.is_right_number(column):
            return Term(column, [], function.gives)
        if function.takes and function.takes[0] in LISTS:
            forms = self.listed()
        else:
            forms = [self.taken(n, term) for n, term in enumerate(self.terms)]
        result, codes = function.gives, None
        if result is None:
            members = self.alike()
            result = members[0].type if members else None
            codes = common_codes(members)
        return Term(column, ["call", function.name, *forms], result, codes)

    def is_right_number(self, column: int) -> bool:
        """Tell whether there are as many arguments as it takes."""
        least, most = self.function.least, self.function.most
        if least <= len(self.terms) and (most is None or len(self.terms) <= most):
            return True
        wanted = f"≥ {least}" if most is None else str(most) if least == most else f"{least}–{most}"
        self.faults.wrong(
            column,
            "arguments",
            N_("Hàm “%(name)s” cần %(wanted)s tham số, ở đây có %(found)s."),
            name=self.function.name,
            wanted=wanted,
            found=len(self.terms),
        )
        return False

    def taken(self, position: int, term: Term) -> Form:
        """Return the form of the argument at a position."""
        takes = self.function.taken(position)
        if takes in self.takers:
            return self.takers[takes](term)
        if takes is Takes.WRITABLE:
            return self.one_of(term, WRITABLE)
        if takes is Takes.CODED:
            return self.one_of(term, CODED)
        return self.one_of(term, {Type(takes.value)})

    def listed(self) -> list[Form | str | bool]:
        """Return the forms where the first argument is a list, or every one may be."""
        takes = self.function.takes[0]
        if takes is Takes.CHOICE_LIST:
            return [self.gathered(self.terms[:1]), self.code(self.terms[1])]
        return [self.gathered(self.terms)]

    def gathered(self, terms: tuple[Term, ...]) -> Form:
        """Return one list of the members of terms."""
        takes = self.function.takes[0]
        members = [member for term in terms for member in term.members()]
        if takes is Takes.CHOICE_LIST and not terms[0].is_list and terms[0].type is not None:
            self.wrong_type(terms[0], "list")
        for member in members:
            if member.type is not None and member.type not in ALLOWED[takes]:
                self.wrong_type(member, _either(ALLOWED[takes]))
        return ["list", *(member.form for member in members)]

    def alike(self) -> tuple[Term, ...]:
        """Return the terms that make the result, which must be of one type."""
        takes = self.function.takes
        terms = [
            member
            for n, term in enumerate(self.terms)
            if takes[min(n, len(takes) - 1)] in {Takes.SAME, Takes.ORDERED}
            for member in term.members()
            if member.type is not None
        ]
        for term in terms[1:]:
            if term.type is not terms[0].type:
                self.faults.wrong(
                    term.column,
                    "type",
                    N_("“%(name)s” cần các giá trị cùng kiểu: %(left)s khác %(right)s."),
                    name=self.function.name,
                    left=str(terms[0].type),
                    right=str(term.type),
                )
        return tuple(terms)

    def anything(self, term: Term) -> Form:
        """Return the form of any single value."""
        return self.faults.single(term).form

    def one_of(self, term: Term, allowed: set[Type]) -> Form:
        """Return the form of a single value of one of some types."""
        found = self.faults.single(term)
        if found.type is not None and found.type not in allowed:
            self.wrong_type(found, _either(allowed))
        return term.form

    def wrong_type(self, term: Term, wanted: str) -> None:
        """Keep that an argument has another type."""
        self.faults.wrong(
            term.column,
            "type",
            N_("“%(what)s” cần kiểu %(wanted)s, ở đây là %(found)s."),
            what=self.function.name,
            wanted=wanted,
            found=term.shown_type if not term.is_list else f"list ({term.type})",
        )

    def written_out(self, term: Term, wanted: str) -> Form:
        """Keep that an argument must be written out, and how."""
        self.faults.wrong(
            term.column,
            "arguments",
            N_("Tham số này của “%(name)s” phải viết sẵn: %(wanted)s."),
            name=self.function.name,
            wanted=wanted,
        )
        return term.form

    def name(self, term: Term) -> Form:
        """Return the name of a variable as a text."""
        found = self.faults.single(term)
        if found.variable is not None:
            return ["text", found.variable.name if found.form[0] == "this" else found.form[1]]
        return self.written_out(term, "${…}") if found.type is not None else term.form

    def reason(self, term: Term) -> Form:
        """Return the reason why an answer is missing."""
        if term.type is Type.TEXT and term.literal in REASONS:
            return term.form
        return self.written_out(term, ", ".join(f"'{reason}'" for reason in REASONS))

    def decimals(self, term: Term) -> Form:
        """Return a number of decimals."""
        if term.type is Type.NUMBER and term.literal in set("0123456789"):
            return term.form
        return self.written_out(term, "0–9")

    def day(self, term: Term) -> Form:
        """Return a day that there is."""
        if term.type is not Type.TEXT or term.literal is None:
            return self.written_out(term, "'YYYY-MM-DD'")
        if day_of(term.literal) is None:
            message = N_("“%(value)s” không phải một ngày có thật, viết dạng YYYY-MM-DD.")
            self.faults.wrong(term.column, "date", message, value=shown(term.literal))
        return term.form

    def code(self, term: Term) -> Form:
        """Return a code of the first argument, or another choice to compare with."""
        if term.type is Type.TEXT and term.literal is not None:
            codes = common_codes(self.terms[0].members())
            self.faults.known_code(term, codes)
            return term.form
        return self.one_of(term, {Type.CHOICE})


def _either(types: set[Type]) -> str:
    return " / ".join(sorted(types))
