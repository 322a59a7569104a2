"""Donors as the foundation sees them, and the public list of thanks."""
