"""Words and calls that have no place in the tree."""

from __future__ import annotations

import ast
import re

import pytest

from tests.support.source import ROOT, modules, templates, tracked_files

# Written in pieces, so that this file does not contain them itself.
NOT_OURS = [
    "pypi" + ".org",
    "python" + "hosted",
    "registry." + "npmjs",
    "npmjs" + ".com",
    "deb.debian" + ".org",
    "/work" + "/",
    "/tmp" + "/venv",
    "/tmp" + "/plan",
    "/tmp" + "/tools",
    "/root" + "/",
]
UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b|raise NotImplementedError")
FOREIGN_TEXT = ("survey/static/vendor/", "survey/static/fonts/")
# pip is told about indexes on a machine without network; a guide may say how.
GUIDES = {"docs/operations.md"}


def calls(tree: ast.AST) -> list[tuple[int, str]]:
    """Return line and dotted name of every call."""
    return [(n.lineno, ast.unparse(n.func)) for n in ast.walk(tree) if isinstance(n, ast.Call)]


@pytest.mark.parametrize(
    ("name", "allowed"),
    [
        ("print", ()),
        ("datetime.now", ("survey/clock.py",)),
        ("datetime.utcnow", ()),
        ("datetime.today", ()),
        ("date.today", ()),
        ("datetime.datetime.now", ()),
        ("datetime.date.today", ()),
        ("time.time", ()),
        ("np.random.seed", ()),
        ("numpy.random.seed", ()),
        ("random.seed", ()),
        ("eval", ()),
        ("exec", ()),
        ("pickle.loads", ()),
        ("os.system", ()),
    ],
)
def test_call_is_made_nowhere_else(name, allowed):
    wrong = [
        f"{m.place}:{line}"
        for m in modules()
        if m.place not in allowed
        for line, called in calls(m.tree)
        if called == name
    ]

    assert not wrong, f"{name}: {wrong}"


def test_pyplot_and_its_hidden_state_are_not_used():
    wrong = [m.place for m in modules() for _, name in m.imports() if "pyplot" in name]

    assert not wrong


def test_no_template_switches_escaping_off():
    pattern = re.compile(r"\|\s*safe\b|autoescape\s+false")
    wrong = [p.relative_to(ROOT) for p in templates() if pattern.search(p.read_text("utf-8"))]

    assert not wrong


def test_markup_is_made_in_the_web_part_alone():
    wrong = [
        f"{m.place}:{line}"
        for m in modules()
        if not m.name.startswith("survey.web")
        for line, called in calls(m.tree)
        if called.split(".")[-1] == "Markup"
    ]

    assert not wrong


def text_files():
    for path in tracked_files():
        place = path.relative_to(ROOT).as_posix()
        if place.startswith(FOREIGN_TEXT):
            continue
        try:
            yield place, path.read_text("utf-8")
        except UnicodeDecodeError:
            continue  # pictures, fonts, test files in other encodings


def test_the_project_speaks_of_itself_alone():
    wrong = [
        f"{place}: {word}"
        for place, content in text_files()
        if place not in GUIDES
        for word in NOT_OURS
        if word in content
    ]

    assert not wrong, "\n".join(wrong)


def test_nothing_is_left_unfinished():
    wrong = [
        f"{m.place}:{number}: {line.strip()}"
        for m in modules()
        for number, line in enumerate(m.text.splitlines(), 1)
        if UNFINISHED.search(line)
    ]

    assert not wrong, "\n".join(wrong)


def test_no_test_is_skipped():
    pattern = re.compile(r"pytest\.(skip|importorskip|xfail)|mark\.(skip|skipif|xfail)\b")
    this = "tests/architecture/test_texts.py"
    wrong = [
        place
        for place, content in text_files()
        if place.startswith("tests/") and place != this and pattern.search(content)
    ]

    assert not wrong
