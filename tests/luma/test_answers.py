from __future__ import annotations

import pickle

import pytest

from studio.luma import answers, errors

NOW = 1_775_649_600.0  # 2026-04-08 12:00:00 UTC


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("12", 12.0),
        (" 12.5 ", 12.5),
        ("-1", 1.0),
        ("0", 1.0),
        ("1e9", 300.0),
        ("301", 300.0),
        ("abc", None),
        ("", None),
        ("nan", None),
        ("inf", None),
        ("Wed, 08 Apr 2026 12:00:40 GMT", 40.0),
        ("Wed, 08 Apr 2026 11:00:00 GMT", 1.0),
        ("Wed, 08 Apr 2037 12:00:00 GMT", 300.0),
        ("Wed, 99 Apr 2026 12:00:00 GMT", None),
        ("1, 2", 2.0),
        ("30, soon", 30.0),
        ("Wed, 08 Apr 2026 12:00:40 GMT, Wed, 08 Apr 2026 12:00:40 GMT", 40.0),
    ],
)
def test_a_wait_is_read_in_every_form(text: str, seconds: float | None) -> None:
    assert answers.retry_after({"retry-after": text}, now=NOW) == seconds


def test_a_wait_in_milliseconds_goes_first() -> None:
    assert answers.retry_after({"retry-after-ms": "2500", "retry-after": "60"}) == 2.5
    assert answers.retry_after({"retry-after-ms": "soon", "retry-after": "60"}) == 60
    assert answers.retry_after({}) is None


def test_a_date_is_measured_with_the_servers_clock() -> None:
    told = {"retry-after": "Wed, 08 Apr 2026 12:01:00 GMT", "date": "Wed, 08 Apr 2026 12:00:50 GMT"}
    assert answers.retry_after(told, now=NOW) == 10
    assert answers.retry_after(told | {"date": "noon"}, now=NOW) == 60
    assert answers.retry_after({"retry-after": "Wed, 08 Apr 2020 12:01:00 GMT"}) == 1


def test_the_limit_is_read_or_missing() -> None:
    assert answers.per_minute({}) is None
    assert answers.per_minute({"x-ratelimit-limit": "30"}) == 30
    for nonsense in ("", "many", "nan", "1e300", "-4e300", "-2"):
        assert answers.per_minute({"x-ratelimit-limit": nonsense}) is None


EVERY = [value for value in vars(errors).values() if isinstance(value, type) and issubclass(value, errors.Error)]


@pytest.mark.parametrize("kind", EVERY)
def test_every_error_speaks_to_a_person(kind: type[errors.Error]) -> None:
    error = kind(status=418, detail="their words\x00 luma-api-s3cr3t", request_id="r-1", retry_after=2.0)
    assert error.sentence.endswith(".")
    assert "!" not in error.sentence
    assert "Oops" not in error.sentence
    assert str(error) == f"{error.sentence} [418 | their words\ufffd luma-api-*** | r-1]"
    assert kind.__name__ in str(errors.__doc__)
    again = pickle.loads(pickle.dumps(error))  # noqa: S301 - ours
    assert (type(again), again.detail, again.retry_after) == (kind, error.detail, 2.0)


def test_an_error_without_facts_is_just_a_sentence() -> None:
    assert str(errors.Error()) == "Something went wrong at Luma."
