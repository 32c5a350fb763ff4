"""Kill -9 around the calls to Stripe: nobody pays twice, nobody is paid back twice, no seat is lost."""

import pytest

from tests.faults.buyers import ORDERS, Buyer
from tests.faults.story import OF_MONEY, Story, name_of

# What a dead process had claimed, and the job that finishes its checkout, wait for a minute and for half of one.
PASS_THE_CLAIMS = "update learninghub_storedanswer set claimed_until = now() where claimed_until > now()"
PASS_THE_DELAYS = """
update learninghub_outboxmessage set available_at = now()
where name = 'payments.heal_checkout' and published_at is null and available_at > now()
"""
HELD = """
select coalesce(sum(held), 0)::int, (select count(*)::int from enrollments_seathold) from enrollments_trackedcourse
"""


@pytest.mark.parametrize("strike", OF_MONEY, ids=name_of)
def test_a_purchase_and_its_refund_with_a_crash_leave_the_same(story: Story, strike: tuple[str, str]) -> None:
    house, (point, where) = story.house, strike
    deaths = 0

    def recover() -> None:
        nonlocal deaths
        if not deaths:
            house.wait_until_dead(of=point)
            house.start()
            house.wait_until_up()
            deaths = 1
        house.ask(PASS_THE_CLAIMS)
        house.ask(PASS_THE_DELAYS)

    buyer = Buyer(house, f"Buyer of {OF_MONEY.index(strike)}", recover)
    buyer.arrive()
    buyer.settle()
    held_by_others = house.ask(HELD)
    if where == "buy":
        house.orders.write_text(point)
    buyer.buy()
    (order,) = buyer.orders()
    buyer.read(f"payments/orders/{order['id']}/")  # the buyer comes back, before Stripe has told or after
    buyer.settle()
    price = order["amount"]
    assert [row[1:] for row in house.ask(ORDERS, buyer.id)] == [("paid", price, 0, price, 0, 1, 0, 1)]
    if where == "give back":
        house.orders.write_text(point)
    buyer.give_back()
    buyer.settle()
    assert [row[1:] for row in house.ask(ORDERS, buyer.id)] == [("refunded", price, price, price, price, 1, 1, 0)]
    assert (deaths, house.ask(HELD)) == (1, held_by_others)
