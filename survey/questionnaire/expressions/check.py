"""The types of an expression: from its tree to checked terms, or to every fault at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

from survey.errors import N_
from survey.questionnaire.expressions.arguments import Arguments
from survey.questionnaire.expressions.faults import Fault, listed, shown
from survey.questionnaire.expressions.functions import FUNCTIONS
from survey.questionnaire.expressions.syntax import (
    Call,
    Chain,
    Comparison,
    Items,
    Literal,
    Logic,
    Name,
    Node,
    This,
    Unary,
)
from survey.questionnaire.expressions.terms import Form, Term
from survey.questionnaire.expressions.types import Type, Variable
from survey.questionnaire.expressions.values import composed

EQUALITIES = ("=", "!=", "in")
ORDERED = {Type.NUMBER, Type.DATE}


class Checker:
    """Checks part after part and collects faults instead of stopping at the first."""

    def __init__(self, names: Mapping[str, Variable], this: Variable | None, *, rows: bool) -> None:
        self.names = names
        self.this = this
        self.rows = rows
        self.faults: list[Fault] = []
        self.references: set[str] = set()
        self.uses: set[str] = set()
        self.checks: Mapping[type, Callable[[Any], Term]] = {
            Literal: self.literal,
            Name: self.name,
            This: self.itself,
            Items: self.list_of,
            Call: self.call,
            Unary: self.unary,
            Logic: self.logic,
            Comparison: self.comparison,
            Chain: self.chain,
        }

    def wrong(self, column: int, code: str, message: str, **values: object) -> None:
        """Keep a fault."""
        self.faults.append(Fault(code, message, values, column))

    def term(self, node: Node) -> Term:
        """Return the checked term of a node."""
        return self.checks[type(node)](node)

    def value(self, node: Node) -> Term:
        """Return the checked term of a node that must be one value."""
        return self.single(self.term(node))

    def single(self, term: Term) -> Term:
        """Return a term that must be one value, without a type when it is a list."""
        if not term.is_list:
            return term
        message = N_("Ở đây cần một giá trị, không phải danh sách; hãy dùng hàm như count hay sum.")
        self.wrong(term.column, "list", message)
        return Term(term.column, term.form, None)

    def typed(self, term: Term, wanted: Type, what: str) -> Form:
        """Return the form of a single term that must have a type."""
        found = self.single(term)
        if found.type not in {wanted, None}:
            message = N_("“%(what)s” cần kiểu %(wanted)s, ở đây là %(found)s.")
            self.wrong(
                term.column, "type", message, what=what, wanted=wanted.value, found=term.shown_type
            )
        return term.form

    def known_code(self, term: Term, codes: tuple[str, ...] | None) -> None:
        """Refuse a code that is written out and is not among those that are known."""
        if codes is not None and term.literal not in codes:
            message = N_("“%(value)s” không phải mã phương án; các mã: %(known)s.")
            value = shown(term.literal or "")
            self.wrong(term.column, "choice", message, value=value, known=listed(codes))

    def literal(self, node: Literal) -> Term:
        """Check a constant."""
        if isinstance(node.value, bool):
            return Term(node.column, ["boolean", node.value], Type.BOOLEAN)
        if isinstance(node.value, Fraction):
            written = str(node.value)
            return Term(node.column, ["number", written], Type.NUMBER, literal=written)
        text = composed(node.value) or ""
        return Term(node.column, ["text", text], Type.TEXT, literal=text)

    def name(self, node: Name) -> Term:
        """Check a name, and keep that it is used."""
        variable = self.names.get(node.name)
        if variable is None:
            message = N_("Không có câu hỏi hay biến “%(name)s”.")
            self.wrong(node.column, "unknown-name", message, name=shown(node.name))
            return Term(node.column, [], None)
        self.references.add(node.name)
        kind = "all" if variable.is_list else "var"
        return Term(
            column=node.column,
            form=[kind, node.name, variable.type.value],
            type=variable.type,
            codes=variable.codes,
            variable=variable,
            is_list=variable.is_list,
        )

    def itself(self, node: This) -> Term:
        """Check `.`, and keep that it is used."""
        if self.this is None:
            message = N_("Dấu “.” chỉ dùng được khi kiểm tra câu trả lời của một câu hỏi.")
            self.wrong(node.column, "unknown-name", message)
            return Term(node.column, [], None)
        self.uses.add("this")
        return Term(
            column=node.column,
            form=["this", self.this.type.value],
            type=self.this.type,
            codes=self.this.codes,
            variable=self.this,
            is_list=self.this.is_list,
        )

    def list_of(self, node: Items) -> Term:
        """Check a list that is written out."""
        items = tuple(self.value(item) for item in node.items)
        return Term(
            node.column, ["list", *(i.form for i in items)], None, is_list=True, items=items
        )

    def call(self, node: Call) -> Term:
        """Check a call and its arguments."""
        terms = tuple(self.term(argument) for argument in node.arguments)
        function = FUNCTIONS.get(node.name)
        if function is None:
            message = N_("Không có hàm “%(name)s”.")
            self.wrong(node.column, "unknown-function", message, name=shown(node.name))
            return Term(node.column, [], None)
        if function.needs_rows and not self.rows:
            message = N_(
                "Hàm “%(name)s” chỉ dùng được khi hỏi theo từng đơn vị hoặc trong nhóm lặp."
            )
            self.wrong(node.column, "unknown-function", message, name=function.name)
        if function.takes_environment:
            self.uses.add(function.name)
        return Arguments(self, function, terms).call(node.column)

    def unary(self, node: Unary) -> Term:
        """Check `not` and the minus before a value."""
        wanted = Type.BOOLEAN if node.operator == "not" else Type.NUMBER
        form = self.typed(self.term(node.operand), wanted, node.operator)
        return Term(node.column, ["not" if node.operator == "not" else "negative", form], wanted)

    def logic(self, node: Logic) -> Term:
        """Check a chain of `and` or of `or`."""
        forms = [self.typed(self.term(o), Type.BOOLEAN, node.operator) for o in node.operands]
        return Term(node.column, [node.operator, *forms], Type.BOOLEAN)

    def chain(self, node: Chain) -> Term:
        """Check a chain of `+` and `-`, or of `*`, `/` and `mod`."""
        form: Form = ["chain", self.typed(self.term(node.first), Type.NUMBER, node.steps[0][0])]
        for sign, operand in node.steps:
            form += [sign, self.typed(self.term(operand), Type.NUMBER, sign)]
        return Term(node.column, form, Type.NUMBER)

    def comparison(self, node: Comparison) -> Term:
        """Check a comparison of two values, or of one with a list."""
        left = self.value(node.left)
        right = self.term(node.right)
        rights = self.compared_list(right) if node.operator == "in" else (self.single(right),)
        for term in rights:
            self.comparable(left, term, node)
        form: Form = [node.operator, left.form, *(term.form for term in rights)]
        return Term(left.column, form, Type.BOOLEAN)

    def compared_list(self, right: Term) -> tuple[Term, ...]:
        """Return the items on the right of `in`."""
        if right.items:
            return right.items
        if right.is_list or right.type is not None:
            code = "list" if right.is_list else "type"
            self.wrong(right.column, code, N_("Bên phải “in” phải là danh sách viết sẵn [a, b]."))
        return ()

    def comparable(self, left: Term, right: Term, node: Comparison) -> None:
        """Refuse two terms that cannot be compared."""
        if left.type is None or right.type is None:
            return
        for choice, code in ((left, right), (right, left)):
            is_written_out = code.literal is not None and code.type is Type.TEXT
            if choice.type is Type.CHOICE and is_written_out and node.operator in EQUALITIES:
                self.known_code(code, choice.codes)
                return
        allowed = ORDERED if node.operator not in EQUALITIES else set(Type) - {Type.CHOICES}
        if left.type is not right.type or left.type not in allowed:
            self.wrong(
                right.column if node.operator == "in" else node.column,
                "type",
                N_("“%(what)s” không so sánh được %(left)s với %(right)s."),
                what=node.operator,
                left=left.shown_type,
                right=right.shown_type,
            )
