"""Grants: agreement, instalments, what became of the money."""
