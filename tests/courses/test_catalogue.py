"""The catalogue: every filter, every order over ties, words, and what it costs."""

from datetime import UTC, datetime, timedelta

import pytest

from apps.courses import api as courses
from apps.courses.models import Course
from apps.courses.queries import catalogue
from apps.courses.serializers import CourseCardOut
from learninghub.clock import now
from tests.support.courses import make_course, make_courses, titles
from tests.support.people import make_person

pytestmark = pytest.mark.django_db
START = datetime(2026, 3, 1, tzinfo=UTC)


def test_a_card_shows_what_the_description_promises(client, author):
    make_course(author=author)

    [card] = client.get("courses/").json["results"]

    assert card.keys() == CourseCardOut().fields.keys()
    assert CourseCardOut(card).data == card


class TestFilters:
    @pytest.fixture(autouse=True)
    def _shelves(self, author):
        who = {"by": author.id, "now": now()}
        courses.add_category(slug="code", name="Code", **who)
        courses.add_category(slug="python", name="Python", parent_slug="code", **who)
        courses.add_category(slug="music", name="Music", **who)
        self.author = author
        make_courses(
            author,
            {"title": "A", "category_slugs": ["python"], "level": "beginner", "language": "en"},
            {"title": "B", "category_slugs": ["code", "music"], "level": "advanced", "language": "de"},
            {"title": "C", "level": "advanced", "language": "pt-BR", "price_amount": 100},
        )
        Course.objects.filter(title="A").update(rating_sum=9, rating_count=2)
        Course.objects.filter(title="C").update(rating_sum=15, rating_count=3)

    @pytest.mark.parametrize(
        ("query", "expected"),
        [
            ({}, "CBA"),
            ({"category": "code"}, "BA"),
            ({"category": "python"}, "A"),
            ({"category": "music"}, "B"),
            ({"category": "nothing"}, ""),
            ({"level": "advanced"}, "CB"),
            ({"language": "de"}, "B"),
            ({"language": "pt"}, "C"),
            ({"language": "pt-BR"}, "C"),
            ({"price": "free"}, "BA"),
            ({"price": "paid"}, "C"),
            ({"min_rating": "4.5"}, "CA"),
            ({"min_rating": "4.51"}, "C"),
            ({"min_rating": "0"}, "CBA"),
            ({"level": "advanced", "price": "free", "category": "code"}, "B"),
            ({"q": ""}, "CBA"),
            ({"q": "?!"}, ""),
        ],
    )
    def test_narrow_the_list(self, client, query, expected):
        assert titles(client.get("courses/", **query)) == list(expected)

    def test_by_instructor_finds_what_the_person_teaches(self, client, other_instructor):
        shared = Course.objects.get(title="B")
        courses.add_instructor(course_id=shared.id, user_id=other_instructor.id, by=self.author.id, now=now())

        assert titles(client.get("courses/", instructor=other_instructor.id)) == ["B"]
        assert titles(client.get("courses/", instructor=self.author.id)) == ["C", "B", "A"]

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("q", "x" * 101),
            ("q", "nul\x00"),
            ("category", "a b"),
            ("level", "expert"),
            ("language", "'; drop table"),
            ("price", "cheap"),
            ("min_rating", "6"),
            ("min_rating", "NaN"),
            ("instructor", "me"),
            ("sort", "password"),
            ("sort", "author__password"),
            ("page_size", "0"),
            ("page_size", "101"),
            ("cursor", "nonsense"),
        ],
    )
    def test_take_only_what_is_allowed(self, client, name, value):
        answer = client.get("courses/", **{name: value})

        assert (answer.status, answer.json["code"], list(answer.json["errors"])) == (400, "invalid", [name])

    def test_of_no_known_name_are_passed_over(self, client):
        assert titles(client.get("courses/", author__password__startswith="a")) == ["C", "B", "A"]


