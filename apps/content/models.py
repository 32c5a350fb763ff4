"""The tables of content: lesson bodies in all their versions, downloads, imports and what they brought."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from apps.content.types import BodyFormat, ImportState
from learninghub.db import BaseModel


class LessonBody(BaseModel):
    """The body of a lesson: the lock of its versions, and which of them is the newest."""

    lesson = models.OneToOneField("courses.Lesson", on_delete=models.PROTECT, related_name="+")
    version = models.PositiveIntegerField(default=0)


class BodyVersion(BaseModel):
    """One version of a lesson's body; never changed. `html` is sanitised and names files as `media:<uuid>`.

    Its video is a film of ours or a link to one elsewhere.
    """

    body = models.ForeignKey(LessonBody, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    format = models.CharField(max_length=8, choices=[(kind, kind) for kind in BodyFormat])
    source = models.TextField(blank=True)
    html = models.TextField(blank=True)
    video_url = models.CharField(max_length=1000, blank=True)
    film = models.ForeignKey(
        "media.Asset", on_delete=models.PROTECT, related_name="+", null=True, blank=True, db_index=False
    )
    written_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["body", "number"], name="content_bodyversion_number_once"),
            models.CheckConstraint(condition=Q(number__gte=1), name="content_bodyversion_number_positive"),
            models.CheckConstraint(condition=Q(format__in=[*BodyFormat]), name="content_bodyversion_format_known"),
            models.CheckConstraint(
                condition=Q(video_url="") | Q(video_url__startswith="https://"), name="content_bodyversion_video_https"
            ),
            models.CheckConstraint(
                condition=Q(video_url="") | Q(film__isnull=True), name="content_bodyversion_one_video"
            ),
        ]
        indexes = [models.Index("film", condition=Q(film__isnull=False), name="content_bodyversion_film")]


class Resource(BaseModel):
    """A file that a lesson offers for download; `is_imported` ones follow their course's source."""

    lesson = models.ForeignKey("courses.Lesson", on_delete=models.PROTECT, related_name="+")
    asset = models.ForeignKey("media.Asset", on_delete=models.PROTECT, related_name="+")
    title = models.CharField(max_length=200)
    is_imported = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["lesson", "asset"], name="content_resource_once"),
            models.CheckConstraint(condition=~Q(title=""), name="content_resource_titled"),
        ]


class Import(BaseModel):
    """A wish to import a course, how far it has come, and the report on every element of the source."""

    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    asset = models.ForeignKey("media.Asset", on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    filename = models.CharField(max_length=200)
    state = models.CharField(max_length=8, choices=[(state, state) for state in ImportState])
    course = models.ForeignKey("courses.Course", on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    written = models.PositiveIntegerField(default=0)
    report = models.JSONField(default=list)
    error_code = models.CharField(max_length=60, blank=True)
    error_detail = models.TextField(blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=[*ImportState]), name="content_import_state_known"),
            models.CheckConstraint(
                condition=Q(state=ImportState.FAILED) ^ Q(error_code=""), name="content_import_error_when_failed"
            ),
            models.CheckConstraint(
                condition=Q(state=ImportState.FINISHED, course__isnull=False) | ~Q(state=ImportState.FINISHED),
                name="content_import_course_when_finished",
            ),
            models.CheckConstraint(
                condition=Q(state__in=[ImportState.FINISHED, ImportState.FAILED]) ^ Q(finished_at__isnull=True),
                name="content_import_time_when_over",
            ),
        ]
        indexes = [models.Index(F("requested_by"), F("id").desc(), name="content_import_by_person")]


class CourseSource(BaseModel):
    """A foreign course that a person imported, and the course it became; the lock of its imports."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    format = models.CharField(max_length=12)
    key = models.CharField(max_length=300)
    course = models.ForeignKey("courses.Course", on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    digest = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["owner", "format", "key"], name="content_coursesource_once"),
        ]


class ImportedElement(BaseModel):
    """What one element of a source was when it was last imported (by digest), and the row of ours it became."""

    source = models.ForeignKey(CourseSource, on_delete=models.PROTECT, related_name="elements")
    kind = models.CharField(max_length=12)
    key = models.CharField(max_length=500)
    digest = models.CharField(max_length=64)
    target_id = models.UUIDField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source", "kind", "key"], name="content_importedelement_once"),
        ]
