"""svy beside R: what it answers of the reference cases, and where its conventions differ."""

import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import svy

from analysis import ReplicateWeights, SurveyDesign, means, ratios
from analysis.planning import size
from tests.reference.compare import Answer, Difference, differences
from tests.reference.kinds import KINDS
from tests.reference.kinds.estimates import first_ask
from tests.reference.second import ANSWERS
from tests.reference.second.samples import asked, estimates, record, sample
from tests.reference.setting import Case, Setting

CASES = sorted((Path(__file__).parent / "cases").glob("[0-9]*.json"))
METHODS = Path(__file__).parents[2] / "docs" / "methods.md"
TIGHT = 1e-9

# What svy has no function for.
SILENT = {
    "ranks": "no sets of ranks",
    "small_area": "no Fay-Herriot model",
    "planning": "whole numbers only, rounded up twice; compared below",
}

CELLS = "svy takes each cell's own degrees of freedom, as we do by default; the case asks for R's"
ANSWERING = "svy counts PSUs of those who answered; the case asks for R's, of the whole design"

# By case: paths of figures that differ, as a pattern, and why. Our figures are R's in all of them.
DIFFERENCES: dict[str, tuple[tuple[str, str], ...]] = {
    "09-by-mean-covariance": ((r"df|ci_(lower|upper)", CELLS),),
    "10-contrast-domains": ((r"by\.(df|ci_lower|ci_upper)", CELLS),),
    "17-trim-weights": (
        (
            r"weights|mean_api00\..*",
            "svy spreads what was cut in proportion to the weights, R and we in equal parts",
        ),
    ),
    "18-jackknife": (
        (
            r"jk1\..*\.(se|ci_lower|ci_upper)",
            "svy's jackknife leaves out the finite correction, R's and ours hold it",
        ),
    ),
    "21-proportion-ci": (
        (
            r".*\.wilson\..*",
            "svy multiplies the effective size by (t(n-1)/t(df))^2 and uses z, R and we use t",
        ),
    ),
    "24-lonely-psu": (
        (r".*\.mean_s1\.(df|ci_lower|ci_upper)", ANSWERING),
        (
            r"average_fpc\..*\.se",
            "svy scales up for a stratum that is one PSU in all, R and we know it without error",
        ),
    ),
    "26-census-and-sample": (
        (r"(finite|superpopulation)\.(df|ci_lower|ci_upper)", CELLS),
        (r"overall_\w+\.(df|ci_lower|ci_upper)", ANSWERING),
    ),
    "32-change-panel": ((r"by\.(df|ci_lower|ci_upper)", CELLS),),
}


def both(path: Path) -> list[Difference]:
    """svy's figures against ours, one difference a leaf."""
    case = Case.read(path)
    return differences(ANSWERS[case.kind](case), Answer(KINDS[case.kind](case).found))


def allowed(case: Case, difference: Difference) -> float:
    """Weights solve equations that do not fix the last digits: the case says how many."""
    return case.tolerance(difference.path) if difference.path.endswith("weights") else TIGHT


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_svy_gives_our_figures_but_for_the_listed_differences(path: Path) -> None:
    case = Case.read(path)
    if case.kind in SILENT:
        assert case.kind not in ANSWERS
        return
    found = both(path)
    listed = DIFFERENCES.get(path.stem, ())
    assert found

    apart = {each.path: each.worst for each in found if not each.worst <= allowed(case, each)}
    excused = {
        each.path for each in found for pattern, _ in listed if re.fullmatch(pattern, each.path)
    }

    assert set(apart) <= excused, {each: apart[each] for each in set(apart) - excused}
    assert excused <= set(apart), f"no longer apart: {excused - set(apart)}"
    for pattern, why in listed:
        assert any(re.fullmatch(pattern, each) for each in apart), f"{pattern} ({why})"


def test_list_names_cases_and_kinds_that_exist() -> None:
    kinds = {Case.read(path).kind for path in CASES}

    assert set(DIFFERENCES) <= {path.stem for path in CASES}
    assert set(SILENT) | set(ANSWERS) == kinds
    assert not set(SILENT) & set(ANSWERS)


def test_every_listed_difference_is_told_in_the_methods() -> None:
    told = METHODS.read_text(encoding="utf-8").partition("## Second oracle")[2]

    for name in DIFFERENCES:
        assert f"| {name.split('-')[0]} " in told, name
    for kind in SILENT:
        assert kind.replace("_", " ") in told


