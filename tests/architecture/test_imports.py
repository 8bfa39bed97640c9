"""Who may know whom: the table of rows, and no circles of any kind."""

from __future__ import annotations

import graphlib
import subprocess
import sys

import pytest

import analysis
from tests.support.source import ROOT, Module, modules

# A part may use the parts of lower rows; parts of one row do not know each other.
ROWS = {
    "wsgi": 7,
    "survey.app": 6,
    "survey.cli": 6,
    "survey.design": 5,
    "survey.collection": 5,
    "survey.fieldwork": 5,
    "survey.scoring": 5,
    "survey.results": 5,
    "survey.administration": 5,
    "survey.demo": 5.5,
    "survey.console": 4.5,
    "survey.web": 4,
    "survey.migrations": 3.5,
    "survey.dataset": 3,
    "survey.db": 3,
    "survey.sqlite": 2.5,
    "survey.audit": 3,
    "survey.mail": 3,
    "survey.ballotbox": 2.8,
    "survey.interchange": 2.5,
    "survey.definition": 2.5,
    "survey.model": 2,
    "survey.questionnaire": 2,
    "survey.config": 2,
    "survey.clock": 1,
    "survey.deadline": 1,
    "survey.errors": 1,
    "survey.tools": 1,
    "survey": 0,
    "analysis": 0,
}
MAY_USE_ANALYSIS = {"survey.dataset", "survey.results", "survey.fieldwork", "survey.cli"}
# Interchange is pure: of row 2 it knows questionnaires alone.
FORBIDDEN_PAIRS = {("survey.interchange", "survey.model"), ("survey.interchange", "survey.config")}

FLASK = {"flask", "flask_wtf", "werkzeug", "wtforms", "jinja2"}
MAY_USE_FLASK = (
    "survey.app",
    "survey.cli",
    "survey.web",
    "survey.collection.visiting",
    "survey.collection.rendering",
)
FLASK_FILES = {"views.py", "forms.py"}

SQLALCHEMY = {"sqlalchemy", "alembic"}
MAY_USE_SQLALCHEMY = (
    "survey.model",
    "survey.db",
    "survey.audit",
    "survey.ballotbox",
    "survey.dataset",
    "survey.migrations",
    "survey.web.auth",
    "survey.collection.drafts",
    "survey.collection.standing",
    "survey.sqlite",
)
SQLALCHEMY_FILES = {"queries.py", "services.py"}

NUMERIC = {"numpy", "scipy", "pandas"}
# Each belongs to an extra that most installations do not have.
ENGINES = {"duckdb", "psycopg", "pyspark"}
STANDARD = set(sys.stdlib_module_names)


def part_of(name: str) -> str:
    """Return the longest row name that a module lies in."""
    parts = name.split(".")
    for length in range(len(parts), 0, -1):
        if ".".join(parts[:length]) in ROWS:
            return ".".join(parts[:length])
    raise AssertionError(f"{name} is in no row: give its part a place in ROWS")


def own_imports(module: Module) -> list[tuple[int, str]]:
    """Return the modules of ours that a module imports, with the line."""
    known = {m.name for m in modules()}
    found = {}
    for line, imported in module.imports():
        if imported.split(".")[0] not in {"survey", "analysis", "wsgi"}:
            continue
        target = imported if imported in known else imported.rpartition(".")[0]
        if target in known and target != module.name:
            found.setdefault(target, line)
    return [(line, target) for target, line in found.items()]


def lies_in(name: str, parts: tuple[str, ...]) -> bool:
    return any(name == part or name.startswith(f"{part}.") for part in parts)


def test_every_module_has_a_row():
    unplaced = [m.name for m in modules() if m.name != "survey" and part_of(m.name) == "survey"]

    assert not unplaced, f"give these a row in ROWS: {unplaced}"


