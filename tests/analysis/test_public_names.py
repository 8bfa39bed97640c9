"""What `from analysis import …` gives, whatever was loaded before."""

import pkgutil
from importlib import import_module
from types import ModuleType

import pytest

import analysis

MODULES = [found.name for found in pkgutil.walk_packages(analysis.__path__, "analysis.")]


@pytest.mark.parametrize("name", analysis.__all__)
def test_public_name_is_no_module_once_all_modules_are_loaded(name: str) -> None:
    for module in MODULES:
        import_module(module)

    found = getattr(analysis, name)

    assert not isinstance(found, ModuleType)
    assert found.__module__.startswith("analysis.")


def test_totals_are_a_function_after_answers_were_counted() -> None:
    from analysis.totals import aggregate

    assert analysis.aggregate is aggregate
    assert analysis.totals is import_module("analysis.estimation.means").totals
