from __future__ import annotations

import re

import pytest


class House:
    """The cast with a browser each, inside 仓基新村."""

    def __init__(self, cast, browse):
        self.cast, self.browse, self.root = cast, browse, f"/c/{cast.here.code}"

    def get(self, name, path, **more):
        return self.browse(self.cast.accounts[name]).get(path if path.startswith("/c/") else self.root + path, **more)

    def post(self, name, path, data=None, **more):
        return self.browse(self.cast.accounts[name]).post(self.root + path, data or {}, **more)


@pytest.fixture
def house(cast, browse):
    return House(cast, browse)


def text(response):
    return response.content.decode()


def title(response):
    """The page's news: its h1 without tags."""
    found = re.search(r"<h1[^>]*>(.*?)</h1>", text(response), re.DOTALL)
    return re.sub(r"<[^>]+>", "", found.group(1)).strip() if found else ""
