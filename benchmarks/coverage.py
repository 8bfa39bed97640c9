"""How often nominal 95 % intervals, rank sets and tests of change hold, over designs of all kinds.

    python benchmarks/coverage.py [--samples 800] [--write FOLDER] [--only NAME …]

For each design a population is made once; samples are drawn from it as the design says and go
through the same functions as real answers. The truth is that of the finite population, and so is
the inference. Counted are: units whose true points lie in their logit-t interval; samples in
which every true rank lies in its simultaneous rank set, and units whose true rank lies in its
marginal set; units whose change between two waves of equal truth has an interval that holds 0.
Seeds are fixed: the same command gives the same figures.
"""

import argparse
import json
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy import special

from analysis import Codebook, IndexResult, IndexScheme, SurveyDesign, aggregate

Generator = np.random.Generator
ITEMS = ("q1", "q2", "q3")
POINTS = ("2", "1.5", "1")
TABLE = {"1": "0", "2": "0.25", "3": "0.5", "4": "0.75", "5": "1"}
BOOK = Codebook(dict.fromkeys(ITEMS, dict.fromkeys(range(1, 6), "choice")))


@dataclass(frozen=True)
class Study:
    """A population, and how it is sampled.

    `draw` takes the population and a generator and returns the sampled rows with their weights.
    """

    name: str
    says: str
    design: SurveyDesign
    people: Callable[[Generator], pd.DataFrame]
    draw: Callable[[pd.DataFrame, Generator], pd.DataFrame]
    blanks: float = 0.03


def answers(level: np.ndarray, random: Generator) -> pd.DataFrame:
    """Five-point answers to three items around each person's level, in [0, 1] on average."""
    person = random.normal(0, 0.8, len(level))
    columns = {}
    for item in ITEMS:
        latent = special.logit(level) + person + random.normal(0, 0.8, len(level))
        columns[item] = 1 + random.binomial(4, special.expit(latent))
    return pd.DataFrame(columns, dtype=np.uint8)


def clustered(
    units: int = 6,
    strata: int = 4,
    psus: int = 40,
    persons: int = 60,
    low: float = 0.45,
    high: float = 0.75,
    spread: float = 0.35,
) -> Callable[[Generator], pd.DataFrame]:
    """Units that lie in strata of PSUs of persons; PSUs differ by `spread` on the logit scale."""

    def make(random: Generator) -> pd.DataFrame:
        unit = np.repeat(np.arange(units), strata * psus * persons)
        stratum = np.tile(np.repeat(np.arange(strata), psus * persons), units)
        psu = np.repeat(np.arange(units * strata * psus), persons)
        shift = random.normal(0, spread, units * strata * psus)[psu]
        centre = np.linspace(low, high, units)[unit]
        level = special.expit(special.logit(centre) + shift + 0.15 * (stratum - strata / 2))
        people = answers(level, random)
        people["unit"] = np.char.add("U", unit.astype(str))
        people["stratum"] = unit * strata + stratum
        people["psu"] = psu
        return people

    return make


def take_psus(n: int, m: int) -> Callable[[pd.DataFrame, Generator], pd.DataFrame]:
    """n PSUs of each stratum and m persons in each, all at random without replacement."""

    def draw(people: pd.DataFrame, random: Generator) -> pd.DataFrame:
        frame = people.groupby("psu").stratum.first()
        sizes = frame.value_counts()
        order = frame.sample(frac=1, random_state=random)
        psus = order.groupby(order).head(n)
        persons = people[people.psu.isin(psus.index)].sample(frac=1, random_state=random)
        inside = persons.groupby("psu").psu.transform("size").groupby(persons.psu).first()
        rows = persons.groupby("psu").head(m)
        whole = rows.psu.map(inside)
        taken = rows.groupby("psu").psu.transform("size")
        n_psu = rows.stratum.map(sizes)
        return rows.assign(w=n_psu / n * whole / taken, psus=n_psu, size=whole)

    return draw


