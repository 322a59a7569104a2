"""What the desk refuses, beside what the ledger refuses."""

from ledger.core.errors import ConflictError, LedgerError


class NotAllowedError(LedgerError):
    """Ask for something that is another person's to do."""

    status = 403


class DecidedError(ConflictError):
    """Decide on a proposal that does not wait for a decision."""


class ReasonError(LedgerError):
    """Refuse or send back something without saying why."""
