"""From frozen inputs and a dataset to every number of a run: a pure function.

The same inputs and the same dataset give the same document to the last byte.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from analysis.errors import AnalysisError
from survey.ballotbox.counts import withheld
from survey.dataset.record import OPEN_DOOR, Dataset, answered
from survey.dataset.statistics import Statistics
from survey.errors import N_, InvalidError, Problem
from survey.questionnaire import canonical
from survey.results import blocks
from survey.results.words import GENERATED

FORMAT = 1
# What a user can meet and mend, said in his language.
WORDS = {
    "points_outside_leaf": N_(
        "Điểm năm trước hoặc điểm theo biên bản không nằm giữa 0 và điểm tối đa của tiêu chí;"
        " hãy nhập lại điểm."
    ),
}


def compute(inputs: Mapping[str, Any], dataset: Dataset) -> dict[str, Any]:
    """Return the result of a run, as `docs/run-format.md` describes it."""
    statistics = Statistics(dataset)
    try:
        parts = [blocks.result(block, statistics) for block in inputs["blocks"]]
    except AnalysisError as error:
        place = ", ".join(f"{key} {value}" for key, value in error.attributes.items())
        text = WORDS.get(error.code) or error.message.replace("%", "%%")
        problem = Problem(place or error.code, error.code, text)
        raise InvalidError([problem], N_("Không tính được kết quả từ dữ liệu này.")) from error
    is_generated = bool(inputs["is_generated"])
    return {
        "format": FORMAT,
        "is_generated": is_generated,
        "generated_label": GENERATED if is_generated else None,
        "software": {"name": "xhh", "version": inputs["software_version"]},
        "seed": inputs["seed"],
        "campaign": inputs["campaign"],
        "hashes": hashes(inputs),
        "dataset": inputs["dataset"],
        "groups": [_group(group, dataset) for group in inputs["groups"]],
        "blocks": parts,
    }


def hashes(inputs: Mapping[str, Any]) -> dict[str, str]:
    """Return the SHA-256 of dataset, inputs and scoring schemes."""
    return {
        "dataset": inputs["dataset"]["hash"],
        "inputs": canonical.digest(inputs),
        "schemes": canonical.digest({b["code"]: b["scheme"] for b in inputs["blocks"]}),
    }


def _group(group: Mapping[str, Any], dataset: Dataset) -> dict[str, Any]:
    """Return what was sent to a group and what came back, in all and by stratum.

    What came back from a stratum with few people is withheld: it would tell who answered.
    """
    stored = next(one.about for one in dataset.groups if one.code == group["code"])
    received = {stratum["code"]: stratum for stratum in stored["strata"]}
    strata = [
        {
            "code": stratum["code"],
            "label": stratum["label"],
            "population": stratum["population"],
            "sent": stratum["issued"] or stratum["sampled"],
            "received": answered(received[stratum["code"]]),
            "received_open": received[stratum["code"]]["received"][OPEN_DOOR],
        }
        for stratum in group["strata"]
    ]
    total = {key: sum(s[key] for s in strata) for key in ("sent", "received", "received_open")}
    people = [_people(group, received[stratum["code"]]) for stratum in strata]
    nothing = {"received": None, "received_open": None}
    told = [s | nothing if w else s for s, w in zip(strata, withheld(people), strict=True)]
    kept = {key: group[key] for key in ("code", "name", "sampling", "questionnaire", "questions")}
    silent = [
        {key: stratum[key] for key in ("code", "label", "population")}
        for stratum in told
        if stratum["received"] == 0
    ]
    return {**kept, **total, "strata": told, "strata_without_ballots": silent}


def _people(group: Mapping[str, Any], stratum: Mapping[str, Any]) -> int:
    """Return how many people of a stratum were asked; in a cluster sample all who live there."""
    if group["sampling"] == "cluster":
        return sum(cluster["population"] or 0 for cluster in stratum["clusters"])
    return int(stratum["sampled"])
