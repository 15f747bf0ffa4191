"""The same site without sign-in, row-level security and trail: what those three cost is what the benchmark compares.

Its database login is the owner's (BYPASSRLS: no policy is applied), it has no session, no account and no Actor of a request
(`plain_actor` puts constants in their place), opens no transaction round a page, sets no community in the database, and records nothing.
All else is the real site's: addresses, views, queries, templates, context processors, CSRF check, headers.

With BENCH_BARE it is a site of one view, one query and no middleware: what Django and the server can do at most.
"""

from config.settings import *  # noqa: F403
from config.settings import ENV
from config.settings import MIDDLEWARE as EVERYTHING

SIGN_IN = {
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "axes.middleware.AxesMiddleware",
}
ACTOR = "linli.accounts.middleware.ActorMiddleware"

MIDDLEWARE = [
    "bench.kit.plain_actor.ConstantActor" if name == ACTOR else name for name in EVERYTHING if name not in SIGN_IN
]
if ENV.get("BENCH_BARE"):
    MIDDLEWARE = []
    ROOT_URLCONF = "bench.kit.bare"
