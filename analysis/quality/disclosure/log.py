"""The publication log: what has been published, so that later tables are checked against it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from analysis.errors import DataError
from analysis.quality.disclosure.knowledge import Publication
from analysis.quality.disclosure.protect import Guard

FORMAT = 1
PRINTED = "rounding"  # guards that hold of printed counts; all others hold of exact ones


@dataclass(frozen=True)
class Entry:
    """One published table.

    Parameters
    ----------
    name : what was published, and when
    reader : to whom; readers talk to each other, so that nothing depends on it
    exact : what readers would know if they had the exact counts of all published cells
    printed : what follows from the figures as they are printed
    guards : what must not become known, now and later
    """

    name: str
    reader: str
    exact: Publication
    printed: Publication
    guards: tuple[Guard, ...]

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        guards = [
            {"rule": g.rule, "name": g.name, "form": dict(g.form), "width": g.width}
            for g in self.guards
        ]
        told = {"exact": self.exact.to_list(), "printed": self.printed.to_list()}
        return {"name": self.name, "reader": self.reader, **told, "guards": guards}

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> "Entry":
        """Read what `to_dict` wrote."""
        guards = (Guard.of(g["rule"], g["name"], g["form"], g["width"]) for g in plain["guards"])
        exact, printed = (Publication.from_list(plain[key]) for key in ("exact", "printed"))
        return cls(plain["name"], plain["reader"], exact, printed, tuple(guards))


@dataclass(frozen=True)
class PublicationLog:
    """Everything that was ever published about the same people, the oldest first.

    Notes
    -----
    The log knows which cells are withheld for being small: it is not for publication.

    Examples
    --------
    >>> PublicationLog.from_dict(PublicationLog().to_dict()) == PublicationLog()
    True
    """

    entries: tuple[Entry, ...] = ()

    def with_(self, entry: Entry) -> "PublicationLog":
        """The log with one more entry.

        Raises
        ------
        DataError
            `published_twice` if an entry of that name is there
        """
        if entry.name in {one.name for one in self.entries}:
            raise DataError(
                "published_twice",
                f"{entry.name} stands in the publication log.",
                "Give the new table a name of its own, with its date.",
                name=entry.name,
            )
        return replace(self, entries=(*self.entries, entry))

    @property
    def printed(self) -> Publication:
        """What all readers together know."""
        return sum((entry.printed for entry in self.entries), Publication())

    @property
    def exact(self) -> Publication:
        """What they would know with the exact counts of all published cells."""
        return sum((entry.exact for entry in self.entries), Publication())

    def guards(self, *, printed: bool) -> tuple[Guard, ...]:
        """What must not become known from printed counts, or not even from exact ones."""
        found = (guard for entry in self.entries for guard in entry.guards)
        return tuple(dict.fromkeys(g for g in found if (g.rule == PRINTED) == printed))

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON; `from_dict` reads them back."""
        return {"format": FORMAT, "entries": [entry.to_dict() for entry in self.entries]}

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> "PublicationLog":
        """Read what `to_dict` wrote.

        Raises
        ------
        DataError
            `unknown_format` if another version of the software wrote it
        """
        if plain.get("format") != FORMAT:
            raise DataError(
                "unknown_format",
                f"The publication log has format {plain.get('format')!r}, known is {FORMAT}.",
                "Read it with the version that wrote it.",
            )
        return cls(tuple(Entry.from_dict(one) for one in plain["entries"]))
