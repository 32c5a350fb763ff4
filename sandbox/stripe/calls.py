"""One call to the API from end to end: who asks, whether it was asked before, what goes wrong, what it does."""

import base64
import json
import threading
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sandbox.stripe import checkout, forms, routes
from sandbox.stripe.errors import Refused, key_for_other_parameters, key_in_use, wrong_key
from sandbox.stripe.faults import AFTER, BEFORE, Faults, Mode
from sandbox.stripe.world import API_VERSION, World

_KEPT_S = 86400


class Cut(Exception):
    """The line is to end here, without an answer."""


@dataclass(frozen=True)
class Call:
    method: str
    path: str
    encoded: str
    headers: Mapping[str, str]

    @property
    def key(self) -> str:
        return self.headers.get("Idempotency-Key", "") if self.method == "POST" else ""


@dataclass(frozen=True)
class Answer:
    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class _Kept:
    """What a key was used for, and the answer, once there is one."""

    call: tuple[str, str, str]
    since: int
    request: str
    answer: Answer | None = None


class Api:
    """Answers calls; `closing` ends those that hang."""

    def __init__(self, world: World, *, secret_key: str) -> None:
        self.world = world
        self.faults = Faults()
        self.closing = threading.Event()
        self._calls: Counter[tuple[str, str]] = Counter()
        self.keys: Counter[str] = Counter()
        self._secret_key = secret_key
        self._kept: dict[str, _Kept] = {}

    def count(self, method: str, path: str) -> int:
        with self.world.lock:
            return self._calls[method, path]

    def reset(self) -> None:
        self.faults.clear()
        self._calls.clear()
        self.keys.clear()
        self._kept.clear()

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

    def _answer(self, call: Call, request: str) -> Answer:
        with self.world.lock:
            self._calls[call.method, call.path] += 1
            self.demand_key_of_ours(call.headers.get("Authorization", ""))
            mode, hang = self.faults.take(call.method, call.path)
            if mode in BEFORE:
                raise BEFORE[mode]
            if mode is Mode.CUT_BEFORE:
                raise Cut
            if repeated := self._claim(call, request):
                return repeated
        if mode is Mode.HANG_BEFORE:
            self.closing.wait(hang)
            with self.world.lock:
                self._kept.pop(call.key, None)
            raise Cut
        answer = self._perform(call, request, fails_after=mode is Mode.FAIL_AFTER)
        if mode is Mode.HANG_AFTER:
            self.closing.wait(hang)
        if mode is Mode.CUT_AFTER:
            raise Cut
        return answer

    def demand_key_of_ours(self, authorization: str) -> None:
        kind, _, given = authorization.partition(" ")
        if kind == "Basic":
            given = base64.b64decode(given).decode().partition(":")[0]
        if given != self._secret_key:
            raise wrong_key(given)

    def _claim(self, call: Call, request: str) -> Answer | None:
        """The answer of an earlier call with this key, or the key is ours until the call is done."""
        if not call.key:
            return None
        self.keys[call.key] += 1
        now = self.world.now()
        same = (call.method, call.path, call.encoded)
        kept = self._kept.get(call.key)
        if kept is None or kept.since + _KEPT_S <= now:
            self._kept[call.key] = _Kept(same, now, request)
            return None
        if kept.call != same:
            raise key_for_other_parameters(call.key)
        if kept.answer is None:
            raise key_in_use(call.key)
        headers = kept.answer.headers | {"Idempotent-Replayed": "true", "Original-Request": kept.request}
        if kept.answer.status >= 500:
            headers["Stripe-Should-Retry"] = "false"  # it would be answered so again
        return Answer(kept.answer.status, kept.answer.body, headers)

    def _perform(self, call: Call, request: str, *, fails_after: bool) -> Answer:
        with self.world.lock:
            self.world.request = {"id": request, "idempotency_key": call.key or None}
            is_kept = True
            try:
                checkout.expire_due(self.world)
                params = forms.decode(call.encoded)
                done = routes.answer(self.world, call.method, call.path, params)
                answer = _refusal(AFTER, request) if fails_after else _as_json(200, done)
            except Refused as refused:
                answer, is_kept = _refusal(refused, request), refused.is_kept
            finally:
                self.world.request = {"id": None, "idempotency_key": None}
            if call.key in self._kept:
                if is_kept:
                    self._kept[call.key].answer = answer
                else:
                    del self._kept[call.key]
            return answer


def _refusal(refused: Refused, request: str) -> Answer:
    more = {
        "rate_limit": {"Retry-After": "1", "Stripe-Rate-Limited-Reason": "global-rate"},
        "lock_timeout": {"Stripe-Should-Retry": "true"},
    }
    answer = _as_json(refused.status, {"error": refused.error | {"request_log_url": f"/logs/{request}"}})
    return Answer(answer.status, answer.body, more.get(refused.error.get("code", ""), {}))


def _as_json(status: int, told: Any) -> Answer:
    return Answer(status, json.dumps(told, indent=2).encode())
