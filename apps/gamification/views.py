"""The routes of gamification."""

from rest_framework.request import Request
from rest_framework.response import Response

from apps.courses.errors import CourseNotFound
from apps.gamification import actions, queries
from apps.gamification.serializers import (
    BadgesOut,
    LeaderboardOut,
    LeaderboardPageQuery,
    LeaderboardQuery,
    PlaceOut,
    RankedLearnerOut,
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
