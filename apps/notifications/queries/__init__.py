"""The reads of notifications, by topic."""