def test_svy_and_we_give_the_mean_of_three_that_r_gave_as_0() -> None:
    case = Case.read(next(path for path in CASES if path.stem.startswith("10")))
    place = case.expected["contrasts"]["names"].index("mean3")

    theirs = ANSWERS[case.kind](case)["contrasts"]
    ours = KINDS[case.kind](case).found["contrasts"]

    assert case.expected["contrasts"]["estimate"][place] == 0
    for figure in ("estimate", "se", "ci_lower", "ci_upper"):
        assert ours[figure][place] == pytest.approx(theirs[figure][place], rel=TIGHT)
    assert ours["estimate"][place] == pytest.approx(632.9598280423279)


@pytest.mark.parametrize("number", ["09", "10", "26"])
def test_cells_have_by_default_the_degrees_of_freedom_that_svy_gives(number: str) -> None:
    case = Case.read(next(path for path in CASES if path.stem.startswith(number)))
    texts = case.request.get("variables") or case.request["variable"]
    by = tuple(np.atleast_1d(case.request["by"]))
    setting = case.only.but(census_blanks="domain")
    read, names = asked(setting, texts, case.request.get("coefficients"))

    ours = first_ask(case, setting, texts, by=by).estimates()
    theirs = record(estimates(sample(read), "mean", names, by), ours.names)

    limits = ours.intervals()
    close(ours.df, theirs["df"])
    close(limits.ci_low, theirs["ci_lower"])
    close(limits.ci_high, theirs["ci_upper"])


def close(found: Any, wanted: Any) -> None:
    np.testing.assert_allclose(np.asarray(found, float), np.asarray(wanted, float), rtol=TIGHT)


def halves() -> Setting:
    """16 strata of two PSUs of five persons."""
    random = np.random.default_rng(11)
    psu = np.repeat(np.arange(32), 5)
    frame = pd.DataFrame({"stratum": psu // 2, "psu": psu, "w": random.uniform(1, 3, 160)})
    frame["x"] = random.uniform(1, 2, 160) + 0.1 * random.normal(size=32)[psu]
    frame["y"] = frame.x * random.uniform(0.5, 1.5, 160)
    return Setting(frame, SurveyDesign(strata="stratum", psu="psu", weight="w"))


MADE = {
    "BRR": lambda made: made.create_brr_wgts(rep_prefix="rep"),
    "Fay": lambda made: made.create_brr_wgts(rep_prefix="rep", fay_coef=0.3),
    "JKn": lambda made: made.create_jk_wgts(rep_prefix="rep"),
    "JK2": lambda made: made.create_jk_wgts(paired=True, rep_prefix="rep"),
    "bootstrap": lambda made: made.create_bs_wgts(60, rep_prefix="rep", rstate=5),
    "SDR": lambda made: made.create_sdr_wgts(64, rep_prefix="rep", order_col="psu"),
}


@pytest.mark.parametrize("kind", MADE)
def test_weights_that_svy_replicates_give_our_errors(kind: str) -> None:
    """Weights of every kind, as a file of microdata would hold them."""
    setting = halves()
    made = MADE[kind](sample(setting).weighting)
    columns = tuple(made.rep_columns)
    more: dict[str, Any] = {"Fay": {"rho": 0.3}, "JKn": {"rscales": (0.5,) * 32}}.get(kind, {})
    centre = {"method": "replication", "variance_center": "rep_mean"}
    if kind == "bootstrap":
        centre["variance_center"], more = "estimate", {"mse": True, "scale": 1 / 60}
    declared = ReplicateWeights(kind=kind, columns=columns, **more)
    design = SurveyDesign(weight="w", replicates=declared)
    rows = made.data.to_pandas()

    mean = made.estimation.mean("y", **centre).estimates[0]
    ratio = made.estimation.ratio("y", "x", **centre).estimates[0]

    close(means(rows, design, ["y"]).se, [mean.se])
    close(ratios(rows, design, [("y", "x")]).se, [ratio.se])
    linear = means(setting.frame, setting.design, ["y"]).se[0]
    if kind == "SDR":  # svy 0.35 makes these factors by rows, as if persons had been drawn alone
        assert mean.se < 0.6 * linear
    else:
        assert mean.se == pytest.approx(linear, rel=0.35)


@pytest.mark.parametrize("population", [200, 1_000, 20_000])
def test_sizes_of_samples_are_svys_which_rounds_up_twice(population: int) -> None:
    """svy rounds up before the finite correction and after it."""
    share = svy.SampleSize().estimate_prop(0.5, 0.05, pop_size=population).to_polars()
    score = svy.SampleSize().estimate_mean(0.28, 0.04, pop_size=population).to_polars()

    assert share["n"].item() - np.ceil(size.cochran(population, 0.05, 0.5)) in (0, 1)
    assert score["n"].item() - np.ceil(size.mean_size(population, 0.04, 0.28)) in (0, 1)
