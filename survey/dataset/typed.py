"""How the answers to a variable stand in a column of their own: type, values, description."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import pyarrow as pa

from survey.questionnaire.document import Variable
from survey.questionnaire.expressions.types import Type
from survey.questionnaire.kinds.registry import KINDS
from survey.questionnaire.kinds.silent import Calculated
from survey.questionnaire.kinds.texts import FreeText

CODE = pa.dictionary(pa.int32(), pa.string())
SEVERAL = ";"  # between the codes of a list, as in a file that is imported
DIGITS = 38


@dataclass(frozen=True)
class Form:
    """The type of a column, its name in the codebook, and how a stored value becomes one of it."""

    name: str
    type: pa.DataType
    read: Callable[[Any], Any] = str

    def column(self, values: list[Any]) -> pa.Array:
        """Return the values as a column; numbers too large for one of their type stay texts."""
        try:
            read = [None if value is None else self.read(value) for value in values]
            return pa.array(read, pa.string() if self.type is CODE else self.type).cast(self.type)
        except pa.ArrowInvalid:
            return pa.array(values, pa.string())


CODES = Form("code", CODE)
LIST = Form("codes", pa.string(), SEVERAL.join)
WHOLE = Form("integer", pa.int64(), int)
DAY = Form("date", pa.date32(), date.fromisoformat)
PART_OF_DATE = Form("partial_date", pa.string())
TRUTH = Form("boolean", pa.bool_(), lambda value: value == "true")
CALCULATED = {Type.BOOLEAN: TRUTH, Type.DATE: DAY, Type.CHOICES: LIST}
BY_KIND = {"multiple": LIST, "ranking": LIST, "integer": WHOLE}


def is_free_text(variable: Variable) -> bool:
    """Tell whether answers are in somebody's own words, as they are or repeated by a formula."""
    kind = KINDS[variable.question.kind]
    is_text = kind.operand_type(variable.question) is Type.TEXT
    return isinstance(kind, FreeText) or (isinstance(kind, Calculated) and is_text)


def form_of(variable: Variable) -> Form:
    """Return how the answers to a variable, which is no free text, stand in a column."""
    question = variable.question
    operand = KINDS[question.kind].operand_type(question)
    if question.kind == "date":
        return DAY if question.limits.precision == "day" else PART_OF_DATE
    if question.kind == "calculated" and operand in CALCULATED:
        return CALCULATED[operand]
    if question.kind in {"decimal", "constant_sum"} or (
        question.kind == "calculated" and operand is Type.NUMBER
    ):
        return Form("decimal", pa.decimal128(DIGITS, question.limits.decimals), Decimal)
    return BY_KIND.get(question.kind, CODES)


def described(variable: Variable) -> dict[str, Any]:
    """Return what a codebook says of a variable."""
    question = variable.question
    found: dict[str, Any] = {
        "code": variable.code,
        "uid": variable.uid,
        "kind": question.kind,
        "text": dict(variable.text),
        "type": "text" if is_free_text(variable) else form_of(variable).name,
    }
    if variable.item is not None:
        found["question"] = {"code": question.code, "text": dict(question.text)}
    if question.measure is not None:
        found["measure"] = dict(question.measure)
    if question.version:
        found["version"] = question.version
    if variable.choices:
        found["choices"] = [
            {
                "code": choice.code,
                "label": dict(choice.label),
                "coefficient": None if choice.coefficient is None else str(choice.coefficient),
                "missing": None if choice.missing is None else choice.missing.value,
            }
            for choice in variable.choices
        ]
    return found
