"""Triggers that keep the log append-only, whoever holds the connection; installed by a migration.

They refuse UPDATE, DELETE and TRUNCATE, and every INSERT whose seq is not the next one. On SQLite the insert guard is
what stops `INSERT OR REPLACE`, which walks round delete triggers. They protect against mistakes and ordinary access;
whoever may drop a trigger is caught by verification instead.
"""

from sqlalchemy import Table

from ledger.journal.tables import PROOF, SIDE, WORKING, metadata

SQLITE_UP = (
    """
    CREATE TRIGGER entries_no_update BEFORE UPDATE ON entries
    BEGIN SELECT RAISE(ABORT, 'the log is append-only: no UPDATE'); END
    """,
    """
    CREATE TRIGGER entries_no_delete BEFORE DELETE ON entries
    BEGIN SELECT RAISE(ABORT, 'the log is append-only: no DELETE'); END
    """,
    """
    CREATE TRIGGER entries_next_only BEFORE INSERT ON entries
    WHEN NEW.seq IS NOT (SELECT coalesce(max(seq) + 1, 0) FROM entries WHERE book_id = NEW.book_id)
    BEGIN SELECT RAISE(ABORT, 'the log is append-only: seq must be the next number'); END
    """,
)
SQLITE_DOWN = (
    "DROP TRIGGER IF EXISTS entries_no_update",
    "DROP TRIGGER IF EXISTS entries_no_delete",
    "DROP TRIGGER IF EXISTS entries_next_only",
)
POSTGRESQL_UP = (
    """
    CREATE FUNCTION entries_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION USING MESSAGE = 'the log is append-only: no ' || TG_OP; END $$
    """,
    """
    CREATE TRIGGER entries_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON entries
    FOR EACH STATEMENT EXECUTE FUNCTION entries_refuse()
    """,
    # One check a statement, not a row: a bulk load pays it once.
    """
    CREATE FUNCTION entries_guard() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF EXISTS (
        SELECT 1 FROM (
          SELECT book_id, min(seq) AS lo, max(seq) AS hi, count(*) AS n FROM fresh GROUP BY book_id
        ) AS f
        WHERE f.n <> f.hi - f.lo + 1
           OR f.hi <> (SELECT max(e.seq) FROM entries AS e WHERE e.book_id = f.book_id)
           OR f.lo <> coalesce(
                (SELECT max(e.seq) + 1 FROM entries AS e WHERE e.book_id = f.book_id AND e.seq < f.lo), 0)
      ) THEN
        RAISE EXCEPTION 'the log is append-only: seq must be the next number';
      END IF;
      RETURN NULL;
    END $$
    """,
    """
    CREATE TRIGGER entries_next_only AFTER INSERT ON entries
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION entries_guard()
    """,
)
POSTGRESQL_DOWN = (
    "DROP TRIGGER IF EXISTS entries_next_only ON entries",
    "DROP TRIGGER IF EXISTS entries_no_change ON entries",
    "DROP FUNCTION IF EXISTS entries_guard()",
    "DROP FUNCTION IF EXISTS entries_refuse()",
)


def statements(dialect: str, *, install: bool) -> tuple[str, ...]:
    """Give the DDL that installs or removes the guards; dialect is 'sqlite' or 'postgresql'."""
    if dialect == "sqlite":
        return SQLITE_UP if install else SQLITE_DOWN
    return POSTGRESQL_UP if install else POSTGRESQL_DOWN


PRIVILEGES = {
    "books": "SELECT, INSERT, UPDATE",
    "entries": "SELECT, INSERT",
    "headers": "SELECT, INSERT",
    "flows": "SELECT, INSERT",
    "postings": "SELECT, INSERT",
    "mentions": "SELECT, INSERT",
    "services": "SELECT, INSERT",
    "objects": "SELECT, INSERT, UPDATE",
    "axes": "SELECT, INSERT, UPDATE",
    "spans": "SELECT, INSERT, UPDATE, DELETE",
    "private": "SELECT, INSERT, DELETE",
}
"""What the application's role needs on PostgreSQL to append, read, verify and erase; no more, and no ownership.

Migrations and `flask journal replay`, which drops projections, run as the owner.
"""


BY_ROLE = {WORKING: "SELECT, INSERT, UPDATE, DELETE", SIDE: "SELECT, INSERT, UPDATE, DELETE", PROOF: "SELECT, INSERT"}
"""What it needs on the tables of rooms, by what they hold: what was signed is only added to."""


def grants(role: str) -> list[str]:
    """Write the GRANTs for a role that is not the owner of the tables: the journal, then all rooms."""
    rooms = {
        table.name: BY_ROLE[table.info["role"]]
        for table in metadata.sorted_tables
        if table.name not in PRIVILEGES and table.info.get("role") in BY_ROLE
    }
    numbered = ["books", *(name for name in sorted(rooms) if _numbered(metadata.tables[name]))]
    return [
        *(f"GRANT {privileges} ON {table} TO {role}" for table, privileges in PRIVILEGES.items()),
        *(f"GRANT {privileges} ON {table} TO {role}" for table, privileges in sorted(rooms.items())),
        *(f"GRANT USAGE ON SEQUENCE {name}_id_seq TO {role}" for name in numbered),
        f"GRANT SELECT ON alembic_version TO {role}",
    ]


def _numbered(table: Table) -> bool:
    column = table.autoincrement_column
    return column is not None and column.name == "id"
