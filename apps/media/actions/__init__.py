"""Writes of media, by topic."""

from apps.media.actions.deleting import delete_asset
from apps.media.actions.holding import attach, attach_only, detach
from apps.media.actions.inspecting import inspect
from apps.media.actions.rendering import make_renditions, reject
from apps.media.actions.storing import store
from apps.media.actions.tidying import forget_abandoned, forget_unused
from apps.media.actions.uploading import announce_upload, complete_upload, receive

__all__ = [
    "announce_upload",
    "attach",
    "attach_only",
    "complete_upload",
    "delete_asset",
    "detach",
    "forget_abandoned",
    "forget_unused",
    "inspect",
    "make_renditions",
    "receive",
    "reject",
    "store",
]
