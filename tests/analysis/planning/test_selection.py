"""Draws: exact probabilities that chance keeps, the same sample from any order, a log to follow."""

import hashlib
import re
from collections import Counter
from fractions import Fraction
from math import comb, prod

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.design import SurveyDesign
from analysis.errors import AnalysisError
from analysis.estimation.means import totals
from analysis.planning.chance import Chance
from analysis.planning.methods import METHODS, Listed, Method
from analysis.planning.selection import Draw, draw
from analysis.planning.stages import Stage

quick = settings(max_examples=40, deadline=None, derandomize=True)
COMMUNES = pd.DataFrame(
    {
        "district": ["N"] * 4 + ["S"] * 3,
        "commune": ["Hoa", "Mai", "Lan", "Sen", "Tre", "Trúc", "Đào"],
        "people": [900, 250, 400, 450, 120, 300, 180],
        "road": [2, 1, 3, 1, 2, 1, 1],
    }
)
VILLAGES = pd.DataFrame(
    [
        {"district": row.district, "commune": row.commune, "village": f"{v}", "person": f"p{p:02}"}
        for row in COMMUNES.itertuples()
        for v in range(1, 4)
        for p in range(row.people // 100 + v)
    ]
)
THREE = (
    Stage(unit="commune", n={"N": 2, "S": 1}, method="pps", strata="district"),
    Stage(unit="village", n=2),
    Stage(unit="person", n=2, method="systematic"),
)


def sizes(*numbers: int) -> list[Listed]:
    return [Listed(f"u{i}", Fraction(size)) for i, size in enumerate(numbers)]


@pytest.mark.parametrize("method", list(Method))
@pytest.mark.parametrize(
    ("units", "n"), [(sizes(5, 1, 3, 2, 8, 4, 1), 3), (sizes(*range(1, 13)), 5)]
)
def test_frequencies_over_many_seeds_match_the_probabilities(
    method: Method, units: list[Listed], n: int
) -> None:
    times = 3000
    seen: Counter[str] = Counter()
    stated: dict[str, Fraction] = {}
    for seed in range(times):
        picked, _ = METHODS[method](units, n, Chance(seed), "test")
        assert len({one.label for one in picked}) == n
        for one in picked:
            seen[one.label] += 1
            assert stated.setdefault(one.label, one.inclusion) == one.inclusion

    assert sum(stated.values()) == n
    for label, probability in stated.items():
        deviation = (float(probability) * (1 - float(probability)) / times) ** 0.5
        assert abs(seen[label] / times - float(probability)) <= 4.5 * deviation


def test_every_sample_of_a_simple_draw_is_equally_likely() -> None:
    times = 4000
    seen = Counter(
        frozenset(one.label for one in METHODS[Method.SIMPLE](sizes(*[1] * 5), 2, Chance(s), "")[0])
        for s in range(times)
    )

    assert len(seen) == comb(5, 2)
    expected = times / comb(5, 2)
    assert sum((count - expected) ** 2 / expected for count in seen.values()) < 27.9  # p = 0.001


def test_certain_units_leave_the_list_until_none_is_left() -> None:
    picked, log = METHODS[Method.PPS](sizes(100, 30, 10, 10, 10), 3, Chance(1), "x")

    # 100 of 160 with 3 places; then 30 of 60 with 2; then one place for three of size 10.
    assert [(one.label, one.inclusion) for one in picked[:2]] == [("u0", 1), ("u1", 1)]
    assert picked[2].inclusion == Fraction(1, 3)
    assert [one.certain for one in picked] == [True, True, False]
    assert [line for line in log if line.startswith("certain")] == [
        "certain, 160/3 or more:",
        "certain, 30 or more:",
    ]


def test_a_sample_of_everything_is_certain() -> None:
    for method in METHODS:
        picked, _ = METHODS[method](sizes(3, 1, 7), 3, Chance(5), "x")

        assert sorted(one.label for one in picked) == ["u0", "u1", "u2"]
        assert all(one.inclusion == 1 and one.certain for one in picked)


@pytest.mark.parametrize("method", list(Method))
def test_the_order_of_the_frame_has_no_part(method: Method) -> None:
    stage = Stage(
        unit="commune", n=2, method=method, strata="district", size="people", order=("road",)
    )
    first = draw(COMMUNES, stage, seed=20260301)

    for other in range(5):
        shuffled = COMMUNES.sample(frac=1, random_state=other)[list(reversed(COMMUNES.columns))]
        assert draw(shuffled, stage, seed=20260301) == first
    assert draw(COMMUNES, stage, seed=1).frame_hash == first.frame_hash


def test_a_systematic_draw_spreads_over_what_it_is_sorted_by() -> None:
    frame = pd.DataFrame({"person": range(30), "age": [20, 40, 60] * 10})
    stage = Stage(unit="person", n=3, method="systematic", order=("age",))

    for seed in range(20):
        chosen = [int(label) for label in draw(frame, stage, seed).labels]
        assert sorted(frame.age[chosen]) == [20, 40, 60]


def test_units_that_join_do_not_move_the_others() -> None:
    before = draw(COMMUNES, Stage(unit="commune", n=3), seed=4)
    joined = pd.concat([COMMUNES, COMMUNES.iloc[[0]].assign(commune="Mới")])

    after = draw(joined, Stage(unit="commune", n=3), seed=4)

    assert set(after.labels) <= {*before.labels, "Mới"}


def test_three_stages_multiply_their_probabilities() -> None:
    found = draw(VILLAGES, THREE, seed=99)

    rows = VILLAGES.groupby(["commune"]).size()
    in_district = VILLAGES.groupby("district").size()
    people = VILLAGES.groupby(["commune", "village"]).size()
    take = {"N": 2, "S": 1}
    assert len(found.drawn) == 3 * 2 * 2
    for one in found.drawn:
        commune, village, _ = one.path
        district = one.strata[0]
        first = min(
            Fraction(1), Fraction(take[district] * int(rows[commune]), int(in_district[district]))
        )
        third = Fraction(2, int(people[commune, village]))
        assert one.probability == first * Fraction(2, 3) * third
        assert one.weight * one.probability == 1


def test_frequencies_of_three_stages_match_the_probabilities() -> None:
    small = VILLAGES[VILLAGES.commune.isin(["Mai", "Lan", "Tre"])]
    times = 400
    seen: Counter[tuple[str, ...]] = Counter()
    total = Fraction(0)
    for seed in range(times):
        found = draw(small, [Stage(unit="commune", n=2, method="pps"), *THREE[1:]], seed)
        seen.update(one.path for one in found.drawn)
        total += sum((one.weight for one in found.drawn), Fraction(0))

    assert float(total / times) == pytest.approx(len(small), rel=0.02)
    assert len(seen) == len(small)


def test_the_table_is_what_a_design_takes() -> None:
    table = draw(VILLAGES, THREE, seed=3).table

    assert list(table.columns) == [
        "commune", "village", "person",
        "stratum", "population", "inclusion", "certainty", "probability", "weight",
    ]  # fmt: skip
    assert dict(zip(table.stratum, table.population, strict=True)) == {"N": 4, "S": 3}
    assert all(isinstance(weight, Fraction) for weight in table.weight)


# --- The log, followed by hand -------------------------------------------------------------------


def follow(found: Draw, frame: pd.DataFrame) -> set[tuple[str, ...]]:
    """Draw again from the printed log: its seed, its texts to hash, its lists and nothing else."""
    lines = found.printed().splitlines()
    assert lines[0] == "xhh-draw 1"
    assert lines[2].endswith(digest_of(frame, lines[3]))
    places: dict[str, list[str]] = {}
    for line in lines[4:]:
        if line.startswith("["):
            place = line[1 : line.index("]")]
            body = places[place] = [line]
        elif line.startswith("sample"):
            break
        else:
            body.append(line)
    return {
        (*place.split("|")[1:], label)
        for place, body in places.items()
        for label in again(body)
        if place.startswith(str(len(found.stages)))
    }


def digest_of(frame: pd.DataFrame, rule: str) -> str:
    columns = re.search(r"columns (.*?), tab", rule)[1].split(", ")
    rows = sorted("\t".join(map(str, row)) for row in frame[columns].itertuples(index=False))
    return hashlib.sha256(
        "".join(f"{r}\n" for r in ["\t".join(columns), *rows]).encode()
    ).hexdigest()


def hashed(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def again(body: list[str]) -> list[str]:
    """Return who is drawn at one place."""
    n = int(re.search(r": (\d+) of", body[0])[1])
    text = "\n".join(body)
    if "simple random" in text:
        label = re.search(r'SHA-256 of "(.*)<unit>"', text)[1]
        given = re.findall(r"^  ([0-9a-f]{16}) (.*)$", text, re.MULTILINE)
        assert [number for number, _ in given] == [hashed(f"{label}{unit}") for _, unit in given]
        assert given == sorted(given)
        limit = re.search(r"first not taken: (\S+) (.*)", text)
        assert limit is None or hashed(f"{label}{limit[2]}") == limit[1] > given[-1][0]
        assert len(given) == n
        return [unit for _, unit in given]
    certain = re.findall(r"^  [0-9/]+: (.*)$", text, re.MULTILINE) if "certain" in text else []
    start = re.search(r'SHA-256 of "(.*)", first 16 digits (\S+)\n.* times (\S+), is', text)
    if start is None:
        return certain
    assert hashed(start[1]) == start[2]
    point = Fraction(int(start[2], 16), 2**64) * Fraction(start[3])
    if "proportional" in text:
        interval = Fraction(re.search(r"interval (\S+)", text)[1])
        units = re.findall(r"^  ([0-9/]+) to ([0-9/]+): (.*?)(?: <- .*)?$", text, re.MULTILINE)
        points = [point + j * interval for j in range(n - len(certain))]
        inside = [
            unit for p in points for low, high, unit in units if Fraction(low) <= p < Fraction(high)
        ]
        return certain + inside
    every = re.search(r"one of every ([0-9/]+), (\d+) in order", text)
    step, size = Fraction(every[1]), int(every[2])
    first = int(point) if "circular" in text else point
    numbers = [int(first + j * step) % size + 1 for j in range(n)]
    told = dict(re.findall(r"^  number (\d+): (.*)$", text, re.MULTILINE))
    return [told[str(number)] for number in numbers]


@pytest.mark.parametrize("seed", [0, 7, 20260301, 2**70])
def test_the_printed_log_gives_the_same_sample(seed: int) -> None:
    three = draw(VILLAGES, THREE, seed)
    assert follow(three, VILLAGES) == {one.path for one in three.drawn}

    for method in Method:
        stage = Stage(unit="commune", n=3, method=method, size="people", order=("road",))
        found = draw(COMMUNES, stage, seed)
        assert follow(found, COMMUNES) == {one.path for one in found.drawn}


def test_the_log_ends_with_every_probability() -> None:
    found = draw(COMMUNES, Stage(unit="commune", n=2, strata="district"), seed=2)

    told = found.log[found.log.index("sample: 4, each with its probability") + 1 :]
    assert list(told) == [f"  {one.path[0]}: {one.probability}" for one in found.drawn]
    assert {one.strata[0]: one.probability for one in found.drawn} == {
        "N": Fraction(1, 2),
        "S": Fraction(2, 3),
    }


@quick
@given(
    st.lists(st.integers(1, 10**6), min_size=2, max_size=25),
    st.data(),
    st.integers(0, 2**64),
)
def test_probabilities_of_pps_add_up_to_the_sample(
    numbers: list[int], data: st.DataObject, seed: int
) -> None:
    n = data.draw(st.integers(1, len(numbers)))
    picked, _ = METHODS[Method.PPS](sizes(*numbers), n, Chance(seed), "x")

    assert len({one.label for one in picked}) == n
    assert all(0 < one.inclusion <= 1 for one in picked)
    chances = [one.inclusion for one in picked if not one.certain]
    size = {f"u{i}": number for i, number in enumerate(numbers)}
    assert (
        len({c / size[p.label] for c, p in zip(chances, picked[n - len(chances) :], strict=True)})
        <= 1
    )
    assert prod(chances, start=Fraction(1)) > 0


@pytest.mark.parametrize(
    ("frame", "stage", "code", "named"),
    [
        (COMMUNES, Stage(unit="xã", n=1), "missing_column", "xã"),
        (COMMUNES.iloc[:0], Stage(unit="commune", n=1), "empty_frame", ""),
        (COMMUNES, Stage(unit="commune", n=8), "population_too_small", "lists 7"),
        (COMMUNES, Stage(unit="commune", n=4, strata="district"), "population_too_small", "1|S"),
        (COMMUNES, Stage(unit="commune", n=0), "bad_stage", "0"),
        (COMMUNES, Stage(unit="commune", n=1, method="lottery"), "bad_stage", "lottery"),
        (COMMUNES, Stage(unit="district", n=1), "repeated_unit", "N"),
        (
            COMMUNES,
            Stage(unit="commune", n={"N": 1, "W": 1}, strata="district"),
            "unknown_stratum",
            "W",
        ),
        (COMMUNES, Stage(unit="commune", n={"N": 1}, strata="district"), "unknown_stratum", "S"),
        (COMMUNES.assign(people=0), Stage(unit="commune", n=1, size="people"), "bad_size", "Hoa"),
        (COMMUNES.assign(people="x"), Stage(unit="commune", n=1, size="people"), "bad_size", "'x'"),
        (COMMUNES.assign(commune=None), Stage(unit="commune", n=1), "bad_label", "Row 1"),
        (
            COMMUNES.assign(people=np.nan),
            Stage(unit="commune", n=1, size="people"),
            "bad_label",
            "",
        ),
        (COMMUNES.assign(commune="a\tb"), Stage(unit="commune", n=1), "bad_label", "control"),
    ],
)
def test_a_frame_that_cannot_be_drawn_from_is_named(
    frame: pd.DataFrame, stage: Stage, code: str, named: str
) -> None:
    with pytest.raises(AnalysisError) as error:
        draw(frame, stage, seed=1)

    assert error.value.code == code
    assert named in str(error.value)
    assert error.value.hint


def test_a_commune_in_two_districts_is_refused() -> None:
    frame = VILLAGES.assign(
        district=["N", "S"] * (len(VILLAGES) // 2) + ["N"] * (len(VILLAGES) % 2)
    )

    with pytest.raises(AnalysisError, match="two values of 'district'"):
        draw(frame, THREE, seed=1)


def test_stages_and_seed_are_checked() -> None:
    stage = Stage(unit="commune", n=1)

    for stages, seed in (([], 1), ([stage, stage], 1), (stage, -1), (stage, True), (stage, "7")):
        with pytest.raises(AnalysisError) as error:
            draw(COMMUNES, stages, seed)  # type: ignore[arg-type]
        assert error.value.code in {"bad_stage", "bad_seed"}


def test_numbers_for_a_later_stage_are_given_by_the_unit_before() -> None:
    stages = [Stage(unit="commune", n=7), Stage(unit="village", n={"Hoa": 3}), THREE[2]]

    with pytest.raises(AnalysisError, match="does not say how many to draw from"):
        draw(VILLAGES, stages, seed=1)
    numbers = dict.fromkeys(COMMUNES.commune, 1) | {"Hoa": 3}
    found = draw(VILLAGES, [stages[0], Stage(unit="village", n=numbers), THREE[2]], seed=1)
    villages = Counter(path[0] for path in {one.path[:2] for one in found.drawn})
    assert villages == numbers


def test_a_drawn_sample_is_estimated_as_it_was_drawn() -> None:
    people = dict(zip(COMMUNES.commune, COMMUNES.people, strict=True))
    samples = [draw(VILLAGES, THREE, seed).drawn for seed in range(120)]

    by_hand = [float(sum(one.weight * people[one.path[0]] for one in drawn)) for drawn in samples]

    true = VILLAGES.commune.map(people).sum()
    assert abs(np.mean(by_hand) - true) < 4 * np.std(by_hand) / np.sqrt(len(samples))
    design = SurveyDesign(
        strata="stratum", psu="commune", weight="weight",
        pps="brewer", inclusion="inclusion", lonely="center",
    )  # fmt: skip
    table = draw(VILLAGES, THREE, 0).table
    estimates = totals(
        table.assign(value=table.commune.map(people).astype(float)), design, ["value"]
    )
    assert estimates.estimate[0] == pytest.approx(by_hand[0])
    assert estimates.se[0] >= 0
