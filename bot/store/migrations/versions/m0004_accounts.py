"""Accounts of coordinators: who may see the statistics of which region, and what was changed."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    op.create_table(
        "account",
        sa.Column("id", sa.String(16), primary_key=True),
        sa.Column("email", sa.String(254), nullable=False, unique=True),
        sa.Column("password", sa.String(200), nullable=True),
        sa.Column("totp", sa.String(64), nullable=True),
        sa.Column("totp_step", sa.BigInteger, nullable=False),
        sa.Column("generation", sa.Integer, nullable=False),
    )
    op.create_table(
        "access",
        sa.Column("account", sa.String(16), primary_key=True),
        sa.Column("region", sa.String(40), primary_key=True),
        sa.Column("role", sa.String(10), nullable=False),
    )
    op.create_table(
        "invitation",
        sa.Column("token", sa.LargeBinary(32), primary_key=True),
        sa.Column("account", sa.String(16), nullable=False),
        sa.Column("last_day", sa.String(10), nullable=False),
    )
    op.create_table(
        "audit",
        sa.Column("number", NUMBER, primary_key=True, autoincrement=True),
        sa.Column("day", sa.String(10), nullable=False),
        sa.Column("account", sa.String(16), nullable=False),
        sa.Column("region", sa.String(40), nullable=False),
        sa.Column("action", sa.String(30), nullable=False),
    )


def downgrade() -> None:
    for table in ("audit", "invitation", "access", "account"):
        op.drop_table(table)
