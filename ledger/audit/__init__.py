"""The ledger as anyone can read and check it."""
