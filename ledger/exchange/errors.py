"""Why a whole file is not read; a single row is not an error but a `Refusal` in the report."""

from ledger.core.errors import LedgerError


class ListError(LedgerError):
    """Refuse a file as a whole; nothing of it has been read."""

    status = 422


class NotAListError(ListError):
    """Offer something that is neither a spreadsheet nor a CSV file."""


class EncryptedListError(ListError):
    """Offer a spreadsheet that is locked with a password."""


class EmptyListError(ListError):
    """Offer a file without a single filled row."""


class TooLargeListError(ListError):
    """Offer a file beyond the limits of what is read in one go."""


class NoHeaderError(ListError):
    """Offer a table in which no row names the columns that are needed."""


class WrongListError(ListError):
    """Offer a list of one kind where another kind is read."""


class CurrencyError(ListError):
    """Offer a list whose amounts are not in yuan."""


class ProfileError(ListError):
    """Ask for a profile that is not there or does not say what a profile says."""
