"""What is installed is what is in the folders."""

from __future__ import annotations

import configparser
import re
import sys

from tests.support.source import ROOT, modules

CONFIG = configparser.ConfigParser()
CONFIG.read(ROOT / "setup.cfg", "utf-8")

# Distributions whose import name differs from their own name.
IMPORT_NAMES = {
    "flask-wtf": "flask_wtf",
    "argon2-cffi": "argon2",
    "psycopg": "psycopg",
    "google-re2": "re2",
}
# Used by their command or by another library, so that no module of ours imports them.
NOT_IMPORTED = {"gunicorn", "psycopg", "pysqlite3"}
# Come with a dependency of ours and are a part of how it is used.
COME_ALONG = {"click", "itsdangerous", "jinja2", "markupsafe", "werkzeug", "numpy"}


def listed(section, option):
    text = CONFIG.get(section, option)
    return [line for line in text.splitlines() if line and not line.startswith("#")]


def distribution(requirement):
    return re.split(r"[\[<>=!;~ ]", requirement)[0].lower()


def test_the_package_list_equals_the_folders():
    folders = {
        path.parent.relative_to(ROOT).as_posix().replace("/", ".")
        for top in ("survey", "analysis")
        for path in (ROOT / top).rglob("__init__.py")
    }

    assert set(listed("options", "packages")) == folders | {"survey.templates"}
    assert listed("options", "packages") == sorted(listed("options", "packages"))


def test_every_folder_with_modules_is_a_package():
    wrong = {m.place for m in modules() if not (m.path.parent / "__init__.py").exists()}

    assert wrong <= {"wsgi.py"}


def test_every_file_that_is_not_code_is_package_data():
    kept = {
        path
        for package, folder in (("survey", "survey"), ("survey.templates", "templates"))
        for pattern in listed("options.package_data", package)
        for path in (ROOT / folder).glob(pattern)
    }
    left_out = [
        path.relative_to(ROOT).as_posix()
        for folder in ("survey", "analysis", "templates")
        for path in (ROOT / folder).rglob("*")
        if path.is_file() and path.suffix not in {".py", ".pyc"} and path not in kept
    ]

    assert not left_out, "name these in [options.package_data]"


def test_every_import_is_of_a_declared_dependency_and_every_dependency_is_used():
    declared = {distribution(line) for line in listed("options", "install_requires")}
    names = {IMPORT_NAMES.get(name, name.replace("-", "_")) for name in declared}
    extras = {
        distribution(line)
        for extra in ("postgresql", "engine", "spark")
        for line in listed("options.extras_require", extra)
    }
    imported = {
        name.split(".")[0]
        for module in modules()
        if not module.name.startswith("survey.tools")  # run by who raises a version of a font
        for _, name in module.imports()
    }
    foreign = imported - set(sys.stdlib_module_names) - {"survey", "analysis"}

    assert foreign <= names | COME_ALONG | extras
    assert (names | extras) - NOT_IMPORTED <= foreign


def test_the_lock_holds_every_dependency_with_its_hash():
    for lock, extras in (
        ("requirements.lock", ("postgresql", "checkout")),
        ("requirements-test.lock", ("postgresql", "engine", "test", "checkout")),
    ):
        text = (ROOT / lock).read_text("utf-8")
        pinned = {distribution(line) for line in text.splitlines() if re.match(r"[a-z0-9]", line)}
        wanted = listed("options", "install_requires")
        for extra in extras:
            wanted = wanted + listed("options.extras_require", extra)

        assert {distribution(line) for line in wanted} <= pinned
        assert "://" not in text
        assert text.count("==") <= text.count("--hash=sha256:")
