from __future__ import annotations

import copy
import pickle
import traceback

import pytest

from studio.luma import ApiKey, BadKey

TEXT = "luma-api-canary-5d41402abc4b2a76"


@pytest.mark.parametrize("text", [TEXT, f"  {TEXT}\n", f"{TEXT}\r\n", f"\t{TEXT}"])
def test_a_key_is_stripped(text: str) -> None:
    assert ApiKey(text).header() == f"Bearer {TEXT}"


@pytest.mark.parametrize(
    "text",
    ["", "luma-api-", "sk-canary", f"Bearer {TEXT}", f"{TEXT} x", f"{TEXT}\nx", f"{TEXT}é", TEXT + "x" * 600, None, 7],
)
def test_what_is_no_key_is_refused_without_being_shown(text: str) -> None:
    with pytest.raises(BadKey) as caught:
        ApiKey(text)
    shown = "".join(traceback.format_exception(caught.value))
    assert "canary" not in str(caught.value)
    assert "5d41402a" not in shown
    assert "luma-api-" in str(caught.value)


def test_a_key_is_never_shown() -> None:
    key = ApiKey(TEXT)
    shown = [repr(key), str(key), f"{key}", f"{key:>40}", f"{key!r}", "{:s}".format(key), repr({"k": [key]})]  # noqa: UP032
    assert all("canary" not in text and "***" in text for text in shown)
    assert not hasattr(key, "__dict__")


def test_a_key_cannot_be_pickled_or_copied() -> None:
    for carry_away in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError, match="cannot be pickled") as caught:
            carry_away(ApiKey(TEXT))
        assert "canary" not in str(caught.value)


def test_keys_are_equal_by_what_they_hold() -> None:
    assert ApiKey(TEXT) == ApiKey(f" {TEXT} ")
    assert ApiKey(TEXT) != ApiKey(TEXT + "x")
    assert ApiKey(TEXT) != TEXT
    assert len({ApiKey(TEXT), ApiKey(TEXT)}) == 1


def test_a_fingerprint_names_a_key_without_telling_it() -> None:
    fingerprint = ApiKey(TEXT).fingerprint
    assert len(fingerprint) == 12
    assert int(fingerprint, 16) >= 0
    assert fingerprint != ApiKey(TEXT + "x").fingerprint
    assert fingerprint not in TEXT