@pytest.mark.parametrize("module", modules(), ids=lambda m: m.name)
def test_a_module_knows_only_lower_rows(module):
    own = part_of(module.name)
    wrong = []
    for line, target in own_imports(module):
        other = part_of(target)
        if other == own:
            continue
        if other == "analysis" and own in MAY_USE_ANALYSIS:
            continue
        if other == "analysis" or ROWS[other] >= ROWS[own] or (own, other) in FORBIDDEN_PAIRS:
            wrong.append(f"{module.place}:{line} imports {target}")

    assert not wrong, "\n".join(wrong)


def test_there_is_no_circle_of_imports():
    graph = {m.name: {target for _, target in own_imports(m)} for m in modules()}

    try:
        graphlib.TopologicalSorter(graph).prepare()
    except graphlib.CycleError as error:
        pytest.fail(" -> ".join(reversed(error.args[1])))


def uses(module: Module, packages: set[str]) -> list[str]:
    return [
        f"{module.place}:{line} imports {name}"
        for line, name in module.imports()
        if name.split(".")[0] in packages
    ]


def test_flask_stays_at_the_edge():
    wrong = [
        found
        for m in modules()
        if not lies_in(m.name, MAY_USE_FLASK) and m.path.name not in FLASK_FILES
        for found in uses(m, FLASK)
    ]

    assert not wrong, "\n".join(wrong)


def test_sqlalchemy_stays_with_what_reads_and_stores():
    wrong = [
        found
        for m in modules()
        if not lies_in(m.name, MAY_USE_SQLALCHEMY) and m.path.name not in SQLALCHEMY_FILES
        for found in uses(m, SQLALCHEMY)
    ]

    assert not wrong, "\n".join(wrong)


def test_figures_are_drawn_in_the_report_part_of_the_analysis_alone():
    wrong = [
        found
        for m in modules()
        if not m.name.startswith("analysis.report")
        for found in uses(m, {"matplotlib"})
    ]

    assert not wrong, "\n".join(wrong)


def test_the_analysis_uses_numeric_libraries_and_nothing_else():
    allowed = NUMERIC | {"matplotlib", "pyarrow", "analysis"}
    wrong = [
        f"{m.place}:{line} imports {name}"
        for m in modules()
        if part_of(m.name) == "analysis"
        for line, name in m.imports()
        if name.split(".")[0] not in allowed | STANDARD
        and not (m.name.startswith("analysis.engines.") and uses_when_called(m, line, ENGINES))
    ]

    assert not wrong, "\n".join(wrong)


def uses_when_called(module: Module, line: int, packages: set[str]) -> bool:
    return any(
        late == line and name.split(".")[0] in packages for late, name in module.late_imports()
    )


@pytest.mark.parametrize("imported", ["analysis", "analysis.errors"])
def test_an_error_is_caught_without_loading_the_numeric_libraries(imported):
    code = f"import sys, {imported}; print(*sys.modules)"

    loaded = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=True, text=True
    )

    assert not (NUMERIC | ENGINES) & set(loaded.stdout.split())


def test_pages_of_respondents_do_not_load_the_numeric_libraries():
    heavy = NUMERIC | {"matplotlib", "pyarrow", "openpyxl"}
    wrong = []
    for module in modules():
        if part_of(module.name) not in {"survey.app", "survey.web", "survey.collection", "wsgi"}:
            continue
        wrong += uses(module, heavy)

    assert not wrong, "\n".join(wrong)


def test_packages_have_empty_init_files_but_for_the_public_face_of_the_analysis():
    full = [m.place for m in modules() if m.path.name == "__init__.py" and m.tree.body]

    assert full == ["analysis/__init__.py"]


def test_every_name_of_the_public_face_is_there_for_people_and_for_types():
    face = next(m for m in modules() if m.name == "analysis")
    for_types = {name.rpartition(".")[2] for _, name in face.imports() if "analysis." in name}

    assert set(analysis.__all__) == for_types
    assert all(getattr(analysis, name) for name in analysis.__all__)
