from __future__ import annotations

import subprocess
import sys

import pytest

import studio.luma


def test_pages_and_settings_pay_nothing_for_the_network() -> None:
    code = "import sys, studio.luma.capabilities, studio.luma.keys; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not {"httpx", "aiohttp", "django", "studio.simulator"} & set(loaded)


def test_everything_promised_is_there() -> None:
    assert all(getattr(studio.luma, name) is not None for name in studio.luma.__all__)
    with pytest.raises(AttributeError, match="nonsense"):
        _ = studio.luma.nonsense
