"""What the environment says: each kind of value read, and every wrong one refused with the same form of sentence."""

from __future__ import annotations

import re
import runpy
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from studio import checks
from studio.configuration import environment as configuration
from tests.wrong_settings import WRONG

SETTINGS = Path(configuration.__file__).parent.parent / "settings.py"
SENTENCE = re.compile(r"([A-Z0-9_]+) is (.+), which is (.+)\. ((?:Write|Leave) .+\.)")
KEY = {"LUMA_AGENTS_API_KEY": "luma-api-x"}


@pytest.fixture
def settings_with(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    monkeypatch.setenv("STUDIO_DATA", str(tmp_path))

    def read(**environment: str) -> dict[str, Any]:
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        return runpy.run_path(str(SETTINGS))

    return read


@pytest.mark.parametrize(("name", "value", "words"), WRONG)
def test_a_wrong_value_is_refused_and_the_sentence_says_what_to_write(
    settings_with: Any, name: str, value: str, words: str
) -> None:
    with pytest.raises(ImproperlyConfigured) as refused:
        settings_with(**{name: value})
    sentence = SENTENCE.fullmatch(str(refused.value))
    assert sentence, refused.value
    assert sentence[1] == name
    assert words in str(refused.value)
    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize("url", ["http://10.0.0.1", "http://luma.example/v1", "http://[fe80::1]/v1"])
def test_a_base_address_that_the_client_would_refuse_is_refused_at_the_start(settings_with: Any, url: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="which is an address that would carry the key in the clear"):
        settings_with(**KEY, LUMA_BASE_URL=url)


def test_all_faults_are_named_at_once_and_nothing_is_made(settings_with: Any, tmp_path: Path) -> None:
    with pytest.raises(ImproperlyConfigured) as refused:
        settings_with(
            STUDIO_PORT="x", STUDIO_TIME_ZONE="Mars", LUMA_AGENTS_API_KEY="sk-hunter2", DATABASE_URL="hunter2"
        )
    lines = str(refused.value).splitlines()
    assert [SENTENCE.fullmatch(line)[1] for line in lines] == [  # type: ignore[index]
        *("STUDIO_PORT", "LUMA_AGENTS_API_KEY", "DATABASE_URL", "STUDIO_TIME_ZONE"),
    ]
    assert "hunter2" not in str(refused.value)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "value", "others"),
    [
        ("STUDIO_OIDC_URL", "login.example", {"STUDIO_OIDC_CLIENT_ID": "studio", "STUDIO_PASSWORDS": "off"}),
        (
            "STUDIO_OIDC_CLIENT_ID",
            "a b",
            {"STUDIO_OIDC_URL": "https://login.example", "STUDIO_OIDC_CLIENT_SECRET": "x"},
        ),
        (
            "STUDIO_OIDC_CLIENT_SECRET_FILE",
            "/nothing/here",
            {"STUDIO_OIDC_URL": "https://login.example", "STUDIO_OIDC_CLIENT_ID": "studio"},
        ),
        ("STUDIO_S3_BUCKET", "my pictures", {"STUDIO_FILE_SERVING": "presigned"}),
        ("STUDIO_PROXIES", "one", {"STUDIO_SIGN_IN_HEADER": "X-Remote-User"}),
    ],
)
def test_what_follows_from_a_wrong_value_is_not_said_of_others(
    settings_with: Any, name: str, value: str, others: dict[str, str]
) -> None:
    with pytest.raises(ImproperlyConfigured) as refused:
        settings_with(**others, **{name: value})
    assert [line.split(" is ")[0] for line in str(refused.value).splitlines()] == [name]


