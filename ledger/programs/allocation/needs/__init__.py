"""Needs of communities, and what could meet them."""
