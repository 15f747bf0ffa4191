"""The pages and the API, for granian's WSGI workers.

Static files are answered before Django: as a middleware, ServeStatic is asynchronous and would send every page through an event loop.
"""

import os

from linli.ops.processes import die_with_server

die_with_server()
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

from django.contrib.staticfiles.finders import get_finders  # noqa: E402 - a worker must first be bound to its parent
from django.core.wsgi import get_wsgi_application  # noqa: E402
from servestatic import ServeStatic  # noqa: E402

A_YEAR = 31_536_000  # addresses change with the content (core.storage)

application = ServeStatic(get_wsgi_application(), max_age=A_YEAR, allow_all_origins=False)
for location in sorted({storage.location for finder in get_finders() for _, storage in finder.list([])}):
    application.add_files(location, prefix="static/")