def test_the_command_line_says_what_is_wrong_and_nothing_else(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    environment = {"PATH": "/usr/bin:/bin", "STUDIO_DOTENV": "0", "STUDIO_DATA": str(tmp_path), "STUDIO_PORT": "x"}
    command = [sys.executable, "manage.py", "studio"]
    done = subprocess.run(
        command, env=environment, cwd=SETTINGS.parents[1], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert done.stderr.startswith("Studio does not start:\nSTUDIO_PORT is 'x', which is not a whole number")
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [(["integrity"], "The database cannot be used ("), (["backup", "B"], "The tables could not be copied to ")],
)
def test_a_database_that_is_away_is_said_in_a_sentence(tmp_path: Path, arguments: list[str], said: str) -> None:
    environment = {"PATH": "/usr/bin:/bin", "STUDIO_DOTENV": "0", "STUDIO_DATA": str(tmp_path / "data")}
    environment["DATABASE_URL"] = "postgres://studio@127.0.0.1:1/studio"
    command = [sys.executable, "manage.py", *(str(tmp_path / "B") if one == "B" else one for one in arguments)]
    done = subprocess.run(
        command, env=environment, cwd=SETTINGS.parents[1], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_bytes(b"STUDIO_PORT=\xff")
    with pytest.raises(ImproperlyConfigured, match=r"\.env cannot be read \(it is not text in UTF-8\)"):
        configuration.file(file)


def test_s3_without_a_bucket_is_pointed_out(settings: Any) -> None:
    assert checks.s3_has_a_bucket(None) == []
    settings.S3_ENDPOINT = "https://minio:9000"
    assert [found.id for found in checks.s3_has_a_bucket(None)] == ["studio.W002"]


def test_every_setting_that_can_be_wrong_has_a_row() -> None:
    names = set(re.findall(r"read\.\w+\(\s*\"(\w+)\"", SETTINGS.read_text()))
    assert names == {name.removesuffix("_FILE") for name, _, _ in WRONG}


@pytest.mark.parametrize(
    ("environment", "name", "value"),
    [
        ({"STUDIO_PORT": " 9000 "}, "STUDIO_PORT", 9000),
        ({"STUDIO_PORT": " "}, "STUDIO_PORT", 8000),
        ({"STUDIO_PORT": "65535"}, "SIMULATOR_PORT", 65534),
        ({"STUDIO_TLS": "Yes"}, "SESSION_COOKIE_SECURE", True),
        ({"STUDIO_TLS": ""}, "SESSION_COOKIE_SECURE", False),
        ({"STUDIO_HOST": "::1"}, "STUDIO_HOST", "::1"),
        ({"STUDIO_SIMULATOR_SPEED": "0"}, "SIMULATOR_TIME_SCALE", 0.0),
        ({"STUDIO_BASE_PATH": "/a/studio/"}, "STATIC_URL", "/a/studio/static/"),
        ({"STUDIO_BASE_PATH": "/studio", "STUDIO_TLS": "on"}, "CSRF_COOKIE_NAME", "__Secure-csrf"),
        ({"STUDIO_BASE_PATH": "/studio"}, "SESSION_COOKIE_PATH", "/studio/"),
        ({"STUDIO_SIMULATOR_LIMITS": "Jobs"}, "SIMULATOR_LIMITS", "jobs"),
        ({"STUDIO_ALLOWED_HOSTS": "a.example, .b.example,*,"}, "ALLOWED_HOSTS", ["a.example", ".b.example", "*"]),
        ({"STUDIO_TRUSTED_ORIGINS": "https://a.example/"}, "CSRF_TRUSTED_ORIGINS", ["https://a.example"]),
        ({"STUDIO_VISIBLE_MARKS": "on"}, "VISIBLE_MARKS", True),
        ({"STUDIO_EMAIL_URL": ""}, "STUDIO_EMAIL", False),
        ({"STUDIO_QUEUE": " "}, "QUEUE_URL", ""),
        ({"STUDIO_QUEUE": "rediss://:a%40b@queue.example:6380/2"}, "QUEUE_URL", "rediss://:a%40b@queue.example:6380/2"),
        ({"STUDIO_EMAIL_URL": "smtp+tls://me:a%40b@mail.example"}, "EMAIL_HOST_PASSWORD", "a@b"),
        ({"STUDIO_EMAIL_URL": "smtp+tls://me:a%40b@mail.example"}, "EMAIL_PORT", 587),
        ({"STUDIO_EMAIL_URL": "smtps://mail.example:4650"}, "EMAIL_PORT", 4650),
        ({"STUDIO_EMAIL_URL": "smtps://mail.example"}, "EMAIL_USE_SSL", True),
        ({"STUDIO_EMAIL_URL": "smtp://mail.example"}, "DEFAULT_FROM_EMAIL", "studio@mail.example"),
        ({"STUDIO_EMAIL_FROM": "Studio <a@b.example>"}, "DEFAULT_FROM_EMAIL", "Studio <a@b.example>"),
        ({"STUDIO_TIME_ZONE": "Europe/Berlin"}, "TIME_ZONE", "Europe/Berlin"),
        ({**KEY, "LUMA_BASE_URL": "https://h:1/v1/"}, "LUMA_BASE_URL", "https://h:1/v1"),
        ({**KEY, "LUMA_BASE_URL": "http://127.0.0.1:1/v1"}, "LUMA_BASE_URL", "http://127.0.0.1:1/v1"),
        ({**KEY, "LUMA_BASE_URL": "http://[::1]:1/v1"}, "LUMA_BASE_URL", "http://[::1]:1/v1"),
        ({**KEY, "STUDIO_SIMULATOR_PORT": "8000"}, "SIMULATOR_PORT", 8000),
        ({"STUDIO_HOST": "[::1]"}, "STUDIO_HOST", "::1"),
        ({"STUDIO_ALLOWED_HOSTS": "A.example., ::1"}, "ALLOWED_HOSTS", ["a.example", "[::1]"]),
        ({"STUDIO_TRUSTED_ORIGINS": "https://A.example:443"}, "CSRF_TRUSTED_ORIGINS", ["https://a.example"]),
        ({"STUDIO_TRUSTED_ORIGINS": "https://*.a.example:8"}, "CSRF_TRUSTED_ORIGINS", ["https://*.a.example:8"]),
        ({"LUMA_BASE_URL": "http://h:1/v1"}, "LUMA_BASE_URL", "http://127.0.0.1:8001/v1"),
    ],
)
def test_a_right_value_is_read(settings_with: Any, environment: dict[str, str], name: str, value: object) -> None:
    assert settings_with(**environment)[name] == value


def test_a_secret_may_lie_in_a_file(settings_with: Any, tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text("k" * 60 + "\n")
    assert settings_with(STUDIO_SECRET_KEY_FILE=str(file))["SECRET_KEY"] == "k" * 60


def test_postgresql_and_s3_are_chosen_by_their_addresses(settings_with: Any) -> None:
    found = settings_with(
        DATABASE_URL="postgres://me:secret@db.example:5432/studio",
        STUDIO_S3_BUCKET="pictures",
        STUDIO_S3_ENDPOINT="http://minio:9000",
    )
    database = found["DATABASES"]["default"]
    assert (database["ENGINE"], database["HOST"]) == ("django.db.backends.postgresql", "db.example")
    options = found["STORAGES"]["default"]["OPTIONS"]
    assert (options["bucket_name"], options["endpoint_url"]) == ("pictures", "http://minio:9000")


def test_files_of_a_bucket_come_by_links_and_never_from_a_disk(settings_with: Any) -> None:
    found = settings_with(
        STUDIO_FILE_SERVING="Presigned", STUDIO_S3_BUCKET="pictures", STUDIO_S3_ENDPOINT="https://s3.example"
    )
    images = found["CONTENT_SECURITY_POLICY"]["DIRECTIVES"]["img-src"]
    assert {"https://s3.example", "https://pictures.s3.example"} <= set(images)
    with pytest.raises(ImproperlyConfigured, match="which is for files on this machine's disk"):
        settings_with(STUDIO_FILE_SERVING="x-accel", STUDIO_S3_BUCKET="pictures")


PROVIDER = {
    "STUDIO_OIDC_URL": "https://login.example/realms/team",
    "STUDIO_OIDC_CLIENT_ID": "studio",
    "STUDIO_OIDC_CLIENT_SECRET": "hunter2",
}


def test_a_provider_is_read_with_its_groups_and_domains(settings_with: Any) -> None:
    found = settings_with(
        **PROVIDER,
        STUDIO_OIDC_GROUPS="studio admins = admin,makers=designer",
        STUDIO_OIDC_DOMAINS="A.example, b.example",
    )
    assert found["OIDC_GROUPS"] == {"studio admins": "admin", "makers": "designer"}
    assert found["OIDC_DOMAINS"] == {"a.example", "b.example"}
    assert (found["OIDC_NAME"], found["OIDC_URL"]) == ("your company", "https://login.example/realms/team")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"STUDIO_OIDC_CLIENT_ID": ""}, "STUDIO_OIDC_CLIENT_ID is empty, which is needed with STUDIO_OIDC_URL"),
        ({"STUDIO_OIDC_CLIENT_SECRET": ""}, "STUDIO_OIDC_CLIENT_SECRET is empty, which is needed with STUDIO_OIDC_URL"),
        ({"STUDIO_OIDC_URL": ""}, "STUDIO_OIDC_URL is empty, which is needed with the other STUDIO_OIDC settings"),
        ({"STUDIO_OIDC_URL": "http://login.example"}, "would carry the secret in the clear: https is needed"),
    ],
)
def test_half_a_provider_is_refused(settings_with: Any, change: dict[str, str], words: str) -> None:
    with pytest.raises(ImproperlyConfigured) as refused:
        settings_with(**{**PROVIDER, **change})
    assert words in str(refused.value)
    assert SENTENCE.fullmatch(str(refused.value))
    assert "hunter2" not in str(refused.value)


