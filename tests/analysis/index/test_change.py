"""Change between waves by hand and at its edges."""

import numpy as np
import pytest

from analysis.errors import DesignError, SchemeError
from analysis.totals import aggregate
from tests.analysis.index.test_variants import make_scheme
from tests.analysis.test_cells import BOOK, CLUSTERS, make_rows


def wave(seed: int = 1, **more: object):
    statistics = aggregate(make_rows(seed=seed), CLUSTERS, BOOK, **more)  # type: ignore[arg-type]
    return make_scheme().score({"all": statistics})


def test_a_wave_compared_with_itself_has_not_changed() -> None:
    found = wave().compare(wave(), shared=["all"]).table

    assert [float(c) for c in found.change] == [0, 0, 0]
    assert set(found.reason) == {"zero_variance"}


def test_a_shared_sample_has_less_error_than_two() -> None:
    first, second = wave(1), wave(1, units=["A", "B", "C"])
    other = wave(2)

    apart = other.compare(first).se
    stacked = other.compare(first, shared=["all"]).se

    assert not np.allclose(apart, stacked)
    assert second.compare(first, shared=["all"]).se.max() == 0


def test_the_scheme_must_be_the_same_or_be_bridged() -> None:
    harder = make_scheme(("2", "4")).score({"all": aggregate(make_rows(), CLUSTERS, BOOK)})

    with pytest.raises(SchemeError, match=r"Leaf '1\.2' is not scored the same way"):
        harder.compare(wave())
    bridged = harder.compare(wave(2), leaves=["1.1"])
    assert bridged.maximum == 2
    with pytest.raises(SchemeError, match="Leaf '7' is not in"):
        harder.compare(wave(), leaves=["7"])


def test_persons_without_labels_cannot_be_shared() -> None:
    from analysis.design import SurveyDesign

    plain = make_scheme().score({"all": aggregate(make_rows(), SurveyDesign(), BOOK)})

    with pytest.raises(DesignError, match="no labels by which"):
        plain.compare(plain, shared=["all"])


def test_tests_speak_of_performance_unless_told_otherwise() -> None:
    first, second = wave(1), wave(2)

    behind = second.compare(first)
    lists = second.compare(first, inference="finite")

    assert (behind.se > lists.se).all()
    assert "superpopulation" in behind.convention
