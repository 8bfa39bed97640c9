import numpy as np
import pytest

from analysis.estimation.freedom import satterthwaite, satterthwaite_each


@pytest.mark.parametrize(
    ("variance", "df", "expected"),
    [
        ([2.0], [7.0], 7.0),
        ([2.0], [-1.0], 0.0),
        ([0.0], [7.0], 7.0),
        ([2.0, 0.0], [7.0, 3.0], 7.0),
        ([2.0, 1.0], [7.0, 0.0], 0.0),
        ([0.0, 0.0], [7.0, -2.0], 7.0),
        ([1.0, 1.0], [4.0, 4.0], 8.0),
        ([3.0, 1.0], [9.0, 1.0], 8.0),
    ],
)
def test_degrees_of_freedom_of_a_sum(
    variance: list[float], df: list[float], expected: float
) -> None:
    assert satterthwaite(np.array(variance), np.array(df)) == pytest.approx(expected)


def test_many_sums_are_each_as_one() -> None:
    random = np.random.default_rng(1)
    variance = random.integers(0, 4, (3, 50)) / 3
    df = random.integers(-1, 6, (3, 50)).astype(np.float64)

    found = satterthwaite_each(variance, df)

    one = [satterthwaite(v, d) for v, d in zip(variance.T, df.T, strict=True)]
    assert found.tolist() == pytest.approx(one)
