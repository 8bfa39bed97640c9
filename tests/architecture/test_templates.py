"""Templates: all parse, import only what they use, and are all used."""

from __future__ import annotations

import re

import pytest
from jinja2 import Environment, nodes

from tests.support.source import TEMPLATES, modules, templates

HTML = [p for p in templates() if p.suffix == ".html"]
REFERENCE = re.compile(r"""["']([\w./-]+\.(?:html|xml|txt|svg))["']""")


def name_of(path):
    return path.relative_to(TEMPLATES).as_posix()


def parsed(path):
    return Environment(autoescape=True).parse(path.read_text("utf-8"), name_of(path))


def imported_names(tree):
    """Return the names that a template's import statements bind."""
    for node in tree.find_all(nodes.FromImport):
        yield from (name[1] if isinstance(name, tuple) else name for name in node.names)
    yield from (node.target for node in tree.find_all(nodes.Import))


@pytest.mark.parametrize("path", HTML, ids=name_of)
def test_a_template_parses_and_uses_what_it_imports(path):
    tree = parsed(path)
    used = {node.name for node in tree.find_all(nodes.Name) if node.ctx == "load"}

    unused = [name for name in imported_names(tree) if name not in used]

    assert not unused


def test_every_template_that_is_named_exists_and_every_one_is_used():
    there = {name_of(path) for path in templates()}
    named = {
        name
        for text in [*(p.read_text("utf-8") for p in templates()), *(m.text for m in modules())]
        for name in REFERENCE.findall(text)
        if "/" in name
    }
    # One partial for each kind of question is chosen by the kind's name.
    chosen_by_name = {name for name in there if name.startswith("collection/questions/")}

    assert not {name for name in named if (TEMPLATES / name).parent.is_dir()} - there
    assert not there - named - chosen_by_name
