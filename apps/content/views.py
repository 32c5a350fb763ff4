"""The routes of content."""

from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response

from apps.content.actions import imports as importing
from apps.content.actions import lessons as writing
from apps.content.errors import (
    DownloadNotFound,
    FileNotUsable,
    ImportNotFound,
    LessonNotFound,
    NotEnrolled,
)
from apps.content.permissions import IsInstructor, SeesLesson, TeachesLesson
from apps.content.queries import imports, lessons
from apps.content.serializers import (
    DownloadIn,
    DownloadOut,
    ImportIn,
    ImportOut,
    ImportReportOut,
    LessonBodyIn,
    LessonBodyOut,
    NewDownloadOut,
    VersionOut,
)
from apps.courses.errors import NotAnInstructor
from apps.users.types import Role
from learninghub.clock import now
from learninghub.errors import Unauthorized
from learninghub.http.conditional import etag
from learninghub.http.openapi import operation
from learninghub.http.permissions import SignedIn
from learninghub.http.views import View


class LessonView(View):
    """What may be seen depends on the lesson, not on the caller alone: the queries are told who looks."""

    @property
    def viewer_id(self) -> UUID | None:
        return self.caller_or_none.id if self.caller_or_none else None

    @property
    def sees_all(self) -> bool:
        return bool(self.caller_or_none and Role.STAFF in self.caller_or_none.roles)

    def shown(self, lesson_id: UUID) -> Response:
        lesson = lessons.get_lesson(lesson_id=lesson_id, user_id=self.viewer_id, sees_all=self.sees_all, now=now())
        return Response(LessonBodyOut(lesson).data, headers={"ETag": etag(lesson.version)})


class LessonDetail(LessonView):
    rules = {"GET": SeesLesson, "PUT": TeachesLesson}

    @operation(summary="A lesson's body", response=LessonBodyOut, errors=[LessonNotFound, NotEnrolled, Unauthorized])
    def get(self, request: Request, lesson_id: UUID) -> Response:
        return self.shown(lesson_id)

    @operation(
        summary="Write a lesson's body",
        request=LessonBodyIn,
        response=LessonBodyOut,
        edits=True,
        errors=[LessonNotFound, FileNotUsable],
    )
    def put(self, request: Request, lesson_id: UUID) -> Response:
        given = self.body(LessonBodyIn)
        writing.write_lesson(
            lesson_id=lesson_id,
            source=given["source"],
            written_in=given["format"],
            video_url=given["video_url"],
            film_id=given["film_id"],
            by=self.caller.id,
            now=now(),
            expected_version=self.expected_version(),
        )
        return self.shown(lesson_id)


class LessonVersions(View):
    rules = {"GET": TeachesLesson}

    @operation(summary="Earlier versions of a lesson's body", response=VersionOut, page=True)
    def get(self, request: Request, lesson_id: UUID) -> Response:
        return self.paged(lessons.list_versions(lesson_id=lesson_id, page=self.page_request()), VersionOut)


class LessonDownloads(LessonView):
    rules = {"GET": SeesLesson, "POST": TeachesLesson}

    @operation(
        summary="A lesson's downloads",
        response=DownloadOut,
        page=True,
        errors=[LessonNotFound, NotEnrolled, Unauthorized],
    )
    def get(self, request: Request, lesson_id: UUID) -> Response:
        page = lessons.list_downloads(
            lesson_id=lesson_id,
            user_id=self.viewer_id,
            sees_all=self.sees_all,
            page=self.page_request(),
            now=now(),
        )
        return self.paged(page, DownloadOut)

    @operation(
        summary="Add a download to a lesson",
        request=DownloadIn,
        response=NewDownloadOut,
        status=201,
        errors=[LessonNotFound, FileNotUsable],
    )
    def post(self, request: Request, lesson_id: UUID) -> Response:
        resource_id = writing.add_resource(lesson_id=lesson_id, by=self.caller.id, now=now(), **self.body(DownloadIn))
        return Response(NewDownloadOut({"id": resource_id}).data, status=201)


class LessonDownload(View):
    rules = {"DELETE": TeachesLesson}

    @operation(summary="Remove a download", status=204, errors=[DownloadNotFound])
    def delete(self, request: Request, lesson_id: UUID, resource_id: UUID) -> Response:
        writing.remove_resource(lesson_id=lesson_id, resource_id=resource_id, by=self.caller.id, now=now())
        return Response(status=204)


class ImportList(View):
    rules = {"POST": IsInstructor}

    @operation(
        summary="Import an uploaded course archive; a report follows",
        request=ImportIn,
        response=ImportOut,
        status=202,
        errors=[FileNotUsable, NotAnInstructor],
    )
    def post(self, request: Request) -> Response:
        wish = importing.request_import(by=self.caller.id, now=now(), **self.body(ImportIn))
        return Response(ImportOut(wish).data, status=202, headers={"Location": f"{request.path}{wish.id}/"})


class ImportDetail(View):
    rules = {"GET": SignedIn}

    @operation(summary="An import's state and report", response=ImportReportOut, errors=[ImportNotFound])
    def get(self, request: Request, import_id: UUID) -> Response:
        wish = imports.get_import(import_id=import_id, user_id=self.caller.id, sees_all=Role.STAFF in self.caller.roles)
        return Response(ImportReportOut(wish).data)
