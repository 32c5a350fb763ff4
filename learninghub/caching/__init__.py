"""Answers kept for a while, each under a scope whose version every write to it raises."""

from learninghub.caching.results import ANON, forget_near, key, person, remember
from learninghub.caching.versions import bump, note, version

__all__ = ["ANON", "bump", "forget_near", "key", "note", "person", "remember", "version"]
