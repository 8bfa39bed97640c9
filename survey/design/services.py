"""What the design room changes: publishing freezes the next version of a questionnaire."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from survey import audit
from survey.db import transaction
from survey.design import queries
from survey.errors import N_, DocumentError, Problem
from survey.model.questionnaire import Questionnaire, QuestionnaireVersion
from survey.questionnaire import canonical
from survey.questionnaire.document import REFERENCE_LANGUAGE, Document
from survey.questionnaire.parse import parse


def publish(session: Session, raw: Any, *, actor: str, at: datetime) -> QuestionnaireVersion:
    """Freeze a document as the next version; content that was published before stays as it is."""
    document = parse(raw)
    checksum = canonical.digest(raw)
    with transaction(session):
        questionnaire = queries.by_code(session, document.code)
        if questionnaire is None:
            title = document.title[REFERENCE_LANGUAGE][:300]
            questionnaire = Questionnaire(code=document.code, title=title)
            session.add(questionnaire)
            session.flush()
        before = queries.versions_of(session, questionnaire)
        same = next((version for version in before if version.checksum == checksum), None)
        if same is not None:
            return same
        problems = list(changed_kinds(document, before))
        if problems:
            raise DocumentError(problems)
        version = QuestionnaireVersion(
            questionnaire_id=questionnaire.id,
            number=before[0].number + 1 if before else 1,
            document=raw,
            checksum=checksum,
            published_at=at,
        )
        session.add(version)
        session.flush()
        audit.record(
            session,
            actor=actor,
            at=at,
            action="questionnaire.published",
            thing=f"{document.code} v{version.number}",
            checksum=checksum,
        )
    return version


def changed_kinds(document: Document, before: Iterable[QuestionnaireVersion]) -> list[Problem]:
    """Return a problem for each question whose uid stood for another kind of question before."""
    kinds: dict[str, tuple[str, bool, int]] = {}
    for version in before:
        for variable in parse(version.document).variables.values():
            asked = variable.question
            kinds.setdefault(variable.uid, (asked.kind, asked.about_units, version.number))
    problems = []
    for number, section in enumerate(document.sections, 1):
        for position, question in enumerate(section.questions, 1):
            kind, about_units, seen_in = kinds.get(
                question.uid, (question.kind, question.about_units, 0)
            )
            if (kind, about_units) != (question.kind, question.about_units):
                message = N_(
                    "Câu hỏi “%(uid)s” ở phiên bản %(number)s thuộc loại khác. Loại của một câu hỏi"
                    " không đổi được; hãy đặt “uid” mới cho câu hỏi mới."
                )
                place = f"sections[{number}].questions[{position}].kind"
                values = {"uid": question.uid, "number": seen_in}
                problems.append(Problem(place, "changed-kind", message, values))
    return problems
