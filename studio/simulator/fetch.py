"""Fetching input images as the service's proxy does: https, public hosts, 18 seconds (luma-api.md section 3.9)."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver
from yarl import URL

from studio.network import ip
from studio.simulator.errors import ApiError

LARGEST_IMAGE = 50 * 1024 * 1024
FETCH_SECONDS = 18.0
MOST_REDIRECTS = 5
REDIRECTS = (301, 302, 303, 307, 308)
CHUNK_BYTES = 256 * 1024


class PublicResolver(AbstractResolver):
    """Resolve names to public addresses only, so that a name cannot lead inside."""

    def __init__(self, *, allow_loopback: bool) -> None:
        self._inner = ThreadedResolver()
        self._allow_loopback = allow_loopback

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Return the addresses of a host; raise OSError if any is not public."""
        found = await self._inner.resolve(host, port, family)
        for address in found:
            check_address(address["host"], allow_loopback=self._allow_loopback)
        return found

    async def close(self) -> None:
        """Close the resolver."""
        await self._inner.close()


def check_address(address: str, *, allow_loopback: bool) -> None:
    """Raise OSError unless an IP address is public, or loopback where that is allowed."""
    found = ip.read_any(address)
    if found is None or not (ip.is_public(found) or (allow_loopback and ip.is_loopback(found))):
        raise OSError(f"{address} is not public")


class Fetcher:
    """Fetch images for one simulator."""

    def __init__(self, *, allow_loopback: bool) -> None:
        self._allow_loopback = allow_loopback
        connector = aiohttp.TCPConnector(
            resolver=PublicResolver(allow_loopback=allow_loopback), force_close=True, use_dns_cache=False
        )
        self._session = aiohttp.ClientSession(connector=connector, trust_env=False)

    async def close(self) -> None:
        """Close the session."""
        await self._session.close()

    async def fetch(self, url: str, place: str, path: Path) -> None:
        """Stream an image to `path`; raise ApiError 413 or 422, prefixed with `place`."""
        try:
            async with asyncio.timeout(FETCH_SECONDS):
                await self._follow(URL(url), place, path)
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise ApiError(422, f"{place}: failed to fetch URL") from error

    async def _follow(self, url: URL, place: str, path: Path) -> None:
        for _ in range(1 + MOST_REDIRECTS):
            self._check(url)
            async with self._session.get(url, allow_redirects=False) as response:
                location = response.headers.get("Location")
                if response.status not in REDIRECTS or location is None:
                    return await _store(response, place, path)
                url = url.join(URL(location))
        raise ApiError(422, f"{place}: failed to fetch URL")

    def _check(self, url: URL) -> None:
        """Raise OSError for a scheme or a literal address that the service refuses."""
        if url.host is None:
            raise OSError("no host")
        # A name is judged by the resolver; an address in the URL never reaches it.
        if ip.read_any(url.host):
            check_address(url.host, allow_loopback=self._allow_loopback)
        if url.scheme != "https" and not (self._allow_loopback and url.scheme == "http"):
            raise OSError(f"{url.scheme} is not https")


async def _store(response: aiohttp.ClientResponse, place: str, path: Path) -> None:
    if not response.ok:
        raise ApiError(422, f"{place}: failed to fetch URL (HTTP {response.status})")
    if not response.content_type.startswith("image/"):
        raise ApiError(422, f"{place}: content-type is not an image")
    size = 0
    with path.open("wb") as file:
        async for chunk in response.content.iter_chunked(CHUNK_BYTES):
            size += len(chunk)
            if size > LARGEST_IMAGE:
                raise too_large(place)
            file.write(chunk)


def too_large(place: str) -> ApiError:
    """Return the 413 for an input image above 50 MB."""
    return ApiError(413, f"{place}: image exceeds 50 MB limit")
