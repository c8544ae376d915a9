"""The tables: conversations as sealed bytes, and counters. Nothing else is stored; a test compares the database."""

from sqlalchemy import Column, Integer, LargeBinary, MetaData, String, Table

METADATA = MetaData()

CONVERSATION = Table(
    "conversation",
    METADATA,
    Column("key", LargeBinary(16), primary_key=True),  # pseudonym under a key that is never stored
    Column("epoch", Integer, nullable=False),  # number of that key
    Column("body", LargeBinary, nullable=False),  # sealed, padded
)

TALLY = Table(
    "tally",
    METADATA,
    Column("region", String(40), primary_key=True),
    Column("week", String(8), primary_key=True),
    Column("concern", String(40), primary_key=True),
    Column("audience", String(20), primary_key=True),
    Column("actor", String(60), primary_key=True),
    Column("channel", String(20), primary_key=True),
    Column("outcome", String(80), primary_key=True),
    Column("n", Integer, nullable=False),
)