def test_without_passwords_there_is_a_provider(settings_with: Any) -> None:
    assert settings_with()["PASSWORDS"]
    with pytest.raises(ImproperlyConfigured) as refused:
        settings_with(STUDIO_PASSWORDS="off")
    assert str(refused.value) == (
        "STUDIO_PASSWORDS is off, which is only for a studio with single sign-on. "
        "Set STUDIO_OIDC_URL with its client, or leave STUDIO_PASSWORDS out."
    )
    assert not settings_with(**PROVIDER, STUDIO_PASSWORDS="off")["PASSWORDS"]


def test_a_mistyped_name_is_pointed_out(monkeypatch: pytest.MonkeyPatch) -> None:
    assert checks.names_are_known(None) == []
    monkeypatch.setenv("STUDIO_PROT", "9000")
    monkeypatch.setenv("STUDIO_XQZ_XQZ_XQZ", "1")
    monkeypatch.setenv("LUMA_API_KEY", "luma-api-x")
    found = checks.names_are_known(None)
    assert [(one.msg, one.hint, one.is_serious()) for one in found] == [
        ("LUMA_API_KEY is set, which is no setting of Studio.", "Write LUMA_AGENTS_API_KEY.", False),
        ("STUDIO_PROT is set, which is no setting of Studio.", "Write STUDIO_PORT.", False),
        ("STUDIO_XQZ_XQZ_XQZ is set, which is no setting of Studio.", "Remove it.", False),
    ]


def test_a_file_beside_the_code_is_read_too_and_the_environment_wins(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("STUDIO_DOTENV", "on")
    monkeypatch.setenv("STUDIO_SLOTS", "3")
    monkeypatch.setattr(configuration, "_from_file", {})
    (tmp_path / "studio").mkdir()
    copy = tmp_path / "studio" / "settings.py"
    copy.write_text(SETTINGS.read_text())
    (tmp_path / ".env").write_text("STUDIO_PROXIES=2\nSTUDIO_SLOTS=4\nSTUDIO_PROT=1\n")
    found = runpy.run_path(str(copy))
    assert (found["STUDIO_PROXIES"], found["LUMA_SLOTS"]) == (2, 3)
    assert configuration.mistyped() == [("STUDIO_PROT", "STUDIO_PORT")]
