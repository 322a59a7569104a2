"""Working data of volunteers: shifts."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "shifts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("book_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("community", sa.String(length=100), nullable=False),
        sa.Column("organization", sa.String(length=100), nullable=False),
        sa.Column("worker", sa.String(length=100), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("starts", sa.String(length=16), nullable=False),
        sa.Column("ends", sa.String(length=16), nullable=False),
        sa.Column("slots", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("used", sa.String(length=140), nullable=False),
        sa.Column("by", sa.String(length=60), nullable=False),
        sa.Column("closed_by", sa.String(length=60), nullable=True),
        sa.ForeignKeyConstraint(["book_id"], ["books.id"], name=op.f("fk_shifts_book_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shifts")),
    )
    op.create_index("uq_shifts_code", "shifts", ["book_id", "code"], unique=True)
    op.create_index("ix_shifts_starts", "shifts", ["book_id", "starts"])
    op.create_index("ix_shifts_state", "shifts", ["book_id", "state", "starts"])
    op.create_index("ix_shifts_community", "shifts", ["book_id", "community", "starts"])
    op.create_index("ix_shifts_organization", "shifts", ["book_id", "organization", "starts"])
    op.create_index("ix_shifts_worker", "shifts", ["book_id", "worker", "starts"])
    op.create_table(
        "attendance",
        sa.Column("shift_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("volunteer", sa.String(length=100), nullable=False),
        sa.Column("came", sa.String(length=16), nullable=True),
        sa.Column("went", sa.String(length=16), nullable=True),
        sa.Column("minutes", sa.Integer(), nullable=True),
        sa.Column("seq", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["shift_id"], ["shifts.id"], name=op.f("fk_attendance_shift_id")),
        sa.PrimaryKeyConstraint("shift_id", "volunteer", name=op.f("pk_attendance")),
    )
    op.create_index("ix_attendance_volunteer", "attendance", ["volunteer", "shift_id"])


def downgrade() -> None:
    op.drop_table("attendance")
    op.drop_table("shifts")
