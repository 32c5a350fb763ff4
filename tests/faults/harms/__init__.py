"""The faults, each by its number in the table. Importing this package names them all."""

from tests.faults.harms import broker, cache, database, files, messages, outside, payments, relays, stopping, workers

__all__ = ["broker", "cache", "database", "files", "messages", "outside", "payments", "relays", "stopping", "workers"]