def take_persons(n: int) -> Callable[[pd.DataFrame, Generator], pd.DataFrame]:
    """n persons of each stratum at random without replacement."""

    def draw(people: pd.DataFrame, random: Generator) -> pd.DataFrame:
        sizes = people.stratum.value_counts()
        rows = people.sample(frac=1, random_state=random).groupby("stratum").head(n)
        whole = rows.stratum.map(sizes)
        return rows.assign(w=whole / n, persons=whole)

    return draw


def take_unequal(n: int, m: int) -> Callable[[pd.DataFrame, Generator], pd.DataFrame]:
    """n PSUs of each stratum with replacement, likelier the larger; m persons in each draw."""

    def draw(people: pd.DataFrame, random: Generator) -> pd.DataFrame:
        rows = []
        for _, inside in people.groupby("stratum"):
            size = inside.psu.value_counts()
            chosen = random.choice(size.index, n, p=size / size.sum())
            by_psu = inside.groupby("psu").indices
            for place, psu in enumerate(chosen):
                at = random.choice(by_psu[psu], min(m, len(by_psu[psu])), replace=False)
                rows.append(inside.iloc[at].assign(psu=f"{psu}-{place}", w=len(inside) / n / m))
        return pd.concat(rows)

    return draw


def uneven(make: Callable[[Generator], pd.DataFrame]) -> Callable[[Generator], pd.DataFrame]:
    """The same people, but PSUs of very different size."""

    def thinned(random: Generator) -> pd.DataFrame:
        people = make(random)
        share = random.uniform(0.15, 1, people.psu.max() + 1)
        return people[random.random(len(people)) < share[people.psu]].reset_index(drop=True)

    return thinned


def raters(
    units: int = 8, persons: int = 400, low: float = 0.5, high: float = 0.72
) -> Callable[[Generator], pd.DataFrame]:
    """Everybody scores every unit; a person's mood is in all of their answers."""

    def make(random: Generator) -> pd.DataFrame:
        rater = np.repeat(np.arange(persons), units)
        unit = np.tile(np.arange(units), persons)
        mood = random.normal(0, 0.7, persons)[rater]
        level = special.expit(special.logit(np.linspace(low, high, units)[unit]) + mood)
        people = answers(level, random)
        people["unit"] = np.char.add("U", unit.astype(str))
        people["stratum"], people["psu"] = 0, rater
        return people

    return make


def take_raters(n: int) -> Callable[[pd.DataFrame, Generator], pd.DataFrame]:
    """n raters at random, with all that they say."""

    def draw(people: pd.DataFrame, random: Generator) -> pd.DataFrame:
        all_of_them = people.psu.nunique()
        chosen = random.choice(all_of_them, n, replace=False)
        return people[people.psu.isin(chosen)].assign(w=all_of_them / n, psus=all_of_them)

    return draw


CLUSTERS = SurveyDesign(strata="stratum", psu="psu", weight="w")
ONE_STAGE = SurveyDesign(strata="stratum", psu="psu", weight="w", fpc="psus")
TWO_STAGES = SurveyDesign(strata="stratum", psu="psu", weight="w", fpc="psus", psu_size="size")
PERSONS = SurveyDesign(strata="stratum", weight="w", fpc="persons")

