"""Views that show one manner of the kernel each."""

from django.urls import path
from rest_framework import serializers
from rest_framework.response import Response

from learninghub import audit
from learninghub.audit.models import AuditEntry
from learninghub.clock import now
from learninghub.db import uuid7
from learninghub.errors import Conflict
from learninghub.http.conditional import etag
from learninghub.http.pagination import paginate
from learninghub.http.permissions import Public, Rule, SignedIn, has_role
from learninghub.http.views import View


class AlreadyWritten(Conflict):
    """This was written before."""


class NoteIn(serializers.Serializer):
    reason = serializers.CharField(max_length=20)


class NoteOut(serializers.Serializer):
    id = serializers.IntegerField()
    reason = serializers.CharField()


class Notes(View):
    rules = {"GET": Public, "POST": SignedIn}
    public_cache = "notes"

    def get(self, request):
        page = paginate(AuditEntry.objects.all(), order_by=("reason", "-id"), page=self.page_request())
        return self.paged(page, NoteOut)

    def post(self, request):
        reason = self.body(NoteIn)["reason"]
        if AuditEntry.objects.filter(reason=reason, action="once").exists():
            raise AlreadyWritten("Choose another reason.", reason=reason)
        audit.record(action="note", by=self.caller.id, subject=uuid7(), now=now(), reason=reason)
        if reason == "fail":
            raise AlreadyWritten
        entry = AuditEntry.objects.latest("id")
        return Response(NoteOut(entry).data, status=201, headers={"ETag": etag(1), "Location": f"/notes/{entry.id}/"})


class Secrets(View):
    rules = {"POST": SignedIn}
    stores_answer = False

    def post(self, request):
        return Response({"token": str(uuid7())})


class Money(View):
    rules = {"POST": SignedIn}
    needs_key = True

    def post(self, request):
        return Response({"paid": True}, status=201)


class Abroad(View):
    """Calls a third party, which fails where the body says so."""

    rules = {"POST": SignedIn}
    calls_outside = True

    def post(self, request):
        reason = self.body(NoteIn)["reason"]
        audit.record(action="called", by=self.caller.id, subject=uuid7(), now=now(), reason=reason)
        if reason == "fail":
            raise AlreadyWritten
        return Response({"called": reason}, status=201)


class Edited(View):
    rules = {"PATCH": has_role("instructor")}

    def patch(self, request):
        return Response({"expected": self.expected_version()})


class Hidden(Rule):
    hides = True


class Nobody(View):
    rules = {"GET": Rule, "DELETE": Hidden}

    def get(self, request):
        return Response({})

    def delete(self, request):
        return Response({})


class Broken(View):
    rules = {"GET": Public}

    def get(self, request):
        raise RuntimeError("the secret of the house")


class Unruled(View):
    rules = {"GET": Public}

    def get(self, request):
        return Response({})

    def put(self, request):
        return Response({})


urlpatterns = [
    path("notes/", Notes.as_view()),
    path("secrets/", Secrets.as_view()),
    path("abroad/", Abroad.as_view()),
    path("money/", Money.as_view()),
    path("edited/", Edited.as_view()),
    path("nobody/", Nobody.as_view()),
    path("broken/", Broken.as_view()),
]
unruled = [path("unruled/", Unruled.as_view())]
handler404 = "learninghub.http.problem.not_found"
handler500 = "learninghub.http.problem.server_error"
