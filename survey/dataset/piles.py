"""The ballots of one respondent group: what they are read by, counted against and laid out in.

Base weights: persons who answered count as a simple random sample of their stratum, so each one
speaks for N/r of its N people. In a cluster sample a commune speaks for N/n communes, and each of
its r answers for M/r of its M people. A size that is not known for every stratum (or cluster) of
the group is left out, so that the weights of a group stay comparable.
"""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy import select
from sqlalchemy.orm import Session

from survey.dataset import queries
from survey.dataset.coding import (
    REASONS,
    coded,
    codes_of,
    described,
    described_reason,
    reason_codes,
)
from survey.dataset.record import (
    BALLOT,
    CHANNEL,
    CLUSTER,
    CLUSTERED,
    OPEN_DOOR,
    RATER_UNIT,
    STRATUM,
    UNIT,
    WEIGHT,
    GroupData,
    answered,
)
from survey.errors import N_, Problem
from survey.model.ballot import Channel
from survey.model.campaign import Campaign, CampaignGroup, Cluster, Rating, Scope, Stratum
from survey.questionnaire.document import Document, Missing, Variable
from survey.questionnaire.parse import parse

DOORS = tuple(channel.value for channel in Channel)
UNIT_BYTES = 2  # how a unit's number is written in front of the answers about it
Place = tuple[int, int, int]  # numbers of stratum, cluster and door; cluster 0 is none
Content = Mapping[str, Any]  # of a ballot


@dataclass
class Pile:
    """The ballots of one group, collected one by one."""

    about: dict[str, Any]
    version_id: int
    document: Document
    questions: list[tuple[str, dict[str | None, int]]]  # code, and choice → small integer
    strata: dict[int, int]  # id → number
    clusters: dict[int, tuple[int, int]]  # id → numbers of its stratum and of itself, from 1
    ballots: list[tuple[Place, bytes]] = field(default_factory=list)

    def emptied(self) -> Pile:
        """Return the same pile without ballots and their counts."""
        return replace(self, about=copy.deepcopy(self.about), ballots=[])

    def place(self, stratum_id: int, cluster_id: int | None, channel: Channel) -> Place | None:
        """Return where a ballot belongs, None if its cluster is missing or elsewhere."""
        stratum = self.strata[stratum_id]
        of_stratum, cluster = self.clusters.get(cluster_id or 0, (stratum, 0))
        clustered = self.about["sampling"] == CLUSTERED and channel is not Channel.OPEN
        if of_stratum != stratum or (clustered and not cluster):
            return None
        return stratum, cluster, DOORS.index(channel.value)

    def put(self, place: Place, content: Content, units: Mapping[str, int]) -> bool:
        """Add a ballot; False if it speaks of a unit or gives an answer that nobody knows."""
        try:
            why = self._reasons(content.get("missing", {}))
            cells = b"".join(
                [
                    units[unit].to_bytes(UNIT_BYTES, "big")
                    + bytes(
                        [
                            choices[said[question]] if question in said else why[question, unit]
                            for question, choices in self.questions
                        ]
                    )
                    for unit, said in content["units"].items()
                ]
            )
        except KeyError:
            return False
        self.ballots.append((place, cells))
        return True

    def _reasons(self, missing: Mapping[str, Sequence[str]]) -> Mapping[tuple[str, str], int]:
        """Return question and unit → why there is no answer, 0 where nothing was said of it."""
        found: Counter[tuple[str, str]] = Counter()
        choices = {question: len(known) - 1 for question, known in self.questions}
        for reason, places in missing.items():
            for place in places if reason != Missing.BLANK else ():
                question, _, unit = place.partition("/")
                if question in choices:
                    found[question, unit] = reason_codes(choices[question])[reason]
        return found

    def laid_out(self, units: list[str]) -> GroupData:
        """Return the data of the group; `units` are in the order of their numbers."""
        self.count()
        rows = _rows(self, units)
        for item in self.about["items"]:
            choices = len(item["codes"])
            for code in np.unique(rows[item["code"]]).tolist():
                if code > choices:
                    item["codes"][str(code)] = described_reason(REASONS[code - choices - 1])
        return GroupData(self.about, rows)

    def count(self) -> None:
        """Order the ballots by content, and note how many came from where."""
        _count(self)

    def weights(self) -> dict[Place, str]:
        """Return the exact base weight of the ballots of a place, once they are counted."""
        weights, clustered = _weights(self.about), self.about["sampling"] == CLUSTERED
        return {
            (s, c, d): str(weights[s, c if clustered else 0]) if DOORS[d] != OPEN_DOOR else "1"
            for s, c, d in {where for where, _ in self.ballots}
        }

    def labels(self, place: Place) -> dict[str, str | None]:
        """Return door, stratum and cluster of a place by their codes."""
        stratum, cluster = self.about["strata"][place[0]], place[1]
        home = stratum["clusters"][cluster - 1]["code"] if cluster else None
        return {CHANNEL: DOORS[place[2]], STRATUM: stratum["code"], CLUSTER: home}

    def misfits(self) -> Iterator[Problem]:
        """Yield the strata and clusters with more ballots than people, or more PSUs than drawn."""
        return _misfits(self.about)


