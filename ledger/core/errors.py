"""Named errors: each says what is wrong, where, and what to do.

`RuleError("grant %(grant)s is closed", grant=code)`: the text is a constant, so that pages can say it in Chinese too;
`str(error)` is the English with its values filled in. Values that pages say in their own way: a `Word`, another error,
a `Counted` (ledger.core.units), and what is called `kind` (of an entry, a party) or `role`.

Raised below, mapped once at the edge: to an HTTP status (`status`) by the web pages, to exit status 1 by the
command line.
"""


class Word(str):
    """A constant word among the values of an error, which pages translate too."""

    __slots__ = ()


class LedgerError(Exception):
    """Refuse a request; nothing has been written."""

    status = 400

    def __init__(self, text: str, /, **values: object) -> None:
        super().__init__(text % values if values else text)
        self.text, self.values = text, values


class NotFoundError(LedgerError):
    """Name something that is not there."""

    status = 404


class ConflictError(LedgerError):
    """Contradict what the ledger already says."""

    status = 409


class MalformedError(LedgerError):
    """Give an entry a shape that the format does not allow."""


class RuleError(ConflictError):
    """Break a rule of the books."""


class OverspentError(RuleError):
    """Give more than an account holds."""


class NotFreeError(RuleError):
    """Designate units that have already been given."""


class UnknownObjectError(RuleError):
    """Use an account, unit or party that the book does not have."""


class ClosedObjectError(RuleError):
    """Use an account, unit or party after it was closed."""


class AlreadyOpenError(ConflictError):
    """Open something that is there already."""


class UnbalancedError(RuleError):
    """State two faces of an entry that contradict each other."""


class DirectionError(RuleError):
    """Move units where such units never go."""


class WrongUnitError(RuleError):
    """Put a unit where it cannot be kept."""


class RepeatedRefError(ConflictError):
    """Send another request under a `ref` that is already used."""


class HeadMovedError(ConflictError):
    """Find the head of the book changed by someone who did not hold its lock."""


class CorruptError(LedgerError):
    """Meet stored data that contradicts the log."""

    status = 500
