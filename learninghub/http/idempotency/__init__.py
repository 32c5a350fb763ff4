"""Idempotency-Key: the same write asked for twice is done once and answered alike."""

from learninghub.http.idempotency.once import (
    KEY_HEADER,
    IdempotencyKeyMissing,
    IdempotencyKeyReused,
    RequestInProgress,
    claim,
    once,
    once_in_halves,
)

__all__ = [
    "KEY_HEADER",
    "IdempotencyKeyMissing",
    "IdempotencyKeyReused",
    "RequestInProgress",
    "claim",
    "once",
    "once_in_halves",
]
