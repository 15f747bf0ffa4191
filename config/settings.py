"""Settings: one file, read from the environment. `python -m linli` and `./run` set the variables; see docs/how-to/run.md."""

from __future__ import annotations

import base64
import json
import os
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from csp.constants import SELF

from linli.accounts.protection import PROFILES
from linli.core.crypto import blind_keys_of
from linli.core.logs import configure_logging

BASE_DIR = Path(__file__).resolve().parent.parent
ENV = os.environ

# "demo" shows sign-in codes on the page and may set the clock; "production" refuses both; "test" is the suite.
LINLI_PROFILE = ENV.get("LINLI_PROFILE", "demo")
IS_DEMO = LINLI_PROFILE in {"demo", "test"}
# The demo's clock can be held at a moment (ISO 8601 with its offset): the same pictures, whenever they are made.
LINLI_NOW = datetime.fromisoformat(ENV["LINLI_NOW"]) if IS_DEMO and ENV.get("LINLI_NOW") else None
LINLI_HOME = Path(ENV.get("LINLI_HOME") or Path(ENV.get("XDG_DATA_HOME") or Path.home() / ".local/share") / "linli")
PORT = int(ENV.get("PORT", "8000"))
LINLI_ORIGIN = ENV.get("LINLI_ORIGIN", f"http://localhost:{PORT}")
LINLI_LIVE_ORIGIN = ENV.get("LINLI_LIVE_ORIGIN", f"http://localhost:{PORT + 1}")


def _secrets() -> dict[str, Any]:
    path = ENV.get("LINLI_SECRETS")
    if path:
        return json.loads(Path(path).read_text())
    if LINLI_PROFILE == "production":
        raise RuntimeError("LINLI_SECRETS must name the secrets file in production")
    # Building documents or checking types needs some key, never a real one.
    filler = base64.b64encode(b"no secret: build" * 2).decode()
    return {"secret_key": filler, "field_keys": {"1": filler}, "field_key_current": "1", "blind_key": filler}


# Where the keys are kept and when that file was last changed: running processes take up a new key without a restart.
LINLI_SECRETS_SEEN = (
    ENV.get("LINLI_SECRETS", ""),
    Path(ENV["LINLI_SECRETS"]).stat().st_mtime_ns if ENV.get("LINLI_SECRETS") else 0,
)
_held = _secrets()
SECRET_KEY = _held["secret_key"]
LINLI_FIELD_KEYS = {key_id: base64.b64decode(key) for key_id, key in _held["field_keys"].items()}
LINLI_FIELD_KEY_CURRENT = _held["field_key_current"]
LINLI_BLIND_KEYS = blind_keys_of(_held)  # the one that writes first

DEBUG = False
_origins = [urlsplit(LINLI_ORIGIN), *(urlsplit(o) for o in ENV.get("LINLI_MORE_ORIGINS", "").split() if o)]
ALLOWED_HOSTS = sorted({o.hostname or "localhost" for o in _origins} | {"localhost", "127.0.0.1", "[::1]"})
CSRF_TRUSTED_ORIGINS = [f"{o.scheme}://{o.netloc}" for o in _origins]

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.postgres",
    "django.contrib.staticfiles",
    "template_partials.apps.SimpleAppConfig",
    "csp",
    "axes",
    "procrastinate.contrib.django",
    "linli.core",
    "linli.places",
    "linli.worktime",
    "linli.residents",
    "linli.organisations",
    "linli.accounts",
    "linli.notices",
    "linli.imports",
    "linli.lists",
    "linli.matters",
    "linli.visits",
    "linli.intake",
    "linli.hooks",
    "linli.desk",
    "linli.rights",
]

if IS_DEMO:  # its front door; a production installation has neither the addresses nor the page
    INSTALLED_APPS.append("linli.demo")

MIDDLEWARE = [
    "linli.core.problem_pages.Numbered",
    "linli.core.planned.PlannedStop",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "linli.core.web.PersonalPagesAreNotStored",
    "linli.rights.middleware.Pace",
    "linli.accounts.middleware.ActorMiddleware",
    "linli.rights.middleware.Readings",
    "linli.core.problem_pages.ProblemPages",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [],
        "OPTIONS": {
            "loaders": [
                (
                    "template_partials.loader.Loader",
                    [("django.template.loaders.cached.Loader", ["django.template.loaders.app_directories.Loader"])],
                )
            ],
            "builtins": [
                "template_partials.templatetags.partials",
                "linli.core.templatetags.ui",
                "linli.core.templatetags.drafts",
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "linli.core.ui.look",
                "config.navigation.nav",
            ],
        },
    }
]


def _database(url: str) -> dict[str, Any]:
    parts = urlsplit(url)
    host = unquote(parts.hostname or "")
    query = dict(parse_qsl(parts.query))
    return {
        "ENGINE": "linli.core.postgres_backend",
        "NAME": parts.path.lstrip("/"),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": query.pop("host", host),
        "PORT": str(parts.port or query.pop("port", "")),
        "OPTIONS": {**query, "pool": False},
        "CONN_HEALTH_CHECKS": False,
        "TEST": {"MIRROR": None},
    }


