"""The definition file of a campaign as frozen records, or everything wrong with its form."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from survey.errors import N_, InvalidError
from survey.fieldwork.reading import MOST, NOWHEN, Reader
from survey.model.campaign import Anonymity, Sampling, Scope

INVALID = N_("Tệp mô tả đợt điều tra chưa hợp lệ, chưa có gì được lưu.")

CAMPAIGN_KEYS = (
    "format", "code", "title", "year", "opens_at", "closes_at", "anonymity", "is_generated",
    "groups",
)  # fmt: skip
GROUP_KEYS = ("group", "questionnaire", "sampling", "ratings", "feeds", "strata")
STRATUM_KEYS = ("code", "label", "unit", "population_size", "sampled", "clusters")


@dataclass(frozen=True)
class Named:
    """A version of a questionnaire or framework, by code and number."""

    code: str
    version: int

    def __str__(self) -> str:
        return f"{self.code}/{self.version}"


@dataclass(frozen=True)
class RatingLine:
    """Which units of a block a group rates."""

    place: str
    block: str
    scope: Scope


@dataclass(frozen=True)
class Feed:
    """A question whose answers from a group give points on a leaf."""

    place: str
    question: str
    framework: Named
    leaf: str
    weight: Decimal


@dataclass(frozen=True)
class ClusterLine:
    """A PSU that was drawn."""

    place: str
    code: str
    label: str
    population_size: int | None


@dataclass(frozen=True)
class StratumLine:
    """A stratum and what was drawn of it."""

    place: str
    code: str
    label: str
    unit: str | None
    population_size: int | None
    sampled: int
    clusters: tuple[ClusterLine, ...]


@dataclass(frozen=True)
class GroupLine:
    """A respondent group with its questionnaire, its part of the matrix and its sample."""

    place: str
    group: str
    questionnaire: Named
    sampling: Sampling
    ratings: tuple[RatingLine, ...]
    feeds: tuple[Feed, ...]
    strata: tuple[StratumLine, ...]


@dataclass(frozen=True)
class Definition:
    """A whole campaign as it is described in a file."""

    code: str
    title: str
    title_en: str
    year: int
    opens_at: datetime
    closes_at: datetime
    anonymity: Anonymity
    is_generated: bool
    groups: tuple[GroupLine, ...]


def parse(raw: Any) -> Definition:
    """Return the definition in a JSON value; raises `InvalidError` with every problem at once."""
    reader = Reader(lambda problems: InvalidError(problems, INVALID))
    definition = _campaign(reader, raw)
    reader.finish()
    return definition


def _campaign(reader: Reader, raw: Any) -> Definition:
    parts = reader.mapping(raw, "", CAMPAIGN_KEYS)
    reader.needs(parts, "", "year", "anonymity")
    reader.format(parts)
    title = reader.name(parts.get("title"), "title")
    groups = tuple(_groups(reader, parts.get("groups")))
    reader.told_once([(f"{group.place}.group", group.group) for group in groups])
    definition = Definition(
        code=reader.code(parts.get("code"), "code"),
        title=title.vi,
        title_en=title.en,
        year=reader.integer(parts.get("year"), "year", 1900, 2100, 2000),
        opens_at=reader.moment(parts.get("opens_at"), "opens_at"),
        closes_at=reader.moment(parts.get("closes_at"), "closes_at"),
        anonymity=reader.one_of(parts.get("anonymity"), "anonymity", Anonymity, Anonymity.CODE),
        is_generated=reader.flag(parts.get("is_generated"), "is_generated", default=False),
        groups=groups,
    )
    if NOWHEN < definition.closes_at <= definition.opens_at:
        reader.wrong("closes_at", "time", N_("Thời điểm đóng phải sau thời điểm mở."))
    return definition


def _groups(reader: Reader, raw: Any) -> Iterator[GroupLine]:
    for place, item in reader.sequence(raw, "groups", empty=False):
        parts = reader.mapping(item, place, GROUP_KEYS)
        reader.needs(parts, place, "sampling")
        sampling = parts.get("sampling")
        group = GroupLine(
            place=place,
            group=reader.code(parts.get("group"), f"{place}.group"),
            questionnaire=_named(reader, parts.get("questionnaire"), f"{place}.questionnaire"),
            sampling=reader.one_of(sampling, f"{place}.sampling", Sampling, Sampling.STRATIFIED),
            ratings=tuple(_ratings(reader, parts.get("ratings"), f"{place}.ratings")),
            feeds=tuple(_feeds(reader, parts.get("feeds"), f"{place}.feeds")),
            strata=tuple(_strata(reader, parts.get("strata"), f"{place}.strata")),
        )
        _check_repeats(reader, group)
        for stratum in group.strata:
            _check_sample(reader, group.sampling, stratum)
        yield group


def _named(reader: Reader, raw: Any, place: str) -> Named:
    parts = reader.mapping(raw, place, ("code", "version"))
    reader.needs(parts, place, "version")
    code = reader.code(parts.get("code"), f"{place}.code")
    return Named(code, reader.integer(parts.get("version"), f"{place}.version", 1, MOST, 1))


def _ratings(reader: Reader, raw: Any, place: str) -> Iterator[RatingLine]:
    for here, item in reader.sequence(raw, place, empty=False):
        parts = reader.mapping(item, here, ("block", "scope"))
        reader.needs(parts, here, "scope")
        block = reader.code(parts.get("block"), f"{here}.block")
        scope = reader.one_of(parts.get("scope"), f"{here}.scope", Scope, Scope.EXCEPT_OWN)
        yield RatingLine(here, block, scope)


def _feeds(reader: Reader, raw: Any, place: str) -> Iterator[Feed]:
    for here, item in reader.sequence(raw, place):
        parts = reader.mapping(item, here, ("question", "framework", "leaf", "weight"))
        yield Feed(
            place=here,
            question=reader.code(parts.get("question"), f"{here}.question"),
            framework=_named(reader, parts.get("framework"), f"{here}.framework"),
            leaf=reader.code(parts.get("leaf"), f"{here}.leaf"),
            weight=reader.weight(parts.get("weight"), f"{here}.weight"),
        )


def _strata(reader: Reader, raw: Any, place: str) -> Iterator[StratumLine]:
    for here, item in reader.sequence(raw, place, empty=False):
        parts = reader.mapping(item, here, STRATUM_KEYS)
        reader.needs(parts, here, "sampled")
        unit = parts.get("unit")
        yield StratumLine(
            place=here,
            code=reader.code(parts.get("code"), f"{here}.code"),
            label=reader.text(parts.get("label"), f"{here}.label"),
            unit=None if unit is None else reader.code(unit, f"{here}.unit"),
            population_size=reader.size(parts.get("population_size"), f"{here}.population_size"),
            sampled=reader.integer(parts.get("sampled"), f"{here}.sampled", 1, MOST, 1),
            clusters=tuple(_clusters(reader, parts.get("clusters"), f"{here}.clusters")),
        )


def _clusters(reader: Reader, raw: Any, place: str) -> Iterator[ClusterLine]:
    for here, item in reader.sequence(raw, place):
        parts = reader.mapping(item, here, ("code", "label", "population_size"))
        yield ClusterLine(
            place=here,
            code=reader.code(parts.get("code"), f"{here}.code"),
            label=reader.text(parts.get("label"), f"{here}.label"),
            population_size=reader.size(parts.get("population_size"), f"{here}.population_size"),
        )


def _check_repeats(reader: Reader, group: GroupLine) -> None:
    reader.told_once([(f"{line.place}.block", line.block) for line in group.ratings])
    reader.told_once([(f"{line.place}.code", line.code) for line in group.strata])
    reader.told_once([(f.place, f"{f.question} → {f.framework} {f.leaf}") for f in group.feeds])
    for stratum in group.strata:
        reader.told_once([(f"{line.place}.code", line.code) for line in stratum.clusters])


def _check_sample(reader: Reader, sampling: Sampling, stratum: StratumLine) -> None:
    place, size = f"{stratum.place}.sampled", stratum.population_size
    if size is not None and stratum.sampled > size:
        message = N_("Chọn %(sampled)s trong khi tầng chỉ có %(size)s.")
        reader.wrong(place, "sample-fits", message, sampled=stratum.sampled, size=size)
    elif sampling == Sampling.CENSUS and stratum.sampled != size:
        message = N_("Điều tra toàn bộ cần “sampled” bằng “population_size”.")
        reader.wrong(place, "census", message)
    if sampling == Sampling.CLUSTER and len(stratum.clusters) != stratum.sampled:
        message = N_("Chọn mẫu cụm cần liệt kê đủ %(sampled)s cụm đã chọn ở “clusters”.")
        reader.wrong(f"{stratum.place}.clusters", "clusters", message, sampled=stratum.sampled)
    if sampling != Sampling.CLUSTER and stratum.clusters:
        message = N_("Chỉ chọn mẫu cụm (“cluster”) mới có “clusters”.")
        reader.wrong(f"{stratum.place}.clusters", "clusters", message)
