"""Every text of the interface has its English; the catalogue has nothing that is not shown."""

from __future__ import annotations

import re
from collections import defaultdict

from tests.support.source import ROOT
from tests.support.texts import shown_texts, translations

PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]|%%|%")


def test_every_text_has_an_english_translation():
    known = {t.source for t in translations() if t.target}
    missing = [f"{place}: {text}" for text, place in shown_texts().items() if text not in known]

    assert not missing, "add these to survey/translations/en:\n" + "\n".join(sorted(missing))


def test_the_catalogue_has_nothing_stale():
    shown = shown_texts()
    stale = [f"{t.path.name}: {t.source}" for t in translations() if t.source not in shown]

    assert not stale, "no page shows these any more:\n" + "\n".join(stale)


def test_no_translation_is_marked_unsure():
    assert not [f"{t.path.name}: {t.source}" for t in translations() if t.is_unsure]


def test_translations_take_the_same_values():
    wrong = [
        f"{t.path.relative_to(ROOT)}: {t.source!r} -> {t.target!r}"
        for t in translations()
        if sorted(PLACEHOLDER.findall(t.source)) != sorted(PLACEHOLDER.findall(t.target))
    ]

    assert not wrong, "\n".join(wrong)


def test_a_text_is_translated_one_way_only():
    ways = defaultdict(set)
    for entry in translations():
        ways[entry.source].add(entry.target)
    wrong = {source: targets for source, targets in ways.items() if len(targets) > 1}

    assert not wrong
