"""The tour of the documentation shows what its code gives."""

import doctest

from tests.support.source import ROOT

TOUR = ROOT / "docs" / "tour.md"
FENCES = ("```python", "```")


def test_the_tour_shows_what_its_code_gives() -> None:
    text = TOUR.read_text("utf-8")
    code = "\n".join("" if line in FENCES else line for line in text.splitlines()) + "\n"
    test = doctest.DocTestParser().get_doctest(code, {}, TOUR.name, str(TOUR), 0)
    flags = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE

    found = doctest.DocTestRunner(optionflags=flags).run(test)

    assert found.attempted >= 30
    assert found.failed == 0
