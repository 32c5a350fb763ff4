"""Limits that must hold: counted in the database, exactly, whatever else is down."""

from learninghub.limits.counting import Limit, claim, forget_claims, give_back
from learninghub.limits.places import place_of

__all__ = ["Limit", "claim", "forget_claims", "give_back", "place_of"]