SORTS = {
    "newest": lambda row: (row["published_at"], row["id"]),
    "popular": lambda row: (row["learners"], row["id"]),
    "rating": lambda row: (row["rating"], row["id"]),
    "price": lambda row: (row["price_amount"], row["id"]),
    "-price": lambda row: (row["price_amount"], row["id"]),
    "title": lambda row: (row["title"].lower(), row["id"]),
}
DESCENDING = {"newest", "popular", "rating", "-price"}


class TestPages:
    @pytest.fixture(autouse=True)
    def _many(self, author):
        Course.objects.bulk_create(
            Course(
                author_id=author.id,
                author_name=author.display_name,
                title=f"{'aBc'[number % 3]} knitting",
                summary="Wool.",
                state="published",
                published_at=START + timedelta(days=number % 4),
                price_amount=number % 2 * 100,
                learners=number % 3,
                rating_sum=number % 2 * 7,
                rating_count=number % 2 * 2,
            )
            for number in range(13)
        )

    def walk(self, client, **query):
        rows, sizes, path = [], [], "courses/"
        while path:
            answer = client.get(path, **query)
            assert answer.status == 200, answer.text
            rows += answer.json["results"]
            sizes.append(len(answer.json["results"]))
            path, query = answer.json["next"], {}
        return rows, sizes, answer

    @pytest.mark.parametrize("sort", SORTS)
    @pytest.mark.parametrize("extra", [{}, {"q": "knit"}])
    def test_show_every_row_once_in_order_over_ties(self, client, sort, extra):
        rows, sizes, _ = self.walk(client, sort=sort, page_size=3, **extra)

        assert sizes == [3, 3, 3, 3, 1]
        assert len({row["id"] for row in rows}) == 13
        assert rows == sorted(rows, key=SORTS[sort], reverse=sort in DESCENDING)

    def test_by_relevance_show_every_row_once_over_ties(self, client):
        rows, sizes, _ = self.walk(client, q="knitting", page_size=3)

        assert sizes == [3, 3, 3, 3, 1]
        assert len({row["id"] for row in rows}) == 13

    def test_by_relevance_rank_the_newest_finds_alone(self, client, monkeypatch):
        monkeypatch.setattr(catalogue, "CANDIDATES", 7)
        newest = Course.objects.order_by("-published_at", "-id").values_list("id", flat=True)[:7]

        rows, sizes, _ = self.walk(client, q="knitting", page_size=3)

        assert sizes == [3, 3, 1]
        assert {row["id"] for row in rows} == {str(key) for key in newest}

    @pytest.mark.parametrize("query", [{"sort": sort} for sort in SORTS] + [{"q": "knitting"}])
    def test_lead_back_the_way_they_came(self, client, query):
        forward = [client.get("courses/", page_size=5, **query).json]
        while forward[-1]["next"]:
            forward.append(client.get(forward[-1]["next"]).json)
        backward = [forward[-1]]
        while backward[-1]["previous"]:
            backward.append(client.get(backward[-1]["previous"]).json)

        assert [page["results"] for page in reversed(backward)] == [page["results"] for page in forward]

    def test_keep_their_place_when_rows_come_and_go(self, client, author):
        first = client.get("courses/", page_size=6).json
        make_course(author=author, title="New on top")
        gone = first["results"][2]["id"]
        courses.archive_course(course_id=gone, by=author.id, now=now())

        second = client.get(first["next"]).json
        third = client.get(second["next"]).json

        rows = first["results"] + second["results"] + third["results"]
        assert len({row["id"] for row in rows}) == len(rows) == 13
        assert third["next"] is None

    @pytest.mark.parametrize("sort", [*SORTS, "relevance"])
    def test_refuse_a_cursor_that_does_not_fit(self, client, sort):
        for cursor in ("W2ZhbHNlXQ", "W2ZhbHNlLHt9LCJ4Il0", "W2ZhbHNlLDFlOTksIjEiXQ", "W2ZhbHNlLCJ4IiwieSJd"):
            answer = client.get("courses/", sort=sort, q="knit", cursor=cursor)
            assert (answer.status, list(answer.json["errors"])) == (400, ["cursor"]), cursor


def test_someone_without_courses_teaches_nothing(client):
    assert titles(client.get("courses/", instructor=make_person().id)) == []
