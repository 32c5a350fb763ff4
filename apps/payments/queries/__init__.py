"""Reads of payments, by topic."""