def piles(session: Session, campaign: Campaign) -> Iterator[Pile]:
    """Yield an empty pile for each group of a campaign."""
    for entry in queries.groups(session, campaign):
        document = parse(entry.version.document)
        asked = coded(document)
        strata = _strata(session, entry)
        clusters = _clusters(session, strata)
        yield Pile(
            about=_about(entry, document, asked, strata, clusters, _clients(session, entry)),
            version_id=entry.version_id,
            document=document,
            questions=[(v.code, codes_of(v)) for v in asked],
            strata={stratum.id: number for number, stratum in enumerate(strata)},
            clusters={
                cluster.id: (number, place)
                for number, stratum in enumerate(strata)
                for place, cluster in enumerate(clusters[stratum.id], 1)
            },
        )


def _clients(session: Session, entry: CampaignGroup) -> set[int]:
    """Return the blocks whose units are rated by the people they served, not by members."""
    rated = select(Rating.block_id).where(
        Rating.campaign_id == entry.campaign_id,
        Rating.group_id == entry.group_id,
        Rating.scope == Scope.OWN,
    )
    return set(session.scalars(rated))


def _strata(session: Session, entry: CampaignGroup) -> list[Stratum]:
    return list(
        session.scalars(
            select(Stratum)
            .where(Stratum.campaign_id == entry.campaign_id, Stratum.group_id == entry.group_id)
            .order_by(Stratum.code)
        )
    )


def _clusters(session: Session, strata: list[Stratum]) -> dict[int, list[Cluster]]:
    found: dict[int, list[Cluster]] = {stratum.id: [] for stratum in strata}
    wanted = select(Cluster).where(Cluster.stratum_id.in_(found)).order_by(Cluster.code)
    for cluster in session.scalars(wanted):
        found[cluster.stratum_id].append(cluster)
    return found


def _about(
    entry: CampaignGroup,
    document: Document,
    asked: Sequence[Variable],
    strata: list[Stratum],
    clusters: Mapping[int, list[Cluster]],
    clients: set[int],
) -> dict[str, Any]:
    version = entry.version
    return {
        "code": entry.group.code,
        "sampling": entry.sampling.value,
        "questionnaire": {
            "code": document.code,
            "version": version.number,
            "checksum": version.checksum,
        },
        "items": [described(variable) for variable in asked],
        "strata": [
            {
                "code": stratum.code,
                "unit": stratum.unit.code if stratum.unit else None,
                "clients": bool(stratum.unit and stratum.unit.block_id in clients),
                "population": stratum.population_size,
                "sampled": stratum.sampled,
                "clusters": [
                    {"code": cluster.code, "population": cluster.population_size}
                    for cluster in clusters[stratum.id]
                ],
            }
            for stratum in strata
        ],
    }


def _count(group: Pile) -> None:
    """Write into the group's strata and clusters how many ballots each received."""
    group.ballots.sort()  # by content: the order of arrival ends here
    received = Counter(place for place, _ in group.ballots)
    for number, stratum in enumerate(group.about["strata"]):
        doors = Counter(dict.fromkeys(DOORS, 0))
        inside: Counter[int] = Counter()
        for (of_stratum, cluster, door), count in received.items():
            if of_stratum == number:
                doors[DOORS[door]] += count
                inside[cluster] += count if DOORS[door] != OPEN_DOOR else 0
        stratum["received"] = dict(doors)
        for place, cluster in enumerate(stratum["clusters"], 1):
            cluster["received"] = inside[place]


