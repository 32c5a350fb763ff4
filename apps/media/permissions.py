"""Who may do away with a file."""

from typing import Any

from apps.media import queries
from learninghub.http.identity import Caller
from learninghub.http.permissions import Rule


class OwnsAsset(Rule):
    """The owner of the file, and staff."""

    hides = True

    def allows(self, caller: Caller, **path: Any) -> bool:
        return "staff" in caller.roles or queries.owns(user_id=caller.id, asset_id=path["asset_id"])
