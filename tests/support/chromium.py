"""Where the browser is, and how to start it."""

from __future__ import annotations

import shutil
from pathlib import Path

from playwright.sync_api import Browser, Playwright

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome")
FLAGS = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",  # no page finds another host
]
ADVICE = (
    "Chromium is needed for the tests and was not found. Run one of:\n"
    "    apt-get install chromium\n"
    "    playwright install --with-deps chromium"
)


def find(playwright: Playwright) -> str:
    """Return the path of a Chromium or Chrome: the system's, else Playwright's own."""
    for name in NAMES:
        found = shutil.which(name)
        if found:
            return found
    own = playwright.chromium.executable_path
    if Path(own).exists():
        return own
    raise RuntimeError(ADVICE)


def launch(playwright: Playwright) -> Browser:
    """Start the browser without a window.

    Chromium's sandbox works neither for root nor in most containers, and the only pages that
    are opened are our own, so that Playwright's default, no sandbox, is right here.
    """
    return playwright.chromium.launch(executable_path=find(playwright), args=FLAGS)