STUDIES = (
    Study(
        "elements-60",
        "60 persons of each of 4 strata a unit",
        PERSONS,
        clustered(spread=0.0, psus=4, persons=250),
        take_persons(60),
    ),
    Study(
        "elements-10",
        "10 persons a unit, one stratum",
        PERSONS,
        clustered(strata=1, psus=4, persons=250, spread=0.0),
        take_persons(10),
    ),
    Study(
        "elements-10-near-maximum",
        "10 persons a unit, scores of 88 to 96 %",
        PERSONS,
        clustered(strata=1, psus=4, persons=250, spread=0.0, low=0.88, high=0.96),
        take_persons(10),
    ),
    Study(
        "two-psus-a-stratum",
        "2 PSUs in each of 8 strata a unit, 15 persons each",
        CLUSTERS,
        clustered(strata=8, psus=40),
        take_psus(2, 15),
    ),
    Study(
        "five-psus-a-stratum",
        "5 PSUs in each of 4 strata, 15 persons each",
        CLUSTERS,
        clustered(),
        take_psus(5, 15),
    ),
    Study(
        "near-maximum",
        "5 PSUs in each of 4 strata, scores of 90 to 97 %",
        CLUSTERS,
        clustered(low=0.90, high=0.97),
        take_psus(5, 15),
    ),
    Study(
        "strong-clusters",
        "10 PSUs of one stratum, 30 persons each, PSUs far apart",
        CLUSTERS,
        clustered(strata=1, psus=120, spread=0.8),
        take_psus(10, 30),
    ),
    Study(
        "blanks-30",
        "5 PSUs in each of 4 strata, 30 % of the answers blank",
        CLUSTERS,
        clustered(),
        take_psus(5, 15),
        blanks=0.3,
    ),
    Study(
        "one-stage-fpc",
        "half of the PSUs, everybody in them",
        ONE_STAGE,
        clustered(psus=16, persons=20),
        take_psus(8, 20),
    ),
    Study(
        "two-stage-fpc",
        "half of the PSUs, a third of their persons",
        TWO_STAGES,
        clustered(psus=16, persons=36),
        take_psus(8, 12),
    ),
    Study(
        "unequal-psus",
        "8 PSUs of each stratum, likelier the larger, with replacement",
        CLUSTERS,
        uneven(clustered(strata=2, psus=60)),
        take_unequal(8, 10),
    ),
    Study(
        "unequal-weights",
        "PSUs of very different size, equal chance: weights vary",
        CLUSTERS,
        uneven(clustered(psus=40)),
        take_psus(6, 8),
    ),
    Study(
        "shared-raters",
        "60 of 400 raters, each scores all of 8 units",
        ONE_STAGE,
        raters(),
        take_raters(60),
    ),
    Study(
        "few-raters",
        "12 of 400 raters, each scores all of 8 units",
        ONE_STAGE,
        raters(),
        take_raters(12),
    ),
    Study(
        "equal-units",
        "5 PSUs in each of 4 strata, 15 persons each; all units alike",
        CLUSTERS,
        clustered(low=0.6, high=0.6),
        take_psus(5, 15),
    ),
    Study(
        "equal-units-two-psus",
        "2 PSUs in each of 8 strata a unit, 15 persons each; all units alike",
        CLUSTERS,
        clustered(strata=8, psus=40, low=0.6, high=0.6),
        take_psus(2, 15),
    ),
    Study(
        "equal-units-raters",
        "12 of 400 raters, each scores all of 8 units, all alike",
        ONE_STAGE,
        raters(low=0.6, high=0.6),
        take_raters(12),
    ),
)


def make_scheme() -> IndexScheme:
    leaves = [
        {
            "code": item,
            "points": points,
            "groups": [
                {"group": "all", "questions": [{"item": item, "coefficients": TABLE}]},
            ],
        }
        for item, points in zip(ITEMS, POINTS, strict=True)
    ]
    return IndexScheme.from_dict({"leaves": leaves, "options": {"min_valid": 1}})


SCHEME = make_scheme()


def truth(people: pd.DataFrame) -> pd.Series:
    """True points of each unit: everybody asked, no blanks."""
    parts = [
        float(points) * (people[item].astype(float) - 1) / 4
        for item, points in zip(ITEMS, POINTS, strict=True)
    ]
    return sum(parts).groupby(people.unit).mean()


def scored(study: Study, people: pd.DataFrame, random: Generator) -> IndexResult:
    """One sample through the functions that real answers go through."""
    rows = study.draw(people, random).reset_index(drop=True)
    for item in ITEMS:
        rows[item] = rows[item].where(random.random(len(rows)) >= study.blanks, 0).astype(np.uint8)
    return SCHEME.score({"all": aggregate(rows, study.design, BOOK)})


