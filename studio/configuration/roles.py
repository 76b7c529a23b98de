"""What this machine does of the studio: everything, or one part of it."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    ALL = "all"
    WEB = "web"  # pages and files
    QUEUE = "queue"  # sizes of pictures, zips, exports
    CONDUCTOR = "conductor"  # sends to Luma and brings pictures home; a second one stands by

    @property
    def serves_pages(self) -> bool:
        return self in {Role.ALL, Role.WEB}

    @property
    def conducts(self) -> bool:
        return self in {Role.ALL, Role.CONDUCTOR}

    @property
    def queues(self) -> tuple[str, ...]:
        """The clusters of django-q2 that run here."""
        return {Role.ALL: ("io", "studio"), Role.QUEUE: ("studio",), Role.CONDUCTOR: ("io",)}.get(self, ())


# Of this process and of what it forks; the launcher says it before anything starts.
current = Role.ALL
