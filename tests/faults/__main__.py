"""`python -m tests.faults`: hurt the real application and count its ballots."""

from __future__ import annotations

import argparse
import shutil
import signal
import sys
import time
import traceback
from pathlib import Path

from survey.model.campaign import Anonymity
from tests.faults.browser import StuckError
from tests.faults.cluster import binaries
from tests.faults.faults import FAULTS, Fault
from tests.faults.processes import NotRunError
from tests.faults.report import Result, write
from tests.faults.sandbox import work_folder
from tests.faults.template import Template, make_template

DRAFTS = 320


def say(text: str) -> None:
    """Print at once."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


class Session:
    """The templates of a run, each made when it is first asked for."""

    def __init__(self, folder: Path, drafts: int) -> None:
        self.folder, self.drafts = folder, drafts
        self.programs = binaries(folder)
        self.made: dict[str, Template] = {}
        self.failed: dict[str, str] = {}

    def template(self, kind: str) -> Template:
        """Return the prepared platform of a kind; what could not be prepared once never can."""
        if kind in self.failed:
            raise StuckError(self.failed[kind])
        if kind not in self.made:
            self.failed[kind] = f"{kind} could not be prepared: see the first fault on it"
            began = time.monotonic()
            is_open = kind == "open"
            self.made[kind] = make_template(
                "postgresql" if is_open else kind,
                self.folder / kind,
                self.programs,
                drafts=0 if is_open else self.drafts,
                anonymity=Anonymity.OPEN if is_open else Anonymity.CODE,
            )
            del self.failed[kind]
            say(f"prepared {kind} in {time.monotonic() - began:.0f} s")
        return self.made[kind]

    def run(self, fault: Fault, *, keep: bool) -> Result:
        """Return what became of one fault."""
        try:
            template = self.template(fault.kind)
            folder = self.folder / f"run-{fault.name}"
            folder.mkdir(mode=0o755)
            began = time.monotonic()
            verdict = fault.run(fault.plan, template, folder)
        except NotRunError as missing:
            return Result(fault, reason=str(missing))
        except StuckError as stuck:
            return Result(fault, failure=str(stuck))
        except Exception:  # noqa: BLE001 -- a fault that breaks the harness is a failed fault
            return Result(fault, failure=traceback.format_exc())
        if not keep:
            shutil.rmtree(folder, ignore_errors=True)
        return Result(fault, verdict, seconds=time.monotonic() - began)


def main() -> int:
    """Run the faults that were asked for and tell whether all went as the promise says."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--only", nargs="*", default=[], help="names of faults, such as F1 F13")
    parser.add_argument("--allow-missing", action="store_true", help="do not fail for NOT RUN")
    parser.add_argument("--keep", action="store_true", help="leave ledgers and logs behind")
    parser.add_argument("--write", type=Path, help="write the table to this file")
    parser.add_argument("--drafts", type=int, default=DRAFTS, help="ballots prepared beforehand")
    asked = parser.parse_args()
    chosen = [fault for fault in FAULTS if not asked.only or fault.name in asked.only]
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that everything is undone
    folder = work_folder()
    results = []
    try:
        session = Session(folder, asked.drafts)
        for fault in chosen:
            results.append(session.run(fault, keep=asked.keep))
            say(results[-1].line())
    finally:
        if asked.keep:
            say(f"kept: {folder}")
        else:
            shutil.rmtree(folder, ignore_errors=True)
    if asked.write:
        write(asked.write, results)
    return int(any(not result.is_right(asked.allow_missing) for result in results))


if __name__ == "__main__":
    raise SystemExit(main())
