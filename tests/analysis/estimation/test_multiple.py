import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.errors import DataError
from analysis.estimation.multiple import adjust, benjamini_hochberg, bonferroni, holm

many = st.lists(st.floats(0, 1), min_size=1, max_size=30).map(np.array)


def test_adjusted_by_hand() -> None:
    p = np.array([0.005, 0.011, 0.02, 0.04])

    found = adjust(p)

    np.testing.assert_allclose(found.bonferroni, [0.02, 0.044, 0.08, 0.16])
    np.testing.assert_allclose(found.holm, [0.02, 0.033, 0.04, 0.04])
    np.testing.assert_allclose(found.bh, [0.02, 0.022, 0.02 * 4 / 3, 0.04])


def test_tests_that_do_not_exist_count_in_no_family() -> None:
    with_gaps = adjust(np.array([np.nan, 0.02, np.nan, 0.01]))
    alone = adjust(np.array([0.02, 0.01]))

    assert with_gaps.tests == 2
    for name in ("holm", "bh", "bonferroni"):
        found = getattr(with_gaps, name)
        assert np.isnan(found[[0, 2]]).all()
        np.testing.assert_array_equal(found[[1, 3]], getattr(alone, name))


@pytest.mark.parametrize(("tests", "rule"), [(1, "holm"), (50, "holm"), (51, "bh")])
def test_the_rule_to_read_depends_on_the_number_of_tests(tests: int, rule: str) -> None:
    found = adjust(np.append(np.linspace(0.001, 0.2, tests), np.nan))

    assert found.rule == rule
    np.testing.assert_array_equal(found.chosen, getattr(found, rule))
    assert set(found.frame.rule) == {rule}
    assert list(found.frame) == ["p", "p_holm", "p_bh", "p_bonferroni", "rule"]


def test_no_test_at_all_stays_nothing() -> None:
    found = adjust(np.array([np.nan, np.nan]))

    assert found.tests == 0
    assert np.isnan(found.holm).all()
    assert adjust(np.array([])).holm.shape == (0,)


@pytest.mark.parametrize("wrong", [-0.1, 1.5])
def test_a_probability_outside_0_to_1_is_named(wrong: float) -> None:
    with pytest.raises(DataError, match="test 2") as caught:
        holm(np.array([0.5, wrong]))

    assert caught.value.code == "bad_probability"


@given(many)
def test_stricter_rules_give_larger_probabilities(p: np.ndarray) -> None:
    assert (p <= benjamini_hochberg(p)).all()
    assert (benjamini_hochberg(p) <= holm(p) + 1e-15).all()
    assert (holm(p) <= bonferroni(p)).all()
    assert (bonferroni(p) <= 1).all()


@given(many)
def test_the_order_of_the_tests_does_not_matter(p: np.ndarray) -> None:
    order = np.random.default_rng(len(p)).permutation(len(p))

    for rule in (holm, benjamini_hochberg, bonferroni):
        np.testing.assert_array_equal(rule(p)[order], rule(p[order]))
