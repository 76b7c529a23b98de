"""Where a bucket is, as a browser sees it."""

from __future__ import annotations

from urllib.parse import urlsplit


def origins(bucket: str, endpoint: str, region: str) -> list[str]:
    """Return the origins that links into a bucket may have: its endpoint, and the bucket as a name below it."""
    regional = f"https://s3.{region}.amazonaws.com" if region else "https://s3.amazonaws.com"
    bases = [endpoint] if endpoint else list(dict.fromkeys([regional, "https://s3.amazonaws.com"]))
    found = []
    for base in bases:
        parts = urlsplit(base)
        found += [f"{parts.scheme}://{parts.netloc}", f"{parts.scheme}://{bucket}.{parts.netloc}"]
    return found
