"""Limits that must hold: counted in the database, exactly, whatever else is down."""

from learninghub.http.places import place_of
from learninghub.limits.counting import Limit, claim, forget_claims, give_back

__all__ = ["Limit", "claim", "forget_claims", "give_back", "place_of"]
