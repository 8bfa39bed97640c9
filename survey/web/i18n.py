"""Languages of the interface: texts, numbers, dates.

The source texts are Vietnamese; `survey/translations/<tag>/*.po` hold the other languages.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from urllib.parse import quote, urlencode

from babel import Locale
from babel.messages.pofile import read_po
from flask import Flask, g, has_request_context, request, session

from survey.clock import VIETNAM
from survey.errors import Problem, SurveyError

DEFAULT = "vi"
TRANSLATIONS = Path(__file__).parent.parent / "translations"


def _languages() -> dict[str, str]:
    """Return each language by its own name: the source language, and one for each folder."""
    tags = (DEFAULT, *sorted(folder.name for folder in TRANSLATIONS.iterdir() if folder.is_dir()))
    names = {tag: Locale.parse(tag, sep="-").get_display_name() or tag for tag in tags}
    return {tag: name[0].upper() + name[1:] for tag, name in names.items()}


LANGUAGES = _languages()


@dataclass(frozen=True)
class LanguageLink:
    """A way to the same page in another language."""

    code: str
    label: str
    url: str
    is_current: bool


@cache
def catalogue(tag: str) -> Mapping[str, str]:
    """Return source text → translation of a language."""
    texts: dict[str, str] = {}
    for path in sorted((TRANSLATIONS / tag).glob("*.po")):
        with path.open("rb") as file:
            texts |= {str(m.id): str(m.string) for m in read_po(file) if m.id and m.string}
    return texts


def locale() -> str:
    """Return the language of the current request; Vietnamese unless another was chosen."""
    return str(g.get("locale", DEFAULT)) if has_request_context() else DEFAULT


def translate(text: str, language: str, values: Mapping[str, object] | None = None) -> str:
    """Return a source text in a language with its values filled in."""
    found = text if language == DEFAULT else catalogue(language).get(text, text)
    return found % values if values else found


def gettext(text: str, **values: object) -> str:
    """Return a source text in the language of the request."""
    return translate(text, locale(), values)


def chosen(*, vi: str, en: str) -> str:
    """Return one of two texts, by the language of the request."""
    return en if locale() == "en" else vi


def error_text(error: SurveyError | Problem) -> str:
    """Return what an error says, in the language of the request."""
    if isinstance(error, Problem) and error.texts:
        return error.texts.get(locale()) or error.texts[DEFAULT]
    return gettext(error.message, **dict(error.values or {}))


def number(value: Decimal | float | str, decimals: int | None = None) -> str:
    """Return an already rounded number with the marks of the language: 1.234,5 or 1,234.5.

    Floats must say how many decimals; decimals and integers are shown as they are.
    """
    text = f"{value:,.{decimals}f}" if decimals is not None else f"{Decimal(value):,f}"
    if locale() == "en":
        return text.replace("-", "\N{MINUS SIGN}")
    swapped = text.translate(str.maketrans(",.", ".,"))
    return swapped.replace("-", "\N{MINUS SIGN}")


def day(value: date | datetime | None) -> str:
    """Return a date as dd/mm/yyyy, in Vietnam's zone."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        value = value.astimezone(VIETNAM).date()
    return value.strftime("%d/%m/%Y")


def moment(value: datetime | None) -> str:
    """Return a time as dd/mm/yyyy HH:MM, in Vietnam's zone."""
    return "" if value is None else value.astimezone(VIETNAM).strftime("%d/%m/%Y %H:%M")


def language_links() -> list[LanguageLink]:
    """Return a link to this page in every language."""
    kept = {k: v for k, v in request.args.items() if k != "lang"}
    path = quote(request.path)
    return [
        LanguageLink(code, label, f"{path}?{urlencode({**kept, 'lang': code})}", code == locale())
        for code, label in LANGUAGES.items()
    ]


def init_app(app: Flask) -> None:
    """Choose the language of each request and give templates the functions above."""

    @app.before_request
    def choose_language() -> None:
        asked = request.args.get("lang", "")
        if asked in LANGUAGES and session.get("lang", DEFAULT) != asked:
            session["lang"] = asked
        g.locale = session.get("lang", DEFAULT)

    app.jinja_env.globals.update(_=gettext, language_links=language_links)
    app.jinja_env.filters.update(number=number, day=day, moment=moment, error_text=error_text)
    app.context_processor(lambda: {"locale": locale(), "language_links": language_links()})
