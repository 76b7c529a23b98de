"""The bytes of a zip file around its members (PKWARE APPNOTE 6.3): members are stored, so their own files stay where they are.

With sizes and checksums known before, the zip needs to be written nowhere: it is read from the headers made here and the
members' files, from any place. What is larger than 4 GB, or has more than 65,535 members, is ZIP64.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

_MOST_32, _MOST_16 = 0xFFFFFFFF, 0xFFFF
_UTF8 = 0x0800
_PLAIN, _ZIP64 = 20, 45  # the version that is needed to read it
_UNIX = 3 << 8
_MODE = 0o100644 << 16


class Member(NamedTuple):
    """A file in a zip: its name, its checksum, its size in bytes, and when it was made."""

    name: str
    crc: int
    size: int
    at: datetime


def member_of(name: str, data: bytes, at: datetime) -> Member:
    return Member(name, zlib.crc32(data), len(data), at)


def header(member: Member) -> bytes:
    """The bytes before a member. Raises ValueError for one that a header cannot describe."""
    if member.size >= _MOST_32:
        raise ValueError(f"{member.name} is larger than 4 GB")
    name = member.name.encode()
    facts = (_PLAIN, _UTF8, 0, *_dos(member.at), member.crc, member.size, member.size, len(name), 0)
    return struct.pack("<4s5H3I2H", b"PK\3\4", *facts) + name


def directory(members: Sequence[Member]) -> bytes:
    """The bytes behind all members: the list of them and its end."""
    at, entries = 0, []
    for member in members:
        entries.append(_entry(member, at))
        at += len(header(member)) + member.size
    listed = b"".join(entries)
    count, size = len(members), len(listed)
    ending = b""
    if count >= _MOST_16 or size >= _MOST_32 or at >= _MOST_32:
        whole = struct.pack("<4sQ2H2I4Q", b"PK\6\6", 44, _UNIX | _ZIP64, _ZIP64, 0, 0, count, count, size, at)
        ending = whole + struct.pack("<4sIQI", b"PK\6\7", 0, at + size, 1)
    few, short, near = min(count, _MOST_16), min(size, _MOST_32), min(at, _MOST_32)
    return listed + ending + struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, few, few, short, near, 0)


def _entry(member: Member, at: int) -> bytes:
    name, extra, version = member.name.encode(), b"", _PLAIN
    if at >= _MOST_32:
        extra, version = struct.pack("<2HQ", 1, 8, at), _ZIP64
    facts = (_UNIX | version, version, _UTF8, 0, *_dos(member.at), member.crc, member.size, member.size)
    rest = (len(name), len(extra), 0, 0, 0, _MODE, min(at, _MOST_32))
    return struct.pack("<4s6H3I", b"PK\1\2", *facts) + struct.pack("<5H2I", *rest) + name + extra


def _dos(at: datetime) -> tuple[int, int]:
    """The time and the date as DOS writes them: even seconds, from 1980 to 2107."""
    year = min(max(at.year, 1980), 2107)
    return at.hour << 11 | at.minute << 5 | at.second // 2, year - 1980 << 9 | at.month << 5 | at.day
