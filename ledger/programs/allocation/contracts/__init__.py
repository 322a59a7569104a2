"""Contracts of government purchase: their money, and which services it pays for, once."""
