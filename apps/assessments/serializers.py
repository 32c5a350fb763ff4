"""The shapes of assessments, in and out."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from rest_framework import serializers

from apps.assessments.models import AttemptState
from apps.assessments.rules.scoring import Response
from apps.assessments.rules.shapes import LONGEST_TIME, MOST_ANSWERS, MOST_ATTEMPTS, MOST_CHOICES
from apps.assessments.types import Choice, Keep, QuestionKind, QuestionSpec, ToleranceKind

_MOST_SECONDS = int(LONGEST_TIME.total_seconds())
_MOST_QUESTIONS = 500


def _text(longest: int, **more: Any) -> serializers.CharField:
    return serializers.CharField(max_length=longest, **more)


class SettingsIn(serializers.Serializer):
    title = _text(200)
    pass_percent = serializers.IntegerField(min_value=0, max_value=100)
    is_required = serializers.BooleanField(help_text="Whether the lesson waits for the quiz to be passed.")
    attempt_limit = serializers.IntegerField(min_value=1, max_value=MOST_ATTEMPTS, allow_null=True)
    time_limit_s = serializers.IntegerField(min_value=1, max_value=_MOST_SECONDS, allow_null=True)
    shuffle = serializers.BooleanField()
    keep = serializers.ChoiceField([*Keep], help_text="Which attempt counts.")
    partial_credit = serializers.BooleanField(help_text="Right choices less wrong ones, for several right answers.")


class QuizIn(SettingsIn):
    lesson_id = serializers.UUIDField()

    def get_fields(self) -> Any:
        fields = super().get_fields()
        for name in fields.keys() - {"lesson_id"}:
            fields[name].required = False
        return fields


class QuizOut(serializers.Serializer):
    id = serializers.UUIDField()
    lesson_id = serializers.UUIDField()
    course_id = serializers.UUIDField()
    title = serializers.CharField()
    pass_percent = serializers.IntegerField()
    is_required = serializers.BooleanField()
    attempt_limit = serializers.IntegerField(allow_null=True)
    time_limit_s = serializers.IntegerField(allow_null=True)
    shuffle = serializers.BooleanField()
    keep = serializers.ChoiceField([*Keep])
    partial_credit = serializers.BooleanField()
    version = serializers.IntegerField(help_text="As in the ETag.")


class ChoiceIn(serializers.Serializer):
    text = _text(5000, help_text="HTML, sanitised.")
    is_correct = serializers.BooleanField()
    feedback = _text(5000, allow_blank=True, default="")

    def to_internal_value(self, data: Any) -> Any:
        return Choice(**super().to_internal_value(data))


class QuestionIn(serializers.Serializer):
    kind = serializers.ChoiceField([*QuestionKind])
    prompt = _text(20_000, help_text="HTML, sanitised.")
    points = serializers.DecimalField(max_digits=6, decimal_places=2, default=Decimal(1))
    choices = serializers.ListField(child=ChoiceIn(), max_length=MOST_CHOICES, default=list)
    answers = serializers.ListField(
        child=_text(500),
        max_length=MOST_ANSWERS,
        default=list,
        help_text="Right numbers, or right words; in words `*` stands for any text.",
    )
    tolerance = serializers.DecimalField(max_digits=38, decimal_places=20, allow_null=True, default=None)
    tolerance_kind = serializers.ChoiceField([*ToleranceKind], default=ToleranceKind.ABSOLUTE)
    case_sensitive = serializers.BooleanField(default=False)
    explanation = _text(20_000, allow_blank=True, default="", help_text="HTML, shown once the attempt is closed.")

    def to_internal_value(self, data: Any) -> Any:
        read = super().to_internal_value(data)
        return read | {name: tuple(read[name]) for name in ("choices", "answers") if name in read}


def question_spec(body: dict[str, Any]) -> QuestionSpec:
    """A whole question from what `QuestionIn` read."""
    return QuestionSpec(**body)


class ChoiceOut(serializers.Serializer):
    id = serializers.UUIDField()
    text = serializers.CharField()
    is_correct = serializers.BooleanField()
    feedback = serializers.CharField()


class QuestionOut(serializers.Serializer):
    id = serializers.UUIDField()
    quiz_id = serializers.UUIDField()
    position = serializers.IntegerField()
    kind = serializers.ChoiceField([*QuestionKind])
    prompt = serializers.CharField()
    points = serializers.DecimalField(max_digits=6, decimal_places=2)
    choices = ChoiceOut(many=True, source="choices.all")
    answers = serializers.ListField(child=serializers.CharField())
    tolerance = serializers.DecimalField(max_digits=40, decimal_places=20, normalize_output=True, allow_null=True)
    tolerance_kind = serializers.ChoiceField([*ToleranceKind])
    case_sensitive = serializers.BooleanField()
    explanation = serializers.CharField()


class QuestionOrderIn(serializers.Serializer):
    question_ids = serializers.ListField(child=serializers.UUIDField(), max_length=_MOST_QUESTIONS)


class ExtraTimeIn(serializers.Serializer):
    seconds = serializers.IntegerField(min_value=0, max_value=_MOST_SECONDS, help_text="0 takes it back.")


class ExtraTimeOut(serializers.Serializer):
    user_id = serializers.UUIDField()
    seconds = serializers.IntegerField()


class AnswerIn(serializers.Serializer):
    question_id = serializers.UUIDField()
    chosen = serializers.ListField(child=serializers.UUIDField(), max_length=MOST_CHOICES, default=list)
    text = _text(1000, allow_blank=True, default="", trim_whitespace=False)


class AnswersIn(serializers.Serializer):
    answers = serializers.ListField(child=AnswerIn(), max_length=_MOST_QUESTIONS, allow_empty=False)

    def validate_answers(self, answers: list[dict[str, Any]]) -> list[dict[str, Any]]:
        if len({answer["question_id"] for answer in answers}) < len(answers):
            raise serializers.ValidationError("A question is answered twice.")
        return answers


def responses(body: dict[str, Any]) -> dict[UUID, Response]:
    """The answers by question from what `AnswersIn` read."""
    return {
        answer["question_id"]: Response(chosen=frozenset(answer["chosen"]), text=answer["text"])
        for answer in body["answers"]
    }


class SavedOut(serializers.Serializer):
    id = serializers.UUIDField()
    state = serializers.ChoiceField(AttemptState.choices)
    saved_at = serializers.DateTimeField(source="clock", help_text="By the clock that keeps the deadline.")
    deadline_at = serializers.DateTimeField(allow_null=True)


class AttemptCardOut(serializers.Serializer):
    id = serializers.UUIDField()
    quiz_id = serializers.UUIDField()
    number = serializers.IntegerField()
    state = serializers.ChoiceField(AttemptState.choices)
    started_at = serializers.DateTimeField()
    deadline_at = serializers.DateTimeField(allow_null=True)
    closed_at = serializers.DateTimeField(allow_null=True)
    possible_points = serializers.DecimalField(max_digits=10, decimal_places=2)
    points = serializers.DecimalField(max_digits=12, decimal_places=4, allow_null=True)
    score = serializers.DecimalField(max_digits=5, decimal_places=2, allow_null=True, help_text="Percent.")
    is_passed = serializers.BooleanField(allow_null=True)


class ShownChoiceOut(serializers.Serializer):
    id = serializers.UUIDField()
    text = serializers.CharField()
    is_correct = serializers.BooleanField(allow_null=True, help_text="Null until the attempt is closed.")
    feedback = serializers.CharField(allow_null=True)


class ShownQuestionOut(serializers.Serializer):
    question_id = serializers.UUIDField()
    kind = serializers.ChoiceField([*QuestionKind])
    prompt = serializers.CharField()
    points = serializers.DecimalField(max_digits=6, decimal_places=2)
    choices = ShownChoiceOut(many=True)
    chosen = serializers.ListField(child=serializers.UUIDField())
    text = serializers.CharField()
    saved_at = serializers.DateTimeField(allow_null=True)
    earned = serializers.DecimalField(max_digits=10, decimal_places=4, allow_null=True)
    is_right = serializers.BooleanField(allow_null=True)
    right_answers = serializers.ListField(child=serializers.CharField(), allow_null=True)
    explanation = serializers.CharField(allow_null=True)


class AttemptOut(AttemptCardOut):
    user_id = serializers.UUIDField()
    clock = serializers.DateTimeField(help_text="Now, by the clock that keeps the deadline.")
    questions = ShownQuestionOut(many=True)


class QuizGradeOut(serializers.Serializer):
    quiz_id = serializers.UUIDField()
    title = serializers.CharField()
    attempts = serializers.IntegerField()
    attempt_limit = serializers.IntegerField(allow_null=True)
    computed_score = serializers.DecimalField(max_digits=5, decimal_places=2, allow_null=True)
    score = serializers.DecimalField(
        max_digits=5, decimal_places=2, allow_null=True, help_text="What counts, in percent."
    )
    is_passed = serializers.BooleanField()
    is_overridden = serializers.BooleanField()
    override_reason = serializers.CharField()


class LearnerGradesOut(serializers.Serializer):
    user_id = serializers.UUIDField()
    display_name = serializers.CharField()
    grades = QuizGradeOut(many=True, help_text="In the order of the course's lessons.")


class OverrideIn(serializers.Serializer):
    score = serializers.DecimalField(max_digits=5, decimal_places=2, min_value=0, max_value=100)
    reason = _text(1000)
