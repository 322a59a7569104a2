"""The linkage of the five societies, computed from evidence on the ledger only."""
