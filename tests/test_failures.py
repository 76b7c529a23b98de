"""The catalogue of failures and pauses: complete, used, and readable."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from studio import failures
from studio.engine import explain
from studio.failures import CAUSES, CODES, MISSES, Ending
from studio.luma import Generation, errors
from studio.models import Job, SendingPause, User
from studio.models.jobs.failure import Failure
from studio.pauses import PAUSES
from studio.views.jobs.cards import FACES
from tests import people

ROOT = Path(failures.__file__).parent
NAMED = {"times": 4, "hours": 24, "tries": 300, "why": "it is empty", "which": "the source", "Which": "The source"}
NAMED |= {"step": failures.NOTHING_LEFT, "reason": "No such ratio.", "http": 418, "who": "Ada"}
TABLES = {"CODES", "WITHOUT_PICTURES", "WITHOUT_PROMPT", "REFUSED_PICTURES", "MISSES"}
# Names a step, or says what Studio goes on doing.
STEPS = ("try again", "retry", "choose another", "change the prompt", "ask", "admin", "free", "stop waiting")
STEPS += ("studio keeps", "studio asks", "studio still", "shrink", "send it again", "export")


def endings() -> dict[str, Ending]:
    found = {}
    for name, value in vars(failures).items():
        if isinstance(value, Ending):
            found[name] = value
        elif name in TABLES:
            found |= {f"{name}[{key}]": one for key, one in value.items()}
    return found


def sentences() -> dict[str, str]:
    running = ("STRANGE", "NOT_FOUND", "NO_ANSWER", "NO_KEY", "LATE")
    said = {name: ending.sentence.format(**NAMED) for name, ending in endings().items()}
    return said | {name: getattr(failures, name) for name in running}


@pytest.mark.parametrize(("name", "sentence"), sentences().items())
def test_a_sentence_fits_the_card_and_names_what_to_do(name: str, sentence: str) -> None:
    assert 20 < len(sentence) <= Job._meta.get_field("sentence").max_length
    assert sentence.endswith(".")
    assert not set("!{}<>") & set(sentence)
    assert any(step in sentence.lower() for step in STEPS), sentence


@pytest.mark.parametrize("name", endings())
def test_every_ending_has_the_row_of_its_cause_and_a_charge_that_a_job_can_have(name: str) -> None:
    ending = endings()[name]
    assert ending.cause in CAUSES
    assert ending.charge in Job.Charge.values
    assert (ending.charge == "charged") == (ending.cause == "unsaved")


def test_every_row_is_used() -> None:
    assert {ending.cause for ending in endings().values()} == set(CAUSES)
    names = {
        node.attr
        for path in ROOT.rglob("*.py")
        if path.name != "failures.py"
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute)
    }
    assert {name for name in endings() if "[" not in name} <= names


def test_no_module_words_a_failure_of_its_own() -> None:
    """A cause is written through the catalogue only: Failure.of, or a row of it."""
    wrong = [
        f"{path.name}:{node.lineno}"
        for folder in ("models", "engine", "views")
        for path in (ROOT / folder).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Failure"
    ]
    assert wrong == []


@pytest.mark.parametrize("name", CAUSES)
def test_a_cause_is_told_to_an_admin_and_has_its_card(name: str) -> None:
    row = CAUSES[name]
    assert row.for_admin.endswith(".")
    assert row.title
    assert row.retry_helps == (row.action == "retry")
    assert FACES[name if row.card else "failed"].state in {"failed", "unknown"}
    told = [ending.sentence.lower() for ending in endings().values() if ending.cause == name]
    if row.acts == "admin":
        assert any("admin" in one or "support" in one for one in told)


def test_a_cause_of_a_later_version_is_like_any_other_failure() -> None:
    assert failures.cause("solar_flare") is failures.OTHER


@pytest.mark.parametrize(
    ("code", "cause", "charge", "action"),
    [
        ("content_moderated", "refused", "refunded", "edit"),
        ("generation_failed", "luma_failed", "refunded", "retry"),
        ("output_not_found", "luma_failed", "refunded", "retry"),
        ("budget_exhausted", "budget", "maybe", "retry"),
        ("image_too_large", "bad_input", "maybe", "resend"),
        ("unsupported_format", "bad_input", "maybe", "resend"),
        ("corrupt_input", "bad_input", "maybe", "resend"),
        ("invalid_request", "mistake", "maybe", "reuse"),
        ("rate_limited", "busy", "maybe", "retry"),
        ("", "luma_failed", "maybe", "retry"),
        ("gpu_on_fire", "luma_failed", "maybe", "retry"),
        ("CONTENT_MODERATED", "luma_failed", "maybe", "retry"),
    ],
)
def test_every_documented_code_has_its_row(alice: User, code: str, cause: str, charge: str, action: str) -> None:
    job = people.make_job(alice, state="making", references=[people.make_picture(alice)])
    facts = {"id": "1", "state": "failed", "type": "image", "model": "uni-1", "created_at": None, "outputs": ()}
    why = explain.failed(job, Generation(**facts, failure_code=code or None, failure_reason=None))  # type: ignore[arg-type]
    assert (why.cause, why.charge, why.code, CAUSES[why.cause].action) == (cause, charge, code, action)
    assert len(CODES) == 9


@pytest.mark.parametrize(
    ("status", "cause"), [(None, "mistake"), (400, "mistake"), (404, "mistake"), (413, "bad_input"), (422, "bad_input")]
)
def test_what_luma_refuses_at_once_is_free(alice: User, status: int | None, cause: str) -> None:
    with_pictures = people.make_job(alice, state="sending", references=[people.make_picture(alice)])
    without = people.make_job(alice, state="sending")
    why = explain.refused(with_pictures, errors.Rejected(status=status))
    assert (why.cause, why.charge) == (cause, "none")
    assert explain.refused(without, errors.Rejected(status=status)).cause == "mistake"


def test_every_miss_and_every_pause_has_its_row() -> None:
    assert set(MISSES) == set(Job.HoldReason.values) - {Job.HoldReason.FILES}  # nothing was sent, so nothing missed
    assert set(PAUSES) == set(SendingPause.Reason.values)
    for row in PAUSES.values():
        assert all(sentence.endswith(".") and len(sentence) < 120 for sentence in row[2:])


def test_an_admin_is_not_sent_to_an_admin() -> None:
    lost = Failure.of(failures.ANSWER_LOST)
    assert lost.sentence.endswith("Send it again or ask an admin.")
    assert failures.as_an_admin_reads(lost.sentence).endswith("may have been charged. Settle it in Review.")


def test_nobody_is_sent_to_an_admin_who_is_one() -> None:
    lost = failures.ANSWER_LOST.sentence
    assert lost.endswith("Send it again or ask an admin.")
    assert failures.as_an_admin_reads(lost).endswith("Settle it in Review.")
    assert failures.as_review_says(lost) == "Luma's answer got lost, so this may have been charged."
