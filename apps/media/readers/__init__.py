"""Foreign bytes: what type they are, and pictures made smaller."""
