"""Random questionnaire documents, and random answers to them.

Conditions are made as trees and written out; whoever interprets a document by other means than
the platform's finds the trees in `Made.trees`, by their text.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import Any

from survey.errors import DocumentError
from survey.questionnaire.document import Document, Key, Missing
from survey.questionnaire.kinds.base import Raw
from survey.questionnaire.parse import parse

Json = dict[str, Any]
Tree = tuple[Any, ...]
CODES = "abcde"
REASONS = ("dont_know", "not_applicable", "refused")
WITH_CHOICES = ("single", "multiple", "ranking", "battery", "matrix", "rating")
KINDS = (
    *WITH_CHOICES, "single", "single", "integer", "integer", "decimal", "yes_no", "cascade",
    "constant_sum", "text", "date", "consent", "note", "hidden", "calculated", "calculated",
)  # fmt: skip
ONCE = {"multiple", "ranking", "constant_sum", "text", "date", "consent", "note", "hidden",
        "battery", "cascade"}  # kinds that are not asked about units  # fmt: skip


@dataclass(frozen=True)
class Made:
    """A document as JSON and parsed, and the trees of its expressions."""

    raw: Json
    document: Document
    trees: dict[str, Tree]


@dataclass(frozen=True)
class Name:
    """What an expression may name."""

    name: str
    type: str
    codes: tuple[str, ...]
    section: int
    about_units: bool
    is_repeated: bool


def made(random: Random) -> Made:
    """Return a random document that parses."""
    while True:
        maker = _Maker(random)
        raw = maker.document()
        try:
            return Made(raw, parse(raw), maker.trees)
        except DocumentError as error:
            if {problem.code for problem in error.problems} != {"unreachable"}:
                raise


def written(tree: Tree) -> str:  # noqa: PLR0911 -- one for each form
    """Return the text of an expression."""
    match tree:
        case ("number", number):
            return str(number)
        case ("var", name):
            return f"${{{name}}}"
        case (("=" | "!=" | "<" | "<=" | ">" | ">=" | "and" | "or" | "+" | "-" | "*" | "/") as sign,
              left, right):  # fmt: skip
            return f"({written(left)} {sign} {written(right)})"
        case ("code", code):
            return f"'{code}'"
        case ("this",):
            return "."
        case ("not", inner):
            return f"(not {written(inner)})"
        case ("in", name, codes):
            return f"(${{{name}}} in [{', '.join(map(repr, codes))}])"
        case (function, *arguments):
            return f"{function}({', '.join(written(argument) for argument in arguments)})"
    raise AssertionError(tree)


class _Maker:
    def __init__(self, random: Random) -> None:
        self.random = random
        self.names: list[Name] = []
        self.trees: dict[str, Tree] = {}
        self.numbers = 0
        self.at = (0, False, False)  # section, about units, repeated

    def chance(self, share: float) -> bool:
        return self.random.random() < share

    def new(self, prefix: str) -> str:
        self.numbers += 1
        return f"{prefix}{self.numbers}"

    def document(self) -> Json:
        levels = {
            "one": [self.choice(code) for code in "ab"],
            "two": [self.choice(f"{above}{n}") | {"parent": above} for above in "ab" for n in "12"],
        }
        sections = [self.section(number) for number in range(self.random.randint(1, 4))]
        layout = {"layout": "single"} if self.chance(0.2) else {}
        texts = {key: {"vi": key} for key in ("title", "intro", "notice")}
        head = {"format": 1, "code": "R1", "languages": ["vi", "en"], "lists": levels}
        return head | texts | layout | {"sections": sections}

    def section(self, number: int) -> Json:
        self.at = (number, False, False)
        found: Json = {"code": f"s{number}", "title": {"vi": f"Phần {number}"}}
        if number and self.chance(0.4):
            found["show"] = self.expression(self.boolean(2))
        if number and self.chance(0.3):
            count = self.expression(self.number(1))
            found["repeat"] = {"count": count, "most": 3, "label": {"vi": "Lần ${position}"}}
        if self.chance(0.2):
            found["order"] = "random"
        is_repeated = "repeat" in found
        questions = []
        for _ in range(self.random.randint(1, 5)):
            self.at = (number, False, is_repeated)
            questions.append(self.question(is_repeated=is_repeated))
        found["questions"] = questions
        if self.chance(0.3):
            self.at = (number, False, is_repeated)
            found["checks"] = [self.check()]
        return found

    def question(self, *, is_repeated: bool) -> Json:
        kind = self.random.choice(KINDS)
        if kind == "matrix" and is_repeated:
            kind = "single"
        code = self.new("q")
        found: Json = {"code": code, "kind": kind, "text": {"vi": f"Câu {code}"}}
        is_about = kind == "matrix" or (not is_repeated and kind not in ONCE and self.chance(0.2))
        if is_about:
            found["about"] = "units"
        self.at = (self.at[0], is_about, is_repeated)
        if self.chance(0.35):
            found["show"] = self.expression(self.boolean(2))
        found |= self.details(kind)
        answered = kind not in {"note", "hidden", "calculated"}
        if answered and self.chance(0.15):
            found["required"] = True
        free = answered and kind not in {"battery", "matrix", "cascade", "constant_sum", "consent"}
        if free and self.chance(0.3):
            found["missing"] = self.random.sample(REASONS, self.random.randint(1, 3))
        self.make_known(found)
        if answered and self.chance(0.2):
            found["checks"] = [self.check()]
        return found

    def details(self, kind: str) -> Json:
        make = getattr(self, f"of_{kind}", None)
        return make() if make else {}

    def choice(self, code: str) -> Json:
        return {"code": code, "label": {"vi": code.upper(), "en": f"{code} (en)"}}

    def choices(self, *, plain: bool = False) -> list[Json]:
        found = [self.choice(code) for code in CODES[: self.random.randint(2, 5)]]
        if not plain and self.chance(0.3):
            found.append(self.choice("kb") | {"missing": self.random.choice(REASONS)})
        return found

    def of_single(self) -> Json:
        found: Json = {"choices": self.choices()}
        if self.chance(0.3):
            found["order"] = "random"
        lists = [n for n in self.seen() if n.type == "choices"]
        if lists and self.chance(0.5):
            name = self.random.choice(lists).name
            found["filter"] = self.expression(("selected", ("var", name), ("this",)))
        elif self.chance(0.2):
            found["filter"] = self.expression(("!=", ("this",), ("code", "a")))
        return found

    def of_multiple(self) -> Json:
        found: Json = {"choices": self.choices()}
        if self.chance(0.3):
            found["choices"].append(self.choice("x") | {"exclusive": True})
        if self.chance(0.3):
            found["least"] = self.random.randint(1, 2)
        if self.chance(0.3):
            found["most"] = self.random.randint(found.get("least", 1), 2)
        return found

    def of_ranking(self) -> Json:
        return {"choices": self.choices(plain=True)} | ({"most": 2} if self.chance(0.3) else {})

    def items(self) -> list[Json]:
        return [
            {"code": self.new("i"), "text": {"vi": f"Mục {n}"}}
            for n in range(self.random.randint(2, 3))
        ]

    def of_battery(self) -> Json:
        return {"choices": self.choices(), "items": self.items()}

    of_matrix = of_battery

    def of_rating(self) -> Json:
        if self.chance(0.5):
            return {"minimum": self.random.randint(0, 1), "maximum": 4}
        return {"choices": [*map(self.choice, "123"), self.choice("9") | {"missing": "refused"}]}

    def of_integer(self) -> Json:
        return self.random.choice([{"minimum": 0, "maximum": 5}, {"minimum": -2}, {"maximum": 9}])

    def of_decimal(self) -> Json:
        return {"decimals": self.random.randint(0, 3), "minimum": "-1.5"}

    def of_cascade(self) -> Json:
        levels = zip(self.items()[:2], ("one", "two"), strict=True)
        return {"items": [item | {"list": name} for item, name in levels]}

    def of_constant_sum(self) -> Json:
        return {"items": self.items(), "total": 10}

    def of_text(self) -> Json:
        return {"max_length": 12, "appearance": self.random.choice(["line", "area"])}

    def of_date(self) -> Json:
        return {"precision": self.random.choice(["day", "month", "year", "any"])}

    def of_consent(self) -> Json:
        return {"version": "v1"}

    def of_hidden(self) -> Json:
        return {"source": self.random.choice(["channel", "group"])}

    def of_calculated(self) -> Json:
        tree = self.number(2) if self.chance(0.7) else self.boolean(2)
        self.is_number = tree[0] not in BOOLEANS
        return {"value": self.expression(tree), "decimals": self.random.randint(0, 3)}

    def check(self) -> Json:
        that = self.expression(self.boolean(2))
        found: Json = {"code": self.new("k"), "that": that, "message": {"vi": "Xin xem lại"}}
        return found | ({"severity": "warning"} if self.chance(0.5) else {})

    # --- Expressions ---------------------------------------------------------------------------

    def make_known(self, question: Json) -> None:
        kind = question["kind"]
        types = {"multiple": "choices", "ranking": "choices", "integer": "number"}
        types |= dict.fromkeys(("decimal", "constant_sum", "rating"), "number")
        types |= dict.fromkeys(("text", "consent", "hidden"), "text") | {"date": "other"}
        types["calculated"] = "number" if getattr(self, "is_number", True) else "other"
        kind_type = types.get(kind, "choice")
        codes = tuple(choice["code"] for choice in question.get("choices", []))
        codes = ("yes", "no") if kind == "yes_no" else codes
        per_level = {"one": ("a", "b"), "two": ("a1", "a2", "b1", "b2")}
        for item in question.get("items", [question] if kind != "note" else []):
            known = per_level[item["list"]] if kind == "cascade" else codes
            self.names.append(Name(item["code"], kind_type, known, *self.home()))

    def home(self) -> tuple[int, bool, bool]:
        return self.at

    def is_list(self, name: Name) -> bool:
        section, about, _ = self.at
        if name.about_units:
            return not about
        return name.is_repeated and name.section != section

    def seen(self) -> list[Name]:
        return [name for name in self.names if not self.is_list(name)]

    def listed(self) -> list[Name]:
        return [name for name in self.names if self.is_list(name)]

    def expression(self, tree: Tree) -> str:
        text = written(tree)
        self.trees[text] = tree
        return text

    def number(self, depth: int) -> Tree:
        options: list[Tree] = [("number", self.random.randint(0, 5))]
        options += [("var", name.name) for name in self.seen() if name.type == "number"] * 3
        options += [("count_selected", ("var", n.name)) for n in self.seen() if n.type == "choices"]
        options += [("sum", ("var", n.name)) for n in self.listed() if n.type == "number"] * 2
        options += [("count", ("var", n.name)) for n in self.listed()]
        if self.at[2]:
            options.append(("position",))
        if depth and self.chance(0.4):
            left, right = self.number(depth - 1), self.number(depth - 1)
            return (self.random.choice("+-*/"), left, right)
        if depth and self.chance(0.2):
            return ("coalesce", self.number(depth - 1), ("number", self.random.randint(0, 3)))
        return self.random.choice(options)

    def boolean(self, depth: int) -> Tree:
        if depth and self.chance(0.4):
            sign = self.random.choice(["and", "or", "not"])
            inner = (self.boolean(depth - 1), self.boolean(depth - 1))
            return (sign, *inner) if sign != "not" else ("not", inner[0])
        options: list[Tree] = []
        for name in self.seen():
            options.append(("answered", ("var", name.name)))
            options.append(("missing", ("var", name.name), ("code", self.random.choice(ALL))))
            if name.type == "choice":
                code = self.random.choice(name.codes)
                options += [(self.random.choice(["=", "!="]), ("var", name.name), ("code", code))]
                options.append(("in", name.name, name.codes[:2]))
            if name.type == "choices":
                code = self.random.choice(name.codes)
                options.append(("selected", ("var", name.name), ("code", code)))
        for name in self.listed():
            if name.type == "choice":
                code = ("code", self.random.choice(name.codes))
                options.append(
                    (self.random.choice(["any_is", "all_are"]), ("var", name.name), code)
                )
        if not options or self.chance(0.4):
            sign = self.random.choice(["=", "!=", "<", "<=", ">", ">="])
            return (sign, self.number(1), self.number(1))
        return self.random.choice(options)


ALL = (*REASONS, "blank", "not_asked")
BOOLEANS = {
    "=", "!=", "<", "<=", ">", ">=", "and", "or", "not", "in", "answered", "missing", "selected",
    "any_is", "all_are",
}  # fmt: skip


# --- Answers -------------------------------------------------------------------------------------


def answers(random: Random, raw: Json, units: tuple[str, ...], *, junk: float) -> dict[Key, Raw]:
    """Return random answers to a document, on the path or off it; some share of them is junk."""
    found: dict[Key, Raw] = {}
    for question, code, rows in _variables(raw, units):
        for row in rows:
            if random.random() < 0.8:
                found[code, row] = _answer(random, raw, question, code, junk)
    return found


def _variables(raw: Json, units: tuple[str, ...]) -> Iterator[tuple[Json, str, tuple[str, ...]]]:
    for section in raw["sections"]:
        own = ("@1", "@2", "@3") if "repeat" in section else ("",)
        for question in section["questions"]:
            if question["kind"] in {"note", "hidden", "calculated"}:
                continue
            for item in question.get("items", [question]):
                rows = units if question.get("about") == "units" else own
                yield question, item["code"], rows


def _answer(  # noqa: PLR0911 -- one for each kind
    random: Random, raw: Json, question: Json, code: str, junk: float
) -> Raw:
    if random.random() < junk:
        return random.choice(["zz", "-", "99", "1.23456", "0000-00-00", "a" * 30, ("a", "a"), "v0"])
    if question.get("missing") and random.random() < 0.3:
        return Missing(random.choice(question["missing"]))
    kind = question["kind"]
    codes = [choice["code"] for choice in question.get("choices", [])]
    if kind == "multiple":
        alone = [c["code"] for c in question["choices"] if "exclusive" in c or "missing" in c]
        free = [c for c in codes if c not in alone]
        if alone and random.random() < 0.2:
            return (random.choice(alone),)
        least = min(question.get("least", 1), len(free))
        most = min(question.get("most", 9), len(free))
        return tuple(random.sample(free, random.randint(least, max(least, most))))
    if kind == "ranking":
        return tuple(random.sample(codes, min(len(codes), question.get("most", 9))))
    if kind == "cascade":
        item = next(item for item in question["items"] if item["code"] == code)
        return random.choice([choice["code"] for choice in raw["lists"][item["list"]]])
    if kind == "constant_sum":
        first = question["items"][0]["code"] == code
        return "10" if first else random.choice(["", "0"])
    if codes:
        return random.choice(codes)
    plain = {
        "rating": ["1", "2", "4"],
        "integer": ["0", "2", "3", " 5", "+4", "-0"],
        "decimal": ["0", "3.0", "-1.5", "2"],
        "yes_no": ["yes", "no"],
        "text": ["tốt", " một  hai ", "x"],
        "date": {"day": ["2026-1-5", "2025-12-31"], "month": ["2026-1"], "year": ["2026"]}.get(
            question.get("precision", ""), ["2026", "2026-2", "2026-02-28"]
        ),
        "consent": ["v1"],
    }
    return random.choice(plain[kind])
