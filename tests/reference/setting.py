"""A reference case with its data and designs, read from a folder of cases."""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from analysis import JointProbabilities, SurveyDesign
from tests.reference.expressions import evaluate, plain

_FIELDS = {
    "strata": "strata",
    "psu": "psu",
    "ssu": "ssu",
    "fpc_psu": "fpc",
    "fpc_ssu": "psu_size",
    "inclusion": "inclusion",
    "lonely_psu": "lonely",
}


# "alpha 1e-10; omega 5e-4": a tolerance for the figures whose names begin so.
_NOTED = re.compile(r"\b([A-Za-z]\w*) (\d+(?:\.\d+)?e-\d+)")


@dataclass(frozen=True)
class Setting:
    """Rows of a survey and the design they came from."""

    frame: pd.DataFrame
    design: SurveyDesign

    def but(self, **choices: Any) -> "Setting":
        """The same rows under another design."""
        return replace(self, design=replace(self.design, **choices))

    def of(self, frame: pd.DataFrame) -> "Setting":
        """Other rows under the same design."""
        return replace(self, frame=frame)


@dataclass(frozen=True)
class Case:
    """One reference case of a folder."""

    folder: Path
    plain: dict[str, Any]

    @classmethod
    def read(cls, path: Path) -> "Case":
        """Read the case from its file."""
        return cls(path.parent, json.loads(path.read_text(encoding="utf-8")))

    @property
    def name(self) -> str:
        """How the case calls itself."""
        return str(self.plain["id"])

    @property
    def kind(self) -> str:
        """What sort of figures it asks for."""
        return str(self.plain["kind"])

    def tolerance(self, path: str) -> float:
        """Relative tolerance at a place: what the note says of its name, else the case's."""
        for name, value in _NOTED.findall(self.plain.get("note", "")):
            if any(part == name or part.startswith(f"{name}_") for part in path.split(".")):
                return float(value)
        return float(self.plain["tolerance_rel"])

    @property
    def request(self) -> dict[str, Any]:
        """What is asked."""
        return self.plain["request"]

    @property
    def expected(self) -> dict[str, Any]:
        """Figures to be found."""
        return self.plain["expected"]

    @cached_property
    def frames(self) -> dict[str, pd.DataFrame]:
        """Data sets by the name of their file."""
        names = self.plain["data"]
        listed = [names] if isinstance(names, str) else names
        return {Path(name).stem: pd.read_csv(self.folder / name) for name in listed}

    @cached_property
    def settings(self) -> dict[str, Setting]:
        """The designs by name; one that has no name is called ""."""
        design = self.plain["design"]
        if not all(isinstance(value, dict) for value in design.values()):
            return {"": self._setting("", design)}
        return {name: self._setting(name, each) for name, each in design.items()}

    @property
    def only(self) -> Setting:
        """The first design."""
        return next(iter(self.settings.values()))

    @property
    def units(self) -> list[str] | None:
        """Units in the order of the expected figures, None where they name none."""
        blocks = [self.expected, *(b for b in self.expected.values() if isinstance(b, dict))]
        return next((list(block["units"]) for block in blocks if "units" in block), None)

    def other(self, name: str) -> "Case":
        """A case of the same folder."""
        return Case.read(next(self.folder.glob(f"{name}.json")))

    def frame_for(self, name: str) -> pd.DataFrame:
        """The data set of a design: the one called so, else the one that stands at its place."""
        for stem, frame in self.frames.items():
            if name and (stem == name or stem.startswith(f"{name}_")):
                return frame
        frames = list(self.frames.values())
        place = list(self.plain["design"]).index(name) if name else 0
        return frames[place if place < len(frames) else 0]

    def _setting(self, name: str, design: dict[str, str]) -> Setting:
        unknown = sorted(set(design) - {*_FIELDS, "weight", "joint"})
        if unknown:
            raise ValueError(f"the design has the unknown key {unknown[0]!r}")
        frame = self.frame_for(name)
        chosen: dict[str, Any] = {
            mine: plain(design[theirs]) for theirs, mine in _FIELDS.items() if theirs in design
        }
        rule = re.search(r"lonely rule '(\w+)'", self.plain.get("note", ""))
        if rule:
            chosen["lonely"] = rule[1]
        weight = design.get("weight", "1")
        if weight in frame.columns:
            chosen["weight"] = weight
        elif weight != "1":
            frame = frame.assign(weight_=evaluate(frame, weight))
            chosen["weight"] = "weight_"
        if "joint" in design:
            labels = self.frames[Path(design["joint"]).stem]
            chosen["joint"] = JointProbabilities.from_frame(labels)
            chosen["psu"] = column_with(frame, labels.columns)
        return Setting(frame, SurveyDesign(**chosen))


def column_with(frame: pd.DataFrame, labels: Any) -> str:
    """The column in which all labels occur."""
    wanted = {str(label) for label in labels}
    for name in frame.columns:
        if wanted <= set(frame[name].astype(str)):
            return str(name)
    raise ValueError(f"no column holds all of {sorted(wanted)[:5]}")


def ends_with(key: str, names: Iterable[Any]) -> str:
    """The longest of the names with which a key ends, "" if there is none."""
    return _longest(name for name in map(str, names) if f"_{key}".endswith(f"_{name}"))


def begins_with(key: str, names: Iterable[Any]) -> str:
    """The longest of the names with which a key begins, "" if there is none."""
    return _longest(name for name in map(str, names) if f"{key}_".startswith(f"{name}_"))


def _longest(names: Iterable[str]) -> str:
    return max(names, key=len, default="")


def listed(value: Any) -> list[Any]:
    """A list, of one element if it was written without brackets."""
    return list(value) if isinstance(value, list | tuple) else [value]
