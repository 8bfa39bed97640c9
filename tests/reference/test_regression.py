"""Design-based regression equals R's `svyglm`."""

import pandas as pd

from analysis.design import SurveyDesign
from analysis.estimation.regression import regression
from tests.reference.loading import assert_equals, case, data


def scored() -> pd.DataFrame:
    frame = data("citizen_y1")
    return frame.assign(**{f"s{i}": (frame[f"q{i}"] - 1) / 4 for i in (1, 2, 3, 6)})


def test_regression_on_three_items_with_blanks_as_a_domain() -> None:
    expected = case("35")["expected"]
    design = SurveyDesign(weight="w", strata="stratum", psu="psu")

    found = regression(scored(), design, "s6", ["s1", "s2", "s3"])

    assert list(found.names) == expected["names"]
    assert_equals(found.estimate, expected["estimate"], "35")
    assert_equals(found.se, expected["se"], "35")
    assert_equals(found.cov, expected["vcov"], "35")
    assert_equals(found.r_squared, expected["r_squared_weighted"], "35")
    assert found.df_residual == expected["df_residual"]
