"""What public reads cost, how long they are kept, and the tree of categories."""

import pytest

from apps.courses import api as courses
from learninghub.clock import now
from tests.support.courses import make_course, make_courses

pytestmark = pytest.mark.django_db


class TestCost:
    @pytest.mark.parametrize(
        "query",
        [
            {},
            {"q": "knitting"},
            {"sort": "title", "level": "beginner"},
            {"q": "knit", "sort": "rating"},
            {"category": "x"},
        ],
    )
    def test_of_a_page_is_one_statement_for_3_rows_and_for_30(self, client, author, queries_of, query):
        make_courses(author, *({"title": f"Knitting {n}"} for n in range(3)))
        few = queries_of(lambda: client.get("courses/", page_size=100, **query))
        make_courses(author, *({"title": f"Knitting {n}"} for n in range(27)))

        assert (few, queries_of(lambda: client.get("courses/", page_size=99, **query))) == (1, 1)

    def test_of_a_course_and_of_its_outline_is_one_statement(self, client, as_user, author, queries_of):
        small = make_course(author=author, modules=1, lessons=3)
        large = make_course(author=author, modules=3, lessons=10)
        for course in (small, large):
            assert queries_of(lambda course=course: client.get(f"courses/{course.id}/")) == 1
            assert queries_of(lambda course=course: client.get(f"courses/{course.id}/outline/")) == 1
            assert queries_of(lambda course=course: as_user(author).get(f"courses/{course.id}/")) == 1

    def test_of_the_categories_is_one_statement(self, client, author, queries_of):
        for number in range(3):
            courses.add_category(slug=f"c{number}", name=f"C{number}", by=author.id, now=now())
        assert queries_of(lambda: client.get("categories/")) == 1


class TestCaching:
    @pytest.mark.parametrize("path", ["courses/", "courses/?q=course", "courses/{id}/", "courses/{id}/outline/"])
    def test_answers_304_until_something_is_edited(self, client, as_user, author, queries_of, path):
        course = make_course(author=author)
        path = path.format(id=course.id)
        first = client.get(path)
        tag = {"If-None-Match": first.headers["ETag"]}

        assert first.headers["Cache-Control"] == "public, max-age=60"
        assert queries_of(lambda: client.get(path)) == 0
        unchanged = client.get(path, headers=tag)
        assert (unchanged.status, unchanged.body) == (304, b"")

        as_user(author).patch(f"courses/{course.id}/", {"title": "Course of another name"})
        as_user(author).post(f"courses/{course.id}/modules/", {"title": "One more"})

        changed = client.get(path, headers=tag)
        assert changed.status == 200
        assert changed.headers["ETag"] != first.headers["ETag"]

    def test_never_shows_the_answer_for_one_person_to_another(self, as_user, author, client):
        course = make_course(author=author)

        answer = as_user(author).get(f"courses/{course.id}/")

        assert (answer.headers["Cache-Control"], answer.headers["ETag"]) == ("private, no-store", '"v6"')
        assert client.get(f"courses/{course.id}/").headers["ETag"] != '"v6"'

    def test_is_not_emptied_by_work_on_drafts(self, client, as_user, author, queries_of):
        make_course(author=author)
        draft = make_course(author=author, published=False)
        client.get("courses/")

        as_user(author).patch(f"courses/{draft.id}/", {"title": "Still secret"})

        assert queries_of(lambda: client.get("courses/")) == 0


def test_categories_are_a_tree_by_name(client, author):
    who = {"by": author.id, "now": now()}
    courses.add_category(slug="music", name="Music", **who)
    courses.add_category(slug="code", name="Code", **who)
    courses.add_category(slug="rust", name="Rust", parent_slug="code", **who)
    courses.add_category(slug="python", name="Python", parent_slug="code", **who)
    courses.add_category(slug="web", name="Web", parent_slug="python", **who)

    assert client.get("categories/").json == [
        {
            "slug": "code",
            "name": "Code",
            "children": [
                {"slug": "python", "name": "Python", "children": [{"slug": "web", "name": "Web", "children": []}]},
                {"slug": "rust", "name": "Rust", "children": []},
            ],
        },
        {"slug": "music", "name": "Music", "children": []},
    ]
