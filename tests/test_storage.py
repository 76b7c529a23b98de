"""Storage that is no local folder gets the same bytes under the same name, once."""

from __future__ import annotations

from pathlib import Path

from django.core.files.storage import storages
from django.test import override_settings

from studio import storage

ELSEWHERE = {"default": {"BACKEND": "django.core.files.storage.InMemoryStorage"}}


def test_a_file_moves_to_a_storage_that_is_no_folder(tmp_path: Path) -> None:
    name = storage.original_name("ab" * 32, "jpeg")
    assert name == f"originals/ab/ab/{'ab' * 32}.jpg"
    with override_settings(STORAGES=ELSEWHERE):
        for content in (b"first", b"again"):
            source = tmp_path / "work.part"
            source.write_bytes(content)
            assert storage.store(source, name) == name
            assert not source.exists()
        with storages["default"].open(name) as file:
            # A name is the hash of its content, so what is there already is kept.
            assert file.read() == b"first"
