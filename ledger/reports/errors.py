"""What can go wrong when a document is made."""

from ledger.core.errors import LedgerError


class ReportError(LedgerError):
    """Make a document that would not say what it should."""

    status = 500


class MissingLibraryError(ReportError):
    """Make a document without the libraries that lay out text."""


class MissingGlyphError(ReportError):
    """Write a letter that the font does not have."""


class MissingCatalogError(ReportError):
    """Write in a language whose translations are not compiled."""


class ForbiddenAddressError(ReportError):
    """Fetch something that is not one of the document's own files."""
