"""Questions that wait for each other: found in the texts of the expressions, right or wrong."""

from __future__ import annotations

import graphlib
import re
from collections.abc import Iterator, Mapping
from typing import Any

from survey.questionnaire.document import Document

MOST_TOLD = 20
NAMED = re.compile(r"\$\{\s*([a-z][a-z0-9_]*)\s*\}")


def cycles(document: Document, raw: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield each circle of dependence: the place of its first question, and the circle in words."""
    places: dict[str, str] = {}
    needs: dict[str, set[str]] = {}
    for number, (section, item) in enumerate(_pairs(document.sections, raw.get("sections")), 1):
        shared = _names(item, "show") | _names(item.get("repeat"), "count")
        for n, (question, part) in enumerate(_pairs(section.questions, item.get("questions")), 1):
            own = _names(part, "show") | _names(part, "filter") | _names(part, "value")
            for variable in question.variables():
                places[variable.code] = f"sections[{number}].questions[{n}]"
                needs[variable.code] = shared | own
    known = {name: wanted & needs.keys() for name, wanted in needs.items()}
    position = {name: number for number, name in enumerate(needs)}
    for _ in range(MOST_TOLD):
        try:
            graphlib.TopologicalSorter(known).prepare()
        except graphlib.CycleError as error:
            circle = list(reversed(error.args[1]))
            first = min(circle, key=position.__getitem__)
            yield places[first], " → ".join(circle)
            known = {n: wanted - set(circle) for n, wanted in known.items() if n not in circle}
        else:
            return


def _pairs(found: tuple[Any, ...], raw: Any) -> Iterator[tuple[Any, Mapping[str, Any]]]:
    for one, part in zip(found, raw if isinstance(raw, list) else [], strict=False):
        yield one, part if isinstance(part, Mapping) else {}


def _names(raw: Any, key: str) -> set[str]:
    text = raw.get(key) if isinstance(raw, Mapping) else None
    return set(NAMED.findall(text)) if isinstance(text, str) else set()
