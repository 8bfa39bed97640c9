"""From the text of an expression to its tree, which knows no types yet.

    or > and > not > comparison > + - > * / mod > unary - > primary

Chains of one rank are one flat node, so that only brackets, calls, `not` and `-` make a tree deep.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import NoReturn, TypeAlias

from survey.errors import N_
from survey.questionnaire.expressions.faults import ExpressionError, Fault, shown
from survey.questionnaire.expressions.lexer import Token, tokens

MAX_DEPTH = 32
MAX_NODES = 400
COMPARISONS = ("=", "!=", "<", "<=", ">", ">=", "in")


@dataclass(frozen=True)
class Literal:
    """A number, a text, true or false."""

    column: int
    value: bool | Fraction | str


@dataclass(frozen=True)
class Name:
    """`${name}`."""

    column: int
    name: str


@dataclass(frozen=True)
class This:
    """`.`, the value of the question that is checked."""

    column: int


@dataclass(frozen=True)
class Items:
    """`[a, b]`."""

    column: int
    items: tuple[Node, ...]


@dataclass(frozen=True)
class Call:
    """`name(a, b)`."""

    column: int
    name: str
    arguments: tuple[Node, ...]


@dataclass(frozen=True)
class Unary:
    """`not a` or `-a`."""

    column: int
    operator: str
    operand: Node


@dataclass(frozen=True)
class Logic:
    """`a and b and c`, or the same with `or`."""

    column: int
    operator: str
    operands: tuple[Node, ...]


@dataclass(frozen=True)
class Comparison:
    """`a < b`, and the other comparisons; the column is that of the sign."""

    column: int
    operator: str
    left: Node
    right: Node


@dataclass(frozen=True)
class Chain:
    """`a + b - c` or `a * b / c mod d`, reckoned from the left."""

    column: int
    first: Node
    steps: tuple[tuple[str, Node], ...]


Node: TypeAlias = "Literal | Name | This | Items | Call | Unary | Logic | Comparison | Chain"


def parse(text: str) -> Node:
    """Return the tree of an expression; raises `ExpressionError` with the first fault."""
    return _Parser(tokens(text)).whole()


class _Parser:
    """Goes through the words once, from the left."""

    def __init__(self, words: list[Token]) -> None:
        self.words = words
        self.at = 0
        self.depth = 0
        self.nodes = 0

    @property
    def next(self) -> Token:
        return self.words[self.at]

    def whole(self) -> Node:
        if self.next.kind == "end":
            self.refuse("syntax", N_("Biểu thức trống."))
        node = self.expression()
        if self.next.kind != "end":
            self.unexpected()
        return node

    def accept(self, *signs: str) -> Token | None:
        token = self.next
        if not token.is_sign(*signs):
            return None
        self.at += 1
        return token

    def expect(self, sign: str) -> None:
        if not self.accept(sign):
            self.unexpected()

    def count(self) -> None:
        self.nodes += 1
        if self.nodes > MAX_NODES:
            message = N_("Biểu thức có quá %(limit)s thành phần.")
            self.refuse("too-large", message, limit=MAX_NODES)

    def inside(self, read: Callable[[], Node]) -> Node:
        """Return what is read one level deeper; the word that opens it was the last."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            self.at -= 1
            message = N_("Biểu thức lồng nhau quá %(limit)s tầng.")
            self.refuse("too-deep", message, limit=MAX_DEPTH)
        node = read()
        self.depth -= 1
        return node

    def refuse(self, code: str, message: str, **values: object) -> NoReturn:
        raise ExpressionError([Fault(code, message, values, self.next.column)])

    def unexpected(self) -> NoReturn:
        token = self.next
        if token.fault:
            raise ExpressionError([token.fault])
        if token.kind == "end":
            self.refuse("syntax", N_("Biểu thức dừng giữa chừng, còn thiếu phần sau."))
        self.refuse("syntax", N_("“%(found)s” không đúng chỗ."), found=shown(token.text))

    def expression(self) -> Node:
        return self.logic("or", lambda: self.logic("and", self.negation))

    def logic(self, operator: str, operand: Callable[[], Node]) -> Node:
        column = self.next.column
        operands = [operand()]
        while self.accept(operator):
            self.count()
            operands.append(operand())
        return Logic(column, operator, tuple(operands)) if len(operands) > 1 else operands[0]

    def negation(self) -> Node:
        token = self.accept("not")
        if not token:
            return self.comparison()
        self.count()
        return Unary(token.column, "not", self.inside(self.negation))

    def comparison(self) -> Node:
        left = self.sum()
        sign = self.accept(*COMPARISONS)
        if not sign:
            return left
        self.count()
        node = Comparison(sign.column, sign.text, left, self.sum())
        if self.next.is_sign(*COMPARISONS):
            self.refuse("syntax", N_("Không nối nhiều phép so sánh; hãy dùng “and”."))
        return node

    def sum(self) -> Node:
        return self.chain(("+", "-"), self.product)

    def product(self) -> Node:
        return self.chain(("*", "/", "mod"), self.negative)

    def chain(self, signs: tuple[str, ...], operand: Callable[[], Node]) -> Node:
        column = self.next.column
        first = operand()
        steps = []
        while sign := self.accept(*signs):
            self.count()
            steps.append((sign.text, operand()))
        return Chain(column, first, tuple(steps)) if steps else first

    def negative(self) -> Node:
        token = self.accept("-")
        if not token:
            return self.primary()
        self.count()
        return Unary(token.column, "-", self.inside(self.negative))

    def primary(self) -> Node:
        token = self.next
        if self.accept("("):
            node = self.inside(self.expression)
            self.expect(")")
            return node
        self.count()
        if self.accept("true", "false"):
            return Literal(token.column, token.text == "true")
        if self.accept("."):
            return This(token.column)
        if self.accept("["):
            return Items(token.column, self.several("]"))
        return self.word(token)

    def word(self, token: Token) -> Node:
        if token.kind not in {"number", "text", "name", "word"}:
            self.unexpected()
        self.at += 1
        if token.kind == "number":
            return Literal(token.column, Fraction(token.text))
        if token.kind == "text":
            return Literal(token.column, token.text)
        if token.kind == "name":
            return Name(token.column, token.text)
        return self.call(token)

    def call(self, name: Token) -> Node:
        if not self.next.is_sign("("):
            self.at -= 0 if self.next.fault else 1
            self.unexpected()
        self.at += 1
        if self.accept(")"):
            return Call(name.column, name.text, ())
        return Call(name.column, name.text, self.several(")"))

    def several(self, closing: str) -> tuple[Node, ...]:
        items = [self.inside(self.expression)]
        while self.accept(","):
            items.append(self.inside(self.expression))
        self.expect(closing)
        return tuple(items)
