"""The live streams, for granian's ASGI worker: a process apart, since an open stream would hold a page's thread."""

import os

from linli.ops.processes import die_with_server

die_with_server()
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

import django  # noqa: E402 - a worker must first be bound to its parent

django.setup()

from linli.core.live_server import application  # noqa: E402

__all__ = ["application"]
