"""The pages and the API, for granian's WSGI workers.

Static files are answered before Django: as a middleware, ServeStatic is asynchronous and would send every page through an event loop.
"""

import os

from linli.ops.processes import die_with_server

die_with_server()
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

from django.core.wsgi import get_wsgi_application  # noqa: E402 - a worker must first be bound to its parent
from servestatic import ServeStatic  # noqa: E402

A_YEAR = 31_536_000  # addresses change with the content (core.storage)

pages = get_wsgi_application()

from django.conf import settings  # noqa: E402 - Django must be set up first

from linli.core.storage import packed  # noqa: E402

application = ServeStatic(pages, max_age=A_YEAR, allow_all_origins=False)
application.add_files(packed(settings.STATIC_ROOT), prefix="static/")
