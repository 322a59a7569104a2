"""Goods: what lies where, lot by lot; issued, counted, written off."""
