"""The routes of gamification."""

from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response

from apps.courses.errors import CourseNotFound
from apps.gamification import actions, queries
from apps.gamification.errors import AlreadyReversed, PointsMissing, RedemptionNotFound, RewardNotFound, SoldOut
from apps.gamification.permissions import IsStaff
from apps.gamification.serializers import (
    BadgesOut,
    LeaderboardOut,
    LeaderboardPageQuery,
    LeaderboardQuery,
    PlaceOut,
    RankedLearnerOut,
    RedemptionOut,
    ReversalIn,
    RewardIn,
    RewardOut,
    SettingsIn,
    SettingsOut,
    StandingOut,
)
from learninghub.clock import now
from learninghub.http.openapi import operation
from learninghub.http.permissions import SignedIn
from learninghub.http.views import View


class Me(View):
    rules = {"GET": SignedIn}

    @operation(summary="My points, badges and ranks", response=StandingOut)
    def get(self, request: Request) -> Response:
        return Response(StandingOut(queries.get_profile(user_id=self.caller.id, now=now())).data)


class Settings(View):
    rules = {"PUT": SignedIn}

    @operation(summary="Whether I am shown on leaderboards", request=SettingsIn, response=SettingsOut)
    def put(self, request: Request) -> Response:
        chosen = self.body(SettingsIn)
        actions.show_on_leaderboard(user_id=self.caller.id, **chosen)
        return Response(SettingsOut(chosen).data)


class Leaderboard(View):
    rules = {"GET": SignedIn}

    @operation(
        summary="The leaderboard, with my own rank",
        query=LeaderboardPageQuery,
        response=LeaderboardOut,
        errors=[CourseNotFound],
    )
    def get(self, request: Request) -> Response:
        page, place = queries.get_leaderboard(
            by=self.caller.id, page=self.page_request(), now=now(), **self.query(LeaderboardQuery)
        )
        response = self.paged(page, RankedLearnerOut)
        response.data["me"] = PlaceOut(place).data
        return response


class Badges(View):
    rules = {"GET": SignedIn}

    @operation(summary="All badges, and how far I am", response=BadgesOut)
    def get(self, request: Request) -> Response:
        return Response(BadgesOut({"results": queries.list_badges(user_id=self.caller.id)}).data)


class Rewards(View):
    rules = {"GET": SignedIn, "POST": IsStaff}

    @operation(summary="What points can be spent on", response=RewardOut, page=True)
    def get(self, request: Request) -> Response:
        return self.paged(queries.list_rewards(now=now(), page=self.page_request()), RewardOut)

    @operation(summary="Offer a reward", request=RewardIn, response=RewardOut, status=201)
    def post(self, request: Request) -> Response:
        reward_id = actions.add_reward(by=self.caller.id, now=now(), **self.body(RewardIn))
        return Response(RewardOut(queries.get_reward(reward_id=reward_id)).data, status=201)


class RedeemReward(View):
    rules = {"POST": SignedIn}
    needs_key = True

    @operation(
        summary="Spend points on a reward",
        response=RedemptionOut,
        status=201,
        errors=[RewardNotFound, PointsMissing, SoldOut],
    )
    def post(self, request: Request, reward_id: UUID) -> Response:
        redemption_id = actions.redeem(reward_id=reward_id, by=self.caller.id, now=now())
        return Response(RedemptionOut(queries.get_redemption(redemption_id=redemption_id)).data, status=201)


class Redemptions(View):
    rules = {"GET": SignedIn}

    @operation(summary="What I spent points on", response=RedemptionOut, page=True)
    def get(self, request: Request) -> Response:
        return self.paged(queries.list_redemptions(user_id=self.caller.id, page=self.page_request()), RedemptionOut)


class ReverseRedemption(View):
    rules = {"POST": IsStaff}

    @operation(
        summary="Take a redemption back",
        request=ReversalIn,
        response=RedemptionOut,
        errors=[RedemptionNotFound, AlreadyReversed],
    )
    def post(self, request: Request, redemption_id: UUID) -> Response:
        actions.reverse_redemption(redemption_id=redemption_id, by=self.caller.id, now=now(), **self.body(ReversalIn))
        return Response(RedemptionOut(queries.get_redemption(redemption_id=redemption_id)).data)
