from __future__ import annotations

import errno
import io
import json
import logging
import sys

import psycopg
import pytest
from django.db import OperationalError
from django.test import Client

from studio import logs
from studio.logs import Line, Redact, redact


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("Bearer luma-api-abc123", "Bearer luma-api-…"),
        ("https://s3/x.png?X-Amz-Signature=abc&a=1", "https://s3/x.png?X-Amz-Signature=…&a=1"),
        ("Gone: /welcome/AbC-_9/", "Gone: /welcome/…/"),
        ("POST /proof/AbC-_9/name/ 200", "POST /proof/…/name/ 200"),
        ("GET /account/email/eyJw:1uQ-x:A_b/ 200", "GET /account/email/…/ 200"),
        ("nothing to hide", "nothing to hide"),
    ],
)
def test_secrets_are_blanked(text: str, kept: str) -> None:
    assert redact(text) == kept


def record(message: str, *args: object, **facts: object) -> logging.LogRecord:
    made = logging.LogRecord("studio", logging.INFO, __file__, 1, message, args, None)
    made.__dict__.update(facts)
    return made


def test_arguments_are_blanked_too() -> None:
    made = record("sent with %s", "luma-api-abc")
    assert Redact().filter(made)
    assert made.getMessage() == "sent with luma-api-…"


def test_a_sentence_as_long_as_an_address_may_be_is_cut() -> None:
    made = record("Not Found: /%s", "a" * 5_000)
    assert Redact().filter(made)
    assert made.getMessage() == f"Not Found: /{'a' * (logs.LONGEST - 12)}… (5,012 characters)"


def test_a_request_that_django_refused_has_no_trace(client: Client) -> None:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(Line())
    handler.addFilter(logs.Brief())
    logger = logging.getLogger("django.security.DisallowedHost")
    logger.addHandler(handler)
    try:
        assert client.get("/healthz/none", HTTP_HOST="evil.example").status_code == 400
    finally:
        logger.removeHandler(handler)
    (line,) = stream.getvalue().splitlines()
    assert "evil.example" in line


def test_a_record_is_one_line_with_its_facts() -> None:
    line = Line().format(record("a\nb\x1b[31m", job="J-1", prompt="never told"))
    assert line.endswith('studio: a\\nb\\x1b[31m {"job": "J-1"}')


def test_a_record_can_be_an_object_with_its_facts_and_its_trace() -> None:
    try:
        raise ValueError("sent with luma-api-secret")
    except ValueError:
        trace = sys.exc_info()
    record = logging.LogRecord("studio.jobs", logging.ERROR, __file__, 1, "A job\nmoved", None, trace)
    record.job, record.person = "J-7", ""
    line = logs.Json().format(record)
    assert "\n" not in line
    said = json.loads(line)
    assert {name: said[name] for name in ("level", "logger", "message", "job")} == {
        "level": "error",
        "logger": "studio.jobs",
        "message": "A job\nmoved",
        "job": "J-7",
    }
    assert "ValueError: sent with luma-api-…" in said["trace"]
    assert "person" not in said
    assert logs.to_stderr("INFO", "json")["handlers"]["stderr"]["formatter"] == "json"


@pytest.mark.parametrize(
    ("cause", "around", "is_traced"),
    [
        (psycopg.OperationalError("connection failed:\nrefused, luma-api-secret"), OperationalError("silent"), False),
        (OSError(errno.ENOSPC, "No space left on device"), RuntimeError("not kept"), False),
        (ValueError("a mistake of ours"), OperationalError("no such table"), True),
    ],
)
def test_what_is_mended_outside_is_said_without_a_trace(cause: Exception, around: Exception, is_traced: bool) -> None:
    try:
        raise around from cause
    except type(around):
        made = logging.LogRecord("studio", logging.ERROR, __file__, 1, "A call to %s broke", ("/v1/",), sys.exc_info())
    told = logs.to_stderr("INFO")
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    for name in told["handlers"]["stderr"]["filters"]:
        handler.addFilter(told["filters"][name]["()"]())
    handler.setFormatter(Line())
    handler.handle(made)
    text = written.getvalue()
    assert "A call to /v1/ broke" in text
    assert "secret" not in text
    assert ("Traceback" in text, text.count("\n") > 1) == (is_traced, is_traced)
    assert str(around) in text
