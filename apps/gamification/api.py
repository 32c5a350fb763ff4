"""The door of gamification: offering rewards, for the demo."""

from apps.gamification.actions import add_reward

__all__ = ["add_reward"]
