"""What a stored campaign can be expected to tell, before anybody is asked.

Synthetic people answer the campaign's own questionnaires through routing and kinds; their ballots
are laid out and scored by the code that real ballots meet. No ballot is ever stored.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

import numpy as np

from analysis.errors import AnalysisError
from analysis.index.result import IndexResult
from analysis.index.scheme import IndexScheme
from analysis.planning.forecast import Forecast, Observation, Wave, observe, summarise
from analysis.planning.scales import Scale, fitting
from analysis.planning.simulation import check_run, seeds
from analysis.planning.superpopulation import Crowd, Superpopulation
from survey.ballotbox.matrix import rated_units
from survey.dataset import queries as scoring
from survey.dataset.piles import Pile, Place, piles
from survey.dataset.record import Dataset
from survey.dataset.scheme import exemptions, feeding_of, of_block
from survey.dataset.statistics import ByGroup, Statistics, of_groups
from survey.db import Session
from survey.errors import N_, ConflictError, InvalidError, Problem
from survey.fieldwork import queries
from survey.model.ballot import Channel
from survey.model.campaign import Anonymity, Campaign, CampaignGroup, Sampling
from survey.model.organisation import Block
from survey.questionnaire import synthetic
from survey.questionnaire.document import Variable
from survey.questionnaire.synthetic import Form

INVALID = N_("Không mô phỏng được đợt điều tra này.")
ASKED = N_("Giá trị “%(value)s” không dùng được ở đây.")
Places = np.ndarray[Any, np.dtype[np.float64]]


@dataclass(frozen=True)
class Expectation:
    """What a block can expect of a campaign."""

    block: Block
    names: Mapping[str, str]  # unit → name
    maximum: float
    forecast: Forecast


@dataclass(frozen=True)
class _Spot:
    """A stratum, or a cluster of it: where people are asked, and about whom."""

    place: Place
    form: Form
    invited: int


@dataclass(frozen=True)
class _Asked:
    """A group: its empty pile, its spots, and the questions that rate units."""

    pile: Pile
    spots: tuple[_Spot, ...]
    questions: tuple[str, ...]
    crowd: Crowd


@dataclass(frozen=True)
class _Block:
    """A block: its scheme, its units, and what does not apply to them."""

    block: Block
    scheme: IndexScheme
    names: Mapping[str, str]  # unit → name
    exempt: tuple[tuple[str, str], ...]

    def score(self, statistics: ByGroup) -> IndexResult:
        """Score a wave as a run does."""
        asked = {leaf.code for leaf in self.scheme.leaves}
        return self.scheme.score(
            of_groups(statistics, self.scheme.groups),
            units=list(self.names),
            not_applicable=[(unit, leaf) for unit, leaf in self.exempt if leaf in asked],
        )


def simulate(
    session: Session,
    campaign: Campaign,
    model: Superpopulation,
    *,
    replications: int,
    seed: int,
    change: float | None = None,
    per_cluster: int | None = None,
) -> list[Expectation]:
    """Return what each block can expect of a campaign, after so many simulated waves.

    `change` is a true change of every unit, in points of 100 of the maximum, that a second wave of
    the same design is to find. Raises `InvalidError` with everything that is missing, and
    `ConflictError` where nobody is drawn.
    """
    if campaign.anonymity == Anonymity.OPEN:
        raise ConflictError(
            N_("Phiếu qua liên kết mở không có thiết kế mẫu nên không có khoảng tin cậy để dự báo.")
        )
    try:
        check_run(model, replications, change)
        blocks = tuple(_blocks(session, campaign))
        groups = tuple(_groups(session, campaign, model, per_cluster))
        plan = _Plan(campaign.code, groups, blocks, model, change)
        seen = [plan.observe(one) for one in np.random.SeedSequence(seed).spawn(replications)]
    except AnalysisError as error:
        raise _refusal(error) from error
    return [
        Expectation(
            part.block,
            part.names,
            float(part.scheme.maximum),
            summarise([one[place] for one in seen], seed=seed, change=change),
        )
        for place, part in enumerate(blocks)
    ]


def read_model(raw: Any) -> Superpopulation:
    """Return the model that a JSON file describes; what it leaves out has its default."""
    try:
        return Superpopulation.from_dict(raw if isinstance(raw, dict) else {"": raw})
    except AnalysisError as error:
        raise _refusal(error) from error


def _refusal(error: AnalysisError) -> InvalidError:
    """Return the error of the analysis as one of the platform, with its place."""
    place = str(error.attributes.get("argument") or error.attributes.get("unit") or error.code)
    value = error.attributes.get("value")
    text = error.message.replace("%", "%%") if value is None else ASKED
    return InvalidError([Problem(place, error.code, text, {"value": value})], INVALID)


def _blocks(session: Session, campaign: Campaign) -> list[_Block]:
    problems: list[Problem] = []
    feeding = [feeding_of(entry) for entry in scoring.groups(session, campaign)]
    found = []
    for block in scoring.blocks(session, campaign):
        part = of_block(session, campaign, block, feeding, problems)
        if part is not None and part.scheme is not None:
            scheme = IndexScheme.from_dict(part.scheme)
            exempt = tuple((e["unit"], e["leaf"]) for e in exemptions(session, block, part))
            found.append(_Block(block, scheme, {u.code: u.name for u in part.units}, exempt))
    if not found and not problems:
        text = N_("Đợt điều tra không có câu hỏi nào cho điểm một tiêu chí.")
        problems.append(Problem(campaign.code, "no-feed", text))
    if problems:
        raise InvalidError(problems, INVALID)
    return found


def _groups(
    session: Session, campaign: Campaign, model: Superpopulation, per_cluster: int | None
) -> Iterator[_Asked]:
    """Yield every group that rates anybody."""
    entries = {entry.group.code: entry for entry in scoring.groups(session, campaign)}
    for pile in piles(session, campaign):
        entry = entries[pile.about["code"]]
        spots = tuple(_spots(session, campaign, entry, pile, per_cluster))
        asked = {v.code: v for spot in spots for v in spot.form.scored}
        if asked:
            scales = [_scale(variable, model) for variable in asked.values()]
            yield _Asked(pile, spots, tuple(asked), Crowd(model, scales))


def _scale(variable: Variable, model: Superpopulation) -> Scale:
    worth = tuple(synthetic.coefficients(variable))
    if len(worth) < 2:
        text = N_("Câu hỏi chỉ có một hệ số điểm nên không mô phỏng được.")
        raise InvalidError([Problem(variable.code, "one-coefficient", text)], INVALID)
    return fitting(worth, model.mean, model.sd)


def _spots(
    session: Session,
    campaign: Campaign,
    entry: CampaignGroup,
    pile: Pile,
    per_cluster: int | None,
) -> Iterator[_Spot]:
    """Yield where people of a group are asked."""
    clustered = entry.sampling == Sampling.CLUSTER
    if clustered and (per_cluster is None or per_cluster < 1):
        message = N_("Đợt điều tra có mẫu cụm: cần số mã cho mỗi cụm.")
        raise InvalidError([Problem("per_cluster", "per-cluster", message)], INVALID)
    for stratum, clusters in queries.sample_of(session, entry):
        units = [unit.code for unit in rated_units(session, campaign, stratum)]
        form = Form(pile.document, units)
        many = per_cluster or 0
        people = (
            {c.id: min(many, c.population_size or many) for c in clusters}
            if clustered
            else {None: stratum.sampled}
        )
        for cluster_id, invited in people.items():
            place = pile.place(stratum.id, cluster_id, Channel.CODE)
            if place is not None and units and invited:
                yield _Spot(place, form, invited)


@dataclass(frozen=True)
class _Plan:
    """Everything that stays the same from wave to wave."""

    campaign: str
    groups: tuple[_Asked, ...]
    blocks: tuple[_Block, ...]
    model: Superpopulation
    change: float | None

    @property
    def units(self) -> tuple[str, ...]:
        """Return every unit that anybody rates."""
        rated = {unit for group in self.groups for spot in group.spots for unit in spot.form.units}
        return tuple(sorted(rated))

    def observe(self, truth: np.random.SeedSequence) -> list[Observation]:
        """Simulate a wave, and a later one where a change is asked about; block by block."""
        means, first, second = seeds(truth)
        now = self._wave(means, first, 0.0)
        shift = self.change or 0.0
        later = [None] * len(now) if self.change is None else self._wave(means, second, shift)
        return [
            observe(wave, after, rise=shift >= 0) for wave, after in zip(now, later, strict=True)
        ]

    def _wave(
        self, means: np.random.SeedSequence, people: np.random.SeedSequence, shift: float
    ) -> Sequence[Wave]:
        levels, random = np.random.default_rng(means), np.random.default_rng(people)
        true = self.model.true_means(self.units, levels) + shift / 100
        numbers = {unit: number for number, unit in enumerate(self.units)}
        data = []
        for group in self.groups:
            of_questions = self.model.questions(true, len(group.questions), levels)
            places = group.crowd.places(of_questions)
            pile = group.pile.emptied()
            for spot in group.spots:
                _ask(group, spot, pile, numbers, places, random)
            data.append(pile.laid_out(list(self.units)))
        statistics = Statistics(Dataset(self.campaign, is_generated=True, groups=tuple(data)))
        return [
            Wave(block.score(statistics.finite), block.score(statistics.superpopulation))
            for block in self.blocks
        ]


def _ask(
    group: _Asked,
    spot: _Spot,
    pile: Pile,
    numbers: Mapping[str, int],
    places: Places,
    random: np.random.Generator,
) -> None:
    """Let those who answer at a spot hand in their ballots."""
    crowd, form = group.crowd, spot.form
    people = int((random.random(spot.invited) < crowd.model.response).sum())
    is_cluster = spot.place[1] > 0
    psu = np.zeros(people, dtype=np.int64) if is_cluster else np.arange(people)
    said = crowd.opinions(places[[numbers[unit] for unit in form.units]], psu, random)
    # Items stand question by question, opinions unit by unit.
    at = [group.questions.index(variable.code) for variable in form.scored]
    values, blanks, unknown = (
        part[:, :, at].swapaxes(1, 2).reshape(people, -1).tolist() for part in said
    )
    chance = Random(int(random.integers(2**63)))  # noqa: S311 -- made-up answers hold no secret
    for person in range(people):
        answers = zip(form.items, values[person], blanks[person], unknown[person], strict=True)
        raw = form.background(chance) | {
            item.key: item.unknown(value) if is_unknown else item.nearest(value)
            for item, value, is_blank, is_unknown in answers
            if item.is_required or not is_blank
        }
        if raw:
            pile.put(spot.place, form.ballot(raw), numbers)
