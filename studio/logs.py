"""One line for each log record, without secrets.

The key, invites, proof links and the signatures of links are blanked wherever they come from.
"""

from __future__ import annotations

import json
import logging
import re
from datetime import UTC, datetime
from typing import Any

SECRETS = re.compile(
    r"luma-api-[!-~]+|(?P<link>/(?:welcome|proof|account/email)/)[\w:-]+"
    r"|(?P<name>X-Amz-[A-Za-z-]+|Signature|AWSAccessKeyId|sig|token)=[^\s&\"']+",
    re.IGNORECASE,
)
# What a record may carry besides its sentence; a prompt is not among them.
FIELDS = ("job", "attempt", "request_id", "remote_id", "from", "state", "cause", "person", "status", "seconds")
LONGEST = 2_000  # characters of a record's sentence

# These print whole addresses, signatures and all.
TALKATIVE = (
    *("httpx", "httpcore", "aiohttp", "urllib3", "botocore"),
    *("django_q", "django-q", "axes", "PIL", "asyncio"),
)


def redact(text: str) -> str:
    """Blank API keys and link signatures in `text`."""
    return SECRETS.sub(_blank, text)


def _blank(found: re.Match[str]) -> str:
    if found["link"]:
        return f"{found['link']}…"
    return f"{found['name']}=…" if found["name"] else "luma-api-…"


class Redact(logging.Filter):
    """Blank secrets before any handler sees the record, and cut what is longer than anybody reads: a request's address
    may be."""

    def filter(self, record: logging.LogRecord) -> bool:
        text = redact(record.getMessage())
        record.msg, record.args = (
            text if len(text) <= LONGEST else f"{text[:LONGEST]}… ({len(text):,} characters)",
            None,
        )
        return True


class Brief(logging.Filter):
    """Say in one line, without a trace, what is no fault of the code: a silent database or a disk that is full or takes nothing, of which each call
    and page tells meanwhile, and a request that Django refused (a name that isn't Studio's), which anybody can send."""

    def filter(self, record: logging.LogRecord) -> bool:
        from studio import disk
        from studio.database import silent_database

        problem = record.exc_info[1] if record.exc_info else None
        if record.name.startswith("django.security."):
            record.exc_info = record.exc_text = None
        if silent_database.is_cause(problem) or disk.is_full(problem) or disk.is_unusable(problem):
            record.msg, record.args = f"{record.getMessage()}: {' '.join(str(problem).split())}", None
            record.exc_info = record.exc_text = None
        return True


class Line(logging.Formatter):
    """`time level logger: sentence {"job": …}`, control characters escaped so that one record is one line."""

    def format(self, record: logging.LogRecord) -> str:
        when = datetime.fromtimestamp(record.created, UTC).strftime("%H:%M:%S.%f")[:-3]
        facts = {name: str(record.__dict__[name]) for name in FIELDS if record.__dict__.get(name) not in (None, "", 0)}
        text = f"{when} {record.levelname.lower():7} {record.name}: {record.getMessage()}"
        if facts:
            text += f" {json.dumps(facts, ensure_ascii=False)}"
        if record.exc_info:
            text += "\n" + redact(self.formatException(record.exc_info))
            return text
        return "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)


class Json(Line):
    """The same facts as an object in one line, for programs that collect logs."""

    def format(self, record: logging.LogRecord) -> str:
        said: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        said |= {name: str(record.__dict__[name]) for name in FIELDS if record.__dict__.get(name) not in (None, "", 0)}
        if record.exc_info:
            said["trace"] = redact(self.formatException(record.exc_info))
        return json.dumps(said)


def to_stderr(level: str, format: str = "line") -> dict[str, Any]:
    """Return the settings of logging: one blanked line a record, from this level on, as text or as JSON."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {"brief": {"()": Brief}, "redact": {"()": Redact}},
        "formatters": {"line": {"()": Line}, "json": {"()": Json}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": format, "filters": ["brief", "redact"]}},
        "root": {"handlers": ["stderr"], "level": level},
        # Apprise names the addresses of chats, which hold secrets.
        "loggers": {name: {"level": "WARNING"} for name in TALKATIVE} | {"apprise": {"level": "CRITICAL"}},
    }
