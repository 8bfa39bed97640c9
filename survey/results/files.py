"""The files of a run by name, for downloads and for the command line."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from survey.errors import NotFoundError
from survey.results import export, method
from survey.results.words import speaker

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
NAMES = {
    "results.xlsx": XLSX,
    "results.csv": "text/csv",
    "run.json": "application/json",
    "method.md": "text/markdown",
}
# For everybody: small groups withheld, numbers rounded.
PUBLIC = {"public.xlsx": XLSX, "public.csv": "text/csv"}


def content(result: str, name: str, language: str) -> bytes:
    """Return a file of a run, which is given as its stored JSON."""
    if name == "run.json":
        return result.encode("utf-8")
    plain, say = json.loads(result), speaker(language)
    if name == "results.xlsx":
        return export.as_xlsx(plain, say, language)
    if name == "results.csv":
        return export.as_csv(plain, say, language)
    if name == "method.md":
        return method.as_markdown(plain, say, language).encode("utf-8")
    raise NotFoundError


def public(released: Mapping[str, Any], name: str, language: str) -> bytes:
    """Return a file for everybody, from a result that holds nothing else."""
    write = export.as_xlsx if name == "public.xlsx" else export.as_csv
    return write(released, speaker(language), language)


def chart(
    result: Mapping[str, Any], block: Mapping[str, Any], language: str, *, narrow: bool = False
) -> bytes:
    """Return the interval chart of a block as SVG, for a wide page or for a phone."""
    # Imported late: drawing takes a library that no other page needs.
    from survey.results.chart import as_svg

    return as_svg(result, block, speaker(language), language, narrow=narrow)


def charts(result: str, language: str) -> Iterator[tuple[str, bytes]]:
    """Yield name and content of each block's chart; chart.svg where there is one block."""
    plain = json.loads(result)
    blocks = plain["blocks"]
    for block in blocks:
        name = "chart.svg" if len(blocks) == 1 else f"chart-{block['code']}.svg"
        yield name, chart(plain, block, language)
