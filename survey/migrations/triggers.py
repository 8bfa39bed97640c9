"""Triggers that make the database refuse what must never be, on SQLite and PostgreSQL alike.

Released migrations call these functions, so what they write for a given name never changes.
"""

from __future__ import annotations

from alembic import op


def _is_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def refuse_changes(table: str) -> None:
    """Let rows of a table be added and read, never changed or deleted."""
    message = f"rows of {table} are never changed or deleted"
    if _is_sqlite():
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_refuse_{verb.lower()} BEFORE {verb} ON {table}"
                f" BEGIN SELECT RAISE(ABORT, '{message}'); END"
            )
        return
    op.execute(
        f"CREATE FUNCTION {table}_refuse_change() RETURNS trigger LANGUAGE plpgsql AS"
        f" $$ BEGIN RAISE EXCEPTION '{message}' USING ERRCODE = 'restrict_violation'; END $$"
    )
    op.execute(
        f"CREATE TRIGGER {table}_refuse_change BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}"
        f" FOR EACH STATEMENT EXECUTE FUNCTION {table}_refuse_change()"
    )


def freeze_launched_campaigns() -> None:
    """Fix what the respondents of a launched campaign were promised."""
    fixed = ("anonymity", "period_id", "launched_at", "is_generated")
    message = "the campaign is launched: its anonymity, period and kind are fixed"
    if _is_sqlite():
        changed = " OR ".join(f"NEW.{c} IS NOT OLD.{c}" for c in fixed)
        op.execute(
            "CREATE TRIGGER campaign_launched_is_fixed BEFORE UPDATE ON campaign"
            f" WHEN OLD.launched_at IS NOT NULL AND ({changed})"
            f" BEGIN SELECT RAISE(ABORT, '{message}'); END"
        )
        return
    changed = " OR ".join(f"NEW.{c} IS DISTINCT FROM OLD.{c}" for c in fixed)
    op.execute(
        "CREATE FUNCTION campaign_launched_is_fixed() RETURNS trigger LANGUAGE plpgsql AS"
        f" $$ BEGIN RAISE EXCEPTION '{message}' USING ERRCODE = 'restrict_violation'; END $$"
    )
    op.execute(
        "CREATE TRIGGER campaign_launched_is_fixed BEFORE UPDATE ON campaign FOR EACH ROW"
        f" WHEN (OLD.launched_at IS NOT NULL AND ({changed}))"
        " EXECUTE FUNCTION campaign_launched_is_fixed()"
    )


def keep_closed_campaigns_closed() -> None:
    """Let nobody open a launched campaign again once its closing time has passed.

    The clock is the database's. SQLite keeps times as text: its own has the same form, so that
    comparing the texts compares the times.
    """
    message = "the campaign is closed: its closing time does not move later"
    reopened = "OLD.launched_at IS NOT NULL AND NEW.closes_at > OLD.closes_at AND OLD.closes_at <="
    if _is_sqlite():
        op.execute(
            "CREATE TRIGGER campaign_closed_stays_closed BEFORE UPDATE ON campaign"
            f" WHEN {reopened} strftime('%Y-%m-%d %H:%M:%f', 'now')"
            f" BEGIN SELECT RAISE(ABORT, '{message}'); END"
        )
        return
    op.execute(
        "CREATE FUNCTION campaign_closed_stays_closed() RETURNS trigger LANGUAGE plpgsql AS"
        f" $$ BEGIN RAISE EXCEPTION '{message}' USING ERRCODE = 'restrict_violation'; END $$"
    )
    op.execute(
        "CREATE TRIGGER campaign_closed_stays_closed BEFORE UPDATE ON campaign FOR EACH ROW"
        f" WHEN ({reopened} clock_timestamp()) EXECUTE FUNCTION campaign_closed_stays_closed()"
    )


def freeze_launched_designs() -> None:
    """Let nobody add to, change or delete the groups, matrix and sample of a launched campaign."""
    for table in ("campaign_group", "rating", "stratum", "cluster"):
        message = f"the campaign is launched: its rows of {table} are fixed"
        if _is_sqlite():
            for verb, sides in {"INSERT": "NEW", "UPDATE": "OLD NEW", "DELETE": "OLD"}.items():
                op.execute(
                    f"CREATE TRIGGER {table}_launched_{verb.lower()} BEFORE {verb} ON {table}"
                    f" WHEN {_is_launched(table, sides)}"
                    f" BEGIN SELECT RAISE(ABORT, '{message}'); END"
                )
            continue
        op.execute(
            f"CREATE FUNCTION {table}_launched_is_fixed() RETURNS trigger LANGUAGE plpgsql AS"
            f" $$ BEGIN IF {_is_launched(table, 'OLD NEW')} THEN"
            f" RAISE EXCEPTION '{message}' USING ERRCODE = 'restrict_violation'; END IF;"
            " IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; RETURN NEW; END $$"
        )
        op.execute(
            f"CREATE TRIGGER {table}_launched_is_fixed BEFORE INSERT OR UPDATE OR DELETE ON {table}"
            f" FOR EACH ROW EXECUTE FUNCTION {table}_launched_is_fixed()"
        )


def _is_launched(table: str, sides: str) -> str:
    """Return the condition that a changed row belongs to a launched campaign, before or after.

    On PostgreSQL the side that an INSERT or DELETE does not have is null and so belongs to none.
    """
    launched = "SELECT 1 FROM campaign WHERE launched_at IS NOT NULL AND id IN"
    if table != "cluster":
        keys = ", ".join(f"{side}.campaign_id" for side in sides.split())
        return f"EXISTS ({launched} ({keys}))"
    keys = ", ".join(f"{side}.stratum_id" for side in sides.split())
    of_stratum = "SELECT campaign_id FROM stratum WHERE id IN"
    return f"EXISTS ({launched} ({of_stratum} ({keys})))"
