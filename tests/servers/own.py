"""A database and a bucket for each studio that a test starts, where the tests run on servers.

`STUDIO_TEST_POSTGRES` is the address of a PostgreSQL whose role may make databases, `STUDIO_TEST_S3` of an S3 server.
Without them a studio has SQLite and a folder.
"""

from __future__ import annotations

import atexit
import hashlib
import json
import os
import uuid
from contextlib import suppress
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

POSTGRES, S3 = os.environ.get("STUDIO_TEST_POSTGRES", ""), os.environ.get("STUDIO_TEST_S3", "")
KEYS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test-secret"}
REGION = "us-east-1"

_made: set[str] = set()


def surroundings(data: Path) -> dict[str, str]:
    """The settings of the studio with this data folder; its database and its bucket are made the first time."""
    found = {}
    if POSTGRES:
        found["DATABASE_URL"] = database(data)
    if S3:
        found |= s3_settings(bucket(data)) | KEYS
    return found


def s3_settings(bucket: str) -> dict[str, str]:
    return {"STUDIO_S3_BUCKET": bucket, "STUDIO_S3_ENDPOINT": S3, "STUDIO_S3_REGION": REGION}


def database(data: Path, *, template: Path | None = None) -> str:
    """Return the address of this folder's database, made empty, or as that of another folder is."""
    name = _name(data)
    if name not in _made:
        _execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        like = f' TEMPLATE "{_name(template)}"' if template else ""
        _execute(f'CREATE DATABASE "{name}"{like}')
        if not _made:
            atexit.register(_drop_all)
        _made.add(name)
    return urlsplit(POSTGRES)._replace(path=f"/{name}").geturl()


def renew(data: Path, *, template: Path) -> None:
    """Throw this folder's database away and make it as that of another folder is."""
    _made.discard(_name(data))
    database(data, template=template)


def copy(source: Path, target: Path) -> None:
    """Let the studio in `target` begin with the tables of the one in `source`, which does not run."""
    if POSTGRES:
        database(target, template=source)


def connect(data: Path) -> Any:
    """A connection to the database of this folder, as `with`: what is done in it is done at its end."""
    import psycopg

    return psycopg.connect(database(data))


def rows(data: Path, query: str, *values: Any) -> list[Any]:
    """Read or write the tables beside a running studio. Placeholders are `?`."""
    import psycopg

    with psycopg.connect(database(data), autocommit=True) as connection:
        done = connection.execute(query.replace("%", "%%").replace("?", "%s") if values else query, values or None)
        return [tuple(map(_as_sqlite, row)) for row in done.fetchall()] if done.description else []


def _as_sqlite(value: Any) -> Any:
    """Write a value as SQLite keeps it."""
    if isinstance(value, uuid.UUID):
        return value.hex
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, dict | list):
        return json.dumps(value)
    return int(value) if isinstance(value, bool) else value


def read(data: Path, name: str) -> bytes:
    """What the file storage of this folder's studio holds under this name."""
    if S3:
        return bytes(client().get_object(Bucket=bucket(data), Key=name)["Body"].read())
    return (data / "media" / name).read_bytes()


def names(data: Path, folder: str) -> list[str]:
    """What the file storage holds in a folder and below."""
    if S3:
        found = client().list_objects_v2(Bucket=bucket(data), Prefix=f"{folder}/" if folder else "").get("Contents", [])
        return [one["Key"] for one in found]
    media = data / "media"
    return [str(file.relative_to(media)) for file in (media / folder).rglob("*") if file.is_file()]


def client() -> Any:
    import boto3

    return boto3.client(
        "s3",
        endpoint_url=S3,
        region_name=REGION,
        aws_access_key_id=KEYS["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=KEYS["AWS_SECRET_ACCESS_KEY"],
    )


def bucket(data: Path) -> str:
    """Return the name of this folder's bucket, made empty."""
    name = _name(data).replace("_", "-")
    if name not in _made:
        client().create_bucket(Bucket=name)
        _made.add(name)
    return name


def empty_bucket(data: Path) -> None:
    """Take every file out of this folder's bucket."""
    files = client()
    found = [{"Key": name} for name in names(data, "")]
    if found:
        files.delete_objects(Bucket=bucket(data), Delete={"Objects": found})


def _name(data: Path) -> str:
    return f"studio_{os.getpid()}_{hashlib.sha256(str(data).encode()).hexdigest()[:12]}"


def _execute(statement: str) -> None:
    import psycopg

    with psycopg.connect(POSTGRES, autocommit=True) as connection:
        connection.execute(statement)


def _drop_all() -> None:
    for name in _made:
        with suppress(Exception):
            _execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
