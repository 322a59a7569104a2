"""Funds, what they are earmarked for, and the places where money lies."""
