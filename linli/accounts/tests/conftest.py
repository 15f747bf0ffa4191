from __future__ import annotations

import pytest
from django.test import Client

from linli.core.tenancy import active
from linli.places.tests.factories import HOME_CODE, SIBLING_CODE, make_community

from .factories import actor_of, make_holder, make_resident_account


@pytest.fixture(autouse=True)
def these_urls(settings):
    settings.ROOT_URLCONF = "linli.accounts.tests.urls"
    from linli.accounts.middleware import urls_of

    urls_of.cache_clear()
    yield
    urls_of.cache_clear()


@pytest.fixture
def here(db):
    """The community of the tests; not active."""
    return make_community(7001, HOME_CODE)


@pytest.fixture
def next_door(db):
    return make_community(7002, SIBLING_CODE, "卖鱼桥社区")


@pytest.fixture
def in_here(here):
    with active(here.id):
        yield here


@pytest.fixture
def secretary(here):
    from linli.core.access import Role

    return make_holder(Role.SECRETARY, community=here)


@pytest.fixture
def as_secretary(secretary, here):
    return actor_of(secretary, here)


@pytest.fixture
def wang(here):
    """A resident's account, not linked."""
    return make_resident_account()


@pytest.fixture
def browser():
    """A browser on the https side, where the cookies are."""
    return SecureClient()


class SecureClient(Client):
    def request(self, **request):
        request.setdefault("wsgi.url_scheme", "https")
        return super().request(**request)

    def enter(self, account):
        self.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
        return self
