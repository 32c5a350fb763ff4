"""The log of what people did: append-only, each row sealed by the hash of the one before."""

from learninghub.audit.recording import Breach, record, verify

__all__ = ["Breach", "record", "verify"]
