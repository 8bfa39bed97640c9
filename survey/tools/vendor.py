"""Bring the fonts and icons we serve into ``survey/static``, checked against ``vendor.json``.

Run by whoever raises a version; needs npm and fontTools. What it writes is committed, so
running and testing the product needs neither: ``python -m survey.tools.vendor [folder]``,
where the folder may already hold the packed archives.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import subprocess
import sys
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

LIST = Path(__file__).with_name("vendor.json")
STATIC = Path(__file__).parents[1] / "static"

# Our own sign: three estimates, each with its interval.
MARK = (
    '<symbol id="mark" viewBox="0 0 24 24"><path fill="none" stroke="currentColor"'
    ' stroke-width="2" stroke-linecap="round" d="M3 5h13M8 12h13M2 19h11"/>'
    '<g fill="currentColor"><circle cx="9" cy="5" r="3"/><circle cx="15" cy="12" r="3"/>'
    '<circle cx="7" cy="19" r="3"/></g></symbol>'
)
STROKE = (
    'fill="none" stroke="currentColor" stroke-width="2"'
    ' stroke-linecap="round" stroke-linejoin="round"'
)


@dataclass(frozen=True, slots=True)
class Package:
    """One foreign package: what it must hash to and what we take from it."""

    name: str
    version: str
    integrity: str
    licence: str
    copies: dict[str, str]
    merges: dict[str, list[str]]
    figures: dict[str, str]
    icons: list[str]

    @property
    def archive(self) -> str:
        """The file name npm gives the packed archive."""
        return f"{self.name.removeprefix('@').replace('/', '-')}-{self.version}.tgz"


def read_list() -> tuple[list[Package], dict[str, str]]:
    """Return the packages and the SHA-256 of every file they give us."""
    content: dict[str, Any] = json.loads(LIST.read_text(encoding="utf-8"))
    return [Package(**entry) for entry in content["packages"]], content["sha256"]


def digest(path: Path) -> str:
    """Return the SHA-256 of a file in hexadecimal."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def differing_files(static: Path = STATIC) -> list[str]:
    """Return the listed files that are missing or are not what the list says."""
    _, sums = read_list()
    return [
        name
        for name, expected in sums.items()
        if not (static / name).is_file() or digest(static / name) != expected
    ]


def pack(package: Package, folder: Path) -> Path:
    """Return the package's archive in the folder, fetched if absent, its integrity checked."""
    archive = folder / package.archive
    if not archive.exists():
        wanted = f"{package.name}@{package.version}"
        # The maintainer's own npm, with a name from our own list.
        subprocess.run(["npm", "pack", "--silent", wanted], cwd=folder, check=True)  # noqa: S603, S607
    found = base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
    if f"sha512-{found}" != package.integrity:
        raise SystemExit(f"{archive.name}: integrity differs from vendor.json, nothing was copied")
    return archive


def member(archive: tarfile.TarFile, name: str) -> IO[bytes]:
    """Open one file of a packed archive."""
    found = archive.extractfile(f"package/{name}")
    if found is None:
        raise SystemExit(f"{name} is not a file of the archive")
    return found


def symbol(name: str, drawing: str) -> str:
    """Turn one icon file into a symbol of the sprite."""
    body = re.search(r"<svg[^>]*>(.*)</svg>", drawing, re.DOTALL)
    if body is None:
        raise SystemExit(f"{name}: not an SVG drawing")
    shapes = re.sub(r"\s*\n\s*", "", body[1])
    return f'<symbol id="{name}" viewBox="0 0 24 24"><g {STROKE}>{shapes}</g></symbol>'


def merge_fonts(parts: list[IO[bytes]], target: Path) -> None:
    """Join a font's subsets into one TrueType file, as figures drawn on paper need it."""
    from fontTools.merge import Merger  # type: ignore[import-untyped]
    from fontTools.ttLib import TTFont  # type: ignore[import-untyped]

    with tempfile.TemporaryDirectory() as folder:
        names = []
        dates = []
        for number, part in enumerate(parts):
            font = TTFont(part, recalcTimestamp=False)
            font.flavor = None
            dates.append((font["head"].created, font["head"].modified))
            names.append(f"{folder}/{number}.ttf")
            font.save(names[-1])
        merged = Merger().merge(names)
    # Merging stamps the time of day; the fonts' own date makes the file the same every time.
    merged["head"].created, merged["head"].modified = dates[0]
    merged.recalcTimestamp = False
    merged.save(target)


def cut_figures(source: IO[bytes], target: Path) -> None:
    """Write a font of the ten digits alone, all equally wide: the typeface has none for tables."""
    from fontTools.subset import Options, Subsetter  # type: ignore[import-untyped]
    from fontTools.ttLib import TTFont

    font = TTFont(source, recalcTimestamp=False)
    subsetter = Subsetter(Options(layout_features=[], hinting=False))
    subsetter.populate(text="0123456789")
    subsetter.subset(font)
    names = [font.getBestCmap()[ord(digit)] for digit in "0123456789"]
    width = sorted(font["hmtx"][name][0] for name in names)[-2]
    for name in names:
        glyph = font["glyf"][name]
        left = (width - (glyph.xMax - glyph.xMin)) // 2
        font["hmtx"][name] = (width, left)
        glyph.coordinates.translate((left - glyph.xMin, 0))
        glyph.recalcBounds(font["glyf"])
    font.flavor = "woff"
    font.save(target)


def take(package: Package, folder: Path) -> list[str]:
    """Copy and derive a package's files; return the names written under static."""
    written = [*package.copies.values(), *package.merges, *package.figures]
    with tarfile.open(pack(package, folder)) as archive:
        for source, target in package.copies.items():
            (STATIC / target).write_bytes(member(archive, source).read())
        for target, sources in package.merges.items():
            merge_fonts([member(archive, name) for name in sources], STATIC / target)
        for target, source in package.figures.items():
            cut_figures(member(archive, source), STATIC / target)
        if package.icons:
            symbols = [
                symbol(name, member(archive, f"icons/{name}.svg").read().decode())
                for name in package.icons
            ]
            write_sprite([MARK, *symbols])
            written.append("icons.svg")
    return written


def write_sprite(symbols: list[str]) -> None:
    """Write the one file that holds every icon."""
    body = "\n".join(symbols)
    sprite = f'<svg xmlns="http://www.w3.org/2000/svg">\n{body}\n</svg>\n'
    (STATIC / "icons.svg").write_text(sprite, encoding="utf-8")


def main() -> None:
    """Fetch, check and write everything, then record what was written."""
    packages, _ = read_list()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(scratch)
        written = [name for package in packages for name in take(package, folder)]
    content = LIST.read_text(encoding="utf-8")
    sums = json.dumps({name: digest(STATIC / name) for name in sorted(written)}, indent=2)
    indented = sums.replace("\n", "\n  ")
    content = re.sub(r'"sha256": \{.*?\}', f'"sha256": {indented}', content, flags=re.DOTALL)
    LIST.write_text(content, encoding="utf-8")


if __name__ == "__main__":
    main()
