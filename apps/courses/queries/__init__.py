"""Reads of courses, by topic."""
