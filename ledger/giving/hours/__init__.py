"""Volunteers and their time: shifts, check-in, hours on the ledger, certificates."""
