"""Routes of payments, by topic."""
