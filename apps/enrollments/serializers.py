"""The shapes of enrollments, in and out."""

from rest_framework import serializers

from apps.enrollments.types import EnrollmentState, RosterSort, Source

LONGEST_POSITION = 7 * 24 * 3600


class EnrollmentIn(serializers.Serializer):
    course_id = serializers.UUIDField()


class EnrollmentQuery(serializers.Serializer):
    state = serializers.ChoiceField([*EnrollmentState], required=False, default=None, allow_null=True)


class ProgressIn(serializers.Serializer):
    completed = serializers.BooleanField(default=False)
    position_seconds = serializers.IntegerField(min_value=0, max_value=LONGEST_POSITION, default=None, allow_null=True)


class RosterQuery(serializers.Serializer):
    q = serializers.CharField(max_length=100, default="", allow_blank=True)
    sort = serializers.ChoiceField([*RosterSort], default=RosterSort.NAME)


class EnrollmentOut(serializers.Serializer):
    id = serializers.UUIDField()
    course_id = serializers.UUIDField()
    state = serializers.ChoiceField([*EnrollmentState])
    source = serializers.ChoiceField([*Source])  # type: ignore[assignment]
    percent = serializers.IntegerField()
    completed_lessons = serializers.IntegerField(help_text="Of those required.")
    required_lessons = serializers.IntegerField()
    enrolled_at = serializers.DateTimeField()
    completed_at = serializers.DateTimeField(allow_null=True)


class TakenCourseOut(serializers.Serializer):
    id = serializers.UUIDField()
    title = serializers.CharField()
    author_name = serializers.CharField()
    cover_id = serializers.UUIDField(allow_null=True)


class TakenOut(EnrollmentOut):
    course = TakenCourseOut()
    last_active_at = serializers.DateTimeField(allow_null=True)


class ResumeOut(serializers.Serializer):
    lesson_id = serializers.UUIDField()
    position_seconds = serializers.IntegerField()


class EnrollmentDetailOut(TakenOut):
    resume = ResumeOut(allow_null=True, help_text="Where to go on; null when nothing is left.")


class LessonWrittenOut(serializers.Serializer):
    lesson_id = serializers.UUIDField()
    completed_at = serializers.DateTimeField(allow_null=True)
    position_seconds = serializers.IntegerField()
    state = serializers.ChoiceField([*EnrollmentState], help_text="Of the enrolment.")
    percent = serializers.IntegerField()
    completed_lessons = serializers.IntegerField()
    required_lessons = serializers.IntegerField()


class LessonStepOut(serializers.Serializer):
    id = serializers.UUIDField(source="lesson.id")
    title = serializers.CharField(source="lesson.title")
    is_required = serializers.BooleanField(source="lesson.is_required")
    needs_quiz = serializers.BooleanField(source="lesson.needs_quiz")
    is_quiz_passed = serializers.BooleanField(source="mark.is_quiz_passed")
    completed_at = serializers.DateTimeField(source="mark.completed_at", allow_null=True)
    position_seconds = serializers.IntegerField(source="mark.position_seconds")


class ModuleStepsOut(serializers.Serializer):
    id = serializers.UUIDField(source="module.id")
    title = serializers.CharField(source="module.title")
    lessons = LessonStepOut(source="steps", many=True)


class ProgressOut(serializers.Serializer):
    enrollment = EnrollmentOut()
    modules = ModuleStepsOut(many=True)
    resume = ResumeOut(allow_null=True, help_text="Where to go on; null when nothing is left.")


class LearnerOut(serializers.Serializer):
    enrollment_id = serializers.UUIDField(source="id")
    user_id = serializers.UUIDField()
    name = serializers.CharField(source="learner_name")
    state = serializers.ChoiceField([*EnrollmentState])
    percent = serializers.IntegerField()
    completed_lessons = serializers.IntegerField()
    required_lessons = serializers.IntegerField()
    enrolled_at = serializers.DateTimeField()
    completed_at = serializers.DateTimeField(allow_null=True)
    last_active_at = serializers.DateTimeField(allow_null=True)


class LessonFiguresOut(serializers.Serializer):
    lesson_id = serializers.UUIDField()
    completed = serializers.IntegerField()
    percent = serializers.IntegerField()


class CourseFiguresOut(serializers.Serializer):
    course_id = serializers.UUIDField()
    enrolled = serializers.IntegerField(help_text="Who has access now: active and completed.")
    active = serializers.IntegerField()
    completed = serializers.IntegerField()
    average_percent = serializers.IntegerField()
    lessons = LessonFiguresOut(many=True)


class RecommendedCourseOut(TakenCourseOut):
    summary = serializers.CharField()
    level = serializers.CharField()
    language = serializers.CharField()
    price_amount = serializers.IntegerField()
    currency = serializers.CharField()


class RecommendationOut(serializers.Serializer):
    course = RecommendedCourseOut()
    together = serializers.IntegerField(help_text="Learners of your courses who took it; 0 where it is merely popular.")


class RecommendationsOut(serializers.Serializer):
    results = RecommendationOut(many=True)
