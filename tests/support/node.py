"""The Node that the browser driver brings along: scripts of ours run in it without a page."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import playwright

NODE = Path(playwright.__file__).parent / "driver" / "node"
HERE = Path(__file__).parent


def run_script(name: str, given: Any) -> Any:
    """Return what a script of this folder answers in JSON to what it is given in JSON."""
    assert NODE.exists(), f"{NODE} is missing: install the locked dependencies with `make test`"
    done = subprocess.run(
        [NODE, HERE / name],
        input=json.dumps(given),
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
