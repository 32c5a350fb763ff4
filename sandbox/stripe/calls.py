"""One call to the API from end to end: who asks, whether it was asked before, what goes wrong, what it does."""

import base64
import json
import threading
from collections import Counter
from typing import Any

from sandbox.stripe import checkout, forms, routes
from sandbox.stripe.errors import Refused, wrong_key
from sandbox.stripe.faults import AFTER, BEFORE, Faults, Mode
from sandbox.stripe.http import Answer, Call, Cut
from sandbox.stripe.keys import Keys, Use
from sandbox.stripe.world import API_VERSION, World


class Api:
    """Answers calls. Whoever touches `faults`, `keys` and `came` holds the world's lock."""

    def __init__(self, world: World, *, secret_key: str) -> None:
        self.world = world
        self.faults = Faults()
        self.keys = Keys()
        self.came: Counter[tuple[str, str]] = Counter()
        self._secret_key = secret_key
        self._ended = threading.Event()

    def reset(self) -> None:
        """Forgets all calls, and ends those that hang."""
        self.end()
        self._ended = threading.Event()
        self.faults.clear()
        self.keys.clear()
        self.came.clear()

    def end(self) -> None:
        """Ends the calls that hang, and all that would."""
        self._ended.set()

    def answer(self, call: Call) -> Answer:
        """What the call is to be told; raises `Cut` where it is to be told nothing."""
        with self.world.lock:
            request = self.world.name("request")
        said = {"Request-Id": request, "Stripe-Version": call.headers.get("Stripe-Version", API_VERSION)}
        if call.key:
            said["Idempotency-Key"] = call.key
        try:
            answer = self._answer(call, request)
        except Refused as refused:
            answer = _refusal(refused, request)
        return Answer(answer.status, answer.body, said | answer.headers)

    def demand_key_of_ours(self, authorization: str) -> None:
        kind, _, given = authorization.partition(" ")
        if kind == "Basic":
            given = base64.b64decode(given).decode().partition(":")[0]
        if given != self._secret_key:
            raise wrong_key(given)

    def _answer(self, call: Call, request: str) -> Answer:
        with self.world.lock:
            ended = self._ended
            self.came[call.method, call.path] += 1
            self.demand_key_of_ours(call.headers.get("Authorization", ""))
            mode, hang = self.faults.take(call.method, call.path)
            if mode in BEFORE:
                raise BEFORE[mode]
            if mode is Mode.CUT_BEFORE:
                raise Cut
            use = self.keys.claim(call, now=self.world.now(), request=request)
            if use.answer:
                return _again(use, use.answer)
        if mode is Mode.HANG_BEFORE:
            ended.wait(hang)
            with self.world.lock:
                self.keys.give_back(use)
            raise Cut
        answer = self._perform(call, use, fails_after=mode is Mode.FAIL_AFTER)
        if mode is Mode.HANG_AFTER:
            ended.wait(hang)
        if mode is Mode.CUT_AFTER:
            raise Cut
        return answer

    def _perform(self, call: Call, use: Use, *, fails_after: bool) -> Answer:
        with self.world.lock, self.world.asked_by(use.request, call.key):
            try:
                checkout.expire_due(self.world)
                done = routes.answer(self.world, call.method, call.path, forms.decode(call.encoded))
                use.answer = _refusal(AFTER, use.request) if fails_after else _as_json(200, done)
            except Refused as refused:
                if not refused.is_kept:
                    self.keys.give_back(use)
                use.answer = _refusal(refused, use.request)
            return use.answer


def _again(use: Use, answer: Answer) -> Answer:
    headers = answer.headers | {"Idempotent-Replayed": "true", "Original-Request": use.request}
    if answer.status >= 500:
        headers["Stripe-Should-Retry"] = "false"  # it would be answered so again
    return Answer(answer.status, answer.body, headers)


def _refusal(refused: Refused, request: str) -> Answer:
    more = {
        "rate_limit": {"Retry-After": "1", "Stripe-Rate-Limited-Reason": "global-rate"},
        "lock_timeout": {"Stripe-Should-Retry": "true"},
    }
    answer = _as_json(refused.status, {"error": refused.error | {"request_log_url": f"/logs/{request}"}})
    return Answer(answer.status, answer.body, more.get(refused.error.get("code", ""), {}))


def _as_json(status: int, told: Any) -> Answer:
    return Answer(status, json.dumps(told, indent=2).encode())
