"""The bytes around a zip's members, read back by Python's own reader: small ones, and one beyond 4 GB."""

from __future__ import annotations

import io
import zipfile
from datetime import UTC, datetime

import pytest

from studio.embedding import Part, Spliced
from studio.zip_layout import Member, directory, header, member_of

AT = datetime(2026, 11, 27, 4, 18, 31, tzinfo=UTC)


class Zeros(io.RawIOBase):
    """A file of so many zeros that it could lie on no disk of a test."""

    def readable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = 0, /) -> int:
        return offset

    def read(self, size: int = -1, /) -> bytes:
        return bytes(size)


def test_members_keep_their_names_times_and_bytes() -> None:
    files = {"001-harbour.png": b"first", "002-港.png": b"", "settings.csv": b"third" * 99}
    members = [member_of(name, data, AT) for name, data in files.items()]
    data = b"".join(header(one) + files[one.name] for one in members) + directory(members)
    with zipfile.ZipFile(io.BytesIO(data)) as whole:
        assert whole.testzip() is None
        assert {one.filename: whole.read(one) for one in whole.infolist()} == files
        assert whole.infolist()[0].date_time == (2026, 11, 27, 4, 18, 30)


def test_a_zip_beyond_4_gb_and_65535_members_is_read_to_its_end() -> None:
    large = Member("large.png", 0, 3 << 30, AT)
    members = [large, large._replace(name="second.png"), *(member_of(f"{n}.txt", b"x", AT) for n in range(65_600))]
    pieces: list[bytes | Part] = []
    for one in members:
        pieces += [header(one), Part("zeros", 0, one.size) if one.size > 1 else b"x"]
    file = Spliced([*pieces, directory(members)], lambda _: Zeros())
    assert file.size > 6 << 30
    with zipfile.ZipFile(file) as whole:  # type: ignore[arg-type]
        assert len(whole.infolist()) == len(members)
        assert whole.read("65599.txt") == b"x"


def test_a_member_beyond_4_gb_is_refused() -> None:
    with pytest.raises(ValueError, match="larger than 4 GB"):
        header(Member("x", 0, 5 << 30, AT))
