"""Donors: their own page over all their gifts, whether their name is published, the end of their data."""
