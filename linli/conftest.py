"""The apps' tests share the house's fixtures and cast."""

from tests.conftest import *  # noqa: F403
