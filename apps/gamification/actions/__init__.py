"""The writes of gamification, by topic."""

from apps.gamification.actions.points import award, award_attempt, show_on_leaderboard
from apps.gamification.actions.rewards import add_reward, redeem, reverse_redemption

__all__ = ["add_reward", "award", "award_attempt", "redeem", "reverse_redemption", "show_on_leaderboard"]
