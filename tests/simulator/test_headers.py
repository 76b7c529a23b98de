"""Headers that every answer carries, whatever it answers (luma-api.md section 8.2)."""

from __future__ import annotations

import socket
from uuid import UUID

import httpx
import pytest

from tests.simulator.conftest import PLAIN, raw, root

CALLS = [
    ("POST", "/generations", 201),
    ("GET", "/generations/none", 404),
    ("GET", "/files", 200),
    ("PUT", "/generations", 405),
    ("GET", "/usage", 404),
    ("HEAD", "/files", 405),
]


@pytest.mark.parametrize(("method", "path", "status"), CALLS)
def test_the_callers_request_id_comes_back_on_every_answer(address: str, method: str, path: str, status: int) -> None:
    body = {"prompt": "A"} if method == "POST" else None
    with raw(address) as http:
        response = http.request(method, path, json=body, headers={"X-Request-Id": "myapp-user42-batch7-req003"})
    assert response.status_code == status
    assert response.headers["X-Request-Id"] == "myapp-user42-batch7-req003"
    assert response.headers["X-API-Version"] == "2026-04-01"


def test_without_one_a_request_gets_an_id_of_its_own(address: str) -> None:
    with raw(address) as http:
        ids = [http.get("/files").headers["X-Request-Id"] for _ in range(2)]
    assert len({UUID(name) for name in ids}) == 2


def test_refusals_at_the_door_carry_them_too(address: str) -> None:
    for key in ("luma-api-revoked", "luma-api-suspended", "none"):
        with raw(address, key) as http:
            response = http.get("/files")
        assert response.status_code in (401, 403)
        assert response.headers["X-API-Version"] == "2026-04-01"
        assert UUID(response.headers["X-Request-Id"])


def test_a_body_beyond_the_cap_is_a_413_with_headers(address: str) -> None:
    port = int(root(address).rpartition(":")[2])
    lines = (
        "POST /v1/generations HTTP/1.1",
        "Host: x",
        "Authorization: Bearer luma-api-x",
        "Content-Length: 999999999",
    )
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall("\r\n".join((*lines, "", "")).encode())
        answer = connection.recv(65536)
    assert answer.startswith(b"HTTP/1.1 413")
    assert b"X-API-Version: 2026-04-01" in answer


def test_an_id_that_no_header_can_carry_is_replaced(address: str) -> None:
    response = httpx.get(f"{address}/files", headers=[(b"X-Request-Id", b"caf\xe9")], **PLAIN)
    assert UUID(response.headers["X-Request-Id"])
