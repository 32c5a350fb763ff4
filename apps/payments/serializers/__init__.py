"""Shapes of payments, in and out, by topic."""
