"""Writes of courses, by topic."""
