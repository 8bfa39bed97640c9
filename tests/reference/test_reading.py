"""Reliability, drivers and small areas equal R's psych, factanal, survey and metafor."""

import numpy as np
import pandas as pd
import pytest

from analysis.design import SurveyDesign
from analysis.quality.drivers import drivers
from analysis.quality.items import weighted_covariance
from analysis.quality.reliability import reliability
from analysis.quality.small_area import fay_herriot
from tests.reference.loading import FIVE, HERE, assert_equals, case, data

CITIZENS = SurveyDesign(weight="w", strata="stratum", psu="psu")
TIGHT = {"rtol": 1e-10, "atol": 0}


def test_alpha_and_what_lies_behind_it() -> None:
    expected, items = case("34")["expected"], case("34")["request"]["items"]

    found = reliability(data("citizen_y1"), CITIZENS, items)
    plain, weighted = found.plain, found.weighted

    assert found.cases.n == expected["n"]
    assert found.cases.left_out == len(data("citizen_y1")) - expected["n"]
    np.testing.assert_allclose(plain.covariance, expected["covariance"], **TIGHT)
    np.testing.assert_allclose(plain.alpha, expected["alpha_raw"], **TIGHT)
    np.testing.assert_allclose(plain.alpha_standardised, expected["alpha_std"], **TIGHT)
    np.testing.assert_allclose(plain.mean_r, expected["mean_inter_item_r"], **TIGHT)
    dropped = [expected["alpha_if_dropped"][item] for item in items]
    np.testing.assert_allclose(plain.if_dropped, dropped, **TIGHT)
    rest = [expected["item_total_r_dropped"][item] for item in items]
    np.testing.assert_allclose(plain.item_rest, rest, **TIGHT)
    np.testing.assert_allclose(weighted.alpha, expected["alpha_weighted_svycralpha"], **TIGHT)


def test_omega_total_by_two_methods() -> None:
    expected, items = case("34")["expected"], case("34")["request"]["items"]

    found = reliability(data("citizen_y1"), CITIZENS, items).plain

    for fit, name in ((found.ml, "ml"), (found.minres, "minres")):
        assert_equals(fit.omega, expected[f"omega_total_{name}_correlations"], "34")
    assert_equals(found.minres.loadings, expected["minres_loadings"], "34")
    assert_equals(found.ml.loadings, expected["ml_loadings_correlations"], "34")
    np.testing.assert_allclose(found.ml.omega, expected["omega_total_ml_correlations"], rtol=1e-6)


def test_alpha_of_coefficients_is_that_of_codes_in_equal_steps() -> None:
    items = case("34")["request"]["items"]
    tables = dict.fromkeys(items, FIVE)

    found = reliability(data("citizen_y1"), CITIZENS, items, coefficients=tables)

    np.testing.assert_allclose(found.plain.alpha, case("34")["expected"]["alpha_raw"], **TIGHT)
    np.testing.assert_allclose(
        weighted_covariance(found.cases.values, np.ones(found.cases.n)) * 16,
        case("34")["expected"]["covariance"],
        **TIGHT,
    )


@pytest.mark.parametrize("method", ["reml", "ml"])
def test_small_areas_drawn_onto_a_regression(method: str) -> None:
    request, expected = case("36")["request"], case("36")["expected"][method]

    found = fay_herriot(
        request["direct"],
        request["variance"],
        request["covariate"],
        units=request["units"],
        method=method,
    )

    assert found.tau2 == expected["tau2"] == 0
    assert_equals(found.beta, expected["beta"], "36")
    assert_equals(found.eblup, expected["eblup"], "36")
    assert_equals(found.beta_se, case("36")["expected"]["reml"]["beta_se"], "36")
    assert_equals(found.shrink, case("36")["expected"]["reml"]["shrink"], "36")
    assert [remark.code for remark in found.remarks] == ["tau2_zero", "few_units"]


def test_small_areas_drawn_towards_their_mean() -> None:
    request, expected = case("36")["request"], case("36")["expected"]["reml_no_covariate"]

    found = fay_herriot(request["direct"], request["variance"])

    assert_equals(found.tau2, expected["tau2"], "36")
    assert_equals(found.beta, np.atleast_1d(expected["beta"]), "36")
    assert_equals(found.eblup, expected["eblup"], "36")


@pytest.mark.parametrize("method", ["reml", "ml", "fay_herriot"])
def test_errors_of_shrunken_estimates_of_expenditure_on_milk(method: str) -> None:
    """R's iterations stop at a relative change of 1e-4."""
    milk = pd.read_csv(HERE / "milk" / "milk.csv")
    regions = pd.get_dummies(milk.major, dtype=float).iloc[:, 1:]

    found = fay_herriot(milk.direct, milk.se**2, regions, method=method)

    np.testing.assert_allclose(found.mse, milk[f"mse_{method}"], rtol=1e-5)
    if method == "reml":
        np.testing.assert_allclose(found.eblup, milk.eblup_reml, atol=1e-6)
        np.testing.assert_allclose(
            found.beta_se, [0.06936208, 0.10300072, 0.09232981, 0.08161707], rtol=1e-5
        )


def test_drivers_with_shares_of_explained_variance() -> None:
    expected, request = case("35")["expected"], case("35")["request"]
    tables = dict.fromkeys(["q1", "q2", "q3", "q6"], FIVE)

    found = drivers(data("citizen_y1"), CITIZENS, "q6", request["drivers"], coefficients=tables)

    assert_equals(found.model.estimate, expected["estimate"], "35")
    assert_equals(found.model.se, expected["se"], "35")
    assert_equals(found.model.cov, expected["vcov"], "35")
    assert found.model.df_residual == expected["df_residual"]
    assert_equals(found.r_squared, expected["r_squared_weighted"], "35")
    assert_equals(found.importance, expected["lmg"], "35")
    assert_equals(found.share, expected["lmg_share"], "35")
