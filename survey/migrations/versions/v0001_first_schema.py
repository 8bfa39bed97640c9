"""Create the first schema."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from survey.migrations.triggers import (
    freeze_launched_campaigns,
    freeze_launched_designs,
    keep_closed_campaigns_closed,
    refuse_changes,
)
from survey.model.base import Exact, StableJson, UtcDateTime

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create every table of the first release, and the triggers that guard them."""
    op.create_table(
        "account",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("login", sa.String(length=64), nullable=False),
        sa.Column("display_name", sa.String(length=300), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        sa.Column("must_change_password", sa.Boolean(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint("login", name=op.f("uq_account_login")),
    )
    op.create_table(
        "audit_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("actor", sa.String(length=64), nullable=False),
        sa.Column("action", sa.String(length=64), nullable=False),
        sa.Column("thing", sa.String(length=300), nullable=False),
        sa.Column("details", StableJson(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_event")),
    )
    op.create_table(
        "block",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.Column("name_en", sa.String(length=300), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "valid_to IS NULL OR valid_to > valid_from", name=op.f("ck_block_validity")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_block")),
        sa.UniqueConstraint("code", name=op.f("uq_block_code")),
    )
    op.create_table(
        "framework",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("title_en", sa.String(length=300), nullable=False),
        sa.Column("decision_no", sa.String(length=300), nullable=False),
        sa.Column("decision_date", sa.Date(), nullable=True),
        sa.Column(
            "pooling",
            sa.Enum(
                "by_group",
                "pooled",
                name="pooling",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column(
            "dont_know",
            sa.Enum(
                "exclude",
                "zero",
                "middle",
                name="dont_know",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column(
            "blank",
            sa.Enum(
                "exclude",
                "invalidate_ballot",
                name="blank",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("blank_percent", sa.Integer(), nullable=False),
        sa.Column("min_valid", sa.Integer(), nullable=False),
        sa.Column("min_valid_points", sa.Integer(), nullable=False),
        sa.Column(
            "below_min",
            sa.Enum(
                "drop_group",
                "leaf_not_scored",
                "last_year",
                "manual",
                name="below_min",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column(
            "no_usable_group",
            sa.Enum(
                "not_scored",
                "zero",
                name="no_usable_group",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("exclude_self", sa.Boolean(), nullable=False),
        sa.Column(
            "rounding",
            sa.Enum(
                "half_up",
                "down",
                "half_even",
                name="rounding",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("decimals", sa.Integer(), nullable=False),
        sa.Column("rank_precision", sa.Integer(), nullable=True),
        sa.Column(
            "tie_rule",
            sa.Enum(
                "competition",
                "dense",
                name="tie_rule",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.CheckConstraint(
            "blank_percent BETWEEN 0 AND 100", name=op.f("ck_framework_blank_percent")
        ),
        sa.CheckConstraint("decimals BETWEEN 0 AND 6", name=op.f("ck_framework_decimals")),
        sa.CheckConstraint(
            "min_valid >= 1 AND min_valid_points >= min_valid", name=op.f("ck_framework_minimums")
        ),
        sa.CheckConstraint(
            "rank_precision IS NULL OR rank_precision BETWEEN 0 AND 6",
            name=op.f("ck_framework_ranks"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_framework")),
        sa.UniqueConstraint("code", "version", name=op.f("uq_framework_code_version")),
    )
    op.create_table(
        "period",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_period")),
        sa.UniqueConstraint("year", name=op.f("uq_period_year")),
    )
    op.create_table(
        "questionnaire",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_questionnaire")),
        sa.UniqueConstraint("code", name=op.f("uq_questionnaire_code")),
    )
    op.create_table(
        "rate_window",
        sa.Column("key", sa.LargeBinary(length=32), nullable=False),
        sa.Column("window_ends_at", UtcDateTime(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_rate_window")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "respondent_group",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.Column("name_en", sa.String(length=300), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_respondent_group")),
        sa.UniqueConstraint("code", name=op.f("uq_respondent_group_code")),
    )
    op.create_table(
        "account_role",
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "survey_manager",
                "analyst",
                "administrator",
                name="role",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_account_role_account_id")
        ),
        sa.PrimaryKeyConstraint("account_id", "role", name=op.f("pk_account_role")),
    )
    op.create_table(
        "campaign",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("title_en", sa.String(length=300), nullable=False),
        sa.Column("period_id", sa.Integer(), nullable=False),
        sa.Column("opens_at", UtcDateTime(), nullable=False),
        sa.Column("closes_at", UtcDateTime(), nullable=False),
        sa.Column(
            "anonymity",
            sa.Enum(
                "open",
                "code",
                name="anonymity",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("launched_at", UtcDateTime(), nullable=True),
        sa.Column("is_generated", sa.Boolean(), nullable=False),
        sa.CheckConstraint("closes_at > opens_at", name=op.f("ck_campaign_time")),
        sa.ForeignKeyConstraint(["period_id"], ["period.id"], name=op.f("fk_campaign_period_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign")),
        sa.UniqueConstraint("code", name=op.f("uq_campaign_code")),
    )
    op.create_table(
        "field",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("framework_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.Column("name_en", sa.String(length=300), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["framework_id"], ["framework.id"], name=op.f("fk_field_framework_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_field")),
        sa.UniqueConstraint("framework_id", "code", name=op.f("uq_field_framework_id_code")),
    )
    op.create_table(
        "login_session",
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("seen_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_login_session_account_id")
        ),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_login_session")),
    )
    op.create_table(
        "period_framework",
        sa.Column("period_id", sa.Integer(), nullable=False),
        sa.Column("block_id", sa.Integer(), nullable=False),
        sa.Column("framework_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["block_id"], ["block.id"], name=op.f("fk_period_framework_block_id")
        ),
        sa.ForeignKeyConstraint(
            ["framework_id"], ["framework.id"], name=op.f("fk_period_framework_framework_id")
        ),
        sa.ForeignKeyConstraint(
            ["period_id"], ["period.id"], name=op.f("fk_period_framework_period_id")
        ),
        sa.PrimaryKeyConstraint("period_id", "block_id", name=op.f("pk_period_framework")),
    )
    op.create_table(
        "questionnaire_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("questionnaire_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("document", StableJson(), nullable=False),
        sa.Column("checksum", sa.String(length=64), nullable=False),
        sa.Column("published_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("number >= 1", name=op.f("ck_questionnaire_version_number")),
        sa.ForeignKeyConstraint(
            ["questionnaire_id"],
            ["questionnaire.id"],
            name=op.f("fk_questionnaire_version_questionnaire_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_questionnaire_version")),
        sa.UniqueConstraint(
            "questionnaire_id",
            "number",
            name=op.f("uq_questionnaire_version_questionnaire_id_number"),
        ),
    )
    op.create_table(
        "unit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.Column("name_en", sa.String(length=300), nullable=False),
        sa.Column("block_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("is_ranked", sa.Boolean(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "valid_to IS NULL OR valid_to > valid_from", name=op.f("ck_unit_validity")
        ),
        sa.ForeignKeyConstraint(["block_id"], ["block.id"], name=op.f("fk_unit_block_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unit")),
        sa.UniqueConstraint("code", name=op.f("uq_unit_code")),
    )
    op.create_table(
        "ballot_import",
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("file_hash", sa.String(length=64), nullable=False),
        sa.Column("ballots", sa.Integer(), nullable=False),
        sa.CheckConstraint("ballots >= 1", name=op.f("ck_ballot_import_ballots")),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaign.id"], name=op.f("fk_ballot_import_campaign_id")
        ),
        sa.PrimaryKeyConstraint("campaign_id", "file_hash", name=op.f("pk_ballot_import")),
    )
    op.create_table(
        "campaign_group",
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column(
            "sampling",
            sa.Enum(
                "census",
                "stratified",
                "cluster",
                name="sampling",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaign.id"], name=op.f("fk_campaign_group_campaign_id")
        ),
        sa.ForeignKeyConstraint(
            ["group_id"], ["respondent_group.id"], name=op.f("fk_campaign_group_group_id")
        ),
        sa.ForeignKeyConstraint(
            ["version_id"], ["questionnaire_version.id"], name=op.f("fk_campaign_group_version_id")
        ),
        sa.PrimaryKeyConstraint("campaign_id", "group_id", name=op.f("pk_campaign_group")),
    )
    op.create_table(
        "criterion",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("field_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.Column("name_en", sa.String(length=300), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["field_id"], ["field.id"], name=op.f("fk_criterion_field_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_criterion")),
        sa.UniqueConstraint("field_id", "code", name=op.f("uq_criterion_field_id_code")),
    )
    op.create_table(
        "draft",
        sa.Column("id", sa.LargeBinary(length=32), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaign.id"], name=op.f("fk_draft_campaign_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draft")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "published_index",
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("block_id", sa.Integer(), nullable=False),
        sa.Column("index_value", Exact(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=True),
        sa.Column("source", sa.String(length=300), nullable=False),
        sa.Column("is_comparable", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "CAST(index_value AS NUMERIC) >= 0",
            name=op.f("ck_published_index_index_value_positive"),
        ),
        sa.CheckConstraint("rank IS NULL OR rank >= 1", name=op.f("ck_published_index_rank")),
        sa.ForeignKeyConstraint(
            ["block_id"], ["block.id"], name=op.f("fk_published_index_block_id")
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_published_index_unit_id")),
        sa.PrimaryKeyConstraint("unit_id", "year", name=op.f("pk_published_index")),
    )
    op.create_table(
        "run",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("made_by", sa.String(length=300), nullable=False),
        sa.Column("dataset_hash", sa.String(length=64), nullable=False),
        sa.Column("scheme_hash", sa.String(length=64), nullable=False),
        sa.Column("inputs", sa.Text(), nullable=False),
        sa.Column("inputs_hash", sa.String(length=64), nullable=False),
        sa.Column("software_version", sa.String(length=40), nullable=False),
        sa.Column("seed", sa.Integer(), nullable=False),
        sa.Column("result", sa.Text(), nullable=False),
        sa.Column("result_hash", sa.String(length=64), nullable=False),
        sa.Column("is_generated", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_run_campaign_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_run")),
    )
    op.create_table(
        "unit_succession",
        sa.Column("predecessor_id", sa.Integer(), nullable=False),
        sa.Column("successor_id", sa.Integer(), nullable=False),
        sa.Column("took_effect_on", sa.Date(), nullable=False),
        sa.Column("decision", sa.String(length=300), nullable=False),
        sa.CheckConstraint(
            "predecessor_id <> successor_id", name=op.f("ck_unit_succession_two_units")
        ),
        sa.ForeignKeyConstraint(
            ["predecessor_id"], ["unit.id"], name=op.f("fk_unit_succession_predecessor_id")
        ),
        sa.ForeignKeyConstraint(
            ["successor_id"], ["unit.id"], name=op.f("fk_unit_succession_successor_id")
        ),
        sa.PrimaryKeyConstraint("predecessor_id", "successor_id", name=op.f("pk_unit_succession")),
    )
    op.create_table(
        "leaf",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("criterion_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.Column("name_en", sa.String(length=300), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column(
            "level",
            sa.Enum(
                "criterion",
                "subcriterion",
                name="level",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column(
            "mode",
            sa.Enum(
                "appraised",
                "survey",
                "external",
                name="mode",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("max_points", Exact(), nullable=False),
        sa.CheckConstraint(
            "CAST(max_points AS NUMERIC) > 0", name=op.f("ck_leaf_max_points_positive")
        ),
        sa.ForeignKeyConstraint(
            ["criterion_id"], ["criterion.id"], name=op.f("fk_leaf_criterion_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_leaf")),
        sa.UniqueConstraint("criterion_id", "code", name=op.f("uq_leaf_criterion_id_code")),
    )
    with op.batch_alter_table("leaf", schema=None) as batch_op:
        batch_op.create_index(
            "uq_leaf_criterion_is_leaf",
            ["criterion_id"],
            unique=True,
            sqlite_where=sa.text("level = 'criterion'"),
            postgresql_where=sa.text("level = 'criterion'"),
        )

    op.create_table(
        "rating",
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("block_id", sa.Integer(), nullable=False),
        sa.Column(
            "scope",
            sa.Enum(
                "all",
                "except_own",
                "own",
                name="scope",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(["block_id"], ["block.id"], name=op.f("fk_rating_block_id")),
        sa.ForeignKeyConstraint(
            ["campaign_id", "group_id"],
            ["campaign_group.campaign_id", "campaign_group.group_id"],
            name=op.f("fk_rating_campaign_id_group_id"),
        ),
        sa.PrimaryKeyConstraint("campaign_id", "group_id", "block_id", name=op.f("pk_rating")),
    )
    op.create_table(
        "stratum",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column("label", sa.String(length=300), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=True),
        sa.Column("population_size", sa.Integer(), nullable=True),
        sa.Column("sampled", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "population_size IS NULL OR population_size >= 1", name=op.f("ck_stratum_population")
        ),
        sa.CheckConstraint(
            "population_size IS NULL OR sampled <= population_size",
            name=op.f("ck_stratum_sample_fits"),
        ),
        sa.CheckConstraint("sampled >= 0", name=op.f("ck_stratum_sampled")),
        sa.ForeignKeyConstraint(
            ["campaign_id", "group_id"],
            ["campaign_group.campaign_id", "campaign_group.group_id"],
            name=op.f("fk_stratum_campaign_id_group_id"),
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_stratum_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stratum")),
        sa.UniqueConstraint(
            "campaign_id", "group_id", "code", name=op.f("uq_stratum_campaign_id_group_id_code")
        ),
    )
    op.create_table(
        "cluster",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("stratum_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column("label", sa.String(length=300), nullable=False),
        sa.Column("population_size", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "population_size IS NULL OR population_size >= 1", name=op.f("ck_cluster_population")
        ),
        sa.ForeignKeyConstraint(["stratum_id"], ["stratum.id"], name=op.f("fk_cluster_stratum_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cluster")),
        sa.UniqueConstraint("stratum_id", "code", name=op.f("uq_cluster_stratum_id_code")),
    )
    op.create_table(
        "group_weight",
        sa.Column("leaf_id", sa.Integer(), nullable=False),
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("weight", Exact(), nullable=False),
        sa.CheckConstraint(
            "CAST(weight AS NUMERIC) >= 0 AND CAST(weight AS NUMERIC) <= 1",
            name=op.f("ck_group_weight_weight_share"),
        ),
        sa.ForeignKeyConstraint(
            ["group_id"], ["respondent_group.id"], name=op.f("fk_group_weight_group_id")
        ),
        sa.ForeignKeyConstraint(["leaf_id"], ["leaf.id"], name=op.f("fk_group_weight_leaf_id")),
        sa.PrimaryKeyConstraint("leaf_id", "group_id", name=op.f("pk_group_weight")),
    )
    op.create_table(
        "leaf_exemption",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("leaf_id", sa.Integer(), nullable=False),
        sa.Column("block_id", sa.Integer(), nullable=True),
        sa.Column("unit_id", sa.Integer(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("approved_by", sa.String(length=300), nullable=False),
        sa.CheckConstraint(
            "(block_id IS NULL) <> (unit_id IS NULL)", name=op.f("ck_leaf_exemption_block_or_unit")
        ),
        sa.CheckConstraint(
            "length(reason) > 0 AND length(approved_by) > 0",
            name=op.f("ck_leaf_exemption_explained"),
        ),
        sa.ForeignKeyConstraint(
            ["block_id"], ["block.id"], name=op.f("fk_leaf_exemption_block_id")
        ),
        sa.ForeignKeyConstraint(["leaf_id"], ["leaf.id"], name=op.f("fk_leaf_exemption_leaf_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_leaf_exemption_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_leaf_exemption")),
        sa.UniqueConstraint("leaf_id", "block_id", name=op.f("uq_leaf_exemption_leaf_id_block_id")),
        sa.UniqueConstraint("leaf_id", "unit_id", name=op.f("uq_leaf_exemption_leaf_id_unit_id")),
    )
    op.create_table(
        "question_leaf",
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("question", sa.String(length=32), nullable=False),
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("leaf_id", sa.Integer(), nullable=False),
        sa.Column("weight", Exact(), nullable=False),
        sa.CheckConstraint(
            "CAST(weight AS NUMERIC) >= 0 AND CAST(weight AS NUMERIC) <= 1",
            name=op.f("ck_question_leaf_weight_share"),
        ),
        sa.ForeignKeyConstraint(
            ["group_id"], ["respondent_group.id"], name=op.f("fk_question_leaf_group_id")
        ),
        sa.ForeignKeyConstraint(["leaf_id"], ["leaf.id"], name=op.f("fk_question_leaf_leaf_id")),
        sa.ForeignKeyConstraint(
            ["version_id"], ["questionnaire_version.id"], name=op.f("fk_question_leaf_version_id")
        ),
        sa.PrimaryKeyConstraint(
            "version_id", "question", "group_id", "leaf_id", name=op.f("pk_question_leaf")
        ),
    )
    op.create_table(
        "unit_points",
        sa.Column("period_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("leaf_id", sa.Integer(), nullable=False),
        sa.Column("points", Exact(), nullable=False),
        sa.Column("source", sa.String(length=300), nullable=False),
        sa.Column("source_hash", sa.String(length=64), nullable=False),
        sa.Column("imported_at", UtcDateTime(), nullable=False),
        sa.Column("is_generated", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "CAST(points AS NUMERIC) >= 0", name=op.f("ck_unit_points_points_positive")
        ),
        sa.ForeignKeyConstraint(["leaf_id"], ["leaf.id"], name=op.f("fk_unit_points_leaf_id")),
        sa.ForeignKeyConstraint(
            ["period_id"], ["period.id"], name=op.f("fk_unit_points_period_id")
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_unit_points_unit_id")),
        sa.PrimaryKeyConstraint("period_id", "unit_id", "leaf_id", name=op.f("pk_unit_points")),
    )
    op.create_table(
        "ballot",
        sa.Column("id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("stratum_id", sa.Integer(), nullable=False),
        sa.Column("cluster_id", sa.Integer(), nullable=True),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column(
            "channel",
            sa.Enum(
                "open",
                "code",
                "import",
                name="channel",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("salt", sa.LargeBinary(length=16), nullable=False),
        sa.Column("answers", sa.Text(), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.CheckConstraint("length(salt) = 16", name=op.f("ck_ballot_salt")),
        sa.CheckConstraint("length(digest) = 32", name=op.f("ck_ballot_digest")),
        sa.CheckConstraint("length(id) = 16", name=op.f("ck_ballot_id")),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaign.id"], name=op.f("fk_ballot_campaign_id")
        ),
        sa.ForeignKeyConstraint(["cluster_id"], ["cluster.id"], name=op.f("fk_ballot_cluster_id")),
        sa.ForeignKeyConstraint(["stratum_id"], ["stratum.id"], name=op.f("fk_ballot_stratum_id")),
        sa.ForeignKeyConstraint(
            ["version_id"], ["questionnaire_version.id"], name=op.f("fk_ballot_version_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ballot")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("ballot", schema=None) as batch_op:
        batch_op.create_index("ix_ballot_campaign_id", ["campaign_id"], unique=False)

    op.create_table(
        "credential",
        sa.Column("tag", sa.LargeBinary(length=32), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("stratum_id", sa.Integer(), nullable=False),
        sa.Column("cluster_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("length(tag) = 32", name=op.f("ck_credential_tag")),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaign.id"], name=op.f("fk_credential_campaign_id")
        ),
        sa.ForeignKeyConstraint(
            ["cluster_id"], ["cluster.id"], name=op.f("fk_credential_cluster_id")
        ),
        sa.ForeignKeyConstraint(
            ["stratum_id"], ["stratum.id"], name=op.f("fk_credential_stratum_id")
        ),
        sa.PrimaryKeyConstraint("tag", name=op.f("pk_credential")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "spent",
        sa.Column("tag", sa.LargeBinary(length=32), nullable=False),
        sa.ForeignKeyConstraint(["tag"], ["credential.tag"], name=op.f("fk_spent_tag")),
        sa.PrimaryKeyConstraint("tag", name=op.f("pk_spent")),
        sqlite_with_rowid=False,
    )
    for table in (
        *("audit_event", "ballot", "ballot_import", "credential", "criterion", "field"),
        *("framework", "group_weight", "leaf", "leaf_exemption", "period", "question_leaf"),
        *("questionnaire", "questionnaire_version", "run", "spent"),
    ):
        refuse_changes(table)
    freeze_launched_campaigns()
    keep_closed_campaigns_closed()
    freeze_launched_designs()
