"""Reliability, drivers and small areas equal R's psych, factanal, survey and metafor."""

import numpy as np

from analysis.design import SurveyDesign
from analysis.quality.items import weighted_covariance
from analysis.quality.reliability import reliability
from tests.reference.loading import FIVE, assert_equals, case, data

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
