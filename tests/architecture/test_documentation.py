"""What an operator can set or call stands in the documentation."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields

import click

from survey.cli import main
from survey.config import Settings
from tests.support.source import ROOT, tracked_files

LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")
NUMBER = re.compile(r"^(\d{4})-[a-z0-9-]+\.md$")


def documentation() -> str:
    paths = [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]
    return "\n".join(path.read_text("utf-8") for path in paths)


def commands(group: click.Group, names: tuple[str, ...] = ("xhh",)) -> Iterator[str]:
    """Yield every command that a person can type."""
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, (*names, name))
        else:
            yield " ".join((*names, name))


def test_every_setting_is_explained():
    text = (ROOT / "docs" / "operations.md").read_text("utf-8")
    missing = [f.name for f in fields(Settings) if f"`{f.name}`" not in text]

    assert not missing


def test_every_command_is_shown():
    assert isinstance(main, click.Group)
    text = documentation()
    missing = [name for name in commands(main) if name not in text]

    assert not missing


def test_links_between_documents_lead_somewhere():
    wrong = [
        f"{path.relative_to(ROOT)}: {target}"
        for path in tracked_files()
        if path.suffix == ".md"
        for target in LINK.findall(path.read_text("utf-8"))
        if "://" not in target
        if not target.startswith("mailto:") and not (path.parent / target).exists()
    ]

    assert not wrong


def test_decisions_are_numbered_without_gaps():
    names = sorted(path.name for path in (ROOT / "docs" / "decisions").iterdir())
    numbers = [int(match[1]) for match in map(NUMBER.match, names) if match]

    assert numbers == list(range(1, len(names) + 1))


def test_the_changelog_knows_the_version():
    version = re.search(r"^version = (\S+)$", (ROOT / "setup.cfg").read_text("utf-8"), re.MULTILINE)

    assert version
    assert f"## [{version[1]}]" in (ROOT / "CHANGELOG.md").read_text("utf-8")
