"""State machines of Hypothesis that leave nothing behind."""

from django.db import transaction
from hypothesis.stateful import RuleBasedStateMachine


class RolledBackMachine(RuleBasedStateMachine):
    """Each of its runs is undone at its end, and finds what the test itself had made."""

    def __init__(self) -> None:
        super().__init__()
        self._rolled_back = transaction.atomic()
        self._rolled_back._from_testcase = True  # the transactions that are looked at begin within
        self._rolled_back.__enter__()

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self._rolled_back.__exit__(None, None, None)
