"""Reads of content: lessons and their downloads, imports."""
