"""Heavy work of media, on its own queue."""

from datetime import datetime, timedelta
from uuid import UUID

from apps.media import actions
from learninghub import clock
from learninghub.jobs import job, scheduled


@job("media.inspect", queue="media")
def inspect(asset_id: UUID, sha256: str) -> None:
    actions.inspect(asset_id=asset_id, sha256=sha256, now=clock.now())


@job("media.render", queue="media")
def render(asset_id: UUID) -> None:
    actions.make_renditions(asset_id=asset_id)


@scheduled("media.forget_abandoned", every=timedelta(hours=1))
def forget_abandoned(now: datetime) -> None:
    actions.forget_abandoned(now=now)


@scheduled("media.forget_unused", every=timedelta(hours=24))
def forget_unused(now: datetime) -> None:
    actions.forget_unused(now=now)
