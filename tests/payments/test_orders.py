"""What people see of their orders."""

import pytest

from apps.users.types import Person
from tests.support.courses import make_course
from tests.support.payments import make_order
from tests.support.people import make_person

pytestmark = pytest.mark.django_db


def test_the_list_shows_mine_newest_first(as_user, buyer: Person) -> None:
    orders = [make_order(buyer, make_course(price_amount=900, lessons=1)) for _ in range(3)]
    make_order(make_person(), make_course(price_amount=900, lessons=1))
    answer = as_user(buyer).get("payments/orders/", page_size=2)
    rest = as_user(buyer).get(answer.json["next"])
    shown = [row["id"] for row in answer.json["results"] + rest.json["results"]]
    assert shown == [str(order.id) for order in reversed(orders)]


def test_one_order_says_what_was_paid(as_user, buyer: Person) -> None:
    order = make_order(buyer, make_course(price_amount=900, lessons=1))
    seen = as_user(buyer).get(f"payments/orders/{order.id}/").json
    assert {name: seen[name] for name in ("state", "amount", "currency", "refunded_amount", "url")} == {
        "state": "paid",
        "amount": 900,
        "currency": "EUR",
        "refunded_amount": 0,
        "url": None,
    }


def test_the_list_costs_the_same_for_three_and_for_thirty(as_user, buyer: Person, queries_of) -> None:
    def cost() -> int:
        return queries_of(lambda: as_user(buyer).get("payments/orders/", page_size=100))

    for _ in range(3):
        make_order(buyer, make_course(price_amount=900, lessons=1))
    few = cost()
    for _ in range(27):
        make_order(buyer, make_course(price_amount=900, lessons=1))
    assert cost() == few
