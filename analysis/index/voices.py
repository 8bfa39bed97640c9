"""Which rows of a group speak about which unit, after the rules for self-ratings and blanks."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import pandas as pd

from analysis.answers import Answers, PersonAnswers
from analysis.errors import SchemeError
from analysis.index.leaves import Leaf, Question
from analysis.index.options import Blank, DontKnow, Options
from analysis.sample import Bools, Floats, Ints, Sample
from analysis.totals import BLANK, NOBODY, Codes, GroupStatistics, Meaning
from analysis.weights import Wholes


@dataclass(frozen=True, eq=False)
class Voice:
    """A group's answers, numbered by the units of the whole result; U units, E entries, K codes.

    Parameters
    ----------
    name : group
    statistics : where the rows come from
    asked : (E,) unit that the entry was to speak about, -1 for nobody or the rater's own unit
    unit : (E,) the same, and -1 on invalid ballots
    n, weighted : (U, Q, K) rows and exact weights by code over the entries that count
    excluded : (U, 4) rows received, of the rater's own unit, on invalid ballots, and used
    """

    name: str
    statistics: GroupStatistics
    asked: Ints
    unit: Ints
    n: Ints
    weighted: Wholes
    excluded: Ints

    @property
    def sample(self) -> Sample:
        """The design of the entries."""
        return self.statistics.sample

    @property
    def answers(self) -> Answers:
        """Answers of the entries."""
        return self.statistics.answers

    def ballots_with(self, valid: Sequence[tuple[int, Bools]]) -> Ints:
        """(U,) rows about the unit with a valid answer to any of some items.

        Parameters
        ----------
        valid : per item its column and (K,) whether each code counts

        Notes
        -----
        Sums over PSUs do not tell which items the same person answered: of several items the
        count is the largest of theirs, so it is never too high.
        """
        units, _, codes = self.n.shape
        answers = self.answers
        if len(valid) <= 1 or not isinstance(answers, PersonAnswers):
            each = [self.n[:, column] @ known for column, known in valid]
            return np.max(each, axis=0) if each else np.zeros(units, dtype=np.int64)
        present = np.zeros(len(self.unit), dtype=np.bool_)
        for column, known in valid:
            table = np.broadcast_to(known, (units, codes))
            present |= answers.present(column, self.unit, table)
        return np.bincount(self.unit[present], minlength=units).astype(np.int64)

    def column(self, item: str) -> int:
        """Place of an item in `answers`."""
        return self.statistics.items.index(item)


def hear(
    name: str,
    statistics: GroupStatistics,
    units: Sequence[str],
    leaves: Sequence[Leaf],
    options: Options,
) -> Voice:
    """Apply the rules on self-ratings and blank ballots to one group."""
    place = pd.Index(list(units)).get_indexer(pd.Index(list(statistics.units))).astype(np.int64)
    known = statistics.unit != NOBODY
    rated = np.where(known, place[statistics.unit], NOBODY) if len(place) else statistics.unit
    own = (rated != NOBODY) & statistics.self_rating & options.exclude_self
    asked = np.where(own, NOBODY, rated)
    invalid = _invalid(statistics, name, leaves, options, asked) & (asked != NOBODY)
    unit = np.where(invalid, NOBODY, asked)
    shape = (len(units), *statistics.n.shape[1:])
    n, weighted = statistics.counts_by(unit, shape)
    sets = (rated != NOBODY, own, invalid, unit != NOBODY)
    rows = statistics.answers.rows
    excluded = [np.bincount(rated[s], rows[s], len(units)).astype(np.int64) for s in sets]
    return Voice(name, statistics, asked, unit, n, weighted, np.stack(excluded, axis=1))


def _invalid(
    statistics: GroupStatistics, name: str, leaves: Sequence[Leaf], options: Options, asked: Ints
) -> Bools:
    """(R,) rows of ballots with too many blanks among the items that the scheme asks."""
    rows = len(asked)
    if options.blank is not Blank.INVALIDATE_BALLOT:
        return np.zeros(rows, dtype=np.bool_)
    answers = statistics.answers
    if not isinstance(answers, PersonAnswers):
        raise SchemeError(
            "needs_persons",
            f"Blank ballots of group {name!r} are to be left out, but its statistics are sums "
            "over PSUs, which do not tell ballots apart.",
            'Aggregate at level="person".',
            group=name,
        )
    items = sorted({q.item for q in questions_of(leaves, name)})
    blank, put = np.zeros(rows, dtype=np.int64), np.zeros(rows, dtype=np.int64)
    for item in items:
        codes = answers.codes[:, statistics.items.index(item)]
        blank += (codes == BLANK) | _means(statistics, item, codes, Meaning.NOT_REACHED)
        put += ~_means(statistics, item, codes, Meaning.NOT_APPLICABLE, Meaning.NOT_ASKED)
    ballot = statistics.sample.ballot
    counted = asked != NOBODY
    blanks = np.bincount(ballot[counted], blank[counted], minlength=ballot.max(initial=0) + 1)
    all_put = np.bincount(ballot[counted], put[counted], minlength=ballot.max(initial=0) + 1)
    percent = options.blank_percent
    too_many = blanks * (100 * percent.denominator) > all_put * percent.numerator
    return np.asarray(too_many[ballot], dtype=np.bool_)


def _means(statistics: GroupStatistics, item: str, codes: Codes, *meanings: Meaning) -> Bools:
    """(R,) answers to an item with one of some meanings."""
    book = statistics.codebook
    return np.isin(codes, [code for said in meanings for code in book.codes(item, said)])


def questions_of(leaves: Sequence[Leaf], group: str) -> list[Question]:
    """Every question that any leaf asks of a group."""
    return [q for leaf in leaves for g in leaf.groups if g.group == group for q in g.questions]


def coefficients(voice: Voice, question: Question, options: Options) -> dict[int, Fraction]:
    """Coefficient of each code that counts, with "don't know" by the rule.

    Raises
    ------
    SchemeError
        if the item is not in the codebook, or a choice has no coefficient
    """
    book = voice.statistics.codebook
    if question.item not in book.items:
        raise SchemeError(
            "unknown_item",
            f"The scheme asks group {voice.name!r} item {question.item!r}, which its codebook "
            "does not have.",
            "Correct the item's name in the scheme, or choose the right questionnaire.",
            group=voice.name,
            item=question.item,
        )
    table = dict(question.coefficients)
    choices = book.codes(question.item, Meaning.CHOICE)
    lacking = sorted(set(choices) - set(table))
    opinions = {*choices, *book.codes(question.item, Meaning.DONT_KNOW)}
    surplus = sorted(set(table) - opinions)
    if lacking or surplus:
        wrong = (lacking or surplus)[0]
        fault = "has no coefficient" if lacking else "has one but is no answer of the codebook"
        raise SchemeError(
            "coefficients_do_not_fit",
            f"Code {wrong} of item {question.item!r}, group {voice.name!r}, {fault}.",
            "Give every choice a coefficient, or mark the code as not applicable.",
            group=voice.name,
            item=question.item,
            value=wrong,
        )
    if options.dont_know is DontKnow.EXCLUDE:
        return table
    middle = (min(table.values()) + max(table.values())) / 2
    worth = middle if options.dont_know is DontKnow.MIDDLE else Fraction(0)
    return dict.fromkeys(book.codes(question.item, Meaning.DONT_KNOW), worth) | table


def float_table(table: dict[int, Fraction], codes: int) -> tuple[Floats, Bools]:
    """(K,) coefficients and whether each code counts."""
    value, valid = np.zeros(codes), np.zeros(codes, dtype=np.bool_)
    for code, coefficient in table.items():
        value[code], valid[code] = float(coefficient), True
    return value, valid
