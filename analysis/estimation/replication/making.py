"""Replicates made from strata and PSUs: jackknife, balanced halves, bootstrap and others."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from analysis.design import Lonely
from analysis.errors import DesignError
from analysis.estimation.replication.bound import Caution, Replicates
from analysis.estimation.replication.declared import Kind, ReplicateWeights
from analysis.estimation.replication.drawn import FEW, Drawn
from analysis.estimation.replication.hadamard import hadamard
from analysis.weights import Floats

MOST = 2**28  # factors that are held in memory at once, 2 GiB


class _Made(NamedTuple):
    """(S, R) factors of the PSUs sampled, scale, and rscales where they differ."""

    factor: Floats
    scale: float
    rscales: Floats | None = None
    cautions: tuple[Caution, ...] = ()


class _Task(NamedTuple):
    """What is to be made of what, and by which draw."""

    declared: ReplicateWeights
    drawn: Drawn
    stream: int

    def rng(self) -> np.random.Generator:
        """A generator of the task's own."""
        key = (self.stream,) if self.stream else ()
        return np.random.default_rng(np.random.SeedSequence(self.declared.seed, spawn_key=key))


def make_replicates(declared: ReplicateWeights, drawn: Drawn, stream: int = 0) -> Replicates:
    """Make replicates of PSUs.

    Parameters
    ----------
    declared : kind, number, seed
    drawn : P PSUs in their strata
    stream : number of the draw among several with the same seed, such as those of groups

    Returns
    -------
    Replicates, one row of factors a PSU that has rows

    Raises
    ------
    DesignError
        if the design does not suit the kind, a stratum has a single PSU without a rule for it, or
        the factors would not fit into memory

    Notes
    -----
    With f_h the sampling fraction of stratum h and n_h its PSUs sampled, silent ones included:

    - JK1, JKn: a PSU gets 0, the others of its stratum n_h/(n_h - 1); rscales
      (1 - f_h)(n_h - 1)/n_h. JKn with lonely="center" gives the PSU of a single stratum 0 and all
      others H/(H - 1), with rscale (H - 1)/H.
    - groups: PSUs of each stratum in random order are dealt to G groups in turn. Strata of G PSUs
      and more as in JKn, with n_h/(n_h - n_hg) for the rest; in smaller ones the PSU deleted gets
      1 - (n_h - 1) z and the others 1 + z, z^2 = G/((G - 1) n_h (n_h - 1)).
    - BRR, Fay: 1 ± (1 - rho), by the signs of a row of a Hadamard matrix for each stratum.
    - bootstrap: 1 - b + b n_h/(n_h - 1) r, r of n_h - 1 draws with replacement, b^2 = 1 - f_h.
    - SDR: 1 + (s - s')/sqrt(8), by two neighbouring rows of a Hadamard matrix for each PSU, in
      a ring around each stratum in the order of the labels: for systematic samples.

    For all but JK1 and JKn the distance from 1 is multiplied by sqrt(1 - f_h), so that a stratum
    taken whole adds nothing. R's survey drops the finite correction for BRR and Fay.

    References
    ----------
    Wolter (2007), Introduction to Variance Estimation, ch. 3 and 4. Rao and Wu (1988), JASA 83,
    231-241; Rao, Wu and Yue (1992), Survey Methodology 18, 209-217. Kott (2001), Journal of
    Official Statistics 17, 521-526, eq. 6, for groups. Fay and Train (1995), as in `declared`.
    """
    made = _MAKERS[declared.kind](_Task(declared, drawn, stream))
    rscales = np.ones(made.factor.shape[1]) if made.rscales is None else made.rscales
    return Replicates(
        declared=declared,
        factor=np.ascontiguousarray(made.factor[drawn.slot]),
        by_row=False,
        scale=made.scale if declared.scale is None else declared.scale,
        rscales=rscales,
        few_psus=bool(drawn.few()),
        cautions=(*drawn.cautions(), *made.cautions),
    )


def _jk1(task: _Task) -> _Made:
    if len(task.drawn.n) != 1:
        raise DesignError(
            "strata_in_jk1",
            f"JK1 deletes PSUs of one stratum, but the sample has {len(task.drawn.n)}.",
            "Choose JKn.",
        )
    made = _jkn(task)
    if made.rscales is None or not len(made.rscales):
        return made
    return _Made(made.factor, made.scale * float(made.rscales[0]))


def _jkn(task: _Task) -> _Made:
    drawn = task.drawn
    center = drawn.design.lonely is Lonely.CENTER and bool(drawn.single.any())
    scale = 1.0 if center else drawn.lonely_factor()
    out = drawn.varies | drawn.single if center else drawn.varies
    deleted = np.flatnonzero(out[drawn.stratum])
    home = drawn.stratum[deleted]
    n, strata = drawn.n[home], len(drawn.n)
    factor = _ones(drawn, len(deleted))
    for h in np.flatnonzero(out).tolist():
        first, size = drawn.start[h], int(drawn.n[h])
        columns = slice(*np.searchsorted(home, [h, h + 1]))
        if size > 1:
            factor[first : first + size, columns] = size / (size - 1)
        else:
            factor[:, columns] = strata / max(strata - 1, 1)
    factor[deleted, np.arange(len(deleted))] = 0.0
    plain = (1 - drawn.fraction[home]) * (n - 1) / n
    return _Made(factor, scale, np.where(n > 1, plain, (strata - 1) / strata))


