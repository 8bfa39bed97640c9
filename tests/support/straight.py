"""A questionnaire interpreted straight from its JSON: slow, plain, and sharing nothing with the
platform but the words of the language. What it says is what the platform must say.
"""

from __future__ import annotations

import operator
import re
from decimal import Decimal
from fractions import Fraction
from math import floor
from typing import Any

from tests.support.documents import Made, Tree

EMPTY = None
UNASKED = {"hidden", "calculated"}
STATED = {"refused", "dont_know", "not_applicable"}


class Straight:
    """Somebody's way through a document: afterwards `problems`, or `content()`."""

    def __init__(self, made: Made, units, answers, *, seed=0, sources=None, confirmed=True):
        self.raw = made.raw
        self.trees = made.trees
        self.units = units
        self.answers = answers
        self.seed = seed
        self.sources = sources or {}
        self.confirmed = confirmed
        self.homes = {}  # variable → (section, question, item)
        for section in self.raw["sections"]:
            for question in section["questions"]:
                for item in question.get("items", [question]):
                    self.homes[item["code"]] = (section, question, item)
        self.values: dict[tuple[str, str], Any] = {}  # asked: a value, ("stated", why), or EMPTY
        self.numbers: dict[tuple[str, str], Any] = {}  # of calculations, before they are rounded
        self.offered: dict[tuple[str, str], list] = {}
        self.rows: dict[str, list[str]] = {}
        self.problems: set[str] = set()
        self.warned: set[str] = set()
        for section in self.raw["sections"]:
            self.walk(section)
        for section in self.raw["sections"]:
            self.check(section)
        if not self.problems and not any(self.is_answer(key) for key in self.values):
            self.problems.add("empty")

    def is_answer(self, key):
        value = self.values[key]
        kind = self.homes[key[0]][1]["kind"]
        return kind not in UNASKED and value is not EMPTY and not is_stated(value)

    # --- The way ---------------------------------------------------------------------------

    def walk(self, section):
        code = section["code"]
        self.rows[code] = []
        if "show" in section and self.truth(section["show"], section, "") is not True:
            return
        self.rows[code] = [""]
        if "repeat" in section:
            count = self.truth(section["repeat"]["count"], section, "")
            often = 0 if count is EMPTY else max(0, min(int(count), section["repeat"]["most"]))
            self.rows[code] = [f"@{n}" for n in range(1, often + 1)]
        for row in self.rows[code]:
            for question in section["questions"]:
                for one in self.units if question.get("about") == "units" else [row]:
                    if "show" not in question or self.truth(question["show"], section, one) is True:
                        self.ask(section, question, one)

    def ask(self, section, question, row):
        kind = question["kind"]
        if kind == "note":
            return
        if kind == "calculated":
            value = self.truth(question["value"], section, row)
            self.numbers[question["code"], row] = value
            self.values[question["code"], row] = kept(value, question["decimals"])
            return
        if kind == "hidden":
            self.values[question["code"], row] = self.sources.get(question["source"]) or EMPTY
            return
        above = EMPTY
        for item in question.get("items", [question]):
            key = (item["code"], row)
            choices = self.choices(section, question, item, row)
            if kind == "cascade" and item is not question["items"][0]:
                choices = [c for c in choices if c["parent"] == above]
                if not choices:
                    return
            self.offered[key] = choices
            value = self.read(question, key, choices)
            if value is WRONG:
                self.problems.add("/".join(filter(None, key)))
                value = EMPTY
            elif value is EMPTY and question.get("required"):
                self.problems.add("/".join(filter(None, key)))
            self.values[key] = above = value

    def choices(self, section, question, item, row):
        if question["kind"] == "cascade":
            return self.raw["lists"][item["list"]]
        if question["kind"] == "yes_no":
            return [{"code": "yes"}, {"code": "no"}]
        if "maximum" in question and question["kind"] == "rating":
            points = range(question["minimum"], question["maximum"] + 1)
            return [{"code": str(n)} for n in points]
        if "filter" not in question:
            return question.get("choices", [])
        return [
            choice
            for choice in question["choices"]
            if "missing" in choice
            or "exclusive" in choice
            or self.truth(question["filter"], section, row, this=choice["code"]) is True
        ]

    # --- Reading answers -------------------------------------------------------------------

    def read(self, question, key, choices):  # noqa: PLR0911 -- one for each kind
        given = self.answers.get(key, "")
        if isinstance(given, str) and given.__class__ is not str:  # a reason instead of an answer
            return ("stated", str(given)) if str(given) in question.get("missing", []) else WRONG
        kind = question["kind"]
        codes = [choice["code"] for choice in choices]
        if kind in {"multiple", "ranking"}:
            texts = [given] if isinstance(given, str) else list(given)
            return read_several(question, [t.strip() for t in texts if t.strip()], choices)
        if not isinstance(given, str):
            return WRONG
        if not given.strip():
            return EMPTY
        if kind in {"integer", "decimal", "constant_sum"}:
            return read_number(question, given.strip())
        if kind == "text":
            text = given.strip()
            text = " ".join(text.split()) if question["appearance"] == "line" else text
            return text if len(text) <= question["max_length"] else WRONG
        if kind == "date":
            return read_date(question["precision"], given.strip())
        if kind == "consent":
            return given if given.strip() == question["version"] else WRONG
        return given.strip() if given.strip() in codes else WRONG

    # --- Checks ----------------------------------------------------------------------------

    def check(self, section):
        for row in self.rows[section["code"]]:
            for question in section["questions"]:
                for one in self.units if question.get("about") == "units" else [row]:
                    self.check_question(section, question, one)
            for check in section.get("checks", []):
                self.judge(check, section, row)

    def check_question(self, section, question, row):
        codes = [item["code"] for item in question.get("items", [question])]
        asked = [code for code in codes if (code, row) in self.values]
        if not asked:
            return
        if question["kind"] == "constant_sum":
            parts = [self.values[code, row] for code in codes]
            given = [Decimal(part) for part in parts if part is not EMPTY]
            if given and sum(given) != question["total"]:
                self.problems.add("/".join(filter(None, (codes[0], row))))
        if "items" not in question and self.operand(question["code"], row) is EMPTY:
            return
        for check in question.get("checks", []):
            self.judge(check, section, row)

    def judge(self, check, section, row):
        tree = self.trees[check["that"]]
        compared, asked_for = set(), set()
        sort_names(tree, compared, asked_for)
        for name in compared - asked_for:
            seen = self.seen(name, section, row)
            if not isinstance(seen, list) and self.operand(*seen) is EMPTY:
                return
        if self.run(tree, section, row, EMPTY) is True:
            return
        if check.get("severity") == "warning":
            self.warned.add(check["code"])
            if self.confirmed:
                return
        self.problems.add(check["code"])

    # --- Expressions -----------------------------------------------------------------------

    def truth(self, text, section, row, this=EMPTY):
        return self.run(self.trees[text], section, row, this)

    def seen(self, name, section, row):
        home, question, _ = self.homes[name]
        everywhere = [key for key in self.values if key[0] == name]
        if question.get("about") == "units":
            return (name, row) if row in self.units else everywhere
        if "repeat" in home:
            return (name, row) if home is section and row.startswith("@") else everywhere
        return (name, "")

    def operand(self, name, row):
        _, question, _ = self.homes[name]
        if (name, row) in self.numbers:
            return self.numbers[name, row]
        value = self.values.get((name, row), EMPTY)
        if value is EMPTY or is_stated(value):
            return EMPTY
        kind = question["kind"]
        if kind == "rating" and self.way_out(name, row):
            return EMPTY
        if kind in {"integer", "decimal", "constant_sum", "rating"}:
            return Fraction(value)
        return value

    def way_out(self, name, row):
        """Return the reason that the chosen choice states."""
        value = self.values.get((name, row), EMPTY)
        codes = value if isinstance(value, list) else [value]
        for choice in self.offered.get((name, row), []):
            if codes == [choice["code"]]:
                return choice.get("missing")
        return None

    def reason(self, name, row):
        if (name, row) not in self.values:
            return "not_asked"
        value = self.values[name, row]
        if is_stated(value):
            return value[1]
        return "blank" if value is EMPTY else self.way_out(name, row)

    def run(self, tree: Tree, section, row, this):  # noqa: PLR0911 -- one for each form
        head, *parts = tree
        if head == "number":
            return Fraction(parts[0])
        if head == "code":
            return parts[0]
        if head == "this":
            return this
        if head == "position":
            return Fraction(row[1:]) if row.startswith("@") else EMPTY
        if head == "var":
            seen = self.seen(parts[0], section, row)
            is_list = isinstance(seen, list)
            return [self.operand(*key) for key in seen] if is_list else self.operand(*seen)
        if head == "missing":
            seen = self.seen(parts[0][1], section, row)
            return self.reason(*seen) == parts[1][1]
        if head == "in":
            return self.operand(*self.seen(parts[0], section, row)) in parts[1]
        values = [self.run(part, section, row, this) for part in parts]
        return FUNCTIONS[head](*values)

    # --- The ballot ------------------------------------------------------------------------

    def content(self):
        answers, units, groups = {}, {unit: {} for unit in self.units}, {}
        missing: dict[str, list[str]] = {}
        for section in self.raw["sections"]:
            if "repeat" in section and self.rows[section["code"]]:
                groups[section["code"]] = [{} for _ in self.rows[section["code"]]]
        for name, row in self.everything():
            value = self.values.get((name, row), EMPTY)
            section = self.homes[name][0]["code"]
            if value is EMPTY or is_stated(value):
                place = "/".join(filter(None, (name, row)))
                missing.setdefault(self.reason(name, row), []).append(place)
            elif row.startswith("@"):
                groups[section][int(row[1:]) - 1][name] = value
            else:
                (units[row] if row else answers)[name] = value
        is_random = "'random'" in str(self.raw)
        extras = {
            "groups": groups,
            "missing": missing,
            "confirmed": sorted(self.warned),
            "seed": self.seed if is_random else None,
        }
        said = {key: part for key, part in extras.items() if part not in ({}, [], None)}
        return {"answers": answers, "units": units} | said

    def everything(self):
        """Yield every answer that this document could have, with its row."""
        for name, (section, question, _) in self.homes.items():
            rows = self.units if question.get("about") == "units" else [""]
            if "repeat" in section:
                rows = self.rows[section["code"]] or [""]
            if question["kind"] != "note":
                yield from ((name, row) for row in rows)


