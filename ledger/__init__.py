"""Shanliu: an open ledger for charity."""

__version__ = "0.1.0"
