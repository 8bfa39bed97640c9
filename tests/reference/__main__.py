"""Run every reference case of a folder through the product: `python -m tests.reference DIR`."""

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
    paths = sorted(path for path in folder.glob("*.json") if path.name != "index.json")
    if not paths:
        tell(f"no case in {folder}")
        return 1
    missed = sum(not passes(Case.read(path), tell) for path in paths)
    tell(f"{len(paths) - missed} of {len(paths)} cases agree")
    return missed


def passes(case: Case, tell: Tell = print) -> bool:
    """Whether every figure of the case agrees at its tolerance."""
    answer, found = _found(case)
    tolerance = float(case.plain["tolerance_rel"])
    found.sort(key=lambda each: -each.worst)
    misses = [each for each in found if not each.worst <= tolerance]
    worst = found[0].worst if found else np.inf
    verdict = "FAIL" if misses or not found else "pass"
    tell(f"{verdict}  {case.name:32} worst {worst:.2e}  tolerance {tolerance:.0e}")
    for note in answer.notes:
        tell(f"      note: {note}")
    for each in misses:
        tell(f"      {each.path or 'case'}: {each.why or f'{each.worst:.3e}'}")
    return verdict == "pass"


def _found(case: Case) -> tuple[Answer, list[Difference]]:
    kind = KINDS.get(case.plain["kind"])
    if kind is None:
        unknown = f"unknown kind {case.plain['kind']!r}"
        return Answer({}), [Difference("", np.inf, unknown)]
    try:
        answer = kind(case)
    except Exception as error:  # noqa: BLE001 - whatever stops a case is a miss, and is told
        return Answer({}), [Difference("", np.inf, f"{type(error).__name__}: {error}")]
    return answer, differences(case.expected, answer)


def main(arguments: Sequence[str]) -> int:
    """Status 1 if any case differs."""
    folder = Path(arguments[0]) if arguments else HERE / "cases"
    return 1 if run(folder) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
