"""Writes of assessments, by topic."""
