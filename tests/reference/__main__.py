"""Run every reference case of a folder through the product: `python -m tests.reference DIR`."""

import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from tests.reference.compare import Answer, Difference, differences
from tests.reference.kinds import KINDS
from tests.reference.setting import Case

HERE = Path(__file__).parent
Tell = Callable[[str], object]


def run(folder: Path, tell: Tell = print) -> int:
    """Compare all cases of a folder and tell of each; how many differ."""
    paths = {path.stem: path for path in folder.glob("*.json") if path.name != "index.json"}
    names = sorted({*paths, *_listed(folder)})
    if not names:
        tell(f"no case in {folder}")
        return 1
    missed = sum(not passes(paths.get(name, folder / f"{name}.json"), tell) for name in names)
    tell(f"{len(names) - missed} of {len(names)} cases agree")
    return missed


def _listed(folder: Path) -> set[str]:
    """Cases that the folder's index names, if it has one."""
    index = folder / "index.json"
    if not index.exists():
        return set()
    return {case["id"] for case in json.loads(index.read_text(encoding="utf-8"))["cases"]}


def passes(path: Path, tell: Tell = print) -> bool:
    """Whether every figure of the case agrees at its tolerance."""
    try:
        case = Case.read(path)
        answer, found = _found(case)
        used = [(each, case.tolerance(each.path)) for each in found]
    except (OSError, ValueError, KeyError) as error:
        tell(f"FAIL  {path.stem:32} cannot be read: {type(error).__name__}: {error}")
        return False
    misses = [each for each, tolerance in used if not each.worst <= tolerance]
    worst, tolerance = max(used, key=_share, default=(Difference("", np.inf), 0.0))
    verdict = "FAIL" if misses or not found else "pass"
    tell(f"{verdict}  {case.name:32} worst {worst.worst:.2e}  tolerance {tolerance:.0e}")
    for note in answer.notes:
        tell(f"      note: {note}")
    for each in sorted(misses, key=lambda miss: -miss.worst):
        tell(f"      {each.path or 'case'}: {each.why or f'{each.worst:.3e}'}")
    return verdict == "pass"


def _share(one: tuple[Difference, float]) -> tuple[float, float]:
    """How much of its tolerance a difference uses up, for the one nearest to a miss."""
    difference, tolerance = one
    if tolerance == 0:
        return (np.inf if difference.worst else 0.0, difference.worst)
    return (difference.worst / tolerance, difference.worst)


def _found(case: Case) -> tuple[Answer, list[Difference]]:
    answer_of = KINDS.get(case.kind)
    if answer_of is None:
        return Answer({}), [Difference("", np.inf, f"unknown kind {case.kind!r}")]
    try:
        answer = answer_of(case)
    except Exception as error:  # noqa: BLE001 - whatever stops a case is a miss, and is told
        return Answer({}), [Difference("", np.inf, f"{type(error).__name__}: {error}")]
    return answer, differences(case.expected, answer)


def main(arguments: Sequence[str]) -> int:
    """Status 1 if any case differs."""
    folder = Path(arguments[0]) if arguments else HERE / "cases"
    return 1 if run(folder) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
