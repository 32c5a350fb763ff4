"""Writes of payments, by topic."""