def _groups(task: _Task) -> _Made:
    drawn, rng, count = task.drawn, task.rng(), task.declared.wanted or 0
    scale = drawn.lonely_factor()
    group = np.empty(len(drawn.stratum), dtype=np.int64)
    for first, n in zip(drawn.start.tolist(), drawn.n.tolist(), strict=True):
        group[first + rng.permutation(n)] = (first + np.arange(n)) % count
    factor = _ones(drawn, count)
    for h in np.flatnonzero(drawn.varies).tolist():
        n = int(drawn.n[h])
        own = slice(drawn.start[h], drawn.start[h] + n)
        inside = group[own, None] == np.arange(count)
        lost = inside.sum(axis=0)
        if n >= count:
            moved = np.where(inside, 0.0, n / (n - lost))
        else:
            z = np.sqrt(count / ((count - 1) * n * (n - 1)))
            moved = np.where(inside, 1 - (n - 1) * z, 1 + z * (lost > 0))
        factor[own] += (moved - 1) * drawn.left[own, None]
    return _Made(factor, scale * task.declared.scale_of(count))


def _brr(task: _Task) -> _Made:
    drawn, declared = task.drawn, task.declared
    lonely = drawn.lonely_factor()
    wrong = drawn.varies & (drawn.n != 2)
    if wrong.any():
        label, n = drawn.strata[int(np.argmax(wrong))], int(drawn.n[np.argmax(wrong)])
        raise DesignError(
            "not_two_psus",
            f"Stratum {label!r} has {n} sampled PSUs; balanced halves need two.",
            "Choose JKn or the bootstrap, or split the stratum into pairs as they were drawn.",
            stratum=label,
            n_psu=n,
        )
    halved = np.flatnonzero(drawn.varies)
    signs = hadamard(max(len(halved) + 1, declared.wanted or 0))
    first = drawn.start[halved]
    step = signs[1 : len(halved) + 1] * ((1 - declared.rho) * drawn.left[first])[:, None]
    factor = _ones(drawn, len(signs))
    factor[first] += step
    factor[first + 1] -= step
    return _Made(factor, lonely * declared.scale_of(len(signs)))


def _bootstrap(task: _Task) -> _Made:
    drawn, count = task.drawn, task.declared.wanted or 0
    lonely, size = drawn.lonely_factor(), _ones(drawn, count).shape
    home = np.repeat(np.arange(len(drawn.n)), np.where(drawn.varies, drawn.n - 1, 0))
    which = task.rng().integers(0, drawn.n[home, None], size=(len(home), count))
    which += drawn.start[home, None]
    cells = which * count + np.arange(count)
    times = np.bincount(cells.ravel(), minlength=size[0] * count).reshape(size)
    n = drawn.n[drawn.stratum].astype(np.float64)
    grown = n / np.maximum(n - 1, 1)
    b = np.where(drawn.varies[drawn.stratum], drawn.left, 0.0)[:, None]
    return _Made(
        1 - b + b * grown[:, None] * times,
        lonely * task.declared.scale_of(count),
        cautions=_few(drawn.few()),
    )


def _few(strata: tuple[str, ...]) -> tuple[Caution, ...]:
    if not strata:
        return ()
    more = f" and {len(strata) - 1} more" if len(strata) > 1 else ""
    return (
        Caution(
            "few_psus",
            f"Stratum {strata[0]!r}{more} has fewer than {FEW} PSUs: the bootstrap's standard "
            "error of a ratio runs 2 to 22 % high.",
            "Use linearisation or JKn where the statistic allows it.",
            strata,
        ),
    )


def _sdr(task: _Task) -> _Made:
    drawn, declared = task.drawn, task.declared
    lonely = drawn.lonely_factor()
    ringed = drawn.varies[drawn.stratum]
    needed = int(ringed.sum())
    signs = hadamard(declared.wanted or needed + 1)
    rows = len(signs) - 1
    place = np.cumsum(ringed) - 1
    last = drawn.start + drawn.n - 1
    after = place + 1
    after[last] = place[drawn.start]
    own, other = signs[1 + place % rows], signs[1 + after % rows]
    step = np.where(ringed, drawn.left, 0.0)[:, None] / np.sqrt(8.0)
    factor = _ones(drawn, len(signs)) + step * (own.astype(np.float64) - other)
    cautions = () if rows >= needed else (_reused(rows, needed),)
    return _Made(factor, lonely * declared.scale_of(len(signs)), cautions=cautions)


def _reused(rows: int, needed: int) -> Caution:
    return Caution(
        "too_few_replicates_for_balance",
        f"{needed} PSUs share {rows} rows of signs: the variance is right on average only.",
        f"Give a count of {needed + 1}, or leave it out.",
    )


def _ones(drawn: Drawn, count: int) -> Floats:
    """(S, count) factors of 1, if there is room for them."""
    size = len(drawn.stratum) * count
    if size > MOST:
        raise DesignError(
            "too_many_replicates",
            f"{count} replicates of {len(drawn.stratum)} PSUs are {size} factors.",
            "Choose kind='groups' (delete-a-group jackknife), or fewer replicates.",
            count=count,
            n_psu=len(drawn.stratum),
        )
    return np.ones((len(drawn.stratum), count))


_MAKERS: dict[Kind, Callable[[_Task], _Made]] = {
    Kind.JK1: _jk1,
    Kind.JKN: _jkn,
    Kind.GROUPS: _groups,
    Kind.BRR: _brr,
    Kind.FAY: _brr,
    Kind.BOOTSTRAP: _bootstrap,
    Kind.SDR: _sdr,
}