# Three roles: the app serves, the audit role seals and verifies the trail, the owner migrates. A process gets only the URLs it needs.
DATABASES = {"default": _database(ENV.get("LINLI_DB_APP", "postgres://linli_app@localhost/linli"))}
if LINLI_PROFILE != "test":
    DATABASES["default"]["OPTIONS"]["pool"] = {
        "min_size": 1,
        "max_size": int(ENV.get("LINLI_POOL", "8")),
        "timeout": 10,
    }
for alias in ("audit", "owner"):
    if url := ENV.get(f"LINLI_DB_{alias.upper()}"):
        DATABASES[alias] = _database(url)

DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "accounts.Account"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
if LINLI_PROFILE == "test":  # a hash that takes no time: the suite signs in hundreds of times
    PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# How passwords and sessions are protected: ASVS or MLPS (等级保护); what each asks for stands in linli/accounts/protection.py.
LINLI_PROTECTION = PROFILES[ENV.get("LINLI_PROTECTION", "ASVS").upper()]
# Whether staff must take a second step when they sign in. The demo lets them skip it and says so.
LINLI_SECOND_STEP_REQUIRED = ENV.get("LINLI_SECOND_STEP", "optional" if IS_DEMO else "required") != "optional"
AUTH_PASSWORD_VALIDATORS = [{"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"}]
# Failures lock one account from one address for a while; somebody else's guesses do not lock the owner out.
AXES_FAILURE_LIMIT = LINLI_PROTECTION.failures
AXES_COOLOFF_TIME = LINLI_PROTECTION.lock.total_seconds() / 3600
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_VERBOSE = False
AXES_USERNAME_CALLABLE = "linli.accounts.actions.sign_in.name_for_axes"
LOGIN_URL = "/sign-in/"

CACHES = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}
SESSION_ENGINE = "linli.accounts.sessions"
SESSION_COOKIE_AGE = round(LINLI_PROTECTION.longest.total_seconds())
# `__Host-` cookies need a secure context; browsers count http://localhost as one.
SESSION_COOKIE_NAME = "__Host-linli"
CSRF_COOKIE_NAME = "__Host-csrf"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "linli.core.problem_pages.csrf_failed"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
if LINLI_ORIGIN.startswith("https:"):
    SECURE_HSTS_SECONDS = 0 if IS_DEMO else 31_536_000
    SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = not IS_DEMO
    SECURE_SSL_REDIRECT = False  # the process speaks https itself, or a proxy does
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:", "blob:"],
        "connect-src": [SELF, LINLI_LIVE_ORIGIN],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": [SELF],
        "frame-ancestors": ["'none'"],
    }
}

LANGUAGE_CODE = "zh-hans"
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True
USE_I18N = True

STATIC_URL = "/static/"
STATIC_ROOT = LINLI_HOME / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "linli.core.storage.VersionedStatic"},
}
# Messages: the dotted name of a provider by channel (sms, wechat); the demo has a simulator, production without one leaves a phone call to make.
LINLI_MESSAGE_PROVIDERS = json.loads(ENV.get("LINLI_MESSAGE_PROVIDERS", "null")) or (
    {"sms": "linli.notices.port.always_deliver"} if IS_DEMO else {}
)
LINLI_SMS_SIGNATURE = ENV.get("LINLI_SMS_SIGNATURE", "邻里")
LINLI_MESSAGE_RECEIPT_SECRET = ENV.get("LINLI_MESSAGE_RECEIPT_SECRET", "")
# The phone somebody answers, shown on every page; the demo shows one that cannot exist.
LINLI_HOOK_NETWORKS = ENV.get("LINLI_HOOK_NETWORKS", "127.0.0.0/8" if IS_DEMO else "").split()
"""Networks not of the open internet that webhooks may go to: 10.0.0.0/8 192.168.7.0/24."""
LINLI_DUTY_PHONE = ENV.get("LINLI_DUTY_PHONE", "")
LINLI_FILES = LINLI_HOME / "files"
LINLI_TRAIL_HEADS = LINLI_HOME / "trail-heads"
LINLI_FORGOTTEN = LINLI_HOME / "forgotten"  # ids of the forgotten, outside the database: a restore applies them again
LINLI_BACKUP_NOTE = LINLI_HOME / "backup.json"
LINLI_TRAIL_HEAD_URL = ENV.get("LINLI_TRAIL_HEAD_URL", "")
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FILES = 12

# How much one account reads in an hour before somebody is told, it is slowed, it is asked why: `linli.rights.rules.Limits`.
LINLI_READING = json.loads(ENV.get("LINLI_READING", "{}"))
# Working days within which a request about somebody's own data is answered.
LINLI_RIGHTS_DAYS = int(ENV.get("LINLI_RIGHTS_DAYS", "15"))

PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "jobs"
PROCRASTINATE_IMPORT_PATHS = ["linli.core.jobs"]

LOGGING_CONFIG = None
configure_logging(ENV.get("LINLI_LOG", "INFO"))

# The core makes no accounts; it asks for the Actor behind a session by this name.
LINLI_ACTOR_OF_SESSION = "linli.accounts.queries.actor_of_session"
