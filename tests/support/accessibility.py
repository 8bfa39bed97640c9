"""axe's accessibility rules on a page in the browser."""

from __future__ import annotations

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

# What WCAG 2.2 AA asks for, and axe's own good habits.
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def barriers(page: Page) -> list[str]:
    """Return what axe finds wrong with a page: rule, help, and the places."""
    results = Axe().run(page, options={"runOnly": RULES})
    return [
        f"{violation['id']}: {violation['help']}\n    "
        + "\n    ".join(str(node["html"]) for node in violation["nodes"])
        for violation in results.response["violations"]
    ]
