"""The tables: conversations as sealed bytes, and counters. Nothing else is stored; a test compares the database."""

from sqlalchemy import BigInteger, Column, Integer, LargeBinary, MetaData, String, Table, Text

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

NUMBER = BigInteger().with_variant(Integer, "sqlite")  # the order of arrival, within this database only

INBOX = Table(
    "inbox",
    METADATA,
    Column("number", NUMBER, primary_key=True, autoincrement=True),
    Column("id", LargeBinary(16), nullable=False, unique=True),  # keyed hash of the platform's id
    Column("epoch", Integer, nullable=False),
    Column("body", LargeBinary, nullable=True),  # sealed; emptied when handled
)

OUTBOX = Table(
    "outbox",
    METADATA,
    Column("number", NUMBER, primary_key=True, autoincrement=True),
    Column("id", LargeBinary(17), nullable=False, unique=True),  # the message it answers, and its place
    Column("epoch", Integer, nullable=False),
    Column("body", LargeBinary, nullable=False),  # sealed; the row goes when it is sent
)

CURSOR = Table(
    "cursor",
    METADATA,
    Column("channel", String(20), primary_key=True),
    Column("position", Text, nullable=False),  # how far a platform's stream was read
)

ACCOUNT = Table(
    "account",
    METADATA,
    Column("id", String(16), primary_key=True),  # random
    Column("email", String(254), nullable=False, unique=True),
    Column("password", String(200), nullable=True),  # Argon2id; empty until the invitation is used
    Column("totp", String(64), nullable=True),  # secret of the second factor, where one is used
    Column("totp_step", BigInteger, nullable=False),  # the last used one: a code works once
    Column("generation", Integer, nullable=False),  # sessions of an older one have ended
)

ACCESS = Table(
    "access",
    METADATA,
    Column("account", String(16), primary_key=True),
    Column("region", String(40), primary_key=True),
    Column("role", String(10), nullable=False),
)

INVITATION = Table(
    "invitation",
    METADATA,
    Column("token", LargeBinary(32), primary_key=True),  # hash of the link
    Column("account", String(16), nullable=False),
    Column("last_day", String(10), nullable=False),
)

AUDIT = Table(
    "audit",
    METADATA,
    Column("number", NUMBER, primary_key=True, autoincrement=True),
    Column("day", String(10), nullable=False),  # to the day, kept for twelve months
    Column("account", String(16), nullable=False),  # who did it; "" for the command line
    Column("region", String(40), nullable=False),
    Column("action", String(30), nullable=False),
)

RELEASE = Table(
    "release",
    METADATA,
    Column("region", String(40), primary_key=True),
    Column("period", String(8), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("sha256", String(64), nullable=False),  # of the body
    Column("body", Text, nullable=False),  # canonical JSON; a row is never changed
)
