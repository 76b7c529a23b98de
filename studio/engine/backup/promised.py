"""Which stored files the rows promise: what a backup saves, a restore brings back and a move must find."""

from __future__ import annotations

from collections.abc import Generator

from studio.models import Picture, Rendition, Split

CHUNK = 1_000  # rows


def files(using: str = "default") -> Generator[tuple[str, int | None]]:
    """Every stored file that a row promises, with its bytes where the row knows them.

    What can be drawn again from these is not among them.
    """
    kept = Picture.objects.using(using).filter(deleted_at__isnull=True)
    yield from kept.exclude(file="").values_list("file", "bytes").iterator(chunk_size=CHUNK)
    sizes = Rendition.objects.using(using).filter(picture__deleted_at__isnull=True)
    yield from sizes.exclude(file="").values_list("file", "bytes").iterator(chunk_size=CHUNK)
    splits = Split.objects.using(using).values_list("together_file", "difference_file")
    for pair in splits.iterator(chunk_size=CHUNK):
        yield from ((name, None) for name in pair if name)
