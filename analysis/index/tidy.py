"""Tables of results: one row a figure, exact numbers kept exact."""

from collections.abc import Sequence

import pandas as pd


def tidy(rows: Sequence[tuple[object, ...]], columns: Sequence[str]) -> pd.DataFrame:
    """A table whose exact numbers, flags and missing values stay Python objects."""
    exact_columns = {"points", "max_points", "share", "score", "weight", "difference", "flags"}
    exact_columns |= {"distinguishable"}
    data = {}
    for place, name in enumerate(columns):
        values = [row[place] for row in rows]
        keep = name in exact_columns and not any(isinstance(v, float) for v in values)
        data[name] = pd.Series(values, dtype=object) if keep else pd.Series(values)
    return pd.DataFrame(data, columns=list(columns))