def run(arguments: tuple[int, int]) -> dict[str, Any]:
    """Coverage of one design over many samples."""
    place, samples = arguments
    study = STUDIES[place]
    random = np.random.default_rng([2026, place])
    people = study.people(random)
    true = truth(people)
    ranks = true.rank(ascending=False, method="min")
    hits: dict[str, list[float]] = {
        name: [] for name in ("interval", "rank_simultaneous", "rank_marginal", "change", "lost")
    }
    previous = None
    for _ in range(samples):
        result = scored(study, people, random)
        units = result.units.set_index("unit").reindex(true.index)
        known = units.ci_low.notna()
        hits["lost"].append(1 - known.mean())
        inside = (units.ci_low <= true) & (true <= units.ci_high)
        hits["interval"].append(inside[known].mean())
        sets = (
            result.ranks(seed=1, draws=2_000, finite=True)
            .table.set_index("unit")
            .reindex(true.index)
        )
        low, high = sets.rank_low, sets.rank_high
        hits["rank_simultaneous"].append(float(((low <= ranks) & (ranks <= high)).all()))
        low, high = sets.marginal_low, sets.marginal_high
        hits["rank_marginal"].append(((low <= ranks) & (ranks <= high)).mean())
        if previous is not None:
            change = (
                result.compare(previous, inference="finite")
                .table.set_index("unit")
                .reindex(true.index)
            )
            hits["change"].append(((change.ci_low <= 0) & (change.ci_high >= 0)).mean())
            previous = None
        else:
            previous = result
    found = {name: 100 * float(np.mean(values)) for name, values in hits.items()}
    spread = {name: 100 * float(np.std(v) / len(v) ** 0.5) for name, v in hits.items()}
    return {"design": study.name, "says": study.says, "samples": samples, **found, "se": spread}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--samples", type=int, default=800)
    parser.add_argument("--write", type=Path)
    parser.add_argument("--only", nargs="*")
    asked = parser.parse_args()
    places = [p for p, s in enumerate(STUDIES) if not asked.only or s.name in asked.only]
    with ProcessPoolExecutor(max_workers=2) as pool:
        rows = list(pool.map(run, [(place, asked.samples) for place in places]))
    columns = ["interval", "rank_simultaneous", "rank_marginal", "change", "lost"]
    for row in rows:
        print(f"{row['design']:26}", *(f"{row[name]:7.1f}" for name in columns))
    if asked.write:
        asked.write.mkdir(parents=True, exist_ok=True)
        (asked.write / "coverage.json").write_text(json.dumps(rows, indent=1) + "\n")
        draw(rows, asked.write / "coverage.svg")


def draw(rows: list[dict[str, Any]], path: Path) -> None:
    """One row a design: coverage with twice its simulation error, and the span from 93 to 97."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 0.34 * len(rows) + 1.4), layout="constrained")
    axes = figure.subplots()
    axes.axvspan(93, 97, color="#dddddd", zorder=0)
    axes.axvline(95, color="#888888", linewidth=1)
    marks = {"interval": "o", "change": "s", "rank_simultaneous": "^"}
    for shift, (name, mark) in zip((-0.2, 0.0, 0.2), marks.items(), strict=True):
        places = [place + shift for place in range(len(rows))]
        axes.errorbar(
            [row[name] for row in rows],
            places,
            xerr=[2 * row["se"][name] for row in rows],
            fmt=mark,
            markersize=4,
            linewidth=1,
            label=name.replace("_", " "),
        )
    axes.set_yticks(range(len(rows)), [row["design"] for row in rows])
    axes.invert_yaxis()
    axes.set_xlabel("coverage, %")
    axes.legend(loc="lower left", fontsize=8)
    figure.savefig(path, metadata={"Date": None})


if __name__ == "__main__":
    main()
