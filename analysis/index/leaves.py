"""Survey leaves: what is asked of which group, and how much each answer counts."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields
from fractions import Fraction
from typing import Any

from analysis.errors import SchemeError
from analysis.exact import exact, written


@dataclass(frozen=True, slots=True)
class Question:
    """One item that a leaf asks of one group.

    Parameters
    ----------
    item : name of the item in the group's codebook
    weight : V, share of the item within the leaf and group
    coefficients : (code, K) pairs, K in [0, 1]; codes without one do not count
    """

    item: str
    weight: Fraction
    coefficients: tuple[tuple[int, Fraction], ...]


@dataclass(frozen=True, slots=True)
class LeafGroup:
    """A respondent group that a leaf asks.

    Parameters
    ----------
    group : name of the group
    weight : W, share of the group within the leaf
    questions : items whose weights add up to 1
    """

    group: str
    weight: Fraction
    questions: tuple[Question, ...]


@dataclass(frozen=True, slots=True)
class Leaf:
    """A survey leaf of the framework.

    Parameters
    ----------
    code : code of the leaf
    points : M, its maximum points
    groups : groups whose weights add up to 1
    """

    code: str
    points: Fraction
    groups: tuple[LeafGroup, ...]


def leaf_dict(leaf: Leaf) -> dict[str, Any]:
    """Plain values of a leaf for JSON; `read_leaf` reads them back."""
    return {
        "code": leaf.code,
        "points": written(leaf.points),
        "groups": [
            {
                "group": group.group,
                "weight": written(group.weight),
                "questions": [_question_dict(question) for question in group.questions],
            }
            for group in leaf.groups
        ],
    }


def _question_dict(question: Question) -> dict[str, Any]:
    coefficients = {str(code): written(value) for code, value in question.coefficients}
    return {
        "item": question.item,
        "weight": written(question.weight),
        "coefficients": coefficients,
    }


def read_leaf(plain: Mapping[str, Any]) -> Leaf:
    """Read a leaf; weights that a whole set leaves out are equal."""
    code = str(need(plain, "code", "a leaf"))
    place = f"leaf {code}"
    refuse_unknown(plain, {f.name for f in fields(Leaf)}, place)
    entries = need(plain, "groups", place)
    weights = _read_weights(entries, f"group weights of {place}")
    groups = tuple(
        _read_group(entry, weight, place) for entry, weight in zip(entries, weights, strict=True)
    )
    return Leaf(code, exact(need(plain, "points", place), f"points of {place}"), groups)


def _read_group(plain: Mapping[str, Any], weight: Fraction, leaf: str) -> LeafGroup:
    name = str(need(plain, "group", leaf))
    place = f"{leaf}, group {name}"
    refuse_unknown(plain, {f.name for f in fields(LeafGroup)}, place)
    entries = need(plain, "questions", place)
    weights = _read_weights(entries, f"question weights of {place}")
    questions = tuple(
        _read_question(entry, share, place) for entry, share in zip(entries, weights, strict=True)
    )
    return LeafGroup(name, weight, questions)


def _read_question(plain: Mapping[str, Any], weight: Fraction, place: str) -> Question:
    refuse_unknown(plain, {f.name for f in fields(Question)}, place)
    item = str(need(plain, "item", place))
    table = need(plain, "coefficients", f"{place}, item {item}")
    pairs = (
        (_read_code(code, item), exact(value, f"coefficient of {item}, code {code}"))
        for code, value in table.items()
    )
    return Question(item, weight, tuple(sorted(pairs)))


def _read_code(code: object, item: str) -> int:
    try:
        return int(str(code))
    except ValueError:
        raise SchemeError(
            "bad_code",
            f"Item {item!r} has the code {code!r}.",
            "Codes are whole numbers.",
            item=item,
        ) from None


def _read_weights(entries: Sequence[Mapping[str, Any]], place: str) -> list[Fraction]:
    given = [entry.get("weight") for entry in entries]
    if entries and all(weight is None for weight in given):
        return [Fraction(1, len(entries))] * len(entries)
    if any(weight is None for weight in given):
        raise SchemeError(
            "some_weights_missing",
            f"Some of the {place} are missing.",
            "Give all of them, or none for equal weights.",
            place=place,
        )
    return [exact(weight, place) for weight in given if weight is not None]


def need(plain: Mapping[str, Any], key: str, place: str) -> Any:
    """Value of a key that must be there."""
    if key not in plain:
        raise SchemeError("missing_key", f"{key!r} is missing in {place}.", "Add it.", key=key)
    return plain[key]


def refuse_unknown(plain: Mapping[str, Any], known: Collection[str], place: str) -> None:
    """Raise a SchemeError naming the first key that is not known."""
    unknown = sorted(set(plain) - set(known))
    if unknown:
        raise SchemeError(
            "unknown_key",
            f"{place} has an unknown key {unknown[0]!r}.",
            f"Known are {', '.join(sorted(known))}.",
            key=unknown[0],
        )


def refuse_repeated(names: Sequence[str], what: str, place: str) -> None:
    """Raise a SchemeError naming the first name that occurs twice."""
    repeated = [name for index, name in enumerate(names) if name in names[:index]]
    if repeated:
        raise SchemeError(
            "repeated", f"The {what} {repeated[0]!r} occurs twice in {place}.", "Name it once."
        )


def check_leaf(leaf: Leaf, *, pooled: bool) -> None:
    """Raise a SchemeError if a leaf contradicts itself."""
    place = f"leaf {leaf.code}"
    if leaf.points <= 0:
        raise SchemeError(
            "bad_points",
            f"{place} has {written(leaf.points)} points.",
            "Points are above 0.",
            leaf=leaf.code,
        )
    refuse_repeated([group.group for group in leaf.groups], "group", place)
    _check_weights([group.weight for group in leaf.groups], f"group weights of {place}")
    for group in leaf.groups:
        inside = f"{place}, group {group.group}"
        refuse_repeated([question.item for question in group.questions], "item", inside)
        weights = [question.weight for question in group.questions]
        _check_weights(weights, f"question weights of {inside}")
        for question in group.questions:
            _check_coefficients(question, inside)
    asked = {tuple((q.item, q.weight) for q in group.questions) for group in leaf.groups}
    if pooled and len(asked) > 1:
        raise SchemeError(
            "cannot_pool",
            f"The groups of {place} are asked different items or weigh them differently.",
            "Pooled ballots need the same items and question weights in every group.",
            leaf=leaf.code,
        )


def _check_weights(weights: Sequence[Fraction], place: str) -> None:
    if sum(weights) != 1 or min(weights, default=Fraction(0)) < 0:
        raise SchemeError(
            "weights_do_not_add_up",
            f"The {place} add up to {written(sum(weights, Fraction(0)))}.",
            "They are 0 or more and add up to exactly 1.",
            place=place,
            total=written(sum(weights, Fraction(0))),
        )


def _check_coefficients(question: Question, place: str) -> None:
    codes = [code for code, _ in question.coefficients]
    values = [value for _, value in question.coefficients]
    if (
        not codes
        or len(set(codes)) < len(codes)
        or not all(0 <= value <= 1 for value in values)
        or not all(1 <= code <= 255 for code in codes)
    ):
        raise SchemeError(
            "bad_coefficients",
            f"The coefficients of item {question.item!r} in {place} are not usable.",
            "Give each code from 1 to 255 once, with a coefficient between 0 and 1.",
            item=question.item,
        )
