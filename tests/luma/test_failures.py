from __future__ import annotations

import pytest

from studio.luma import failures
from studio.luma.failures import for_code, for_status


@pytest.mark.parametrize(
    ("code", "retryable", "charge", "cause", "action"),
    [
        ("content_moderated", False, "refunded", "refused", "edit_prompt"),
        ("generation_failed", True, "refunded", "stumbled", "try_again"),
        ("output_not_found", True, "refunded", "stumbled", "try_again"),
        ("budget_exhausted", False, "partial", "budget", "ask_admin"),
        ("image_too_large", False, "unknown", "bad_input", "shrink"),
        ("unsupported_format", False, "unknown", "bad_input", "shrink"),
        ("corrupt_input", False, "unknown", "bad_input", "shrink"),
        ("invalid_request", False, "unknown", "mistake", "reuse"),
        ("rate_limited", True, "unknown", "busy", "wait"),
    ],
)
def test_every_documented_code_has_its_row(code: str, retryable: bool, charge: str, cause: str, action: str) -> None:
    row = for_code(code)
    assert (row.retryable, row.charge, row.cause, row.action) == (retryable, charge, cause, action)
    assert len(failures.FAILURES) == 9


def test_a_moderated_picture_is_not_worth_another_try() -> None:
    assert for_code("content_moderated").sentence == (
        "The prompt or a picture was refused. Trying again won't help; change the prompt."
    )


@pytest.mark.parametrize("code", ["", "gpu_on_fire", "CONTENT_MODERATED"])
def test_an_unknown_code_leaves_it_to_a_person(code: str) -> None:
    row = for_code(code)
    assert (row.charge, row.cause, row.action) == ("unknown", "stumbled", "try_again")


@pytest.mark.parametrize(
    ("status", "cause", "charge"),
    [
        (400, "mistake", "refunded"),
        (402, "budget", "refunded"),
        (404, "mistake", "refunded"),
        (413, "bad_input", "refunded"),
        (422, "bad_input", "refunded"),
        (429, "busy", "refunded"),
        (502, "stumbled", "refunded"),
        (503, "stumbled", "refunded"),
        (408, "unknown", "unknown"),
        (409, "unknown", "unknown"),
        (499, "unknown", "unknown"),
        (500, "unknown", "unknown"),
        (504, "unknown", "unknown"),
        (302, "unknown", "unknown"),
    ],
)
def test_every_answered_status_has_a_cause(status: int, cause: str, charge: str) -> None:
    assert (for_status(status).cause, for_status(status).charge) == (cause, charge)


def test_what_is_said_fits_a_card() -> None:
    rows = [*failures.FAILURES.values(), failures.UNKNOWN_CODE, failures.LOST, failures.OUTCOME_UNKNOWN]
    for row in rows + [for_status(status) for status in (400, 402, 413, 422, 429)]:
        assert 10 < len(row.sentence) < 120
        assert row.sentence.endswith(".")
        assert "!" not in row.sentence