WRONG = object()


def is_stated(value):
    return isinstance(value, tuple)


def read_several(question, texts, choices):
    codes = [choice["code"] for choice in choices]
    if not texts:
        return EMPTY
    if len(set(texts)) < len(texts) or not set(texts) <= set(codes):
        return WRONG
    alone = [c["code"] for c in choices if "missing" in c or "exclusive" in c]
    if question["kind"] == "multiple":
        if set(texts) & set(alone):
            return texts if len(texts) == 1 else WRONG
        texts = [c["code"] for c in question["choices"] if c["code"] in texts]
    is_few, is_many = len(texts) < question.get("least", 0), len(texts) > question.get("most", 99)
    return WRONG if is_few or is_many else texts


def read_number(question, text):
    if not re.fullmatch(r"[+-]?\d+(\.\d{1,9})?", text, re.ASCII):
        return WRONG
    number = Decimal(text)
    digits = str(number.normalize()).partition(".")[2] if "." in text else ""
    if len(digits) > question.get("decimals", 0):
        return WRONG
    low, high = question.get("minimum"), question.get("maximum")
    if question["kind"] == "constant_sum":
        low = 0
    if low is not None and number < Decimal(low):
        return WRONG
    if high is not None and number > Decimal(high):
        return WRONG
    return kept(Fraction(text), 9)


