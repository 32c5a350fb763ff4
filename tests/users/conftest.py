"""What the tests of users share."""

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from apps.users import api as users


@pytest.fixture
def token_of(published: Any) -> Callable[[type], str]:
    """The token in the link that the youngest fact of this kind asks to be mailed."""

    def token_of(fact: type) -> str:
        link = users.get_mailed_link(request_id=published(fact)[-1].request_id)
        return parse_qs(urlsplit(link.url).query)["token"][0]

    return token_of
