"""Allocation: needs and what could meet them, decisions, projects, grants, contracts of government purchase."""
