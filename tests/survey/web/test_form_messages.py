"""What WTForms says on its own comes in our words and in the language of the page."""

from __future__ import annotations

import ast
import importlib
import inspect
import textwrap

import pytest
from werkzeug.datastructures import MultiDict
from wtforms import StringField
from wtforms.validators import URL, Length

from survey.web.forms import StaffForm
from survey.web.messages import MESSAGES, REFUSED
from tests.support.accounts import PASSWORD
from tests.support.source import modules
from tests.support.texts import translations

PLAIN = {"csrf": False}
# What these say is meant for whoever writes a form; nobody who fills it in can bring it about.
TO_DEVELOPERS = {"Choices cannot be None.", "Invalid field name '%s'."}


def staff_forms():
    for module in modules():
        if module.name.endswith(".forms") or module.name == "survey.web.patterns":
            importlib.import_module(module.name)
    return [f for f in StaffForm.__subclasses__() if f.__module__.startswith("survey.")]


def built_in_messages(kind):
    """Return every text that a class of WTForms and those above it give out to be translated."""
    found = set()
    for owner in kind.__mro__:
        if not owner.__module__.startswith(("wtforms.", "flask_wtf.")):
            continue
        for node in ast.walk(ast.parse(textwrap.dedent(inspect.getsource(owner)))):
            if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("gettext"):
                found |= {arg.value for arg in node.args if is_text(arg)}
    return found


def is_text(node):
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def test_every_built_in_message_of_a_staff_form_has_words_of_ours():
    forms = staff_forms()
    assert len(forms) > 10
    said = set()
    for form in forms:
        for field in form(formdata=None, meta=PLAIN):
            for kind in (type(field), *map(type, field.validators)):
                said |= built_in_messages(kind)

    assert "Field cannot be longer than %(max)d characters." in said
    assert not said - MESSAGES.keys() - TO_DEVELOPERS
    assert not {entry.source for entry in translations()} & said


class SampleForm(StaffForm):
    short = StringField("Mã", validators=[Length(max=3)])
    link = StringField("Liên kết", validators=[URL()])


def test_a_message_without_words_of_ours_is_not_shown_in_english():
    form = SampleForm(formdata=MultiDict({"short": "dài quá", "link": "x"}), meta=PLAIN)

    assert not form.validate()
    assert form.errors == {"short": ["Nhập không quá 3 ký tự."], "link": [REFUSED]}


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("vi", ["Nhập không quá 200 ký tự.", "Hãy chọn trong các lựa chọn đã cho."]),
        ("en", ["Enter at most 200 characters.", "Choose from the choices given."]),
    ],
)
def test_what_is_too_long_or_no_choice_is_told_in_the_language_of_the_page(login, language, told):
    client = login("administrator")
    values = {"login": "a" * 201, "display_name": "An", "own_password": PASSWORD}

    page = client.submit(
        f"/staff/administration/accounts?lang={language}", values, forged={"roles": ["boss"]}
    )

    assert page.status_code == 422
    for message in told:
        assert message in page.text
    assert "boss" not in page.text
