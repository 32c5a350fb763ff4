"""Redis is away, forgets, or stands still: rule R28."""

import time
from collections.abc import Iterator

from tests.faults.report import percentile
from tests.faults.trial import Trial, fault

GUESSES = 10  # of one account from one place, in five minutes


@fault("F9", "Redis stopped, emptied, frozen; guesses stay limited", is_quick=True)
def redis_away(trial: Trial) -> Iterator[None]:
    cache = trial.fleet.servers.cache
    seconds = trial.times(8, 3)
    calm_since = time.monotonic()
    trial.pass_time(seconds)
    began = time.monotonic()
    cache.stop()
    trial.expect(_refused_after_guesses(trial, "stopped"), "guesses were not limited while Redis was away")
    trial.pass_time(seconds)
    cache.start()
    cache.ask("FLUSHALL")
    trial.pass_time(1)
    cache.freeze()
    trial.expect(_refused_after_guesses(trial, "frozen"), "guesses were not limited while Redis stood still")
    trial.pass_time(seconds)
    cache.thaw()
    ended = time.monotonic()
    yield
    calm = percentile(trial.answers(since=calm_since, until=began))
    harmed = percentile(trial.answers(since=began, until=ended))
    failed = [one for one in trial.crowd.tries if one.began >= began and not 0 < one.status < 500]
    trial.note(p95_calm_s=round(calm, 3), p95_harmed_s=round(harmed, 3))
    trial.expect(not failed, f"{len(failed)} requests failed: {failed[:3]}")
    # A quarter of a second is what one question to a frozen Redis may cost (R28), before the breaker opens.
    trial.expect(harmed <= 2 * calm + 0.25, f"95 of 100 answers within {harmed:.2f} s, before it {calm:.2f} s")


def _refused_after_guesses(trial: Trial, word: str) -> bool:
    """A stranger guesses at one account: the answers turn into 429, and never into an error."""
    who = {"email": f"{trial.row.seed}.{word}@example.org", "password": "not the right one"}
    place = f"198.51.{trial.row.seed % 250}.{len(word)}"
    answers = [trial.fleet.request("POST", "/api/v1/auth/token/", who, caller=place).status for _ in range(GUESSES + 2)]
    return answers == [401] * GUESSES + [429, 429]
