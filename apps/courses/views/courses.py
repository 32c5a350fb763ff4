"""Routes of courses as a whole: the catalogue, one course, its team, the categories."""

from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response

from apps.courses import errors
from apps.courses.actions import courses as actions
from apps.courses.actions import team
from apps.courses.permissions import IsInstructor, OwnsCourse, TeachesCourse, sees_drafts
from apps.courses.queries import courses as queries
from apps.courses.queries import detail, shared
from apps.courses.queries.shared import SCOPE
from apps.courses.serializers import (
    CatalogueQuery,
    CategoryOut,
    CourseCardOut,
    CourseChangesIn,
    CourseIn,
    CourseOut,
    TaughtCourseOut,
    TeamIn,
)
from learninghub.clock import now
from learninghub.http.conditional import etag
from learninghub.http.openapi import operation
from learninghub.http.permissions import Public, PublicInPart
from learninghub.http.views import View


class CourseView(View):
    """A view that answers with the course."""

    def answer(self, course_id: UUID, *, status: int = 200) -> Response:
        caller = self.caller_or_none
        course = detail.get_detail(
            course_id=course_id, user_id=caller.id if caller else None, sees_drafts=sees_drafts(caller)
        )
        # The edge tags what it keeps for the nameless by its bytes; who is signed in may edit, and names the version.
        headers = {"ETag": etag(course["version"])} if caller else {}
        return Response(course, status=status, headers=headers)


class CourseList(CourseView):
    rules = {"GET": Public, "POST": IsInstructor}
    public_cache = SCOPE

    @operation(summary="The catalogue, searched and filtered", query=CatalogueQuery, response=CourseCardOut, page=True)
    def get(self, request: Request) -> Response:
        return self.paged(shared.list_published(page=self.page_request(), **self.query(CatalogueQuery)))

    @operation(
        summary="Create a course as a draft",
        request=CourseIn,
        response=CourseOut,
        status=201,
        errors=[errors.NotAnInstructor],
    )
    def post(self, request: Request) -> Response:
        course_id = actions.create_course(by=self.caller.id, now=now(), **self.body(CourseIn))
        return self.answer(course_id, status=201)


class TeachingList(View):
    rules = {"GET": IsInstructor}

    @operation(summary="The courses I teach", response=TaughtCourseOut, page=True)
    def get(self, request: Request) -> Response:
        return self.paged(queries.list_taught(user_id=self.caller.id, page=self.page_request()))


class CourseDetail(CourseView):
    rules = {"GET": PublicInPart, "PATCH": TeachesCourse, "DELETE": TeachesCourse}
    public_cache = SCOPE

    @operation(summary="A course", response=CourseOut)
    def get(self, request: Request, course_id: UUID) -> Response:
        return self.answer(course_id)

    @operation(
        summary="Change a course",
        request=CourseChangesIn,
        response=CourseOut,
        edits=True,
        errors=[errors.UnusableCover, errors.CourseHasNoSummary],
    )
    def patch(self, request: Request, course_id: UUID) -> Response:
        actions.edit_course(
            course_id=course_id,
            by=self.caller.id,
            now=now(),
            expected_version=self.expected_version(),
            **self.changes(CourseChangesIn),
        )
        return self.answer(course_id)

    @operation(summary="Delete a draft", status=204, edits=True, errors=[errors.NotDraft])
    def delete(self, request: Request, course_id: UUID) -> Response:
        actions.delete_draft(
            course_id=course_id, by=self.caller.id, now=now(), expected_version=self.expected_version()
        )
        return Response(status=204)


class PublishCourse(CourseView):
    rules = {"POST": TeachesCourse}

    @operation(
        summary="Publish a course",
        response=CourseOut,
        edits=True,
        errors=[errors.CourseHasNoTitle, errors.CourseHasNoSummary, errors.CourseHasNoLessons],
    )
    def post(self, request: Request, course_id: UUID) -> Response:
        actions.publish_course(
            course_id=course_id, by=self.caller.id, now=now(), expected_version=self.expected_version()
        )
        return self.answer(course_id)


class ArchiveCourse(CourseView):
    rules = {"POST": TeachesCourse}

    @operation(summary="Archive a course", response=CourseOut, edits=True, errors=[errors.NotPublished])
    def post(self, request: Request, course_id: UUID) -> Response:
        actions.archive_course(
            course_id=course_id, by=self.caller.id, now=now(), expected_version=self.expected_version()
        )
        return self.answer(course_id)


class Team(CourseView):
    rules = {"POST": OwnsCourse}

    @operation(
        summary="Add an instructor to the team", request=TeamIn, response=CourseOut, errors=[errors.NotAnInstructor]
    )
    def post(self, request: Request, course_id: UUID) -> Response:
        team.add_instructor(course_id=course_id, by=self.caller.id, now=now(), **self.body(TeamIn))
        return self.answer(course_id)


class TeamMember(View):
    rules = {"DELETE": OwnsCourse}

    @operation(summary="Take an instructor off the team", status=204, errors=[errors.AuthorStays])
    def delete(self, request: Request, course_id: UUID, user_id: UUID) -> Response:
        team.remove_instructor(course_id=course_id, user_id=user_id, by=self.caller.id, now=now())
        return Response(status=204)


class CategoryTree(View):
    rules = {"GET": Public}
    public_cache = SCOPE

    @operation(summary="All categories", response=CategoryOut(many=True))
    def get(self, request: Request) -> Response:
        return Response(shared.list_categories())
