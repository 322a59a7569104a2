"""Accounts: users, posts, sessions, attempts, links, the trail, and the settings of a book."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "attempts",
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("latest", sa.String(length=24), nullable=False),
        sa.Column("until", sa.String(length=24), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_attempts")),
    )
    op.create_table(
        "trail",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", sa.String(length=24), nullable=False),
        sa.Column("actor", sa.String(length=20), nullable=True),
        sa.Column("what", sa.String(length=40), nullable=False),
        sa.Column("book", sa.String(length=60), nullable=True),
        sa.Column("object", sa.String(length=140), nullable=True),
        sa.Column("detail", sa.String(length=140), nullable=True),
        sa.Column("address", sa.String(length=45), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trail")),
    )
    op.create_index("ix_trail_actor", "trail", ["actor", "id"], unique=False)
    op.create_index("ix_trail_book", "trail", ["book", "id"], unique=False)
    op.create_index("ix_trail_object", "trail", ["object", "id"], unique=False)
    op.create_table(
        "users",
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("login", sa.String(length=60), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("password", sa.Text(), nullable=True),
        sa.Column("admin", sa.SmallInteger(), nullable=False),
        sa.Column("suspended", sa.String(length=24), nullable=True),
        sa.Column("made", sa.String(length=24), nullable=False),
        sa.Column("factor", sa.String(length=64), nullable=True),
        sa.Column("factor_step", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_users")),
        sa.UniqueConstraint("login", name=op.f("uq_users_login")),
    )
    op.create_table(
        "book_settings",
        sa.Column("book_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("totp_required", sa.SmallInteger(), nullable=False),
        sa.Column("idle_minutes", sa.Integer(), nullable=False),
        sa.Column("two_above", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["book_id"], ["books.id"], name=op.f("fk_book_settings_book_id")),
        sa.PrimaryKeyConstraint("book_id", name=op.f("pk_book_settings")),
    )
    op.create_table(
        "links",
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("user", sa.String(length=20), nullable=True),
        sa.Column("made", sa.String(length=24), nullable=False),
        sa.Column("made_by", sa.String(length=20), nullable=False),
        sa.Column("expires", sa.String(length=24), nullable=False),
        sa.Column("used", sa.String(length=24), nullable=True),
        sa.ForeignKeyConstraint(["user"], ["users.code"], name=op.f("fk_links_user")),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_links")),
    )
    op.create_index("ix_links_user", "links", ["user"], unique=False)
    op.create_table(
        "posts",
        sa.Column("user", sa.String(length=20), nullable=False),
        sa.Column("book_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("party", sa.String(length=100), nullable=False),
        sa.Column("up_to", sa.BigInteger(), nullable=True),
        sa.Column("granted", sa.String(length=24), nullable=False),
        sa.Column("granted_by", sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(["book_id"], ["books.id"], name=op.f("fk_posts_book_id")),
        sa.ForeignKeyConstraint(["user"], ["users.code"], name=op.f("fk_posts_user")),
        sa.PrimaryKeyConstraint("user", "book_id", "role", "party", name=op.f("pk_posts")),
    )
    op.create_index("ix_posts_book", "posts", ["book_id", "role"], unique=False)
    op.create_table(
        "recovery_codes",
        sa.Column("user", sa.String(length=20), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("used", sa.String(length=24), nullable=True),
        sa.ForeignKeyConstraint(["user"], ["users.code"], name=op.f("fk_recovery_codes_user")),
        sa.PrimaryKeyConstraint("user", "hash", name=op.f("pk_recovery_codes")),
    )
    op.create_table(
        "sessions",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("user", sa.String(length=20), nullable=False),
        sa.Column("stage", sa.String(length=10), nullable=False),
        sa.Column("begun", sa.String(length=24), nullable=False),
        sa.Column("seen", sa.String(length=24), nullable=False),
        sa.Column("address", sa.String(length=45), nullable=False),
        sa.Column("agent", sa.String(length=200), nullable=False),
        sa.Column("ended", sa.String(length=24), nullable=True),
        sa.Column("why", sa.String(length=20), nullable=True),
        sa.ForeignKeyConstraint(["user"], ["users.code"], name=op.f("fk_sessions_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sessions")),
    )
    op.create_index("ix_sessions_user", "sessions", ["user", "ended"], unique=False)


def downgrade() -> None:
    op.drop_table("sessions")
    op.drop_table("recovery_codes")
    op.drop_table("posts")
    op.drop_table("links")
    op.drop_table("book_settings")
    op.drop_table("users")
    op.drop_table("trail")
    op.drop_table("attempts")
