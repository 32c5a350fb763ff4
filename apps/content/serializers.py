"""The shapes of content, in and out."""

from rest_framework import serializers

from apps.content.types import BodyFormat, ImportState, Outcome

LONGEST_SOURCE = 400_000


class LessonBodyIn(serializers.Serializer):
    format = serializers.ChoiceField([*BodyFormat], default=BodyFormat.MARKDOWN)
    source = serializers.CharField(  # type: ignore[assignment]
        max_length=LONGEST_SOURCE,
        allow_blank=True,
        trim_whitespace=False,
        help_text="Pictures and files of yours are written media:<asset id>.",
    )
    video_url = serializers.URLField(max_length=1000, default="", allow_blank=True)
    film_id = serializers.UUIDField(
        default=None,
        allow_null=True,
        help_text="In place of a link, an uploaded film of yours that is ready: MP4 or WebM.",
    )


class LessonQuizOut(serializers.Serializer):
    id = serializers.UUIDField()
    title = serializers.CharField()
    pass_percent = serializers.IntegerField()
    is_required = serializers.BooleanField()


class FilmOut(serializers.Serializer):
    id = serializers.UUIDField()
    media_type = serializers.CharField()
    size = serializers.IntegerField()
    url = serializers.CharField(help_text="Plays in place and seeks, for some minutes; then ask the lesson again.")


class LessonBodyOut(serializers.Serializer):
    lesson_id = serializers.UUIDField()
    course_id = serializers.UUIDField()
    title = serializers.CharField()
    version = serializers.IntegerField(help_text="0 as long as nothing was written.")
    format = serializers.ChoiceField([*BodyFormat])
    source = serializers.CharField(allow_null=True, help_text="For those who teach the course.")  # type: ignore[assignment]
    html = serializers.CharField(help_text="Sanitised; its files are addresses that work for some minutes.")
    video_url = serializers.CharField(help_text="A film elsewhere.")
    film = FilmOut(allow_null=True)
    quiz = LessonQuizOut(allow_null=True)
    updated_at = serializers.DateTimeField(allow_null=True)


class VersionOut(serializers.Serializer):
    version = serializers.IntegerField(source="number")
    format = serializers.ChoiceField([*BodyFormat])
    source = serializers.CharField()  # type: ignore[assignment]
    video_url = serializers.CharField()
    film_id = serializers.UUIDField(allow_null=True)
    written_by = serializers.UUIDField(source="written_by_id")
    created_at = serializers.DateTimeField()


class DownloadIn(serializers.Serializer):
    asset_id = serializers.UUIDField()
    title = serializers.CharField(max_length=200)


class DownloadOut(serializers.Serializer):
    id = serializers.UUIDField()
    title = serializers.CharField()
    filename = serializers.CharField()
    media_type = serializers.CharField()
    size = serializers.IntegerField()
    url = serializers.CharField(help_text="Works for some minutes.")


class NewDownloadOut(serializers.Serializer):
    id = serializers.UUIDField()


class ImportIn(serializers.Serializer):
    asset_id = serializers.UUIDField()


class ReportLineOut(serializers.Serializer):
    element = serializers.CharField()
    source = serializers.CharField()  # type: ignore[assignment]
    title = serializers.CharField(allow_blank=True)
    outcome = serializers.ChoiceField([*Outcome])
    detail = serializers.CharField(allow_blank=True)


class ImportOut(serializers.Serializer):
    id = serializers.UUIDField()
    state = serializers.ChoiceField([(state.value, state.name) for state in ImportState])
    filename = serializers.CharField()
    asset_id = serializers.UUIDField(allow_null=True)
    course_id = serializers.UUIDField(allow_null=True)
    written = serializers.IntegerField(help_text="Changes made to the course; 0 when it already was as the source.")
    error_code = serializers.CharField(allow_blank=True)
    error_detail = serializers.CharField(allow_blank=True)
    created_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)


class ImportReportOut(ImportOut):
    report = ReportLineOut(many=True)
