"""The rules of disclosure control, declared once and frozen."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction
from types import MappingProxyType
from typing import Any

from analysis.errors import SchemeError
from analysis.exact import exact, written

STAFF, CITIZENS, LEADERS = "staff", "citizens", "leaders"
LEADERS_TO = 8  # leaders' groups of up to so many are shown only inside a combined group
MINIMUMS = MappingProxyType({STAFF: 5, CITIZENS: 10, LEADERS: LEADERS_TO + 1})
STEP = Fraction(1, 20)  # in which "at least" shares are told


class Uniform(StrEnum):
    """What is told of a group in which (nearly) everybody gave the same answer."""

    AT_LEAST = "at_least"
    WITHHOLD = "withhold"
    PUBLISH = "publish"


@dataclass(frozen=True, kw_only=True, slots=True)
class DisclosurePolicy:
    """Every rule by which figures are withheld, topped or rounded before they are published.

    Parameters
    ----------
    minimum : kind of people -> persons that a published cell needs, 1 or more. Persons are
        counted, never weights. Leaders need one more than a leaders' group usually has: such a
        group appears only inside a combined one.
    min_psus : PSUs that a published cell needs, where they are known
    uniform : what is told where nearly all gave the same answer: "at least x", nothing, or all
    uniform_share : share of the commonest answer from which that rule holds; in smaller groups
        also wherever at most one person differs
    complementary : whether further cells are withheld, so that no difference tells a withheld one
    figure_width : share of its scale within which a withheld mean must stay unknown
    count_step : step to which printed counts are rounded; 1 prints them exactly

    Raises
    ------
    SchemeError
        if a number is out of range or a choice is not known

    Notes
    -----
    The defaults are the policy. A rule is switched off by minimum 1, `min_psus=1`,
    `uniform="publish"`, `complementary=False`, `count_step=1`; tests do so to show that each
    rule is needed.

    References
    ----------
    Hundepool et al. (2012), Statistical Disclosure Control, sec. 4.2 (sensitivity rules), 5.2
    (rounding); ESSnet SDC handbook, group attribute disclosure.

    Examples
    --------
    >>> policy = DisclosurePolicy()
    >>> policy.minimum["staff"], policy.rounded(12), policy.top(12)
    (5, 10, Fraction(9, 10))
    """

    minimum: Mapping[str, int] = field(default_factory=lambda: MINIMUMS)
    min_psus: int = 2
    uniform: Uniform = Uniform.AT_LEAST
    uniform_share: Fraction = Fraction(9, 10)
    complementary: bool = True
    figure_width: Fraction = Fraction(1, 20)
    count_step: int = 5

    def __post_init__(self) -> None:
        object.__setattr__(self, "minimum", MappingProxyType(dict(self.minimum)))
        for name in ("uniform_share", "figure_width"):
            object.__setattr__(self, name, exact(getattr(self, name), name))
        if self.uniform not in tuple(Uniform):
            raise _wrong("uniform", self.uniform, f"Choose one of {', '.join(Uniform)}.")
        object.__setattr__(self, "uniform", Uniform(self.uniform))
        whole: dict[str, object] = {
            f"minimum[{kind}]": least for kind, least in self.minimum.items()
        }
        whole |= {"min_psus": self.min_psus, "count_step": self.count_step}
        for name, value in whole.items():
            if not isinstance(value, int) or isinstance(value, bool) or value < 1:
                raise _wrong(name, value, "Give a whole number, 1 or more.")
        if not Fraction(1, 2) < self.uniform_share <= 1:
            raise _wrong("uniform_share", self.uniform_share, "Give a share above 1/2, at most 1.")
        if not 0 < self.figure_width < 1:
            raise _wrong("figure_width", self.figure_width, "Give a share above 0, below 1.")

    def minimum_of(self, kind: str) -> int:
        """Persons that a cell of a kind of people needs.

        Parameters
        ----------
        kind : one kind, or several joined by "+" for a combined group: the largest minimum
            counts, that of leaders only where nobody else is in the group

        Raises
        ------
        SchemeError
            `unknown_kind` if the policy says nothing of a kind

        Examples
        --------
        >>> policy = DisclosurePolicy()
        >>> [policy.minimum_of(kind) for kind in ("leaders", "leaders+staff", "citizens+staff")]
        [9, 5, 10]
        """
        kinds = set(kind.split("+"))
        unknown = sorted(kinds - set(self.minimum))
        if unknown:
            raise SchemeError(
                "unknown_kind",
                f"The policy has no minimum for {unknown[0]!r}.",
                f"Declare one beside {', '.join(sorted(self.minimum))}.",
                kind=unknown[0],
            )
        return max(self.minimum[one] for one in (kinds - {LEADERS} or kinds))

    def top(self, persons: int) -> Fraction:
        """The share that is printed as "at least" in a cell of so many persons.

        Parameters
        ----------
        persons : who answered, 1 or more

        Returns
        -------
        Fraction; `uniform_share`, or less in small cells, so that one person at least may differ

        Notes
        -----
        min(uniform_share, (n-1)/n), cut to twentieths. Every cell whose commonest answer has
        this share is told the same way, so that "at least" does not mean "all".

        Examples
        --------
        >>> [str(DisclosurePolicy().top(n)) for n in (5, 8, 10, 200)]
        ['4/5', '17/20', '9/10', '9/10']
        """
        share = min(self.uniform_share, Fraction(persons - 1, persons))
        return share // STEP * STEP

    def is_uniform(self, commonest: int, persons: int) -> bool:
        """Whether so many of a cell's persons gave the same answer that it must not be told."""
        if self.uniform is Uniform.PUBLISH or not persons:
            return False
        return Fraction(commonest, persons) >= self.top(persons)

    def rounded(self, count: int) -> int:
        """A count as it is printed: to the nearest multiple of the step, halves up."""
        return (count + self.count_step // 2) // self.count_step * self.count_step

    def covered(self, printed: int) -> tuple[int, int]:
        """Smallest and largest count that are printed so.

        Examples
        --------
        >>> DisclosurePolicy().covered(10), DisclosurePolicy().covered(0)
        ((8, 12), (0, 2))
        """
        low = printed - self.count_step // 2
        return max(low, 0), low + self.count_step - 1

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON; `from_dict` reads them back."""
        return {
            "minimum": dict(self.minimum),
            "min_psus": self.min_psus,
            "uniform": str(self.uniform),
            "uniform_share": written(self.uniform_share),
            "complementary": self.complementary,
            "figure_width": written(self.figure_width),
            "count_step": self.count_step,
        }

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> "DisclosurePolicy":
        """Read what `to_dict` wrote."""
        return cls(**plain)


def _wrong(name: str, value: object, hint: str) -> SchemeError:
    return SchemeError("option_out_of_range", f"{name} is {value!r}.", hint, option=name)
