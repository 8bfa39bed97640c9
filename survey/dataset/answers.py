"""Every answer of a campaign as tables: a row a ballot, a rated unit, or one of a repeated group.

Free text stands in none of them, and not in the order of the ballots: names, style and the things
people tell of would lead from a text to everything else its writer answered.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
from sqlalchemy.orm import Session

from survey.dataset import typed
from survey.dataset.build import each_ballot, known_units, refuse
from survey.dataset.coding import WORDS
from survey.dataset.piles import Content, Pile, Place, piles
from survey.dataset.record import BALLOT, CHANNEL, CLUSTER, STRATUM, UNIT, WEIGHT
from survey.model.campaign import Campaign
from survey.questionnaire import canonical
from survey.questionnaire.document import NTH, OWN, Document, Missing, Variable, place_of

BALLOTS, UNITS, TEXTS = "ballots", "units", "texts"
NUMBER, CONFIRMED = "_number", "_confirmed"
WHY = "__missing"  # behind the code of a variable: no code has two underscores
FEWEST_TEXTS = 10  # ballots with a text, below which none of them is told


@dataclass
class _Table:
    """Rows of one kind, collected column by column."""

    keys: Mapping[str, pa.DataType]
    variables: Sequence[Variable]
    columns: dict[str, list[Any]] = field(init=False)

    def __post_init__(self) -> None:
        names = [n for v in self.variables for n in (v.code, v.code + WHY)]
        self.columns = {name: [] for name in (*self.keys, *names)}
        self.stating = {
            v.code: {c.code: c.missing.value for c in v.choices if c.missing}
            for v in self.variables
        }

    def add(
        self, keys: Sequence[Any], said: Mapping[str, Any], row: str, why: Mapping[str, str]
    ) -> None:
        """Add a row: its keys, the answers, and where to look up why one is not there."""
        for name, key in zip(self.keys, keys, strict=True):
            self.columns[name].append(key)
        for code, stating in self.stating.items():
            value = said.get(code)
            first = str(value[0] if isinstance(value, list) else value)  # it stands alone
            blank = why.get(place_of((code, row)), Missing.BLANK.value)
            self.columns[code].append(value)
            self.columns[code + WHY].append(blank if value is None else stating.get(first))

    def arrow(self) -> pa.Table:
        """Return the rows with typed columns."""
        found = {n: pa.array(self.columns[n], t) for n, t in self.keys.items()}
        for variable in self.variables:
            code = variable.code
            found[code] = typed.form_of(variable).column(self.columns[code])
            found[code + WHY] = typed.CODES.column(self.columns[code + WHY])
        return pa.table(found)


@dataclass
class GroupAnswers:
    """The answers of one respondent group: the ballots as they come in, tables at the end."""

    pile: Pile
    ballots: list[tuple[Place, bytes, str]] = field(default_factory=list)
    texts: dict[str, list[str]] = field(default_factory=dict)
    writers: Counter[str] = field(default_factory=Counter)  # ballots by variable with a text

    def put(self, place: Place, content: Content, units: Mapping[str, int]) -> bool:
        """Add a ballot; False if it does not fit the questionnaire."""
        if not self.pile.put(place, content, units):
            return False
        told = [content["answers"], *content["units"].values()]
        told += [said for rows in content.get("groups", {}).values() for said in rows]
        if any(code not in self.document.variables for said in told for code in said):
            return False
        self._take_texts(told)
        kept = {key: part for key, part in content.items() if key != "seed"}
        text = canonical.dumps(kept)
        self.ballots.append((place, hashlib.sha256(text.encode()).digest(), text))
        return True

    @property
    def document(self) -> Document:
        """Return the questionnaire of the group."""
        return self.pile.document

    def _take_texts(self, told: Sequence[dict[str, Any]]) -> None:
        """Take the free texts of a ballot out of it."""
        writes = set()
        for said in told:
            for code in [c for c in said if typed.is_free_text(self.document.variables[c])]:
                self.texts.setdefault(code, []).append(said.pop(code))
                writes.add(code)
        self.writers.update(writes)

    def tables(self) -> dict[str, pa.Table]:
        """Return the tables by name; rows stand in the order of their content's hash."""
        found = dict(self._empty())
        self.pile.count()
        weights = self.pile.weights()
        for number, (place, _, text) in enumerate(sorted(self.ballots)):
            content = json.loads(text)
            labels = self.pile.labels(place)
            head = [labels[CHANNEL], labels[STRATUM], labels[CLUSTER], weights[place]]
            head.append(typed.SEVERAL.join(content.get("confirmed", ())))
            _lay_out(found, number, head, content)
        return {name: table.arrow() for name, table in found.items()} | {TEXTS: self._texts()}

    def _empty(self) -> Iterator[tuple[str, _Table]]:
        """Yield the tables that the questionnaire needs, without rows."""
        count = {BALLOT: pa.int64()}
        by_table = self._variables()
        labels = dict.fromkeys((CHANNEL, STRATUM, CLUSTER, WEIGHT, CONFIRMED), pa.string())
        yield BALLOTS, _Table(count | labels, by_table.pop(BALLOTS, ()))
        if UNITS in by_table:
            yield UNITS, _Table(count | {UNIT: pa.string()}, by_table.pop(UNITS))
        for name, variables in by_table.items():
            yield name, _Table(count | {NUMBER: pa.int64()}, variables)

    def _variables(self) -> dict[str, list[Variable]]:
        found: dict[str, list[Variable]] = {}
        for variable in self.document.variables.values():
            if variable.question.kind != "note" and not typed.is_free_text(variable):
                found.setdefault(table_of(self.document, variable), []).append(variable)
        return found

    def _texts(self) -> pa.Table:
        """Return the texts of enough people, in an order that nothing else has."""
        told = [
            (code, text)
            for code, texts in sorted(self.texts.items())
            if self.writers[code] >= FEWEST_TEXTS
            for text in sorted(texts, key=lambda text: hashlib.sha256(text.encode()).digest())
        ]
        codes, texts = zip(*told, strict=True) if told else ((), ())
        return pa.table(
            {"variable": pa.array(codes, pa.string()), "text": pa.array(texts, pa.string())}
        )

    def about(self, tables: Mapping[str, pa.Table]) -> dict[str, Any]:
        """Return the codebook of the group."""
        asked = [v for v in self.document.variables.values() if v.question.kind != "note"]
        kept = {key: part for key, part in self.pile.about.items() if key != "items"}
        return kept | {
            "tables": {name: table.num_rows for name, table in tables.items()},
            "texts_withheld": sorted(c for c, n in self.writers.items() if n < FEWEST_TEXTS),
            "variables": [
                typed.described(v) | {"table": table_of(self.document, v)} for v in asked
            ],
        }


