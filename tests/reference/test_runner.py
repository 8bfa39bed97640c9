"""The runner passes every committed case, and nothing that differs from what R gave."""

import json
import shutil
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from tests.reference.__main__ import HERE, main, run

CASES = HERE / "cases"
# Weights stand in the order of the rows, and R's rule hf7 goes by it where values are tied.
BY_ROW = ("weights", "first_5_weights", "hf7")
PAIRED = ("two_psu", "pps_joint")  # files whose rows or columns belong to those of another


def copied(folder: Path, *kinds: str) -> list[Path]:
    """The cases of these kinds, all if none is named, with their data."""
    shutil.copytree(CASES / "data", folder / "data")
    paths = sorted(CASES.glob("[0-9]*.json"))
    wanted = [p for p in paths if not kinds or json.loads(p.read_text())["kind"] in kinds]
    return [Path(shutil.copy(path, folder)) for path in wanted]


def rewrite(path: Path, **parts: Any) -> None:
    path.write_text(json.dumps(json.loads(path.read_text()) | parts))


def without_rows(tree: Any) -> Any:
    if not isinstance(tree, dict):
        return tree
    return {key: without_rows(inner) for key, inner in tree.items() if key not in BY_ROW}


def test_every_committed_case_agrees() -> None:
    told: list[str] = []

    missed = run(CASES, told.append)

    assert missed == 0, "\n".join(told)
    assert any("set aside" in line for line in told)


def test_order_of_the_rows_does_not_matter(tmp_path: Path) -> None:
    for path in copied(tmp_path):
        rewrite(path, expected=without_rows(json.loads(path.read_text())["expected"]))
    for path in (tmp_path / "data").glob("*.csv"):
        if not path.stem.startswith(PAIRED):
            rows = pd.read_csv(path, dtype=str).sample(frac=1, random_state=7)
            rows.to_csv(path, index=False)
    told: list[str] = []

    assert run(tmp_path, told.append) == 0, "\n".join(told)


def test_perturbed_figure_is_a_miss(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    [path] = copied(tmp_path, "t_test")
    expected = json.loads(path.read_text())["expected"]
    assert main([str(tmp_path)]) == 0

    rewrite(path, expected=expected | {"p": expected["p"] * (1 + 1e-6)})

    assert main([str(tmp_path)]) == 1
    assert "      p: 1.000e-06" in capsys.readouterr().out


def test_unknown_figure_is_a_miss(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    [path] = copied(tmp_path, "t_test")

    rewrite(path, expected=json.loads(path.read_text())["expected"] | {"more": 1})

    assert main([str(tmp_path)]) == 1
    assert "more: nothing computes it" in capsys.readouterr().out


def test_unknown_kind_is_a_miss(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    [path] = copied(tmp_path, "t_test")

    rewrite(path, kind="divination")

    assert main([str(tmp_path)]) == 1
    assert "unknown kind 'divination'" in capsys.readouterr().out


def test_folder_without_cases_is_a_miss(tmp_path: Path) -> None:
    assert main([str(tmp_path)]) == 1


def test_cases_are_known_by_their_kind_not_their_name(tmp_path: Path) -> None:
    for place, path in enumerate(copied(tmp_path, "mean", "by", "domain_edges", "pps")):
        rewrite(path, id=f"case-{place}")
        path.rename(tmp_path / f"case-{place}.json")

    assert main([str(tmp_path)]) == 0


def test_tolerance_that_a_note_gives_holds_for_the_figures_it_names(
    tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    [path] = copied(tmp_path, "reliability")
    expected = json.loads(path.read_text())["expected"]

    wrong = {
        key: expected[key] * (1 + 1e-6) for key in ("alpha_raw", "omega_total_ml_correlations")
    }
    rewrite(path, expected=expected | wrong)

    assert main([str(tmp_path)]) == 1
    told = capsys.readouterr().out
    assert "      alpha_raw: 1.000e-06" in told
    assert "      omega" not in told


def test_units_stand_in_any_order(tmp_path: Path) -> None:
    paths = copied(tmp_path, "composite", "composite_replication", "change", "ranks", "by")
    for path in [*paths, *(tmp_path / "data").glob("*.csv")]:
        path.write_text(path.read_text().replace("U01", "ZZ").replace("U03", "AA"))
    told: list[str] = []

    assert run(tmp_path, told.append) == 0, "\n".join(told)


def test_unknown_part_of_a_design_is_a_miss(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    [path] = copied(tmp_path, "t_test")

    rewrite(path, design=json.loads(path.read_text())["design"] | {"waves": "wave"})

    assert main([str(tmp_path)]) == 1
    assert "the design has the unknown key 'waves'" in capsys.readouterr().out


def test_case_that_only_the_index_names_is_a_miss(
    tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    copied(tmp_path, "t_test")

    (tmp_path / "index.json").write_text(json.dumps({"cases": [{"id": "99-lost"}]}))

    assert main([str(tmp_path)]) == 1
    assert "FAIL  99-lost" in capsys.readouterr().out


def test_file_that_is_no_case_is_a_miss(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    (tmp_path / "01-broken.json").write_text("{")

    assert main([str(tmp_path)]) == 1
    assert "FAIL  01-broken" in capsys.readouterr().out


@pytest.mark.parametrize(("variance", "missed"), [(5e-6, 0), (1e-3, 1)])
def test_search_that_ends_just_short_of_0_is_no_miss(
    tmp_path: Path, variance: float, missed: int
) -> None:
    [path] = copied(tmp_path, "small_area")
    expected = json.loads(path.read_text())["expected"]
    expected["ml"]["tau2"] = variance
    rewrite(path, expected=expected)

    assert run(tmp_path, [].append) == missed
