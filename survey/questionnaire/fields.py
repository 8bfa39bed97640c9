"""Names of the fields of a form: `q_<variable>`, `__<row>` and `--<part>` after it where needed.

Never the bare code, which could be any word.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from survey.questionnaire.document import OWN, Key, Missing
from survey.questionnaire.kinds.base import WAY_OUT, Asked, Raw
from survey.questionnaire.kinds.registry import KINDS

PREFIX = "q_"
ROW = "__"
PART = "--"


def field_name(key: Key, part: str = "") -> str:
    """Return the name of an answer's field, or of a part of it."""
    code, row = key
    name = f"{PREFIX}{code}{ROW}{row}" if row != OWN else f"{PREFIX}{code}"
    return f"{name}{PART}{part}" if part else name


def fields_of(asked: Asked) -> dict[str, str]:
    """Return the fields that an answer has on a page: name → part."""
    kind = KINDS[asked.question.kind]
    parts = [*kind.parts(asked), *([WAY_OUT] if asked.question.missing else [])]
    return {field_name(asked.key, part): part for part in parts}


def raw_answers(
    posted: Mapping[str, Sequence[str]],
    asked: Iterable[Asked],
    language: str,
    before: Mapping[Key, Raw] | None = None,
) -> dict[Key, Raw]:
    """Return the raw answers in posted fields; what was not filled in comes back as blank.

    Without a script a radio button cannot be taken back when a reason is stated instead. Where both
    come, the one that was not there `before` is meant. Elsewhere what was given stands.
    """
    found: dict[Key, Raw] = {}
    for one in asked:
        kind = KINDS[one.question.kind]
        parts = {part: posted.get(name, ()) for name, part in fields_of(one).items()}
        raw = kind.raw_of(one, parts, language)
        stated = next(iter(parts.get(WAY_OUT, ())), "")
        if stated in {reason.value for reason in one.question.missing}:
            earlier = (before or {}).get(one.key, "")
            is_new = isinstance(earlier, Missing) or (bool(earlier) and earlier != raw)
            can_be_cleared = kind.is_several or not one.choices
            raw = raw if (is_new or can_be_cleared) and not _is_blank(raw) else Missing(stated)
        found[one.key] = raw
    return found


def _is_blank(raw: Raw) -> bool:
    return not any(text.strip() for text in (raw if isinstance(raw, tuple) else (raw,)))


def is_field(name: str) -> bool:
    """Tell whether a posted name can be that of an answer."""
    return name.startswith(PREFIX)


def is_list(asked: Asked) -> bool:
    """Tell whether the field of an answer may come several times."""
    kind = KINDS[asked.question.kind]
    return kind.is_several and kind.parts(asked) == ("",)
