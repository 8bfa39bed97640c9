"""The rating matrix: which units somebody of a stratum rates."""

from __future__ import annotations

from datetime import date

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from survey.model.campaign import Campaign, Rating, Scope, Stratum
from survey.model.organisation import Block, Unit


def rated_units(session: Session, campaign: Campaign, stratum: Stratum) -> list[Unit]:
    """Return the units that a respondent of a stratum rates, in the order of the form."""
    scopes = {
        rating.block_id: rating.scope
        for rating in session.scalars(
            select(Rating).where(
                Rating.campaign_id == campaign.id, Rating.group_id == stratum.group_id
            )
        )
    }
    units = session.scalars(
        select(Unit)
        .join(Block)
        .where(Unit.block_id.in_(scopes), is_valid_in(campaign.period.year))
        .order_by(Block.position, Unit.position)
    )
    return [unit for unit in units if _is_rated(scopes[unit.block_id], unit, stratum)]


def _is_rated(scope: Scope, unit: Unit, stratum: Stratum) -> bool:
    is_own = unit.id == stratum.unit_id
    return scope == Scope.ALL or is_own == (scope == Scope.OWN)


def is_valid_in(year: int) -> ColumnElement[bool]:
    """Return the condition that a unit exists on some day of a year."""
    end = or_(Unit.valid_to.is_(None), Unit.valid_to > date(year, 1, 1))
    return end & (Unit.valid_from <= date(year, 12, 31))
