"""Rows for a public file: coded answers alone, design codes scrambled, order of arrival gone."""

import hmac
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import pandas as pd

from analysis.design import need_columns
from analysis.errors import DataError
from analysis.quality.disclosure.tabulate import refuse_text

KEY_BYTES = 16


@dataclass(frozen=True, eq=False)
class PublicRows:
    """Rows that may be given away.

    Parameters
    ----------
    rows : one row a person, in the order of their content
    left_out : columns of the data that are not in it
    """

    rows: pd.DataFrame
    left_out: tuple[str, ...]


def scramble(labels: Iterable[object], key: bytes) -> dict[str, str]:
    """New codes for labels, in an order that only the holder of the key can repeat.

    Parameters
    ----------
    labels : codes of strata, PSUs or replicates, repeats allowed
    key : at least 16 secret bytes, such as `secrets.token_bytes(32)`; another one for each file,
        so that files cannot be joined

    Returns
    -------
    label -> "1" ... "n", filled with zeros to one length

    Raises
    ------
    DataError
        `short_key`

    Notes
    -----
    Labels are ordered by HMAC-SHA256 under the key and numbered. Whoever has a file's totals by
    PSU from elsewhere can still recognise PSUs by their size. A seed instead of a key would be
    found by trying all seeds, so the key is neither stored nor derived from one.

    Examples
    --------
    >>> sorted(scramble(["HN", "HP", "DN", "HN"], bytes(16)).values())
    ['1', '2', '3']
    """
    if len(key) < KEY_BYTES:
        raise DataError(
            "short_key",
            f"A key of {len(key)} bytes can be guessed.",
            f"Draw {KEY_BYTES} or more with secrets.token_bytes.",
        )
    known = {str(label) for label in labels}
    order = sorted(known, key=lambda label: hmac.digest(key, label.encode(), "sha256"))
    width = len(str(len(order)))
    return {label: str(number).zfill(width) for number, label in enumerate(order, start=1)}


def public_rows(
    responses: pd.DataFrame,
    *,
    codes: Sequence[str],
    design: Sequence[str] = (),
    weights: Sequence[str] = (),
    replicates: Sequence[str] = (),
    key: bytes,
) -> PublicRows:
    """The rows of a file for everybody.

    Parameters
    ----------
    responses : one row a person
    codes : columns of coded answers and groups; text is refused
    design : columns of labels that are scrambled. PSUs that are numbered within strata are
        scrambled as pairs if the stratum stands before them.
    weights : columns that are kept as they are
    replicates : columns of replicate weights; they get new names in a scrambled order
    key : see `scramble`

    Returns
    -------
    PublicRows; all other columns are left out

    Raises
    ------
    DataError
        `missing_column`, `free_text`, `short_key`

    Notes
    -----
    Estimates and their standard errors stay the same. Not covered: a person whose combination of
    codes is rare (give coarse groups only), and zero weights of jackknife replicates, which show
    which rows share a PSU, though not which PSU it is.

    Examples
    --------
    >>> rows = pd.DataFrame({"psu": ["HN", "HP"], "q": [1, 2], "words": ["...", "..."]})
    >>> made = public_rows(rows, codes=["q"], design=["psu"], key=bytes(16))
    >>> made.left_out, sorted(made.rows["psu"])
    (('words',), ['1', '2'])
    """
    wanted = (*codes, *design, *weights, *replicates)
    need_columns(responses, wanted, "the public file")
    refuse_text(responses, codes)
    rows = responses[[*codes, *weights]].copy()
    label = pd.Series("", index=responses.index)
    for column in design:
        label = label + "\0" + responses[column].astype(str)
        rows[column] = label.map(scramble(label, key + column.encode()))
    names = scramble(replicates, key)
    for column in sorted(replicates, key=names.__getitem__):
        rows[f"replicate_{names[column]}"] = responses[column]
    rows = rows.sort_values(list(rows.columns), ignore_index=True)
    return PublicRows(rows, tuple(c for c in responses.columns if c not in wanted))
