"""Conversations and counters."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "conversation",
        sa.Column("key", sa.LargeBinary(16), primary_key=True),
        sa.Column("epoch", sa.Integer, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "tally",
        sa.Column("region", sa.String(40), primary_key=True),
        sa.Column("week", sa.String(8), primary_key=True),
        sa.Column("concern", sa.String(40), primary_key=True),
        sa.Column("audience", sa.String(20), primary_key=True),
        sa.Column("actor", sa.String(60), primary_key=True),
        sa.Column("channel", sa.String(20), primary_key=True),
        sa.Column("outcome", sa.String(80), primary_key=True),
        sa.Column("n", sa.Integer, nullable=False),
    )


def downgrade() -> None:
    op.drop_table("tally")
    op.drop_table("conversation")
