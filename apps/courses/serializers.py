"""Shapes of courses over HTTP."""

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from apps.courses import rules
from apps.courses.types import CourseState, Level, Price, Sort

LANGUAGE = r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})?$"


class CatalogueQuery(serializers.Serializer):
    q = serializers.CharField(
        required=False, allow_blank=True, max_length=rules.QUERY_LENGTH, help_text="Words; the last may be a beginning."
    )
    category = serializers.SlugField(required=False, max_length=80, help_text="Includes the categories within it.")
    level = serializers.ChoiceField([level.value for level in Level], required=False)
    language = serializers.RegexField(LANGUAGE, required=False, max_length=12)
    price = serializers.ChoiceField([price.value for price in Price], required=False)
    min_rating = serializers.DecimalField(required=False, max_digits=3, decimal_places=2, min_value=0, max_value=5)
    instructor = serializers.UUIDField(required=False)
    sort = serializers.ChoiceField(
        [sort.value for sort in Sort],
        required=False,
        help_text="Without it: by relevance where there are words, else the newest first.",
    )


class CourseIn(serializers.Serializer):
    title = serializers.CharField(max_length=200)
    summary = serializers.CharField(required=False, allow_blank=True, max_length=500)
    description = serializers.CharField(
        required=False, allow_blank=True, max_length=20_000, trim_whitespace=False, help_text="Plain text."
    )
    language = serializers.RegexField(LANGUAGE, required=False, max_length=12, help_text="Such as en or pt-BR.")
    level = serializers.ChoiceField([level.value for level in Level], required=False)
    price_amount = serializers.IntegerField(
        required=False, min_value=0, max_value=rules.HIGHEST_PRICE, help_text="In minor units: 4900 is 49.00 euros."
    )
    currency = serializers.CharField(required=False, min_length=3, max_length=3, help_text="ISO 4217.")
    capacity = serializers.IntegerField(required=False, allow_null=True, min_value=1, max_value=1_000_000)
    categories = serializers.ListField(
        child=serializers.SlugField(max_length=80), required=False, max_length=10, source="category_slugs"
    )


class CourseChangesIn(CourseIn):
    cover_id = serializers.UUIDField(
        required=False, allow_null=True, help_text="A public picture of one of the course's instructors."
    )


class CourseWordsOut(serializers.Serializer):
    """What every list says of a course."""

    id = serializers.UUIDField()
    title = serializers.CharField()
    summary = serializers.CharField()
    language = serializers.CharField()
    level = serializers.ChoiceField([level.value for level in Level])
    price_amount = serializers.IntegerField()
    currency = serializers.CharField()
    capacity = serializers.IntegerField(allow_null=True)
    learners = serializers.IntegerField()
    author_id = serializers.UUIDField()
    author_name = serializers.CharField()
    cover_id = serializers.UUIDField(allow_null=True)
    version = serializers.IntegerField()


class CourseCardOut(CourseWordsOut):
    rating = serializers.FloatField(help_text="0 where nobody has rated, otherwise 1 to 5.")
    rating_count = serializers.IntegerField()
    published_at = serializers.DateTimeField()
    cover_url = serializers.CharField(allow_null=True)


class TaughtCourseOut(CourseWordsOut):
    state = serializers.ChoiceField([(state.value, state.name) for state in CourseState])
    published_at = serializers.DateTimeField(allow_null=True)
    updated_at = serializers.DateTimeField()


class InstructorOut(serializers.Serializer):
    id = serializers.UUIDField()
    name = serializers.CharField()


class CourseOut(CourseCardOut):
    description = serializers.CharField()
    state = serializers.ChoiceField([(state.value, state.name) for state in CourseState])
    published_at = serializers.DateTimeField(allow_null=True)
    updated_at = serializers.DateTimeField()
    categories = serializers.ListField(child=serializers.SlugField())
    instructors = InstructorOut(many=True)


class ModuleIn(serializers.Serializer):
    title = serializers.CharField(max_length=200)


class LessonIn(serializers.Serializer):
    title = serializers.CharField(max_length=200)
    is_preview = serializers.BooleanField(required=False, help_text="Everyone may see it, not only who is enrolled.")
    is_required = serializers.BooleanField(required=False, help_text="Must be completed to complete the course.")


class LessonOut(serializers.Serializer):
    id = serializers.UUIDField()
    title = serializers.CharField()
    position = serializers.IntegerField()
    is_preview = serializers.BooleanField()
    is_required = serializers.BooleanField()
    needs_quiz = serializers.BooleanField()
    version = serializers.IntegerField()


class ModuleOut(serializers.Serializer):
    id = serializers.UUIDField()
    title = serializers.CharField()
    position = serializers.IntegerField()
    lessons = LessonOut(many=True)
    version = serializers.IntegerField()


class OutlineOut(serializers.Serializer):
    course_id = serializers.UUIDField()
    version = serializers.IntegerField()
    modules = ModuleOut(many=True)


class ModuleOrderIn(serializers.Serializer):
    id = serializers.UUIDField()
    lessons = serializers.ListField(child=serializers.UUIDField(), max_length=1_000)


class OrderIn(serializers.Serializer):
    modules = ModuleOrderIn(many=True, max_length=500)  # type: ignore[call-arg]


class TeamIn(serializers.Serializer):
    user_id = serializers.UUIDField()


@extend_schema_field({"type": "array", "items": {"$ref": "#/components/schemas/CategoryOut"}})
class InnerCategories(serializers.ListField):
    pass


class CategoryOut(serializers.Serializer):
    slug = serializers.SlugField()
    name = serializers.CharField()
    children = InnerCategories(child=serializers.DictField())