def table_of(document: Document, variable: Variable) -> str:
    """Return the table in which the answers to a variable stand."""
    if typed.is_free_text(variable):
        return TEXTS
    if variable.question.about_units:
        return UNITS
    section = document.section_of[variable.code]
    return f"repeat-{section.code}" if section.repeat else BALLOTS


def _lay_out(
    tables: Mapping[str, _Table], number: int, head: Sequence[Any], content: Content
) -> None:
    """Add the rows of a ballot to the tables."""
    missing = content.get("missing", {})
    why = {place: reason for reason, places in missing.items() for place in places}
    tables[BALLOTS].add([number, *head], content["answers"], OWN, why)
    if UNITS in tables:
        for unit, said in content["units"].items():
            tables[UNITS].add([number, unit], said, unit, why)
    for section, rows in content.get("groups", {}).items():
        for nth, said in enumerate(rows, 1):
            if f"repeat-{section}" in tables:
                tables[f"repeat-{section}"].add([number, nth], said, f"{NTH}{nth}", why)


@dataclass(frozen=True)
class CampaignAnswers:
    """The tables of every group by group and name, and the codebook of all of them."""

    tables: Mapping[str, Mapping[str, pa.Table]]
    codebook: Mapping[str, Any]


def collect(session: Session, campaign: Campaign) -> CampaignAnswers:
    """Return everything in a campaign's ballot box; raises `InvalidError` as `build` does."""
    units = {unit: number for number, unit in enumerate(known_units(session))}
    found = {pile.about["code"]: GroupAnswers(pile) for pile in piles(session, campaign)}
    each_ballot(
        session,
        campaign,
        [group.pile for group in found.values()],
        lambda pile, place, content: found[pile.about["code"]].put(place, content, units),
    )
    tables = {code: group.tables() for code, group in found.items()}
    refuse(problem for group in found.values() for problem in group.pile.misfits())
    return CampaignAnswers(
        tables,
        {
            "format": 1,
            "campaign": campaign.code,
            "is_generated": campaign.is_generated,
            "missing": {reason.value: dict(words) for reason, words in WORDS.items()},
            "groups": [group.about(tables[code]) for code, group in found.items()],
        },
    )