def _misfits(about: Mapping[str, Any]) -> Iterator[Problem]:
    clustered = about["sampling"] == CLUSTERED
    more = N_("Có %(received)s phiếu nhưng quy mô chỉ là %(size)s; hãy sửa quy mô của tầng.")
    for stratum in about["strata"]:
        parts = stratum["clusters"] if clustered else [stratum]
        for part in parts:
            received = part["received"] if clustered else answered(part)
            if part["population"] is not None and received > part["population"]:
                place = "/".join(dict.fromkeys((about["code"], stratum["code"], part["code"])))
                values = {"received": received, "size": part["population"]}
                yield Problem(place, "population", more, values)
        with_ballots = sum(1 for part in parts if clustered and part["received"])
        if with_ballots > stratum["sampled"]:
            text = N_("Có phiếu từ %(received)s cụm nhưng chỉ chọn %(size)s cụm.")
            values = {"received": with_ballots, "size": stratum["sampled"]}
            yield Problem(f"{about['code']}/{stratum['code']}", "sampled", text, values)


def _weights(about: Mapping[str, Any]) -> dict[tuple[int, int], Fraction]:
    """Return the exact base weight of a ballot by numbers of stratum and cluster."""
    one = Fraction(1)
    present = [(n, s) for n, s in enumerate(about["strata"]) if answered(s)]
    known = all(stratum["population"] is not None for _, stratum in present)
    if about["sampling"] != CLUSTERED:
        return {
            (n, 0): Fraction(s["population"], answered(s)) if known else one for n, s in present
        }
    parts = [(c, p) for _, s in present for c, p in enumerate(s["clusters"], 1) if p["received"]]
    sizes_known = all(part["population"] is not None for _, part in parts)
    weights = {}
    for n, stratum in present:
        first = Fraction(stratum["population"], stratum["sampled"]) if known else one
        for c, part in enumerate(stratum["clusters"], 1):
            if part["received"]:
                second = Fraction(part["population"], part["received"]) if sizes_known else one
                weights[n, c] = first * second
    return weights


def _rows(group: Pile, units: list[str]) -> pd.DataFrame:
    """Return the group's table, in the order of content."""
    width = UNIT_BYTES + len(group.questions)
    table = np.frombuffer(b"".join(cells for _, cells in group.ballots), dtype=np.uint8)
    table = table.reshape(-1, width)
    sizes = [len(cells) // width for _, cells in group.ballots]
    place = np.array([where for where, _ in group.ballots], dtype=np.int64).reshape(-1, 3)
    stratum, cluster, door = np.repeat(place, sizes, axis=0).T
    about = group.about
    by_place = group.weights()
    weight = np.array([by_place[where] for where, _ in group.ballots], dtype=object)
    named = table[:, 0].astype(np.int64) * 256 + table[:, 1]
    codes = [s["code"] for s in about["strata"]]
    homes = [None if s["clients"] else s["unit"] for s in about["strata"]]
    labels = [[None, *(c["code"] for c in s["clusters"])] for s in about["strata"]]
    pairs = {(s, c): labels[s][c] for s, c, _ in by_place}
    columns: dict[str, Any] = {
        BALLOT: np.repeat(np.arange(len(sizes), dtype=np.int64), sizes),
        CHANNEL: _labels(list(DOORS), door),
        STRATUM: _labels(codes, stratum),
        CLUSTER: pd.Series(
            [pairs[s, c] for s, c in zip(stratum.tolist(), cluster.tolist(), strict=True)],
            dtype=object,
        ),
        RATER_UNIT: _labels(homes, stratum),
        UNIT: _labels(units, named),
        WEIGHT: pd.Series(np.repeat(weight, sizes), dtype=object),
    }
    for number, (question, _) in enumerate(group.questions):
        columns[question] = table[:, UNIT_BYTES + number]
    return pd.DataFrame(columns)


def _labels(names: list[Any], numbers: np.ndarray[Any, Any]) -> pd.Series[Any]:
    return pd.Series(np.array(names, dtype=object)[numbers], dtype=object)
