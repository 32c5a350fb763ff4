"""Which service a process is: said once, and before anyone asks."""

import pytest

from learninghub import shape
from tests.support.http import Client


@pytest.fixture(autouse=True)
def _unsettled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shape._Shape, "service", None)
    monkeypatch.setattr(shape._Shape, "is_settled", False)


def test_what_is_chosen_stands():
    assert shape.choose("course-service").app == "courses"
    assert shape.choose("course-service") == shape.chosen()
    with pytest.raises(RuntimeError, match="review-service comes too late"):
        shape.choose("review-service")
    assert shape.chosen().name == "course-service"


def test_who_asks_first_settles_that_it_is_all_thirteen():
    assert shape.chosen() is None
    with pytest.raises(RuntimeError, match="too late"):
        shape.choose("course-service")


def test_probes_are_answered_by_any_name_and_nothing_else_is(client: Client):
    names = [client.get(path, headers={"Host": "10.1.2.3:3003"}).status for path in ("/healthz", "/readyz")]
    assert names == [200, 200]
    for path in ("/", "/healthz/", "/api/v1/courses/", "/verify/", "/static/admin/css/nowhere.css"):
        assert client.get(path, headers={"Host": "10.1.2.3:3003"}).status == 400
