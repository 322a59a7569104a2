"""Count the statements that a block sends to the database."""

from contextlib import contextmanager

from sqlalchemy import event


class Statements(list):
    """The statements sent, in order; `len()` is their number."""


@contextmanager
def counted(engine):
    """Yield the list that fills up with the statements `engine` runs inside the block."""
    sent = Statements()

    def note(connection, cursor, statement, parameters, context, executemany):
        sent.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(engine, "before_cursor_execute", note)
