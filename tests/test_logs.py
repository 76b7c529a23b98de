from __future__ import annotations

import logging

import pytest

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


def test_a_record_is_one_line_with_its_facts() -> None:
    line = Line().format(record("a\nb\x1b[31m", job="J-1", prompt="never told"))
    assert line.endswith('studio: a\\nb\\x1b[31m {"job": "J-1"}')
