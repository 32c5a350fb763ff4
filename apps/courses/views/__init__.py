"""Routes of courses, by topic."""
