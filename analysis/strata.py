"""Strata and PSUs of rows, as numbers from labels."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.design import Lonely, SurveyDesign
from analysis.errors import DesignError
from analysis.sizes import row_error
from analysis.weights import Bools, Ints

Labels = npt.NDArray[np.object_]


@dataclass(frozen=True, eq=False)
class PsuLabels:
    """Where the labels of P PSUs stand; made into text only when somebody asks.

    Parameters
    ----------
    number : (P,) place of each PSU's label
    drawn : (P,) PSUs that are clusters; the others are units inside certainty PSUs
    clusters, units : labels as the data have them; empty where rows are their own label
    """

    number: Ints
    drawn: Bools
    clusters: "pd.Index[str]"
    units: "pd.Index[str]"

    def names(self) -> Labels:
        """(P,) labels as text; empty where a row without a label is a PSU."""
        if not len(self.clusters) or not (len(self.units) or self.drawn.all()):
            return np.zeros(0, dtype=object)
        found = np.empty(len(self.number), dtype=object)
        for chosen, labels in ((self.drawn, self.clusters), (~self.drawn, self.units)):
            if chosen.any():
                texts = np.array([str(label) for label in labels], dtype=object)
                found[chosen] = texts[self.number[chosen]]
        return found


def labelled(
    data: pd.DataFrame, column: str | None, *, each_row: bool = False
) -> tuple[Ints, "pd.Index[str]"]:
    """Numbers of the labels in a column, and the labels; None is one label, or one a row."""
    if column is None:
        rows = len(data)
        none, one = pd.Index([], dtype=object), pd.Index([""])
        return (np.arange(rows), none) if each_row else (np.zeros(rows, dtype=np.int64), one)
    codes, labels = pd.factorize(data[column], sort=True)
    if (codes < 0).any():
        raise row_error("missing_label", column, codes < 0, "has no value")
    return codes.astype(np.int64), pd.Index(labels)


def joined(design: SurveyDesign, names: list[str]) -> Ints:
    """(H,) the stratum that each stratum belongs to after collapsing."""
    place = {name: index for index, name in enumerate(names)}
    missing = [name for name in names if design.frame and name not in design.frame]
    if missing:
        raise DesignError(
            "not_in_frame",
            f"Stratum {missing[0]!r} of the data is not in the frame.",
            "Add it to the frame with its number of sampled PSUs.",
            stratum=missing[0],
        )
    return np.array([_target(design, name, place) for name in names], dtype=np.int64)


def _target(design: SurveyDesign, name: str, place: dict[str, int]) -> int:
    seen = {name}
    while design.lonely is Lonely.COLLAPSE and name in design.frame:
        stratum = design.frame[name]
        following = stratum.collapse_to
        if following is None or stratum.n_psu > 1 or following in seen or following not in place:
            break
        seen.add(following)
        name = following
    return place[name]


def check_whole(
    design: SurveyDesign, ballot: Ints, cluster: Ints, given: Ints, stratum: Ints
) -> None:
    """Raise a DataError for a ballot, or an unnested PSU, with rows in two strata."""
    if design.ballot is not None and design.psu is None:
        wrong = _torn(ballot, stratum)
        if wrong.any():
            says = "names a ballot that lies in two strata"
            hint = "All rows of a ballot carry the stratum of its rater."
            raise row_error("ballot_in_two_strata", design.ballot, wrong, says, hint)
    if design.psu is not None and not design.nested_psu:
        wrong = _torn(cluster, given)
        if wrong.any():
            says = "names a PSU that lies in two strata"
            hint = "Correct its stratum, or declare nested_psu=True if the label names two PSUs."
            raise row_error("psu_in_two_strata", design.psu, wrong, says, hint)


def _torn(part: Ints, stratum: Ints) -> Bools:
    """(R,) rows whose stratum is not that of the last row of their part."""
    last = np.zeros(int(part.max(initial=-1)) + 1, dtype=np.int64)
    last[part] = stratum
    return np.asarray(last[part] != stratum)


def apart_if_certain(
    design: SurveyDesign, names: list[str], stratum: Ints, cluster: Ints, second: Ints
) -> tuple[Ints, Ints, dict[int, int]]:
    """Give each certainty PSU a stratum of its own, with its second-stage units as PSUs.

    Returns the strata and clusters of the rows, and for each new stratum the one it came from.
    """
    certain = [i for i, name in enumerate(names) if _is_certain(design, name)]
    rows = np.isin(stratum, certain) if design.psu is not None else np.zeros(len(stratum), bool)
    if not rows.any():
        return stratum, cluster, {}
    pairs, place = np.unique(np.stack([stratum[rows], cluster[rows]]), axis=1, return_inverse=True)
    stratum, cluster = stratum.copy(), cluster.copy()
    stratum[rows] = len(names) + place.ravel()
    cluster[rows] = second[rows]
    return stratum, cluster, {len(names) + i: int(h) for i, h in enumerate(pairs[0])}


def _is_certain(design: SurveyDesign, name: str) -> bool:
    return name in design.frame and design.frame[name].certainty


def nested(stratum: Ints, cluster: Ints) -> tuple[Ints, Ints]:
    """(R,) PSU numbers within strata, and (P,) the stratum of each, strata as given.

    PSUs ascend by stratum, then by cluster.
    """
    home = np.full(int(cluster.max(initial=-1)) + 1, -1, dtype=np.int64)
    home[cluster] = stratum
    if not (home[cluster] == stratum).all():
        width = len(home)
        keys, psu = np.unique(stratum * width + cluster, return_inverse=True)
        return psu.astype(np.int64), keys // width
    present = np.flatnonzero(home >= 0)
    small = np.uint16 if home.max(initial=0) < 2**16 else np.int64  # sorted in linear time
    order = present[np.argsort(home[present].astype(small), kind="stable")]
    place = np.zeros(len(home), dtype=np.int64)
    place[order] = np.arange(len(order))
    return place[cluster], home[order]
