"""Persons sampled inside sampled clusters: their variance, and what is refused."""

import numpy as np
import pandas as pd
import pytest

from analysis.design import StratumFrame, SurveyDesign
from analysis.errors import DataError, DesignError
from analysis.estimation.means import means
from analysis.sample import bind
from tests.analysis.making import make_scheme, make_statistics

COMMUNES, DRAWN, PEOPLE, ASKED = 20, 16, 100, 10
ONE_STAGE = SurveyDesign(psu="c", weight="w", fpc="N")
TWO_STAGES = SurveyDesign(psu="c", weight="w", fpc="N", psu_size="M")


def drawn(rng: np.random.Generator, people: np.ndarray) -> pd.DataFrame:
    """Some of the communes, and some people of each."""
    communes = rng.choice(COMMUNES, DRAWN, replace=False)
    asked = np.array([rng.choice(PEOPLE, ASKED, replace=False) for _ in communes])
    return pd.DataFrame(
        {
            "c": np.repeat(communes, ASKED),
            "y": people[communes[:, None], asked].ravel(),
            "w": COMMUNES / DRAWN * PEOPLE / ASKED,
            "N": COMMUNES,
            "M": PEOPLE,
        }
    )


def test_the_interval_covers_the_mean_of_the_population() -> None:
    rng = np.random.default_rng(20251101)
    people = rng.normal(0.6, 0.2, (COMMUNES, PEOPLE)) + rng.normal(0, 0.05, (COMMUNES, 1))
    covered = {"one": 0, "two": 0}
    for _ in range(400):
        rows = drawn(rng, people)
        for name, design in (("one", ONE_STAGE), ("two", TWO_STAGES)):
            limits = means(rows, design, ["y"]).intervals().iloc[0]
            covered[name] += limits.ci_low <= people.mean() <= limits.ci_high

    assert 0.90 <= covered["two"] / 400 <= 0.98
    assert covered["one"] / 400 < 0.80


def villages(taken: dict[str, int], size: int | dict[str, int]) -> pd.DataFrame:
    codes = [(c, 1 + i % 3) for c, n in taken.items() for i in range(n)]
    rows = pd.DataFrame(codes, columns=["c", "q1"]).assign(unit="U", h="s", b=range(len(codes)))
    return rows.assign(M=rows.c.map(size) if isinstance(size, dict) else size)


def score(rows: pd.DataFrame, frame: StratumFrame, **more: str):
    design = SurveyDesign(strata="h", psu="c", ballot="b", psu_size="M", frame={"s": frame}, **more)
    return make_scheme(min_valid=1).score({"all": make_statistics(rows, design)})


def test_all_people_of_all_clusters_are_a_census() -> None:
    rows = villages({"a": 6, "b": 4}, {"a": 6, "b": 4})

    for frame in (StratumFrame(2, 2), StratumFrame(2, 2, certainty=True)):
        unit = score(rows, frame).units.iloc[0]
        assert (unit.se, unit.interval_reason) == (0, "census")


def test_clusters_taken_for_certain_are_strata_of_their_people() -> None:
    """The first term vanishes, so both ways of saying it give one variance; df differ."""
    rows = villages({"a": 6, "b": 4}, {"a": 12, "b": 40})

    plain, certain = (score(rows, StratumFrame(2, 2, certainty=c)).units.iloc[0] for c in (0, 1))

    assert certain.se > 0
    assert certain.se == pytest.approx(plain.se, rel=1e-12)
    assert (plain.df, certain.df) == (1, 8)


def test_blanks_in_clusters_taken_whole_are_a_second_phase() -> None:
    rows = villages({"a": 6, "b": 4}, {"a": 6, "b": 4})
    rows.loc[0, "q1"] = 0

    assert score(rows, StratumFrame(2, 2, certainty=True)).units.se.iloc[0] > 0


def test_a_size_that_is_not_known_leaves_the_persons_uncorrected() -> None:
    rows = villages({"a": 6, "b": 4}, {"a": 6})

    unit = score(rows, StratumFrame(2, 2, certainty=True)).units.iloc[0]

    assert unit.se > 0


def test_one_ballot_of_more_people_needs_a_rule() -> None:
    rows = villages({"a": 6, "b": 1}, 50)

    with pytest.raises(DesignError, match="'s' has a single ballot"):
        score(rows, StratumFrame(2, 10))
    centred = score(rows, StratumFrame(2, 10), lonely="center").units.se.iloc[0]
    assert centred > score(rows, StratumFrame(2, 10), lonely="remove").units.se.iloc[0]


@pytest.mark.parametrize(
    ("sizes", "code"), [([9, 9, 8, 9], "psu_size_varies"), ([9, 9, 1, 1], "psu_too_small")]
)
def test_impossible_sizes_of_psus_are_refused(sizes: list[int], code: str) -> None:
    rows = pd.DataFrame({"c": ["a", "a", "b", "b"], "M": sizes})

    with pytest.raises(DataError, match="data row 3") as caught:
        bind(SurveyDesign(psu="c", psu_size="M"), rows)

    assert caught.value.code == code


def test_a_size_of_psus_needs_psus() -> None:
    with pytest.raises(DesignError, match="no column names the PSUs"):
        SurveyDesign(psu_size="M")


def test_order_of_rows_does_not_matter_to_the_last_bit() -> None:
    rows = villages({"a": 6, "b": 5, "c": 7}, 50)
    first = score(rows, StratumFrame(3, 9))

    second = score(rows.sample(frac=1, random_state=1), StratumFrame(3, 9))

    assert np.array_equal(first.cov, second.cov)
