"""What is added to the whole API description once it stands."""

from typing import Any

from learninghub.http.openapi import APPEND_COMPONENTS


def add_shared_answers(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Adds the answers that operations refer to by name."""
    result["components"].update(APPEND_COMPONENTS)
    return result
