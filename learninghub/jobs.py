"""Jobs: work that a transaction asks for and that runs after it, outside any transaction, at least once."""

import inspect
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

from learninghub import events
from learninghub.outbox.publishing import publish_job
from learninghub.registry import BY_APP, QUEUES

Function = TypeVar("Function", bound=Callable[..., None])


class UnknownJob(LookupError):
    """No task is registered under this name."""


class Later(Exception):
    """Raised by a job that cannot be done yet; it is tried again after the wait, and the try does not count."""

    def __init__(self, reason: str, *, wait: timedelta) -> None:
        super().__init__(reason)
        self.wait = wait


@dataclass(frozen=True, slots=True)
class Job:
    """A named function that a worker runs, and the queue it waits in."""

    name: str
    queue: str
    function: Callable[..., None]
    readers: Mapping[str, Callable[[Any], Any]]
    every: timedelta | None = None

    def perform(self, payload: Mapping[str, Any]) -> None:
        self.function(**{name: read(payload[name]) for name, read in self.readers.items()})


_jobs: dict[str, Job] = {}


def job(name: str, *, queue: str | None = None) -> Callable[[Function], Function]:
    """Registers the function as the job of this name.

    Its parameters are plain values. The queue is its app's unless another of the registry's is named.
    """
    return _enter(name, queue, None)


def scheduled(name: str, *, every: timedelta, queue: str | None = None) -> Callable[[Function], Function]:
    """Registers a job that the schedule asks for again and again; its one parameter is `now: datetime`."""
    return _enter(name, queue, every)


def _enter(name: str, queue: str | None, every: timedelta | None) -> Callable[[Function], Function]:
    def enter(function: Function) -> Function:
        if name in _jobs:
            raise TypeError(f"{name}: two jobs of one name")
        hints = typing.get_type_hints(function)
        parameters = inspect.signature(function).parameters
        readers = {parameter: events.decoder(hints[parameter]) for parameter in parameters}
        if every is not None and hints.get("now") is not datetime:
            raise TypeError(f"{name}: a scheduled job takes now: datetime")
        entry = Job(name, queue or _queue_of(function), function, readers, every)
        if entry.queue not in QUEUES:
            raise TypeError(f"{name}: the registry has no queue {queue!r}")
        _jobs[name] = entry
        return function

    return enter


def _queue_of(function: Callable[..., None]) -> str:
    package, _, rest = function.__module__.partition(".")
    return BY_APP[rest.split(".")[0] if package == "apps" else "gateway"].queues[0]


def enqueue(name: str, *arguments: Any, delay: timedelta = timedelta(0)) -> UUID:
    """Asks, in the caller's transaction, for the job to be run after commit and the delay.

    Raises UnknownJob, TypeError where the arguments do not fit, and OutsideTransaction.
    """
    parameters = find(name).readers
    if len(parameters) != len(arguments):
        raise TypeError(f"{name} takes {', '.join(parameters) or 'nothing'}")
    payload = {parameter: events.encode(value) for parameter, value in zip(parameters, arguments, strict=True)}
    return publish_job(name=name, payload=payload, delay=delay)


def find(name: str) -> Job:
    """The job of this name; raises UnknownJob."""
    if name not in _jobs:
        raise UnknownJob(name)
    return _jobs[name]


def all_scheduled() -> list[Job]:
    """Every scheduled job, by name."""
    return [_jobs[name] for name in sorted(_jobs) if _jobs[name].every is not None]
