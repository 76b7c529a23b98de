from __future__ import annotations

import pytest
from PIL import Image

from studio.imaging.child.scans import count_scans
from tests.imaging.pictures import drawn, exif, many_scans, noise, saved


def test_a_plain_jpeg_has_one_pass() -> None:
    assert count_scans(saved(noise(200, 200), "JPEG"), 200) == 1


def test_a_progressive_jpeg_has_its_ten() -> None:
    assert count_scans(saved(drawn(), "JPEG", progressive=True), 200) == 10


@pytest.mark.parametrize("interval", [1, 7])
def test_restarts_are_no_passes(interval: int) -> None:
    assert count_scans(saved(noise(200, 200), "JPEG", restart_marker_blocks=interval), 200) == 1


def test_repeated_passes_are_all_counted_up_to_the_limit() -> None:
    assert count_scans(many_scans(50), 200) == 59
    assert count_scans(many_scans(3000), 200) == 201


def test_a_preview_inside_a_segment_does_not_count() -> None:
    tags = exif(camera=True)
    tags[0x010E] = "preview \u00ff"
    data = saved(drawn(), "JPEG", comment=saved(Image.new("RGB", (8, 8)), "JPEG") * 20, exif=tags)
    assert count_scans(data, 200) == 1


def test_what_follows_the_end_of_the_image_does_not_count() -> None:
    assert count_scans(saved(drawn(), "JPEG") + b"\xff\xda\0\2" * 500, 200) == 1


@pytest.mark.parametrize("data", [b"", b"\xff", b"\xff\xd8", b"\xff\xd8\xff\xda", b"\xff\xd8\xff\xe0\xff"])
def test_a_torso_is_counted_without_complaint(data: bytes) -> None:
    assert count_scans(data, 200) <= 1