def read_date(precision, text):
    parts = text.split("-")
    depth = {"year": [1], "month": [2], "day": [3], "any": [1, 2, 3]}[precision]
    if len(parts) not in depth or not all(part.isdigit() for part in parts):
        return WRONG
    longest = [0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    year, month, day = (*map(int, parts), 1, 1)[:3]
    if not (1000 <= year <= 9999 and 1 <= month <= 12 and 1 <= day <= longest[month]):
        return WRONG
    return "-".join([f"{year:04}", f"{month:02}", f"{day:02}"][: len(parts)])


def kept(value, decimals):
    """Return a calculated value as a ballot keeps it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if not isinstance(value, Fraction):
        return value
    scaled = floor(abs(value) * 10**decimals + Fraction(1, 2))
    sign = "-" if value < 0 and scaled else ""
    whole, rest = divmod(scaled, 10**decimals)
    digits = str(rest).rjust(decimals, "0").rstrip("0") if rest else ""
    return f"{sign}{whole}" + (f".{digits}" if digits else "")


def sort_names(tree, compared, asked_for):
    head, *parts = tree
    if head in {"var", "in"}:
        compared.add(parts[0])
    elif head == "missing":
        asked_for.add(parts[0][1])
    elif head not in {"number", "code", "this", "position"}:
        for part in parts:
            sort_names(part, asked_for if head in {"answered", "coalesce"} else compared, asked_for)


def full(function):
    """Return a function that is empty as soon as something that it takes is."""
    return lambda *values: EMPTY if EMPTY in values else function(*values)


def compared(function):
    return lambda left, right: EMPTY not in (left, right) and function(left, right)


def given(values):
    return [value for value in values if value is not EMPTY]


FUNCTIONS = {
    "+": full(operator.add),
    "-": full(operator.sub),
    "*": full(operator.mul),
    "/": full(lambda left, right: EMPTY if right == 0 else left / right),
    "=": compared(operator.eq),
    "!=": compared(operator.ne),
    "<": compared(operator.lt),
    "<=": compared(operator.le),
    ">": compared(operator.gt),
    ">=": compared(operator.ge),
    "and": lambda left, right: left and right,
    "or": lambda left, right: left or right,
    "not": lambda value: not value,
    "answered": lambda value: value is not EMPTY,
    "coalesce": lambda left, right: right if left is EMPTY else left,
    "selected": lambda codes, code: codes is not EMPTY and code in codes,
    "count_selected": full(lambda codes: Fraction(len(codes))),
    "sum": lambda values: sum(given(values), Fraction()),
    "count": lambda values: Fraction(len(given(values))),
    "any_is": lambda codes, code: code in codes,
    "all_are": lambda codes, code: bool(given(codes)) and set(given(codes)) == {code},
}
