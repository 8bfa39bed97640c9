"""The examples in the docstrings of the analysis are true."""

import doctest
import importlib
import pkgutil

import pytest

import analysis

NAMES = sorted(m.name for m in pkgutil.walk_packages(analysis.__path__, "analysis."))


@pytest.mark.parametrize("name", NAMES)
def test_examples_run(name: str) -> None:
    found = doctest.testmod(importlib.import_module(name), optionflags=doctest.ELLIPSIS)

    assert found.failed == 0


def test_there_are_examples() -> None:
    finder = doctest.DocTestFinder()
    tests = [t for name in NAMES for t in finder.find(importlib.import_module(name))]

    assert sum(bool(t.examples) for t in tests) >= 15
