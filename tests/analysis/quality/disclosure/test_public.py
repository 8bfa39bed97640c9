"""Rows for a public file."""

import numpy as np
import pandas as pd
import pytest

from analysis.design import SurveyDesign
from analysis.errors import DataError
from analysis.estimation.means import means
from analysis.quality.disclosure.public import PublicRows, public_rows, scramble

KEY = bytes(range(32))
DRAW = np.random.default_rng(1)
ROWS = pd.DataFrame(
    {
        "stratum": np.repeat(["HN", "DN"], 20),
        "psu": np.tile(np.repeat([f"P{n:02}" for n in range(1, 11)], 2), 2),
        "w": DRAW.uniform(1, 3, 40),
        "q": DRAW.integers(0, 5, 40),
        "words": [f"comment number {n}" for n in range(40)],
        "r1": DRAW.uniform(0, 2, 40),
        "r2": DRAW.uniform(0, 2, 40),
    }
)


def public(key: bytes = KEY) -> PublicRows:
    return public_rows(
        ROWS,
        codes=["q"],
        design=["stratum", "psu"],
        weights=["w"],
        replicates=["r1", "r2"],
        key=key,
    )


def test_only_named_columns_are_in_it() -> None:
    made = public()

    assert set(made.rows) == {"q", "w", "stratum", "psu", "replicate_1", "replicate_2"}
    assert made.left_out == ("words",)


def test_no_code_of_stratum_or_psu_is_left() -> None:
    rows = public().rows

    assert not set(rows["stratum"]) & set(ROWS["stratum"])
    assert not set(rows["psu"]) & set(ROWS["psu"])


def test_rows_are_not_in_the_order_of_arrival() -> None:
    assert public().rows["q"].is_monotonic_increasing


def test_the_order_of_codes_is_not_that_of_labels() -> None:
    labels = [f"{n:03}" for n in range(200)]
    places = [int(scramble(labels, KEY)[label]) for label in labels]

    assert abs(np.corrcoef(places, range(200))[0, 1]) < 0.2


def test_files_with_different_keys_cannot_be_joined_by_their_codes() -> None:
    labels = list(map(str, range(50)))
    one, other = scramble(labels, KEY), scramble(labels, KEY[::-1])

    assert sum(one[label] == other[label] for label in labels) < 10


def test_psus_numbered_within_strata_stay_apart() -> None:
    assert public().rows["psu"].nunique() == 20


def test_estimates_and_errors_stay_the_same() -> None:
    design = SurveyDesign(weight="w", strata="stratum", psu="psu")
    before, after = (means(data, design, ["q"]) for data in (ROWS, public().rows))

    assert after.estimate == pytest.approx(before.estimate, rel=1e-12)
    assert after.se == pytest.approx(before.se, rel=1e-12)


def test_free_text_is_refused_among_the_codes() -> None:
    with pytest.raises(DataError) as caught:
        public_rows(ROWS.assign(words="a long text, " * 9), codes=["words"], key=KEY)

    assert caught.value.code == "free_text"


def test_a_key_that_can_be_guessed_is_refused() -> None:
    with pytest.raises(DataError) as caught:
        public(b"secret")

    assert caught.value.code == "short_key"
