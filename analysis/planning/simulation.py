"""Simulating a campaign before it is held: synthetic people, the real scheme, the real design."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from analysis.design import Inference, Lonely, StratumFrame, SurveyDesign
from analysis.errors import DesignError
from analysis.index.leaves import Question
from analysis.index.result import IndexResult
from analysis.index.scheme import IndexScheme
from analysis.planning.arguments import is_whole
from analysis.planning.forecast import Forecast, Observation, Wave, observe, summarise
from analysis.planning.scales import fitting
from analysis.planning.superpopulation import Crowd, Opinions, Superpopulation
from analysis.totals import Codebook, GroupStatistics, Meaning, aggregate
from analysis.weights import Floats, Ints

DONT_KNOW = 255  # code of "don't know" in simulated answers


@dataclass(frozen=True, kw_only=True, slots=True)
class StratumSample:
    """How the people of one stratum are drawn, and whom they rate.

    Parameters
    ----------
    code : its name
    units : units that each of its people rates
    invited : persons drawn; in a cluster sample persons drawn in each PSU
    population : persons there are, or PSUs; None if large
    psus : PSUs drawn; 0 in a sample of persons
    """

    code: str
    units: tuple[str, ...]
    invited: int
    population: int | None = None
    psus: int = 0


GroupSample = Sequence[StratumSample]


def simulate(
    scheme: IndexScheme,
    groups: Mapping[str, GroupSample],
    model: Superpopulation,
    *,
    replications: int = 100,
    seed: int = 1,
    change: float | None = None,
    level: float = 0.95,
) -> Forecast:
    """Simulate a campaign many times and see what its results can be expected to tell.

    Parameters
    ----------
    scheme : the scheme that will score it
    groups : respondent group to the strata that its people are drawn from
    model : what is believed of units and people
    replications : waves simulated, R; shares have an error of at most 0.5/sqrt(R)
    seed : whole number of 0 or more
    change : a true change of every unit, in points of 100 of the maximum, that a second wave of
        the same design is to find
    level : probability of cover

    Returns
    -------
    Forecast

    Raises
    ------
    DesignError
        if a group is unknown to the scheme, a number is out of range, or a changed mean would
        leave the scale

    Notes
    -----
    Each wave draws true means of units (unless known), people who answer, and their answers;
    `IndexScheme.score` turns them into points with the declared design. Half-widths are of the
    logit-t interval with finite correction; change and bands rest on the superpopulation, as
    results do. Both waves of a change have the same true means but for the change, and
    independent people.

    References
    ----------
    Särndal, Swensson and Wretman (1992), Model Assisted Survey Sampling, sec. 12.2.

    Examples
    --------
    >>> scheme = IndexScheme.from_dict({"leaves": [{"code": "1.1", "points": "2", "groups": [
    ...     {"group": "staff", "questions": [
    ...         {"item": "q1", "coefficients": {"1": "1", "2": "0.5", "3": "0"}}]}]}]})
    >>> strata = [StratumSample(code="s", units=("A", "B"), invited=200, population=1000)]
    >>> found = simulate(scheme, {"staff": strata}, Superpopulation(), replications=5)
    >>> found.table["half_width"].between(0.05, 0.12).tolist()
    [True, True]
    """
    _check(scheme, groups, model, replications, change)
    forms = {name: _form(scheme, name, model) for name in groups}
    units = tuple(sorted({u for strata in groups.values() for s in strata for u in s.units}))
    observations = [
        _observe(scheme, groups, forms, units, model, truth, change, level)
        for truth in np.random.SeedSequence(seed).spawn(replications)
    ]
    return summarise(observations, seed=seed, level=level, change=change)


def _check(
    scheme: IndexScheme,
    groups: Mapping[str, GroupSample],
    model: Superpopulation,
    replications: int,
    change: float | None,
) -> None:
    strangers = sorted(set(groups) - set(scheme.groups))
    if strangers or not groups:
        raise DesignError(
            "unknown_group",
            f"The scheme asks nothing of group {strangers[0]!r}." if strangers else "No group.",
            f"It asks {', '.join(scheme.groups)}.",
            group=strangers[0] if strangers else None,
        )
    check_run(model, replications, change)


def check_run(model: Superpopulation, replications: int, change: float | None) -> None:
    """Refuse a number of replications below 1 and a change that leaves the scale."""
    if not is_whole(replications) or replications < 1:
        raise DesignError(
            "bad_plan",
            f"replications is {replications!r}.",
            "Give a whole number of 1 or more.",
            argument="replications",
            value=replications,
        )
    levels = [model.mean, *model.levels.values()]
    outside = [level for level in levels if change and not 0 < level + change / 100 < 1]
    if outside:
        raise DesignError(
            "bad_plan",
            f"A mean of {100 * outside[0]:g} points of 100 cannot change by {change:g}.",
            "Ask for a smaller change, or one downwards.",
            argument="change",
            value=change,
        )


def seeds(truth: np.random.SeedSequence) -> tuple[np.random.SeedSequence, ...]:
    """Seeds of one replication: of true means, of the people, of the later wave's people."""
    return tuple(truth.spawn(3))


