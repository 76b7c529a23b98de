"""The settings that no environment changes: applications, middleware, the queue's promises, people and their sign-in."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from csp.constants import NONE, SELF

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django_htmx",
    "template_partials",
    "django_q",
    "axes",
    "csp",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.usersessions",
    "studio",
]

MIDDLEWARE = [
    "studio.middleware.marked",
    "studio.middleware.probes",
    "studio.middleware.tokens_only",
    "studio.middleware.whole_forms",
    "studio.middleware.unchanged_pulse.UnchangedPulse",
    "studio.middleware.thumbnails.Thumbnails",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "studio.middleware.CompressedPages",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "studio.middleware.header_sign_in.HeaderSignIn",
    "studio.middleware.last_seen.LastSeen",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "studio.middleware.private_pages",
    "studio.middleware.fragments",
    "studio.middleware.refusals",
    "studio.middleware.forms_only",
    "studio.middleware.LoginRequired",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "studio.urls"
WSGI_APPLICATION = "studio.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
WHITENOISE_KEEP_ONLY_HASHED_FILES = False

LANGUAGE_CODE = "en"
USE_I18N = False
USE_TZ = True

# ---- Database, uploads, cookies --------------------------------------------------------------------------------------
# SQLite: WAL is set once when the database is made (journal_mode persists). FULL, because a "sending" row that a power
# cut forgets could be sent twice; IMMEDIATE and a long wait, because the web and the queue both write.
SQLITE_PRAGMAS = (
    "PRAGMA synchronous=FULL; PRAGMA cache_size=-16000; PRAGMA mmap_size=134217728; "
    "PRAGMA temp_store=MEMORY; PRAGMA journal_size_limit=67108864"
)
# An upload of 200 MB travels with its form; nothing larger is read (imaging has the same limit for each file).
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_621_440
DATA_UPLOAD_MAX_NUMBER_FILES = 12
FILE_UPLOAD_HANDLERS = ["studio.forms.files.uploads.CappedUploadHandler"]
SESSION_ENGINE = "studio.signing_in.session_store"
SESSION_COOKIE_AGE = 14 * 24 * 3600
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
MESSAGE_STORAGE = "studio.message_storage.Storage"
CSRF_FAILURE_VIEW = "studio.views.errors.csrf_failure"
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

# ---- Queue ------------------------------------------------------------------------------------------------------------
# Each promise below is asserted by studio.checks. `retry` counts from the moment a task is fetched, so the queue holds
# no more tasks than workers; a fired timeout can wedge the cluster, so no task comes near it: a slice of the conductor
# lasts 50 s, and with everything on the wire waited for at most 300 s.
Q_CLUSTER: dict[str, Any] = {
    "name": "studio",
    "orm": "default",
    "workers": 1,
    "queue_limit": 1,
    "bulk": 1,
    "poll": 0.2,
    "guard_cycle": 0.5,
    "timeout": 120,
    "retry": 600,
    "ack_failures": True,
    "max_attempts": 1,
    "catch_up": False,
    "save_limit": -1,
    "recycle": 200,
    "max_rss": 400_000,
    "label": "Queue",
    "log_level": "WARNING",
    "ALT_CLUSTERS": {"io": {"workers": 1, "queue_limit": 1, "timeout": 400, "retry": 1000, "recycle": 1000}},
}

# ---- People -----------------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "studio.User"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "studio.signing_in.sign_in.NameOrEmailBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("name", "email")},
    },
    {"NAME": "studio.signing_in.sign_in.NotBlankPassword"},
]
LOGIN_URL = "studio:sign_in"
LOGIN_REDIRECT_URL = "studio:create"
# studio/signing_in/brake.py has the limits: this name from this address, and higher ones for an address and for a name alone.
AXES_HANDLER = "studio.signing_in.brake.Brake"
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_USERNAME_FORM_FIELD = "username"
AXES_FAILURE_LIMIT = 7
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_RESET_ON_SUCCESS = True
# Who tries during the wait does not begin it anew: the time that was told stays true.
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
# What is written down of a try has no secret in it.
AXES_SENSITIVE_PARAMETERS = ["username", "ip_address", "new", "code", "credential", "email", "name"]
AXES_LOCKOUT_CALLABLE = "studio.views.account.sign_in.locked_out"
AXES_VERBOSE = False
AXES_CLIENT_IP_CALLABLE = "studio.network.client_address.of_request"
# django-allauth has the steps of a sign-in, second steps, passkeys and the list of sessions. Its own pages are not mounted:
# ours are in urls.py, and nobody signs up (studio/signing_in/accounts.py).
ACCOUNT_ADAPTER, MFA_ADAPTER = "studio.signing_in.accounts.Accounts", "studio.signing_in.accounts.SecondSteps"
SOCIALACCOUNT_ADAPTER = "studio.signing_in.provider_calls.Adapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = "name"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "email", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
# How long a right password waits for its second step.
ACCOUNT_LOGIN_TIMEOUT = 10 * 60
ACCOUNT_RATE_LIMITS = {"reset_password": "20/h/ip,3/h/key"}
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes", "webauthn"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_TOTP_ISSUER = "Studio"
# Clocks of phones are off: the codes before and after the present one count too.
MFA_TOTP_TOLERANCE = 1


def policy(pictures: Iterable[str]) -> dict[str, Any]:
    """The content security policy; pictures may come from these origins too."""
    return {
        "DIRECTIVES": {
            "default-src": [NONE],
            # Rules say which page is fetched ahead; they cannot run (static/js/pages.js).
            "script-src": [SELF, "'inline-speculation-rules'"],
            "style-src": [SELF],
            # data: holds the icons of the style sheet and the blurred placeholders; blob: shows a file before it is sent.
            "img-src": [SELF, "data:", "blob:", *pictures],
            "font-src": [SELF],
            "connect-src": [SELF],
            "form-action": [SELF],
            "base-uri": [NONE],
            "object-src": [NONE],
            "frame-ancestors": [NONE],
        }
    }
