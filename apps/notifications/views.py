"""The routes of notifications."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods
from rest_framework.request import Request
from rest_framework.response import Response

from apps.notifications import actions
from apps.notifications.errors import NotificationNotFound
from apps.notifications.queries import inbox, links, words
from apps.notifications.serializers import (
    NotificationOut,
    NotificationQuery,
    PreferencesIn,
    PreferencesOut,
    ReadAllOut,
    UnreadCountOut,
)
from apps.notifications.types import Channel, Kind, Wish
from learninghub.clock import now
from learninghub.http.openapi import operation
from learninghub.http.permissions import SignedIn
from learninghub.http.views import View


class NotificationList(View):
    rules = {"GET": SignedIn}

    @operation(summary="My notifications", query=NotificationQuery, response=NotificationOut, page=True)
    def get(self, request: Request) -> Response:
        page = inbox.list_for_person(user_id=self.caller.id, page=self.page_request(), **self.query(NotificationQuery))
        return self.paged(page, NotificationOut)


class UnreadCount(View):
    rules = {"GET": SignedIn}

    @operation(summary="How many notifications are unread", response=UnreadCountOut)
    def get(self, request: Request) -> Response:
        return Response(UnreadCountOut({"unread": inbox.count_unread(user_id=self.caller.id)}).data)


class ReadOne(View):
    rules = {"POST": SignedIn}

    @operation(summary="Mark a notification as read", status=204, errors=[NotificationNotFound])
    def post(self, request: Request, notification_id: UUID) -> Response:
        actions.mark_read(notification_id=notification_id, user_id=self.caller.id, now=now())
        return Response(status=204)


class ReadAll(View):
    rules = {"POST": SignedIn}

    @operation(summary="Mark all notifications as read", response=ReadAllOut)
    def post(self, request: Request) -> Response:
        return Response(ReadAllOut({"read": actions.mark_all_read(user_id=self.caller.id, now=now())}).data)


class Preferences(View):
    rules = {"GET": SignedIn, "PUT": SignedIn}

    @operation(summary="What I am told, and by which channel", response=PreferencesOut)
    def get(self, request: Request) -> Response:
        return Response(PreferencesOut({"preferences": inbox.list_preferences(user_id=self.caller.id)}).data)

    @operation(summary="Choose what I am told", request=PreferencesIn, response=PreferencesOut)
    def put(self, request: Request) -> Response:
        wanted = {
            (Kind(item["kind"]), Channel(item["channel"])): item["is_on"]
            for item in self.body(PreferencesIn)["preferences"]
        }
        actions.set_preferences(user_id=self.caller.id, wanted=wanted)
        return self.get(request)


@csrf_exempt  # the link is the authority; no cookie is read
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    # Opening the page changes nothing: mail scanners open links. A button does, or a mail program's one click.
    link = links.find_subscription(token=token)
    wish = None
    if link and request.method == "POST":
        wish = Wish.read(request.POST.get("wish", ""))
        actions.unsubscribe(token=token, wish=wish)
    with translation.override(link.language if link else translation.get_language()):
        page = {"label": link and words.label_of(link.kind), "wish": wish}
        response = render(request, "notifications/unsubscribe.html", page, status=200 if link else 404)
    response["Referrer-Policy"] = "no-referrer"
    return response
