"""Answers kept for a while, each under a scope whose version every write to it raises."""

from learninghub.caching.results import forget_near, remember
from learninghub.caching.versions import bump, note, version
from learninghub.redis.names import ANON, key, person

__all__ = ["ANON", "bump", "forget_near", "key", "note", "person", "remember", "version"]
