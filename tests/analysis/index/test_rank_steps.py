"""The quick step-down gives what trying all pairs of all draws gives."""

import numpy as np
import pytest

from analysis.index.rank_pairs import differences, draw_errors
from analysis.index.rank_steps import Steps, step_down

LEVEL = 0.9


def slow(points: np.ndarray, cov: np.ndarray, z: np.ndarray) -> Steps:
    """Every difference of every draw, and every family, one after the other."""
    pairs = differences(points, cov, np.ones(len(points), dtype=bool))
    scale = pairs.scale.astype(z.dtype)
    drawn = (z[:, :, None] - z[:, None, :]) * scale
    place = int(np.ceil(LEVEL * len(z))) - 1

    def family(active: np.ndarray) -> tuple[float, float, int]:
        values = []
        while True:
            maxima = np.where(active, drawn, 0).max(axis=(1, 2))
            values.append(float(np.sort(maxima)[place]))
            new = active & (pairs.statistic > values[-1])
            if not new.any():
                return values[0], values[-1], len(values)
            active = active & ~new

    units = len(points)
    own = np.zeros((units, 2))
    for unit in range(units):
        active = np.zeros((units, units), dtype=bool)
        active[unit], active[:, unit] = True, True
        own[unit] = family(active & (scale > 0))[:2]
    return Steps(own[:, 0], own[:, 1], *family(scale > 0))


def make(units: int, seed: int, shared: float) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    points = -np.sort(-random.normal(0, 2, units))
    root = random.normal(size=(units, 4)) * shared
    return points, root @ root.T + np.diag(random.uniform(0.1, 2, units))


@pytest.mark.parametrize(
    ("units", "draws", "shared", "df"),
    [(2, 300, 0.0, np.inf), (9, 700, 0.5, 6.0), (25, 400, 1.5, np.inf), (70, 240, 0.5, 9.0)],
)
def test_equal_to_trying_every_pair(units: int, draws: int, shared: float, df: float) -> None:
    points, cov = make(units, units, shared)
    z = draw_errors(cov, df, draws, seed=4)

    found = step_down(differences(points, cov, np.ones(units, dtype=bool)), z, LEVEL)

    wanted = slow(points, cov, z)
    np.testing.assert_array_equal(found.single, wanted.single)
    np.testing.assert_array_equal(found.last, wanted.last)
    assert (found.single_all, found.last_all) == (wanted.single_all, wanted.last_all)
    assert found.steps == wanted.steps


def test_many_units_of_unlike_errors_equal_trying_every_pair() -> None:
    points, cov = make(66, 1, 0.0)
    cov[:33, :33] *= 25
    points[:] = np.linspace(40, 0, 66)
    z = draw_errors(cov, np.inf, 300, seed=1)

    found = step_down(differences(points, cov, np.ones(66, dtype=bool)), z, LEVEL)

    np.testing.assert_array_equal(found.last, slow(points, cov, z).last)


def test_two_units_have_the_quantile_of_one_difference() -> None:
    cov = np.diag([1.0, 3.0])
    z = draw_errors(cov, np.inf, 40_000, seed=2)

    found = step_down(differences(np.array([1.0, 0.0]), cov, np.ones(2, dtype=bool)), z, 0.95)

    assert found.single_all == pytest.approx(1.96, abs=0.03)


def test_errors_have_the_covariance_of_the_differences() -> None:
    _, cov = make(5, 3, 1.0)

    z = draw_errors(cov, np.inf, 60_000, seed=1).astype(float)

    gaps = np.cov((z[:, :1] - z[:, 1:]).T)
    contrast = np.column_stack([np.ones(4), -np.eye(4)])
    np.testing.assert_allclose(gaps, contrast @ cov @ contrast.T, rtol=0.05, atol=0.05)
    np.testing.assert_allclose(z.sum(axis=1), 0, atol=1e-5)


def test_errors_of_few_degrees_of_freedom_have_heavy_tails() -> None:
    normal, heavy = (draw_errors(np.eye(3), df, 20_000, seed=1) for df in (np.inf, 4.0))

    assert np.abs(heavy).max() > 2 * np.abs(normal).max()
    assert heavy.dtype == np.float32


def test_small_differences_of_large_errors_are_drawn_in_double_precision() -> None:
    cov = np.full((3, 3), 1.0)
    cov[2, 2] += 100
    cov[0, 0] += 1e-5

    assert draw_errors(cov, np.inf, 100, seed=1).dtype == np.float64
