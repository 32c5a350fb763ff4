"""The door of gamification: offering rewards and taking them, for the demo."""

from apps.gamification.actions import add_reward, redeem
from apps.gamification.queries import find_reward, has_redeemed

__all__ = ["add_reward", "find_reward", "has_redeemed", "redeem"]
