"""The shapes of reviews, in and out."""

from typing import Any

from rest_framework import serializers

from apps.reviews.rules import LONGEST_NOTE, LONGEST_TEXT
from apps.reviews.types import SAID_BY_PEOPLE, Change, Decision, Reason, ReviewState, Sort


class CourseQuery(serializers.Serializer):
    course_id = serializers.UUIDField()


class ReviewQuery(CourseQuery):
    rating = serializers.IntegerField(required=False, default=None, min_value=1, max_value=5)
    sort = serializers.ChoiceField([*Sort], default=Sort.NEWEST)


class ReviewChangesIn(serializers.Serializer):
    rating = serializers.IntegerField(min_value=1, max_value=5)
    text = serializers.CharField(
        required=False, allow_blank=True, max_length=LONGEST_TEXT, trim_whitespace=False, help_text="Plain text."
    )


class ReviewIn(ReviewChangesIn):
    course_id = serializers.UUIDField()
    text = serializers.CharField(
        default="", allow_blank=True, max_length=LONGEST_TEXT, trim_whitespace=False, help_text="Plain text."
    )


class TextIn(serializers.Serializer):
    text = serializers.CharField(max_length=LONGEST_TEXT, help_text="Plain text.")


class ReportIn(serializers.Serializer):
    reason = serializers.ChoiceField(SAID_BY_PEOPLE)
    note = serializers.CharField(default="", allow_blank=True, max_length=LONGEST_NOTE, help_text="For staff.")


class ModerationIn(serializers.Serializer):
    decision = serializers.ChoiceField([*Decision])
    reason = serializers.ChoiceField(
        SAID_BY_PEOPLE, required=False, help_text="What its author is told; asked for to hide a review."
    )
    note = serializers.CharField(max_length=LONGEST_NOTE, help_text="For the audit log.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["decision"] == Decision.HIDE and "reason" not in attrs:
            raise serializers.ValidationError({"reason": ["Say why it is hidden."]})
        return attrs


class ReviewOut(serializers.Serializer):
    id = serializers.UUIDField()
    course_id = serializers.UUIDField()
    author_id = serializers.UUIDField()
    author_name = serializers.CharField()
    rating = serializers.IntegerField()
    text = serializers.CharField()
    posted_at = serializers.DateTimeField()
    edited_at = serializers.DateTimeField(allow_null=True)
    reply = serializers.CharField(help_text="The instructor's answer; empty where there is none.")
    replied_at = serializers.DateTimeField(allow_null=True)


class OwnReviewOut(ReviewOut):
    state = serializers.ChoiceField([*ReviewState])
    hidden_for = serializers.ChoiceField([*Reason], allow_blank=True, help_text="Why it is hidden; empty where not.")


class ReviewChangeOut(serializers.Serializer):
    what = serializers.ChoiceField([*Change])
    rating = serializers.IntegerField(help_text="After it.")
    text = serializers.CharField()
    reason = serializers.ChoiceField([*Reason], allow_blank=True, help_text="Why it was hidden.")
    changed_at = serializers.DateTimeField()


class ReportOut(serializers.Serializer):
    reporter_id = serializers.UUIDField()
    reason = serializers.ChoiceField(SAID_BY_PEOPLE)
    note = serializers.CharField()
    weighs = serializers.BooleanField(help_text="Who reports may judge the course; three such reports hide the review.")
    reported_at = serializers.DateTimeField()


class ReportedReviewOut(OwnReviewOut):
    reported_at = serializers.DateTimeField(help_text="Since when staff are asked to look at it.")
    reports = ReportOut(source="open_reports", many=True)


class SummaryOut(serializers.Serializer):
    course_id = serializers.UUIDField()
    count = serializers.IntegerField()
    average = serializers.FloatField(help_text="To two places; 0 where nobody has rated.")
    histogram = serializers.ListField(
        child=serializers.IntegerField(),
        min_length=5,
        max_length=5,
        help_text="Reviews of one star first, of five last.",
    )


class FeedbackOut(serializers.Serializer):
    id = serializers.UUIDField()
    author_id = serializers.UUIDField()
    author_name = serializers.CharField()
    text = serializers.CharField()
    sent_at = serializers.DateTimeField()


class SentOut(serializers.Serializer):
    id = serializers.UUIDField()
