"""The kinds of question: one class each, one line here, one partial, one test file."""

from __future__ import annotations

from survey.questionnaire.kinds.base import Kind
from survey.questionnaire.kinds.choices import Battery, Cascade, Matrix, Rating, Single, YesNo
from survey.questionnaire.kinds.numbers import ConstantSum, Decimals, Integer
from survey.questionnaire.kinds.several import Multiple, Ranking
from survey.questionnaire.kinds.silent import Calculated, Consent, Hidden, Note
from survey.questionnaire.kinds.texts import Date, FreeText

KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        Single(),
        Multiple(),
        Battery(),
        Matrix(),
        Rating(),
        Ranking(),
        YesNo(),
        Cascade(),
        Integer(),
        Decimals(),
        ConstantSum(),
        FreeText(),
        Date(),
        Consent(),
        Note(),
        Hidden(),
        Calculated(),
    )
}
