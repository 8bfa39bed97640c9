"""Languages of the interface: the source, and one more for every folder of translations."""

from __future__ import annotations

from pathlib import Path

import pytest

from survey.web import i18n


def test_a_folder_of_translations_is_a_language(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for tag in ("en", "fr", "zh-Hant"):
        (tmp_path / tag).mkdir()
    monkeypatch.setattr(i18n, "TRANSLATIONS", tmp_path)

    assert i18n._languages() == {
        "vi": "Tiếng Việt",
        "en": "English",
        "fr": "Français",
        "zh-Hant": "中文 (繁體)",
    }
