"""Pages for people: nothing comes from elsewhere, no script stands in the page, readers know where they are."""

import re

import pytest

from tests.support.http import Client

PAGES = ["/api/docs/", "/api/redoc/", "/admin/login/", "/verify/", "/verify/ABCD/", "/verify-email/?token=x"]
PAGES += ["/reset-password/?token=x", "/unsubscribe/x/", "/after-checkout/00000000-0000-7000-8000-000000000000/"]


@pytest.mark.parametrize("path", PAGES)
def test_a_page_needs_nobody_but_us(client: Client, path: str):
    page = client.get(path)
    assert page.status in {200, 404}
    fetched = re.findall(r"""(?:src|href|action)=["']((?:https?:)?//[^"']+)""", page.text)
    assert fetched == []
    assert "unsafe-inline" not in page.headers["Content-Security-Policy"].partition("script-src")[2].partition(";")[0]
    assert re.search(r"<title>\s*\S", page.text)


@pytest.mark.parametrize("path", [path for path in PAGES if "docs" not in path])
def test_a_page_names_its_language(client: Client, path: str):
    assert re.search(r'<html[^>]* lang="en', client.get(path).text)


def test_the_documents_own_scripts_ask_no_other_host(client: Client):
    script = client.get("/api/redoc/redoc.js")
    assert (script.status, script.headers["Content-Type"]) == (200, "text/javascript")
    assert b"cdn.redoc.ly/redoc/logo" not in script.body
