"""Donations of money, goods and hours: received, traced, refunded."""
