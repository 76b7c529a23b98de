from __future__ import annotations


class NotPlaced(Exception):
    """Why nothing of what was asked for is stored, as a `sentence` for whoever asked."""

    @property
    def sentence(self) -> str:
        return str(self)
