"""Writes of content: lesson bodies and downloads, imports."""
