"""Heavy work of media, on its own queue."""

from uuid import UUID

from apps.media import actions
from learninghub.clock import now
from learninghub.jobs import job


@job("media.inspect", queue="media")
def inspect(asset_id: UUID, sha256: str) -> None:
    actions.inspect(asset_id=asset_id, sha256=sha256, now=now())


@job("media.render", queue="media")
def render(asset_id: UUID) -> None:
    actions.make_renditions(asset_id=asset_id)
