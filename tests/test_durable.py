"""Files that outlive a power cut, and a start after one."""

from __future__ import annotations

import errno
import json
import os
from pathlib import Path
from unittest.mock import patch

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError
from pytest_django import Settings

from studio import disk, durable
from studio.configuration.secret_key import kept_secret_key
from studio.launcher import startup, static_files


@pytest.fixture
def synced(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was synced so far, by its name, in order."""
    names: list[str] = []
    sync = os.fsync

    def noted(handle: int) -> None:
        names.append(Path(f"/proc/self/fd/{handle}").readlink().name)
        sync(handle)

    monkeypatch.setattr(os, "fsync", noted)
    return names


def test_a_file_and_then_its_name_are_on_the_disk(tmp_path: Path, synced: list[str]) -> None:
    target = tmp_path / "mark"
    for text in ("first", "second"):
        durable.write(target, text)
        assert (target.read_text(), target.stat().st_mode & 0o777) == (text, 0o600)
    assert [name.partition(".")[0] for name in synced] == ["mark", tmp_path.name] * 2
    assert list(tmp_path.iterdir()) == [target]


def test_what_the_disk_refuses_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    durable.write(tmp_path / "mark", "old")
    with patch.object(os, "fsync", side_effect=OSError(errno.EIO, "x")), pytest.raises(OSError, match="x"):
        durable.write(tmp_path / "mark", "new")
    assert [file.read_text() for file in tmp_path.iterdir()] == ["old"]


def test_a_new_folder_is_known_to_the_one_above_it(tmp_path: Path, synced: list[str]) -> None:
    for _ in range(2):
        durable.make_folder(tmp_path / "originals" / "ab")
    assert synced == [tmp_path.name, "originals"]


def test_the_key_of_the_first_start_is_on_the_disk_and_the_first_ones_counts(tmp_path: Path, synced: list[str]) -> None:
    key = kept_secret_key(tmp_path)
    assert [name.partition(".")[0] for name in synced] == ["secret_key", tmp_path.name]
    assert not durable.write_once(tmp_path / "secret_key", "another")
    assert kept_secret_key(tmp_path) == key
    assert list(tmp_path.iterdir()) == [tmp_path / "secret_key"]


def test_an_empty_key_is_told_and_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "secret_key").touch()
    with pytest.raises(ImproperlyConfigured, match=r"secret_key is empty\. Put it back from a backup\."):
        kept_secret_key(tmp_path)


def test_a_key_of_another_user_is_told(tmp_path: Path) -> None:
    kept_secret_key(tmp_path)
    problem = PermissionError(errno.EACCES, "Permission denied")
    with patch.object(Path, "read_text", side_effect=problem), pytest.raises(ImproperlyConfigured) as told:
        kept_secret_key(tmp_path)
    assert str(told.value).startswith(f"{tmp_path}/secret_key can't be read (Permission denied). Let the user who runs")


@pytest.mark.parametrize("kind", [errno.EROFS, errno.ENOSPC])
def test_a_start_tells_of_a_folder_that_takes_nothing_and_goes_on_with_a_full_disk(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, kind: int
) -> None:
    def refusal(folder: Path) -> OSError | None:
        return OSError(kind, "Not today") if folder == settings.SPOOL_DIR else None

    monkeypatch.setattr(disk, "refusal", refusal)
    if kind == errno.ENOSPC:
        startup.files()
        return
    with pytest.raises(CommandError, match=r"^Studio can't write into .*spool \(Not today\)\. Let the user who runs"):
        startup.files()


@pytest.mark.parametrize("damaged", ["staticfiles.json", ".stamp", "css/page.css", "gone"])
def test_static_files_that_a_power_cut_left_empty_are_collected_again(
    tmp_path: Path, settings: Settings, damaged: str
) -> None:
    source = tmp_path / "source" / "css" / "page.css"
    source.parent.mkdir(parents=True)
    source.write_text("main { color: red }\n")
    settings.STATICFILES_DIRS, settings.STATIC_ROOT = [tmp_path / "source"], tmp_path / "static"
    settings.STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
    settings.STORAGES = {**settings.STORAGES, "staticfiles": {"BACKEND": "studio.static_storage.StaticStorage"}}
    static_files.collect()
    hashed = json.loads((tmp_path / "static/staticfiles.json").read_text())["paths"]["css/page.css"]
    (tmp_path / "static" / hashed if damaged == "gone" else tmp_path / "static" / damaged).write_text("")
    with patch.object(static_files, "call_command", wraps=static_files.call_command) as collected:
        for _ in range(2):
            static_files.collect()
    assert collected.call_count == 1
    assert json.loads((tmp_path / "static/staticfiles.json").read_text())["paths"]["css/page.css"] == hashed
    assert (tmp_path / "static" / hashed).read_text().startswith("main")
