"""Rewards over HTTP: what is offered, spending points, and getting them back."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import time_machine

from apps.gamification.events import RewardReversed
from apps.gamification.models import Player, Redemption, Reward
from apps.gamification.types import PointRule
from apps.users.types import Person
from learninghub.audit.models import AuditEntry
from tests.support.courses import make_course
from tests.support.gamification import NOON, award, disagreements, make_reward
from tests.support.http import Answer, Client
from tests.support.people import make_person

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _on_a_wednesday() -> Iterator[None]:
    with time_machine.travel(NOON):
        yield


@pytest.fixture
def learner() -> Person:
    """Someone with a hundred points."""
    person = make_person()
    award(person, make_course(lessons=1), rule=PointRule.COURSE_COMPLETED)
    return person


def redeem(client: Client, reward: UUID, key: str = "one") -> Answer:
    return client.post(f"gamification/rewards/{reward}/redeem/", headers={"Idempotency-Key": key})


def balance(client: Client) -> tuple[int, int]:
    mine = client.get("gamification/me/").json
    return mine["points"], mine["balance"]


class TestTheShelf:
    def test_shows_what_is_offered_now_the_cheapest_first(self, as_user: Any, learner: Person) -> None:
        day = timedelta(days=1)
        make_reward(name="Dear", cost=500)
        make_reward(name="Cheap", cost=5, stock=3, closes_at=NOON + day)
        make_reward(name="Over", cost=1, opens_at=NOON - 2 * day, closes_at=NOON - day)
        make_reward(name="To come", cost=1, opens_at=NOON + day)
        shelf = as_user(learner).get("gamification/rewards/").json["results"]
        assert [(row["name"], row["cost"], row["left"]) for row in shelf] == [("Cheap", 5, 3), ("Dear", 500, None)]

    @pytest.mark.parametrize(
        ("fields", "at_fault"),
        [
            ({"cost": 0}, ["cost"]),
            ({"cost": 1, "stock": 0}, ["stock"]),
            ({"cost": 1, "closes_at": "2026-11-18T12:00:00Z"}, ["closes_at"]),
            ({"cost": 1_000_001, "stock": 1_000_001}, ["cost", "stock"]),
        ],
        ids=str,
    )
    def test_takes_no_nonsense(self, as_user: Any, fields: dict[str, Any], at_fault: list[str]) -> None:
        staff = as_user(make_person(roles={"staff"}))
        answer = staff.post("gamification/rewards/", {"name": "A mug", **fields})
        assert (answer.status, sorted(answer.json.get("errors", {}))) == (400, at_fault)
        assert not Reward.objects.exists()

    def test_is_filled_by_staff(self, as_user: Any, learner: Person) -> None:
        staff = as_user(make_person(roles={"staff"}))
        answer = staff.post("gamification/rewards/", {"name": "A mug", "cost": 40, "stock": 2})
        assert (answer.status, answer.json["left"]) == (201, 2)
        assert redeem(as_user(learner), answer.json["id"]).status == 201
        assert AuditEntry.objects.get().action == "gamification.reward_added"

    def test_costs_the_same_for_three_and_for_thirty(self, as_user: Any, learner: Person, queries_of: Any) -> None:
        counts = []
        for old, reach in ((0, 3), (3, 30)):
            for _ in range(old, reach):
                make_reward()
            counts.append(queries_of(lambda: as_user(learner).get("gamification/rewards/", page_size=99)))
        assert counts == [1, 1]


class TestRedeem:
    def test_spends_what_was_earned_and_leaves_the_boards_alone(self, as_user: Any, learner: Person) -> None:
        client, reward = as_user(learner), make_reward(cost=60, stock=2)
        answer = redeem(client, reward)
        assert answer.status == 201
        assert (answer.json["reward"], answer.json["points"], answer.json["state"]) == ("A mug", 60, "redeemed")
        assert balance(client) == (100, 40)
        assert client.get("gamification/leaderboard/").json["me"] == {"points": 100, "rank": 1}
        assert client.get("gamification/redemptions/").json["results"] == [answer.json]
        assert client.get("gamification/rewards/").json["results"][0]["left"] == 1
        assert disagreements() == []

    def test_needs_the_points(self, as_user: Any, learner: Person) -> None:
        client, reward = as_user(learner), make_reward(cost=60)
        redeem(client, reward)
        answer = redeem(client, reward, key="two")
        assert (answer.status, answer.json["code"]) == (409, "points_missing")
        assert (answer.json["balance"], answer.json["cost"]) == (40, 60)
        assert (balance(client), Redemption.objects.count()) == ((100, 40), 1)

    def test_needs_a_reward_that_is_left(self, as_user: Any, learner: Person) -> None:
        client, reward = as_user(learner), make_reward(cost=10, stock=1)
        redeem(client, reward)
        answer = redeem(client, reward, key="two")
        assert (answer.status, answer.json["code"]) == (409, "sold_out")
        assert balance(client) == (100, 90)
        assert disagreements() == []

    @pytest.mark.parametrize("days", [-1, 3], ids=["before", "after"])
    def test_is_possible_while_it_is_offered(self, as_user: Any, learner: Person, days: int) -> None:
        reward = make_reward(opens_at=NOON, closes_at=NOON + timedelta(days=2))
        with time_machine.travel(NOON + timedelta(days=days)):
            assert redeem(as_user(learner), reward).json["code"] == "reward_not_found"
        assert not Redemption.objects.exists()

    def test_without_a_key_is_refused(self, as_user: Any, learner: Person) -> None:
        answer = as_user(learner).post(f"gamification/rewards/{make_reward()}/redeem/")
        assert (answer.status, answer.json["code"]) == (400, "idempotency_key_missing")
        assert not Redemption.objects.exists()

    def test_with_the_same_key_is_done_once(self, as_user: Any, learner: Person) -> None:
        client, reward = as_user(learner), make_reward()
        assert redeem(client, reward).json == redeem(client, reward).json
        assert (balance(client), Redemption.objects.count()) == ((100, 90), 1)

    def test_of_who_never_earned_finds_nothing_to_spend(self, as_user: Any) -> None:
        assert redeem(as_user(make_person()), make_reward()).json["code"] == "points_missing"
        assert not Redemption.objects.exists()


class TestMyRedemptions:
    def test_cost_the_same_for_three_and_for_thirty(self, as_user: Any, learner: Person, queries_of: Any) -> None:
        client, counts = as_user(learner), []
        for old, reach in ((0, 3), (3, 30)):
            for number in range(old, reach):
                assert redeem(client, make_reward(cost=1), key=str(number)).status == 201
            counts.append(queries_of(lambda: client.get("gamification/redemptions/", page_size=99)))
        assert counts == [1, 1]


class TestReverse:
    def test_gives_points_and_stock_back_once_and_tells_the_learner(
        self, as_user: Any, learner: Person, published: Any
    ) -> None:
        client, staff = as_user(learner), as_user(make_person(roles={"staff"}))
        redemption = redeem(client, make_reward(cost=60, stock=1)).json["id"]
        AuditEntry.objects.all().delete()
        answers = [
            staff.post(f"gamification/redemptions/{redemption}/reverse/", {"note": "It came broken."}) for _ in range(2)
        ]
        assert [answer.status for answer in answers] == [200, 409]
        assert (answers[0].json["state"], answers[1].json["code"]) == ("reversed", "already_reversed")
        assert balance(client) == (100, 100)
        assert client.get("gamification/rewards/").json["results"][0]["left"] == 1
        assert client.get("gamification/redemptions/").json["results"][0]["reversed_at"] is not None
        (told,) = published(RewardReversed)
        assert (told.user_id, told.reward, told.points) == (learner.id, "A mug", 60)
        entry = AuditEntry.objects.get()
        assert (entry.action, entry.reason) == ("gamification.redemption_reversed", "It came broken.")
        assert disagreements() == []

    def test_is_staff_s(self, as_user: Any, learner: Person) -> None:
        client = as_user(learner)
        redemption = redeem(client, make_reward()).json["id"]
        assert client.post(f"gamification/redemptions/{redemption}/reverse/", {"note": "Please."}).status == 403
        assert Player.objects.get(pk=learner.id).spent == 10
