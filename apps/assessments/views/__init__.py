"""The routes' views, by topic."""
