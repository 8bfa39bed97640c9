"""What holds of every weighting: margins met, scale and order without influence, fixed points."""

import numpy as np
import pandas as pd
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analysis.design import SurveyDesign
from analysis.weighting.calibration import Calibrate
from analysis.weighting.nonresponse import NonresponseClasses
from analysis.weighting.plan import WeightingPlan
from analysis.weighting.raking import Poststratify, Rake
from analysis.weighting.steps import Step
from analysis.weighting.trimming import Trim
from analysis.weights import Floats

DESIGN = SurveyDesign(weight="w")
quick = settings(
    max_examples=8, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
LABELS = {"sex": ["F", "M"], "age": ["1", "2", "3"]}


@st.composite
def people(draw: st.DrawFn) -> pd.DataFrame:
    """20 to 80 people, somebody in each crossing of sex and age, with a true size each."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    crossed = [(sex, age) for sex in LABELS["sex"] for age in LABELS["age"]]
    more = draw(st.integers(14, 74))
    every = crossed + [crossed[i] for i in rng.integers(0, 6, more)]
    rows = len(every)
    frame = pd.DataFrame(every, columns=["sex", "age"])
    return frame.assign(
        x=rng.uniform(1, 9, rows),
        answered=(rng.random(rows) < 0.8).astype(int) | (np.arange(rows) < 6),
        w=rng.uniform(1, 20, rows),
        true=rng.uniform(0.6, 1.7, rows),
    )


def margin(data: pd.DataFrame, column: str, weight: Floats) -> dict[str, float]:
    return pd.Series(weight, data.index).groupby(data[column]).sum().to_dict()


def totals(data: pd.DataFrame, weight: Floats) -> dict[str, float]:
    return {
        "(Intercept)": float(weight.sum()),
        "sexM": float(weight[data.sex == "M"].sum()),
        "x": float(weight @ data.x),
    }


def steps(data: pd.DataFrame, size: float = 1.0) -> list[Step]:
    """Each kind of step, to a population that weights of the sample can meet."""
    true = (data.w * data.true).to_numpy() * size
    own = data.w.to_numpy().mean() * size
    model = {"terms": ("1", "sex", "x"), "population": totals(data, true)}
    return [
        NonresponseClasses(
            classes=("sex",), responded="answered", min_respondents=1, max_factor=1e6
        ),
        Trim(lower=own / 4, upper=own * 1.2),
        Poststratify(cells=("sex",), population=margin(data, "sex", true)),
        Rake(margins={column: margin(data, column, true) for column in LABELS}),
        Calibrate(**model, method="raking"),
        Calibrate(**model, method="logit", bounds=(0.3, 4.0)),
        Calibrate(**model, method="linear", bounds=(0.3, 4.0)),
    ]


def weigh(step: Step, data: pd.DataFrame) -> Floats:
    weights = data.w.to_numpy()
    return step.prepare(data, weights).change(weights)


@quick
@given(people())
def test_margins_and_totals_are_met(data: pd.DataFrame) -> None:
    for step in steps(data):
        found = WeightingPlan((step,)).apply(data, DESIGN).report.margins

        np.testing.assert_allclose(found.after, found.population, rtol=1e-8)


@quick
@given(people())
def test_sums_are_kept_by_steps_that_know_no_population(data: pd.DataFrame) -> None:
    for step in steps(data)[:2]:
        np.testing.assert_allclose(weigh(step, data).sum(), data.w.sum())


@quick
@given(people(), st.floats(1e-3, 1e3))
def test_scale_of_weights_and_population_scales_the_result(data: pd.DataFrame, size: float) -> None:
    scaled = data.assign(w=data.w * size)

    for step, larger in zip(steps(data), steps(data, size), strict=True):
        np.testing.assert_allclose(weigh(larger, scaled), weigh(step, data) * size, rtol=1e-7)


@quick
@given(people(), st.floats(0.5, 2))
def test_scale_of_weights_alone_does_not_matter_to_raking(
    data: pd.DataFrame, factor: float
) -> None:
    scaled = data.assign(w=data.w * factor)

    for step in steps(data)[2:5]:
        np.testing.assert_allclose(weigh(step, scaled), weigh(step, data), rtol=1e-7)


@quick
@given(people())
def test_calibration_to_what_the_weights_add_up_to_changes_nothing(data: pd.DataFrame) -> None:
    for step in steps(data.assign(true=1.0))[2:]:
        np.testing.assert_allclose(weigh(step, data), data.w, rtol=1e-9)


@quick
@given(people(), st.randoms(use_true_random=False))
def test_order_of_rows_orders_the_weights(data: pd.DataFrame, random: np.random.Generator) -> None:
    order = list(range(len(data)))
    random.shuffle(order)

    for step in steps(data):
        np.testing.assert_allclose(weigh(step, data.iloc[order]), weigh(step, data)[order])


@quick
@given(people())
def test_a_step_done_twice_is_done_once(data: pd.DataFrame) -> None:
    for step in steps(data)[1:4]:
        once = weigh(step, data)

        np.testing.assert_allclose(weigh(step, data.assign(w=once)), once, rtol=1e-8)


@quick
@given(people())
def test_people_of_weight_zero_do_not_matter(data: pd.DataFrame) -> None:
    more = pd.concat([data, data.assign(w=0.0)], ignore_index=True)

    for step in steps(data):
        found = weigh(step, more)

        np.testing.assert_allclose(found[: len(data)], weigh(step, data))
        assert (found[len(data) :] == 0).all()