def _observe(
    scheme: IndexScheme,
    groups: Mapping[str, GroupSample],
    forms: Mapping[str, "_Form"],
    units: tuple[str, ...],
    model: Superpopulation,
    truth: np.random.SeedSequence,
    change: float | None,
    level: float,
) -> Observation:
    means, first, second = seeds(truth)

    def wave(people: np.random.SeedSequence, shift: float) -> Wave:
        levels = np.random.default_rng(means)
        true = model.true_means(units, levels) + shift
        rows = {}
        random = np.random.default_rng(people)
        for name, strata in groups.items():
            of_questions = model.questions(true, len(forms[name].items), levels)
            places = forms[name].crowd.places(of_questions)
            rows[name] = _answers(strata, forms[name], units, places, random)
        return Wave(*(_score(scheme, groups, forms, units, rows, kind) for kind in _KINDS))

    later = None if change is None else wave(second, change / 100)
    return observe(wave(first, 0.0), later, rise=(change or 0) >= 0, level=level)


_KINDS = (Inference.FINITE, Inference.SUPERPOPULATION)


@dataclass(frozen=True, eq=False)
class _Form:
    """What a group is asked: items, their scales, and the code of each place on a scale."""

    items: tuple[str, ...]
    crowd: Crowd
    codes: tuple[Ints, ...]
    codebook: Codebook

    def written(self, said: Opinions) -> Ints:
        """(n, U, Q) codes of what people say."""
        codes = np.zeros(said.value.shape, dtype=np.int64)
        for q, scale in enumerate(self.crowd.scales):
            codes[:, :, q] = self.codes[q][scale.nearest(said.value[:, :, q])]
        codes[said.dont_know] = DONT_KNOW
        codes[said.blank] = 0
        return codes


def _form(scheme: IndexScheme, group: str, model: Superpopulation) -> _Form:
    asked: dict[str, Question] = {
        question.item: question
        for leaf in scheme.leaves
        for part in leaf.groups
        if part.group == group
        for question in part.questions
    }
    scales, codes, book = [], [], {}
    for item, question in asked.items():
        worth = {float(value): code for code, value in reversed(question.coefficients)}
        scale = fitting(tuple(sorted(worth)), model.mean, model.sd)
        scales.append(scale)
        codes.append(np.array([worth[value] for value in scale.values.tolist()]))
        choices = dict.fromkeys((code for code, _ in question.coefficients), Meaning.CHOICE)
        book[item] = choices | {DONT_KNOW: choices.get(DONT_KNOW, Meaning.DONT_KNOW)}
    return _Form(tuple(asked), Crowd(model, scales), tuple(codes), Codebook(book))


def _answers(
    strata: GroupSample,
    form: _Form,
    units: Sequence[str],
    places: Floats,
    random: np.random.Generator,
) -> pd.DataFrame:
    """The answers of one group: one row a person and unit."""
    tables = list(_strata(strata, form, units, places, random))
    whole = pd.concat(tables, ignore_index=True)
    return whole.assign(ballot=whole.stratum + "/" + whole.ballot.astype(str))


def _strata(
    strata: GroupSample,
    form: _Form,
    units: Sequence[str],
    places: Floats,
    random: np.random.Generator,
) -> Iterator[pd.DataFrame]:
    for stratum in strata:
        drawn = np.repeat(np.arange(max(stratum.psus, 1)), stratum.invited)
        psu = drawn[random.random(len(drawn)) < form.crowd.model.response]
        people = np.arange(len(psu))
        rated = [units.index(unit) for unit in stratum.units]
        home = psu if stratum.psus else people
        codes = form.written(form.crowd.opinions(places[rated], home, random))
        size = stratum.psus or max(len(people), 1)
        columns: dict[str, Any] = {
            "stratum": stratum.code,
            "psu": np.repeat(psu, len(rated)),
            "ballot": np.repeat(people, len(rated)),
            "unit": np.tile(np.array(stratum.units, dtype=object), len(people)),
            "weight": (stratum.population or size) / size,
        }
        columns |= {item: codes[:, :, q].ravel() for q, item in enumerate(form.items)}
        yield pd.DataFrame(columns)


def _score(
    scheme: IndexScheme,
    groups: Mapping[str, GroupSample],
    forms: Mapping[str, _Form],
    units: tuple[str, ...],
    rows: Mapping[str, pd.DataFrame],
    kind: Inference,
) -> IndexResult:
    statistics: dict[str, GroupStatistics] = {}
    for name, strata in groups.items():
        design = _design(strata, rows[name], kind)
        statistics[name] = aggregate(rows[name], design, forms[name].codebook, units=units)
    return scheme.score(statistics, units=units)


def _design(strata: GroupSample, rows: pd.DataFrame, kind: Inference) -> SurveyDesign:
    """The design as it came about; PSUs stand for very many, as ultimate clusters."""
    came = rows.groupby("stratum").ballot.nunique()
    clustered = any(stratum.psus for stratum in strata)
    return SurveyDesign(
        weight="weight",
        strata="stratum",
        psu="psu" if clustered else None,
        ballot="ballot",
        frame={
            s.code: StratumFrame(s.psus)
            if clustered
            else StratumFrame(int(came[s.code]), s.population)
            for s in strata
            if s.code in came.index
        },
        lonely=Lonely.CENTER,
        inference=kind,
    )
