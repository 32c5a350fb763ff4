"""What the demo's learners can have for their points."""

from typing import Any

REWARDS: tuple[dict[str, Any], ...] = (
    {"name": "A postcard from the team", "description": "Written by hand, sent anywhere.", "cost": 50},
    {"name": "An hour with an instructor", "description": "Bring your questions.", "cost": 150, "stock": 5},
    {"name": "The mug", "description": "Holds coffee, and your place on the shelf.", "cost": 300, "stock": 25},
)
