"""People who buy a course while something goes wrong, and what the books must say of them in the end."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from sandbox.stripe import StripeServer, pay
from tests.faults.asking import Answer
from tests.faults.learner import House, Learner
from tests.faults.trial import Trial

COURSE = "Statistics by eye"
# Of each order what the database knows: its state, its money, what was stated, and whether the course is theirs.
ORDERS = """
select o.id::text, o.state, o.amount, o.refunded_amount,
  (select coalesce(sum(p.amount), 0)::int from payments_posting p join payments_entry e on e.id = p.entry_id
   where e.order_id = o.id and e.kind = 'sale'),
  (select coalesce(sum(p.amount), 0)::int from payments_posting p join payments_entry e on e.id = p.entry_id
   where e.order_id = o.id and e.kind = 'refund'),
  (select count(*)::int from learninghub_outboxmessage
   where name = 'payments.order_paid.v1' and payload ->> 'order_id' = o.id::text),
  (select count(*)::int from learninghub_outboxmessage
   where name = 'payments.order_refunded.v1' and payload ->> 'order_id' = o.id::text),
  (select count(*)::int from enrollments_enrollment n
   where n.user_id = o.user_id and n.course_id = o.course_id and n.state in ('active', 'completed'))
from payments_order o where o.user_id::text = %s
"""
EVENTS = "select count(*) from payments_stripeevent where id = any(%s)"
HALF_HEARD = "select count(*) from payments_stripeevent where state <> 'done' and id = any(%s)"


class Buyer(Learner):
    """Registers, and buys the course that costs something."""

    def arrive(self) -> None:
        self._register()
        (self._wanted,) = (c["id"] for c in self.read("courses/?price=paid").json["results"] if c["title"] == COURSE)

    def check_out(self) -> Answer:
        """Asks until there is a page to pay at."""
        return self._write("POST", "payments/checkout/", {"course_id": self._wanted}, expected=(201,))

    def check_out_again(self) -> Answer:
        """As a client does that lost the answer: under the same key."""
        body = {"course_id": self._wanted}
        return self.house.request(
            "POST", "/api/v1/payments/checkout/", body, token=self._token, key=self.log[-1].key, caller=self._place
        )

    def buy(self) -> None:
        seen = pay(self.check_out().json["url"])
        assert seen.status == 303, seen

    def give_back(self) -> None:
        (order,) = self.orders()
        self._write("POST", f"payments/orders/{order['id']}/refund/", {}, expected=(201,))

    def orders(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.read("payments/orders/").json["results"]
        return found


def arrive(trial: Trial, many: int, *, patience: Callable[[], None] | None = None) -> list[Buyer]:
    """So many buyers with accounts, known to the trial."""
    buyers = []
    for number in range(many):
        name = f"{trial.row.fault} {trial.row.seed} Buyer {number}"
        place = f"11.{trial.row.seed % 250}.{int(trial.row.fault[1:])}.{number + 1}"
        buyer = Buyer(trial.fleet, name, patience or (lambda: trial.pass_time(0.3)), place=place)
        buyer.arrive()
        trial.known.append(buyer.id)
        buyers.append(buyer)
    return buyers


def look_at_books(trial: Trial, buyers: Sequence[Buyer], *, refunded: Sequence[Buyer] = ()) -> None:
    """Every buyer has paid once and has the course, or has all money back and has it no more; Stripe says the same."""
    stripe, house = trial.fleet.servers.stripe, trial.fleet
    for buyer in buyers:
        price = [charge["amount"] for charge in _charges(stripe, house, buyer)]
        trial.expect(len(price) == 1, f"{buyer.name} was charged {price}")
        wanted = _told(price[0] if price else 0, is_back=buyer in refunded)
        found = [row[1:] for row in house.ask(ORDERS, buyer.id)]
        trial.expect(found == [wanted], f"{buyer.name}: {found} instead of {wanted}")
        back = sum(charge["amount_refunded"] for charge in _charges(stripe, house, buyer))
        trial.expect(back == (sum(price) if buyer in refunded else 0), f"{buyer.name} got {back} back")
    heard = [event["id"] for event in stripe.events()]
    ((open_events,),) = house.ask(HALF_HEARD, heard)
    trial.expect(open_events == 0, f"{open_events} events were not looked into")


def _told(price: int, *, is_back: bool) -> tuple[Any, ...]:
    if is_back:
        return "refunded", price, price, price, price, 1, 1, 0
    return "paid", price, 0, price, 0, 1, 0, 1


def _charges(stripe: StripeServer, house: House, buyer: Buyer) -> Iterator[dict[str, Any]]:
    """What was taken for any order that the buyer ever had, those that were given up among them."""
    mine = {row[0] for row in house.ask(ORDERS, buyer.id)}
    for charge in stripe.objects("charge"):
        if charge["paid"] and charge["metadata"].get("order_id") in mine:
            yield charge
