"""From the rows of a file to ballots, through the same checks as the web; pure."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from survey.ballotbox.ballots import Sheet
from survey.dataset.cells import MAX_LISTED, in_order, place_of, problem
from survey.dataset.tabular import Row, Table
from survey.errors import N_, AnswerError, ImportFileError, Problem
from survey.fieldwork.mapping import Plan, Source, own_or
from survey.fieldwork.values import raw_of
from survey.model.ballot import Channel
from survey.questionnaire.checks import verdict
from survey.questionnaire.content import content_of
from survey.questionnaire.document import Document, Key
from survey.questionnaire.document import place_of as answer_place
from survey.questionnaire.interview import Context, Interview
from survey.questionnaire.kinds.base import Raw

MAX_BALLOTS = 500_000
ROOM = N_("Tệp có %(count)s phiếu của tầng này nhưng chỉ còn chỗ cho %(room)s.")
ROOM_HELD = N_(
    "Tệp có %(count)s phiếu của tầng này nhưng chỉ còn chỗ cho %(room)s: mỗi mã chưa dùng giữ một"
    " chỗ cho đến khi đóng đợt điều tra. Hãy đóng đợt điều tra rồi nhập tệp này."
)


@dataclass(frozen=True)
class Place:
    """A stratum, or a cluster of one, and how many more ballots fit into it."""

    stratum_id: int
    cluster_id: int | None
    room: int | None
    is_held: bool = False  # unspent codes hold some of the room until the campaign is closed


@dataclass(frozen=True)
class StratumFrame:
    """What the people of a stratum may be said to have answered."""

    units: tuple[str, ...]
    place: Place
    clusters: Mapping[str, Place]


@dataclass(frozen=True)
class Frame:
    """The part of a campaign that one file is about."""

    campaign_id: int
    version_id: int
    group: str
    document: Document
    today: date
    is_clustered: bool
    strata: Mapping[str, StratumFrame]


@dataclass
class _Draft:
    """A ballot while its rows are read."""

    row: int
    place: Place
    units: tuple[str, ...]
    count: int = 1
    raw: dict[Key, Raw] = field(default_factory=dict)
    origin: dict[str, tuple[int, str | None]] = field(default_factory=dict)


@dataclass(frozen=True)
class Brought:
    """The ballots of a file; what was left out of them and what they were warned of."""

    sheets: list[Sheet]
    dropped: Mapping[str, int]  # question → answers that are not on the way of their ballot
    warned: Mapping[str, int]  # warning → ballots that were taken in spite of it


class Problems:
    """Everything wrong with a file: all of it counted, the first of it listed."""

    def __init__(self, columns: Sequence[str]) -> None:
        self.columns = columns
        self.listed: list[Problem] = []
        self.total = 0

    def add(self, found: Problem) -> None:
        """Count a problem and list it if there is room."""
        self.total += 1
        if len(self.listed) < MAX_LISTED:
            self.listed.append(found)

    def refuse(self) -> None:
        """Raise `ImportFileError` if there was anything."""
        listed = in_order(self.listed, self.columns)
        if self.total > len(listed):
            message = N_("Còn %(more)s chỗ sai nữa; tổng cộng %(total)s chỗ.")
            more = self.total - len(listed)
            listed.append(problem("more", message, more=more, total=self.total))
        if listed:
            raise ImportFileError(listed)


def read(table: Table, plan: Plan, frame: Frame) -> Brought:
    """Return the ballots in a file, or raise `ImportFileError` with row, column and value.

    Nobody can be asked again: warnings count as confirmed, and stand in the ballot as such.
    Answers to what the other answers leave out are left out of the ballot, as in the form.
    """
    table.require(*plan.columns())
    reader = _Rows(table, plan, frame)
    drafts = reader.drafts()
    sheets = [(sheet, draft.count) for draft in drafts if (sheet := reader.sheet(draft))]
    counts: Counter[tuple[int, int | None]] = Counter()
    for sheet, count in sheets:
        counts[sheet.stratum_id, sheet.cluster_id] += count
    for found in overfull(frame, counts):
        reader.problems.add(found)
    if counts.total() > MAX_BALLOTS:
        message = N_("Tệp có quá %(limit)s phiếu.")
        reader.problems.add(problem("too-many", message, limit=MAX_BALLOTS))
    reader.problems.refuse()
    copies = (sheet for sheet, count in sheets for _ in range(count))
    made = [replace(sheet, id=uuid.uuid4().bytes) for sheet in copies]
    return Brought(made, dict(reader.dropped), dict(reader.warned))


def overfull(frame: Frame, counts: Mapping[tuple[int, int | None], int]) -> Iterator[Problem]:
    """Yield the strata and clusters with more ballots than people who may still answer.

    What is in the box can't be taken out again, so it must not get in.
    """
    for code, stratum in frame.strata.items():
        places = {code: stratum.place} | {f"{code}/{n}": c for n, c in stratum.clusters.items()}
        for name, place in places.items():
            count = counts.get((place.stratum_id, place.cluster_id), 0)
            if place.room is not None and count > place.room:
                message = ROOM_HELD if place.is_held else ROOM
                yield Problem(name, "room", message, {"count": count, "room": place.room})


class _Rows:
    def __init__(self, table: Table, plan: Plan, frame: Frame) -> None:
        self.table, self.plan, self.frame = table, plan, frame
        self.problems = Problems(table.header)
        self.variables = frame.document.variables
        checks = [c for section in frame.document.sections for c in section.checks]
        checks += [c for question in frame.document.questions() for c in question.checks]
        self.warns = any(check.is_warning for check in checks)
        self.dropped: Counter[str] = Counter()
        self.warned: Counter[str] = Counter()

    def wrong(
        self, row: int, column: str | None, code: str, message: str, **values: object
    ) -> None:
        self.problems.add(problem(code, message, row, column, **values))

    def drafts(self) -> Sequence[_Draft]:
        found: dict[str, _Draft] = {}
        for row in self.table.rows:
            draft = self.draft(row)
            if draft is None:
                continue
            key = str(row.number)
            if self.plan.ballot_id is not None:
                key = f"id {self.cell(row, self.plan.ballot_id)}"
                if key == "id ":
                    message = N_("Thiếu mã phiếu.")
                    self.wrong(row.number, self.plan.ballot_id, "ballot-id", message)
                    continue
            if key in found:
                self.join(found[key], draft)
            else:
                found[key] = draft
        return list(found.values())

    def draft(self, row: Row) -> _Draft | None:
        stratum = self.stratum(row)
        place = self.place(row, stratum) if stratum else None
        count = self.count(row)
        units = self.units(row, stratum) if stratum else None
        if place is None or units is None or count is None:
            return None
        draft = _Draft(row.number, place, units, count)
        for (question, unit), source in self.plan.answers.items():
            value = self.answer(row, question, source)
            is_about_units = self.variables[question].question.about_units
            key = question, own_or(unit, is_about_units, units[0] if units else "")
            if value:
                draft.raw[key] = value
            draft.origin[answer_place(key)] = (row.number, source.column)
        return draft if count else None

    def cell(self, row: Row, column: str) -> str:
        return row.values[self.table.position[column]]

    def answer(self, row: Row, question: str, source: Source) -> Raw | None:
        """Return a cell as a raw answer; None when it could not be read, which was told then."""
        cell = self.cell(row, source.column) if source.column is not None else ""
        found = raw_of(self.variables[question], source, cell)
        if found is None:
            self.unknown(row, source, cell)
        return found

    def value(self, row: Row, source: Source) -> str | None:
        """Return the value for a row; None when it could not be read, which was told then."""
        cell = self.cell(row, source.column) if source.column is not None else ""
        found = source.read(cell)
        if found is None:
            self.unknown(row, source, cell)
        return found

    def unknown(self, row: Row, source: Source, cell: str) -> None:
        message = N_("Không biết đổi “%(value)s” thành gì; “map” có: %(known)s.")
        known = ", ".join(source.table or ())[:300]
        self.wrong(row.number, source.column, "map", message, value=cell[:40], known=known)

    def stratum(self, row: Row) -> StratumFrame | None:
        code = self.value(row, self.plan.stratum)
        if code is None:
            return None
        found = self.frame.strata.get(code)
        if found is None:
            message = N_("Không có tầng “%(value)s”; có: %(known)s.")
            known = ", ".join(self.frame.strata)[:300]
            column = self.plan.stratum.column
            self.wrong(row.number, column, "stratum", message, value=code[:40], known=known)
        return found

    def place(self, row: Row, stratum: StratumFrame) -> Place | None:
        source = self.plan.cluster
        if source is None:
            if not self.frame.is_clustered:
                return stratum.place
            message = N_("Mẫu cụm cần “cluster” trong tệp ghép cột.")
            self.wrong(row.number, None, "cluster", message)
            return None
        code = self.value(row, source)
        if code is None:
            return None
        found = stratum.clusters.get(code)
        if found is None:
            message = N_("Không có cụm “%(value)s” trong tầng này.")
            self.wrong(row.number, source.column, "cluster", message, value=code[:40])
        return found

    def count(self, row: Row) -> int | None:
        if self.plan.count is None:
            return 1
        text = self.cell(row, self.plan.count)
        if text.isascii() and text.isdigit() and len(text) <= 7 and int(text) <= MAX_BALLOTS:
            return int(text)
        message = N_("Số phiếu “%(value)s” phải là số nguyên từ 0.")
        self.wrong(row.number, self.plan.count, "count", message, value=text[:40])
        return None

    def units(self, row: Row, stratum: StratumFrame) -> tuple[str, ...] | None:
        if self.plan.unit is None:
            return stratum.units
        code = self.value(row, self.plan.unit)
        if code is None:
            return None
        if code in stratum.units:
            return (code,)
        message = N_("“%(value)s” không phải đơn vị mà người ở tầng này đánh giá (%(known)s).")
        known = ", ".join(stratum.units)[:300]
        column = self.plan.unit.column
        self.wrong(row.number, column, "unit", message, value=code[:40], known=known)
        return None

    def join(self, draft: _Draft, more: _Draft) -> None:
        """Add the row of one more unit to a ballot."""
        if more.place != draft.place:
            message = N_("Phiếu này bắt đầu ở dòng %(first)s với tầng hoặc cụm khác.")
            self.wrong(more.row, self.plan.ballot_id, "joined", message, first=draft.row)
        if set(more.units) & set(draft.units):
            message = N_("Đơn vị này đã có ở dòng trước của cùng phiếu (từ dòng %(first)s).")
            column = self.plan.unit.column if self.plan.unit else None
            self.wrong(more.row, column, "joined", message, first=draft.row)
        for key, value in more.raw.items():
            if draft.raw.setdefault(key, value) != value:
                place = answer_place(key)
                message = N_("Câu trả lời chung của phiếu khác với dòng trước (dòng %(first)s).")
                column = more.origin[place][1]
                self.wrong(more.row, column, "joined", message, first=draft.row)
        draft.units += more.units
        draft.origin = more.origin | draft.origin

    def sheet(self, draft: _Draft) -> Sheet | None:
        interview = self.interview(draft)
        try:
            answers = content_of(interview)
        except AnswerError as error:
            for found in error.problems:
                self.problems.add(_in_file(found, draft))
            return None
        for key in draft.raw.keys() - interview.asked.keys():
            self.dropped[key[0]] += draft.count
        for warning in interview.context.confirmed:
            self.warned[warning] += draft.count
        return Sheet(
            id=b"",
            campaign_id=self.frame.campaign_id,
            stratum_id=draft.place.stratum_id,
            cluster_id=draft.place.cluster_id,
            version_id=self.frame.version_id,
            channel=Channel.IMPORT,
            content=answers,
        )

    def interview(self, draft: _Draft) -> Interview:
        """Return the way of a ballot, with every warning on it confirmed."""
        context = Context(
            today=self.frame.today,
            units=draft.units,
            sources={"channel": Channel.IMPORT.value, "group": self.frame.group},
        )
        found = Interview(self.frame.document, context, draft.raw)
        warnings = verdict(found).warnings if self.warns else ()
        if not warnings:
            return found
        confirmed = replace(context, confirmed=frozenset(warning.id for warning in warnings))
        return Interview(self.frame.document, confirmed, draft.raw)


def _in_file(found: Problem, draft: _Draft) -> Problem:
    """Return a problem with an answer as one of the file."""
    row, column = draft.origin.get(found.place, (draft.row, None))
    named = {"row": row, "column": column} if column else {"row": row}
    return replace(found, place=place_of(row, column), values={**named, **found.values})
