"""The append-only store: the only code that writes the log."""
