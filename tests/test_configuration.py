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

from studio import checks, configuration

SETTINGS = Path(configuration.__file__).with_name("settings.py")
SENTENCE = re.compile(r"([A-Z0-9_]+) is (.+), which is (.+)\. ((?:Write|Leave) .+\.)")
WRONG = [
    ("STUDIO_DATA", "/proc/nothing/here", "'/proc/nothing/here', which is no folder that can be made"),
    ("STUDIO_DATA", "~nobody-of-that-name/x", "no folder that can be made"),
    ("STUDIO_HOST", "http://0.0.0.0", "'http://0.0.0.0', which is not an address to listen at"),
    ("STUDIO_HOST", "*", "not an address to listen at"),
    ("STUDIO_HOST", "*here", "not an address to listen at"),
    ("STUDIO_HOST", "127.0.0.1:80", "not an address to listen at"),
    ("STUDIO_HOST", "a b", "not an address to listen at"),
    ("STUDIO_HOST", "[127.0.0.1]", "not an address to listen at"),
    ("STUDIO_DATA", "/bin/sh", "no folder that can be made"),
    ("STUDIO_PORT", "8_000", "not a whole number"),
    ("STUDIO_PORT", "٨٠", "not a whole number"),
    ("STUDIO_PORT", "eighty", "'eighty', which is not a whole number from 1 to 65535. Write a whole number from 1"),
    ("STUDIO_PORT", "65536", "'65536', which is not a whole number"),
    ("STUDIO_PORT", "80.5", "not a whole number"),
    ("STUDIO_PROXIES", "-1", "not a whole number from 0 to 5"),
    ("STUDIO_SIMULATOR_PORT", "0", "not a whole number from 1 to 65535"),
    ("STUDIO_SIMULATOR_SPEED", "fast", "'fast', which is not a number from 0 to 100. Write a number from 0 to 100"),
    ("STUDIO_SIMULATOR_PORT", "8000", "8000, which is the port of Studio too. Write another port."),
    ("STUDIO_SIMULATOR_SPEED", "-1", "not a number"),
    ("STUDIO_SIMULATOR_SPEED", "-0.1", "not a number"),
    ("STUDIO_SIMULATOR_SPEED", "1e999", "not a number"),
    ("STUDIO_SIMULATOR_SPEED", "nan", "not a number"),
    ("STUDIO_SIMULATOR_SPEED", "inf", "not a number"),
    ("STUDIO_SIMULATOR_LIMITS", "heavy", "'heavy', which is not one of its values. Write weights or jobs."),
    ("STUDIO_SLOTS", "0", "not a whole number from 1 to 1000"),
    ("STUDIO_REQUESTS_PER_MINUTE", "0", "not a whole number from 1 to 10000"),
    ("STUDIO_WAITING_PER_PERSON", "7", "not a whole number from 20 to 100000"),
    ("STUDIO_DEBUG", "maybe", "'maybe', which is neither on nor off. Write on or off."),
    ("STUDIO_TLS", "2", "neither on nor off"),
    ("STUDIO_SECRET_KEY", "x", "a text of 1 character (not shown), which is too short"),
    ("STUDIO_SECRET_KEY", "short", "a text of 5 characters (not shown), which is too short"),
    ("STUDIO_SECRET_KEY_FILE", "/nothing/here", "no file that can be read (No such file or directory)"),
    ("STUDIO_SECRET_KEY_FILE", "/bin/sh", "no file that can be read (it is not text)"),
    ("STUDIO_ALLOWED_HOSTS", "https://studio.example", "not all names of hosts"),
    ("STUDIO_SECRET_KEY_FILE", "hunter2-given-itself", "a text of 20 characters (not shown)"),
    ("STUDIO_SECRET_KEY_FILE", "/dev/null", "'/dev/null', which is an empty file"),
    *(
        ("STUDIO_ALLOWED_HOSTS", value, "not all names of hosts")
        for value in (
            *("studio.example:80", "a.example b.example", "a.example/", "127.0.0.1:8000", "[::1]:8000", "*.a.example"),
            *("-a.example", "a..example", "1.2.3", ",", "me@a.example", "x" * 64, "a:80", "[::1", "fe80::1%eth0"),
        )
    ),
    *(
        ("STUDIO_TRUSTED_ORIGINS", value, "not all whole addresses")
        for value in (
            *("https://a.example, b.example", "https://a.example/path", "https://a.example https://b.example", "null"),
            *("https://me:hunter2@a.example", "https://a.example?x", "https://a.example#x", "ftp://a.example", "*"),
            *("https:// a.example", "https://a.example:", "https://a.example:70000", "https://*", "https://a\\b", ","),
        )
    ),
    ("STUDIO_S3_BUCKET", "my pictures", "not the name of a bucket"),
    ("STUDIO_S3_BUCKET", "s3://pictures", "not the name of a bucket"),
    ("STUDIO_S3_REGION", "eu central", "not a region"),
    ("STUDIO_S3_ENDPOINT", "https://me:hunter2@minio:9000", "a text of 29 characters (not shown)"),
    ("STUDIO_S3_ENDPOINT", "https://minio:9000/?x=1", "not a whole address"),
    ("STUDIO_S3_ENDPOINT", "https://mi nio", "not a whole address"),
    ("STUDIO_S3_ENDPOINT", "minio:9000", "'minio:9000', which is not a whole address. Write one such as https://"),
    ("STUDIO_S3_ENDPOINT", "https://", "not a whole address"),
    ("STUDIO_S3_ENDPOINT", "https://here:port", "not a whole address"),
    ("STUDIO_FILE_SERVING", "nginx", "Write direct, x-accel, x-sendfile or presigned."),
    ("STUDIO_FILE_SERVING", "presigned", "presigned, which is for files in a bucket, and STUDIO_S3_BUCKET names none"),
    ("STUDIO_OIDC_URL", "login.example", "not a whole address"),
    ("STUDIO_PASSWORDS", "maybe", "neither on nor off"),
    ("STUDIO_OIDC_CLIENT_ID", "a b", "no client ID"),
    ("STUDIO_OIDC_CLIENT_SECRET_FILE", "/nothing/here", "no file that can be read (No such file or directory)"),
    ("STUDIO_OIDC_NAME", "x" * 41, "no name of 1 to 40 characters"),
    ("STUDIO_OIDC_GROUPS", "designers", "no list of groups and roles. Write pairs such as studio-admins=admin"),
    ("STUDIO_OIDC_GROUPS", "designers=owner", "no list of groups and roles"),
    ("STUDIO_OIDC_DOMAINS", "@studio.example", "no list of domains. Write domains such as studio.example"),
    ("STUDIO_SIGN_IN_HEADER", "Cookie", "no header for a name. Write one that the proxy sets itself"),
    ("STUDIO_SIGN_IN_HEADER", "X_Remote_User", "no header for a name"),
    (
        "STUDIO_SIGN_IN_HEADER",
        "X-Remote-User",
        "X-Remote-User, which is believed from a proxy alone, and STUDIO_PROXIES",
    ),
    ("STUDIO_SIGN_IN_HEADER_FROM", "proxy.example", "not all addresses or networks"),
    ("STUDIO_SIGN_IN_HEADER_FROM", "10.0.0.1/24", "not all addresses or networks"),
    ("STUDIO_BASE_PATH", "studio", "no path on a site. Write one such as /studio."),
    ("STUDIO_BASE_PATH", "/a/../b", "no path on a site"),
    ("STUDIO_TIME_ZONE", "Mars", "'Mars', which is not a time zone"),
    ("STUDIO_TIME_ZONE", "../../etc/passwd", "not a time zone"),
    ("STUDIO_TIME_ZONE", "Europe", "not a time zone"),
    ("STUDIO_TIME_ZONE", "x" * 500, "not a time zone"),
    ("STUDIO_WEBHOOKS_PRIVATE", "perhaps", "Write on or off."),
    ("STUDIO_WEBHOOKS_LOCAL", "perhaps", "Write on or off."),
    ("STUDIO_VISIBLE_MARKS", "in a corner", "Write"),
    ("STUDIO_METRICS_TOKEN_FILE", "/nothing/here", "no file that can be read (No such file or directory)"),
    ("STUDIO_METRICS_TOKEN", "guess-me", "a text of 8 characters (not shown), which is too short"),
    ("STUDIO_LOG_FORMAT", "xml", "Write line or json."),
    ("STUDIO_LOG_LEVEL", "loud", "Write DEBUG, INFO, WARNING, ERROR or CRITICAL."),
    ("LUMA_AGENTS_API_KEY", "sk-wrong", "a text of 8 characters (not shown), which is no key"),
    ("LUMA_AGENTS_API_KEY_FILE", "/", "no file that can be read (Is a directory)"),
    ("LUMA_BASE_URL", f"https://{'x' * 255}", "not a whole address"),
    ("STUDIO_S3_ENDPOINT", f"https://{'x' * 64}.example", "not a whole address"),
    ("STUDIO_OIDC_URL", f"https://{'x.' * 125}example", "not a whole address"),
    ("LUMA_BASE_URL", "agents", "Write one such as https://agents.lumalabs.ai/v1."),
    ("DATABASE_URL", "mysql://me:hunter2@here/x", "(not shown), which is no address of a PostgreSQL database"),
    ("LUMA_BASE_URL", "luma-api-hunter2", "a text of 16 characters (not shown)"),
    ("LUMA_BASE_URL", "https://agents.lumalabs.ai/v1?key=1", "not a whole address"),
    ("DATABASE_URL", "hunter2", "no address of a PostgreSQL database"),
    ("DATABASE_URL", "postgres://me:hunter2@here", "no address of a PostgreSQL database"),
    ("DATABASE_URL", "postgres://me:hunter2@here:99999/x", "no address of a PostgreSQL database"),
    ("DATABASE_URL_FILE", "/nothing/here", "no file that can be read"),
    *(
        ("STUDIO_EMAIL_URL", value, "a text (not shown), which is no address of a mail server. Write smtp+tls://user")
        for value in (
            *(
                "mail.example",
                "http://mail.example",
                "smtp://",
                "smtp://me@mail.example",
                "smtp://me:hunter2@mail.example:x",
            ),
            *(
                "smtp://mail.example/inbox",
                "smtp://mail.example?tls=on",
                "smtp://mail.example:0",
                "smtp://mail example",
            ),
        )
    ),
    ("STUDIO_EMAIL_URL_FILE", "/nothing/here", "no file that can be read"),
    *(
        (
            "STUDIO_QUEUE",
            value,
            "a text (not shown), which is no address of a Redis. Write redis://:password@host:6379/0",
        )
        for value in (
            *("here", "redis://", "http://here:6379", "redis://:hunter2@here:x", "redis://here:0", "redis://he re"),
            *("redis://here/jobs", "redis://here/0?db=1", "redis://here/0#1", "redis://here:99999"),
        )
    ),
    ("STUDIO_QUEUE_FILE", "/nothing/here", "no file that can be read"),
    ("STUDIO_EMAIL_FROM", "the studio", "'the studio', which is not an address of e-mail. Write an address such as"),
    ("STUDIO_EMAIL_FROM", "studio@-mail.example", "which is not an address of e-mail"),
]
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


def test_the_command_line_says_what_is_wrong_and_nothing_else(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    environment = {"PATH": "/usr/bin:/bin", "STUDIO_DOTENV": "0", "STUDIO_DATA": str(tmp_path), "STUDIO_PORT": "x"}
    command = [sys.executable, "manage.py", "studio"]
    done = subprocess.run(
        command, env=environment, cwd=SETTINGS.parents[1], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert done.stderr.startswith("Studio does not start:\nSTUDIO_PORT is 'x', which is not a whole number")
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
