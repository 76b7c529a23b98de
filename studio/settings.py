"""Settings, read from the environment and `.env`. Nonsense is refused at start with a sentence that says how to mend it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from studio import logs
from studio.configuration import environment as read
from studio.configuration.fixed import *  # noqa: F403 - what the environment never changes
from studio.configuration.fixed import Q_CLUSTER, SQLITE_PRAGMAS, policy
from studio.configuration.secret_key import kept_secret_key
from studio.luma.address import judge_base
from studio.luma.keys import ApiKey, BadKey
from studio.network import loopback
from studio.s3 import bucket

BASE_DIR = Path(__file__).resolve().parent.parent

if read.wants_file():
    read.file(BASE_DIR / ".env")
loopback.spare_from_proxies()

# ---- Where things are -------------------------------------------------------------------------------------------------
STUDIO_DATA = read.folder("STUDIO_DATA", BASE_DIR / "var")
STUDIO_HOST = read.host("STUDIO_HOST", "127.0.0.1")
STUDIO_PORT = read.whole("STUDIO_PORT", 8000, 1, 65535)
# How many proxies of the team's own stand before Studio; each writes one entry of X-Forwarded-For.
STUDIO_PROXIES = read.whole("STUDIO_PROXIES", 0, 0, 5)
# A path of the site below which Studio is, where it shares the site with others; "" for the whole of it.
BASE_PATH = read.matching(
    "STUDIO_BASE_PATH", r"(/[A-Za-z0-9_~-]{1,60}){1,5}/?", "no path on a site", "Write one such as /studio."
).rstrip("/")
FORCE_SCRIPT_NAME = BASE_PATH or None
SPOOL_DIR = STUDIO_DATA / "spool"
WORK_DIR = STUDIO_DATA / "work"
MEDIA_ROOT = STUDIO_DATA / "media"

# ---- Luma -------------------------------------------------------------------------------------------------------------
LUMA_API_URL = "https://agents.lumalabs.ai/v1"
LUMA_CREDENTIAL = None
try:
    _key = read.secret("LUMA_AGENTS_API_KEY")
    LUMA_CREDENTIAL = ApiKey(_key) if _key else None
except BadKey:
    read.refuse(
        "LUMA_AGENTS_API_KEY",
        read.hidden(_key),
        "no key: one starts with luma-api- and has no spaces or special characters",
        "Write the whole key from platform.lumalabs.ai.",
    )
finally:
    _key = ""
SIMULATED = LUMA_CREDENTIAL is None
SIMULATOR_PORT = read.whole("STUDIO_SIMULATOR_PORT", STUDIO_PORT + 1 if STUDIO_PORT < 65535 else 65534, 1, 65535)
if SIMULATED and SIMULATOR_PORT == STUDIO_PORT:
    read.refuse("STUDIO_SIMULATOR_PORT", str(SIMULATOR_PORT), "the port of Studio too", "Write another port.")
SIMULATOR_TIME_SCALE = read.number("STUDIO_SIMULATOR_SPEED", 0.15, 0, 100)
SIMULATOR_LIMITS = read.choice("STUDIO_SIMULATOR_LIMITS", "weights", ("weights", "jobs"))
LUMA_BASE_URL = read.address(
    "LUMA_BASE_URL",
    LUMA_API_URL,
    LUMA_API_URL,
    # Without a key it is not used.
    judge=None if SIMULATED else judge_base,
    problem="an address that would carry the key in the clear: https is needed, or http on this machine",
)
if SIMULATED:
    LUMA_BASE_URL = f"http://127.0.0.1:{SIMULATOR_PORT}/v1"
# The account's limits until Luma's answers teach others (luma-api.md section 8.1).
LUMA_SLOTS = read.whole("STUDIO_SLOTS", 10, 1, 1000)
LUMA_REQUESTS_PER_MINUTE = read.whole("STUDIO_REQUESTS_PER_MINUTE", 30, 1, 10_000)
# One person's pictures in line. Never fewer than one submit may ask for, or an empty line would refuse it.
WAITING_PER_PERSON = read.whole("STUDIO_WAITING_PER_PERSON", 200, 20, 100_000)

# ---- Django -----------------------------------------------------------------------------------------------------------
DEBUG = read.flag("STUDIO_DEBUG", False)
TESTING = "pytest" in sys.modules
SECRET_KEY = read.secret("STUDIO_SECRET_KEY")
if SECRET_KEY and len(SECRET_KEY) < 50:
    read.refuse(
        "STUDIO_SECRET_KEY",
        read.hidden(SECRET_KEY),
        "too short",
        "Write at least 50 random characters, or leave it out.",
    )
ALLOWED_HOSTS = read.hosts("STUDIO_ALLOWED_HOSTS", ["127.0.0.1", "localhost", "[::1]"])
SERVED_OVER_TLS = read.flag("STUDIO_TLS", False)

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "studio.context_processors.shell",
            ],
            "builtins": ["studio.templatetags.studio"],
        },
    }
]

# ---- Database ---------------------------------------------------------------------------------------------------------


def database() -> dict[str, Any]:
    if not (postgres := read.postgres("DATABASE_URL")):
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": STUDIO_DATA / "studio.sqlite3",
            "OPTIONS": {"timeout": 20, "transaction_mode": "IMMEDIATE", "init_command": SQLITE_PRAGMAS},
            "CONN_MAX_AGE": None,
            "TEST": {"NAME": STUDIO_DATA / "test.sqlite3"},
        }
    return {**postgres, "CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True}


DATABASES = {"default": database()}

# ---- Files ------------------------------------------------------------------------------------------------------------
S3_BUCKET = read.matching(
    "STUDIO_S3_BUCKET",
    r"[A-Za-z0-9._-]{3,255}",
    "not the name of a bucket",
    "Write its name alone, such as studio-pictures.",
)
S3_ENDPOINT = read.address("STUDIO_S3_ENDPOINT", example="https://s3.example")
S3_REGION = read.matching("STUDIO_S3_REGION", r"[A-Za-z0-9-]{1,63}", "not a region", "Write one such as eu-central-1.")
# Where a browser may be sent for a file: the endpoint itself, or the bucket as a name below it.
BUCKET_ORIGINS = bucket.origins(S3_BUCKET, S3_ENDPOINT, S3_REGION) if S3_BUCKET else []
STORAGES: dict[str, Any] = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": MEDIA_ROOT, "file_permissions_mode": 0o640, "directory_permissions_mode": 0o750},
    },
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG or TESTING
        else "studio.static_storage.StaticStorage"
    },
}
if S3_BUCKET:
    STORAGES["default"] = {
        "BACKEND": "studio.s3.storage.Storage",
        "OPTIONS": {
            "bucket_name": S3_BUCKET,
            "endpoint_url": S3_ENDPOINT or None,
            "region_name": S3_REGION or None,
            "default_acl": None,
            "querystring_auth": True,
            "file_overwrite": True,
        },
    }
STATIC_URL = f"{BASE_PATH}/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = STUDIO_DATA / "static"
FILE_UPLOAD_TEMP_DIR = WORK_DIR

# Who hands out files that lie there as they are asked for: Studio, the web server before it, or the bucket by short links.
FILE_SERVING = read.choice("STUDIO_FILE_SERVING", "direct", ("direct", "x-accel", "x-sendfile", "presigned"))
if FILE_SERVING == "presigned" and not S3_BUCKET and read.is_sound("STUDIO_S3_BUCKET"):
    read.refuse(
        "STUDIO_FILE_SERVING",
        "presigned",
        "for files in a bucket, and STUDIO_S3_BUCKET names none",
        "Write direct, x-accel or x-sendfile, or name the bucket.",
    )
if FILE_SERVING in {"x-accel", "x-sendfile"} and S3_BUCKET:
    read.refuse(
        "STUDIO_FILE_SERVING",
        FILE_SERVING,
        "for files on this machine's disk, and STUDIO_S3_BUCKET names a bucket",
        "Write direct or presigned.",
    )

# Whether a copy that is downloaded says in a corner, for everybody to see, that AI made it. Its metadata always do.
VISIBLE_MARKS = read.flag("STUDIO_VISIBLE_MARKS", False)

# ---- Queue ------------------------------------------------------------------------------------------------------------
# A Redis wakes workers at once, on any number of machines (studio/task_queue.py); without it they ask the database.
QUEUE_URL = read.redis("STUDIO_QUEUE")
if QUEUE_URL:
    Q_CLUSTER = Q_CLUSTER | {"broker_class": "studio.task_queue.Broker"}

# ---- Single sign-on ---------------------------------------------------------------------------------------------------
# Who may come in through a provider: those of the listed groups, with the role of the highest, and of the listed domains.
OIDC_URL = read.address(
    "STUDIO_OIDC_URL",
    example="https://login.example/realms/team",
    judge=judge_base,
    problem="an address that would carry the secret in the clear: https is needed, or http on this machine",
)
OIDC_CLIENT_ID = read.matching(
    "STUDIO_OIDC_CLIENT_ID",
    r"[\x21-\x7e]{1,255}",
    "no client ID",
    "Write the one that the provider gave, without blanks.",
)
OIDC_SECRET = read.secret("STUDIO_OIDC_CLIENT_SECRET")
OIDC_NAME = read.matching(
    "STUDIO_OIDC_NAME", r"[^\x00-\x1f\x7f<>]{1,40}", "no name of 1 to 40 characters", "Write one such as Example Login."
)
OIDC_NAME = OIDC_NAME or "your company"
OIDC_GROUPS = dict(
    [part.strip() for part in pair.rsplit("=", 1)]
    for pair in read.matching(
        "STUDIO_OIDC_GROUPS",
        r"\s*[^=,]+=\s*(admin|designer|viewer)\s*(,\s*[^=,]+=\s*(admin|designer|viewer)\s*)*",
        "no list of groups and roles",
        "Write pairs such as studio-admins=admin, with designer or viewer, with commas between them.",
    ).split(",")
    if pair
)
OIDC_DOMAINS = {
    one.strip().lower()
    for one in read.matching(
        "STUDIO_OIDC_DOMAINS",
        r"\s*[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+\s*(,\s*[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+\s*)*",
        "no list of domains",
        "Write domains such as studio.example, without @, with commas between them.",
    ).split(",")
    if one
}
if OIDC_URL and not OIDC_CLIENT_ID and read.is_sound("STUDIO_OIDC_CLIENT_ID"):
    read.refuse("STUDIO_OIDC_CLIENT_ID", "empty", "needed with STUDIO_OIDC_URL", "Write the ID that the provider gave.")
if OIDC_URL and not OIDC_SECRET and read.is_sound("STUDIO_OIDC_CLIENT_SECRET"):
    read.refuse("STUDIO_OIDC_CLIENT_SECRET", "empty", "needed with STUDIO_OIDC_URL", "Write the provider's secret.")
_has_oidc = OIDC_CLIENT_ID or OIDC_SECRET or OIDC_GROUPS or OIDC_DOMAINS
if not OIDC_URL and _has_oidc and read.is_sound("STUDIO_OIDC_URL"):
    read.refuse("STUDIO_OIDC_URL", "empty", "needed with the other STUDIO_OIDC settings", "Write it, or remove those.")

# Off: nobody signs in with a password, and a link of an invite leads to the provider.
PASSWORDS = read.flag("STUDIO_PASSWORDS", True)
if not PASSWORDS and not OIDC_URL and read.is_sound("STUDIO_OIDC_URL"):
    mend = "Set STUDIO_OIDC_URL with its client, or leave STUDIO_PASSWORDS out."
    read.refuse("STUDIO_PASSWORDS", "off", "only for a studio with single sign-on", mend)

# A header in which the team's own proxy says who somebody is, and from which addresses that is believed.
SIGN_IN_HEADER = read.matching(
    "STUDIO_SIGN_IN_HEADER",
    r"(?!(?i:authorization|cookie|host|origin|referer|user-agent|forwarded|x-forwarded-.*)$)[A-Za-z][A-Za-z0-9-]{1,63}",
    "no header for a name",
    "Write one that the proxy sets itself and takes from everybody else, such as X-Remote-User.",
)
SIGN_IN_FROM = read.networks("STUDIO_SIGN_IN_HEADER_FROM", ["127.0.0.1/32", "::1/128"])
if SIGN_IN_HEADER and not STUDIO_PROXIES and read.is_sound("STUDIO_PROXIES"):
    read.refuse(
        "STUDIO_SIGN_IN_HEADER", SIGN_IN_HEADER, "believed from a proxy alone, and STUDIO_PROXIES is 0", "Write it too."
    )

# ---- Email -----------------------------------------------------------------------------------------------------------
# Invites and new passwords by email; without it an admin sends links.
EMAIL_TIMEOUT = 10  # seconds
_server = read.smtp("STUDIO_EMAIL_URL")
STUDIO_EMAIL = bool(_server)
DEFAULT_FROM_EMAIL = read.sender("STUDIO_EMAIL_FROM", f"studio@{_server.get('EMAIL_HOST', 'localhost')}")
globals().update(_server)

# Whether alerts may go to addresses of private networks, and to webhooks without TLS.
STUDIO_WEBHOOKS_PRIVATE = read.flag("STUDIO_WEBHOOKS_PRIVATE", False)
# For development and tests alone: webhooks of people and their requests may go to this machine and private networks.
STUDIO_WEBHOOKS_LOCAL = read.flag("STUDIO_WEBHOOKS_LOCAL", False)

# ---- Safety -----------------------------------------------------------------------------------------------------------
SESSION_COOKIE_PATH = CSRF_COOKIE_PATH = f"{BASE_PATH}/"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = SERVED_OVER_TLS
CSRF_TRUSTED_ORIGINS = read.addresses("STUDIO_TRUSTED_ORIGINS")
if SERVED_OVER_TLS:
    # __Host- is for cookies of the whole site.
    _kind = "__Secure" if BASE_PATH else "__Host"
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = f"{_kind}-session", f"{_kind}-csrf"
    SECURE_HSTS_SECONDS = 31_536_000
    SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = True
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
CONTENT_SECURITY_POLICY = policy(BUCKET_ORIGINS if FILE_SERVING == "presigned" else ())

# ---- Language, logs ---------------------------------------------------------------------------------------------------
TIME_ZONE = read.time_zone("STUDIO_TIME_ZONE", "UTC")
LOGGING = logs.to_stderr(
    read.choice("STUDIO_LOG_LEVEL", "INFO", ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")),
    read.choice("STUDIO_LOG_FORMAT", "line", ("line", "json")),
)
# Whoever shows it as a bearer token reads the figures under /metrics.
METRICS_TOKEN = read.bearer("STUDIO_METRICS_TOKEN", shortest=16)

SILENCED_SYSTEM_CHECKS = [
    "auth.W004",  # names are unique without regard to case, by a constraint
    *([] if SERVED_OVER_TLS else ["security.W004", "security.W008", "security.W012", "security.W016"]),
]

# Every fault at once, before anything is made.
read.finish()
SECRET_KEY = SECRET_KEY or kept_secret_key(STUDIO_DATA)
