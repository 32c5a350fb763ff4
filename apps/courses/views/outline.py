"""Routes of a course's outline: its modules, its lessons and their order."""

from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response

from apps.courses import errors
from apps.courses.actions import outline as actions
from apps.courses.permissions import TeachesCourse, TeachesLesson, TeachesModule, sees_drafts
from apps.courses.queries import detail
from apps.courses.queries.shared import SCOPE
from apps.courses.serializers import LessonIn, LessonOut, ModuleIn, ModuleOut, OrderIn, OutlineOut
from apps.courses.types import OutlineLesson, OutlineModule
from learninghub.clock import now
from learninghub.http.conditional import etag
from learninghub.http.openapi import operation
from learninghub.http.permissions import PublicInPart
from learninghub.http.views import View


class CourseOutline(View):
    rules = {"GET": PublicInPart}
    public_cache = SCOPE

    @operation(summary="A course's modules and lessons", response=OutlineOut)
    def get(self, request: Request, course_id: UUID) -> Response:
        caller = self.caller_or_none
        outline = detail.get_outline(
            course_id=course_id, user_id=caller.id if caller else None, sees_drafts=sees_drafts(caller)
        )
        return Response(outline, headers={"ETag": etag(outline.version)} if caller else {})


class ReorderCourse(View):
    rules = {"POST": TeachesCourse}

    @operation(
        summary="Put modules and lessons in order",
        request=OrderIn,
        response=OutlineOut,
        edits=True,
        errors=[errors.OutlineMismatch],
    )
    def post(self, request: Request, course_id: UUID) -> Response:
        order = [(module["id"], module["lessons"]) for module in self.body(OrderIn)["modules"]]
        actions.reorder(
            course_id=course_id,
            modules=order,
            by=self.caller.id,
            now=now(),
            expected_version=self.expected_version(),
        )
        outline = detail.get_outline(course_id=course_id, user_id=self.caller.id, sees_drafts=True)
        return Response(outline, headers={"ETag": etag(outline.version)})


class ModuleList(View):
    rules = {"POST": TeachesCourse}

    @operation(summary="Add a module", request=ModuleIn, response=ModuleOut, status=201)
    def post(self, request: Request, course_id: UUID) -> Response:
        module_id = actions.add_module(course_id=course_id, by=self.caller.id, now=now(), **self.body(ModuleIn))
        return _shown(detail.get_outline_module(module_id=module_id), status=201)


class ModuleDetail(View):
    rules = {"PATCH": TeachesModule, "DELETE": TeachesModule}

    @operation(summary="Rename a module", request=ModuleIn, response=ModuleOut, edits=True)
    def patch(self, request: Request, module_id: UUID) -> Response:
        changes = self.body(ModuleIn)
        actions.edit_module(
            module_id=module_id, by=self.caller.id, now=now(), expected_version=self.expected_version(), **changes
        )
        return _shown(detail.get_outline_module(module_id=module_id))

    @operation(summary="Remove a module", status=204, edits=True, errors=[errors.CourseHasNoLessons])
    def delete(self, request: Request, module_id: UUID) -> Response:
        actions.remove_module(
            module_id=module_id, by=self.caller.id, now=now(), expected_version=self.expected_version()
        )
        return Response(status=204)


class LessonList(View):
    rules = {"POST": TeachesModule}

    @operation(summary="Add a lesson", request=LessonIn, response=LessonOut, status=201)
    def post(self, request: Request, module_id: UUID) -> Response:
        lesson_id = actions.add_lesson(module_id=module_id, by=self.caller.id, now=now(), **self.body(LessonIn))
        return _shown(detail.get_outline_lesson(lesson_id=lesson_id), status=201)


class LessonDetail(View):
    rules = {"PATCH": TeachesLesson, "DELETE": TeachesLesson}

    @operation(summary="Change a lesson", request=LessonIn, response=LessonOut, edits=True)
    def patch(self, request: Request, lesson_id: UUID) -> Response:
        actions.edit_lesson(
            lesson_id=lesson_id,
            by=self.caller.id,
            now=now(),
            expected_version=self.expected_version(),
            **self.changes(LessonIn),
        )
        return _shown(detail.get_outline_lesson(lesson_id=lesson_id))

    @operation(summary="Remove a lesson", status=204, edits=True, errors=[errors.CourseHasNoLessons])
    def delete(self, request: Request, lesson_id: UUID) -> Response:
        actions.remove_lesson(
            lesson_id=lesson_id, by=self.caller.id, now=now(), expected_version=self.expected_version()
        )
        return Response(status=204)


def _shown(part: OutlineModule | OutlineLesson, *, status: int = 200) -> Response:
    return Response(part, status=status, headers={"ETag": etag(part.version)})
