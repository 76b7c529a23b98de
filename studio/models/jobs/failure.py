from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Self

from studio.failures import Ending

# No engine holds the row.
FREE: dict[str, Any] = {"lease_owner": "", "lease_until": None}
# A row that goes on although it had ended: nobody settled it or put it away.
NO_CASE: dict[str, Any] = {"settled_at": None, "settled_by": None, "settled_as": ""}
NO_CASE |= {"acknowledged_at": None, "acknowledged_by": None}
NO_END: dict[str, Any] = {"finished_at": None, "dismissed_at": None, **NO_CASE}
# What a person's word, or an accepted request, puts back to the start.
NO_HOLD: dict[str, Any] = {"resends": 0, "hold_reason": ""}
# An attempt whose possible ids are not asked about any more.
NO_LOOKUP: dict[str, Any] = {"look_at": None, "look_result": ""}
NO_FAILURE: dict[str, Any] = {
    "cause": "",
    "failure_code": "",
    "status": None,
    "sentence": "",
    "detail": "",
    "remedy": {},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Why a job ended without a picture, in the words that a person will read."""

    cause: str
    sentence: str
    code: str = ""
    status: int | None = None
    detail: str = ""
    charge: str = "none"
    # How one more try would send the pictures otherwise (studio.models.jobs.remedy); empty where nothing can be done.
    remedy: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        ending: Ending,
        *,
        code: str = "",
        status: int | None = None,
        detail: str = "",
        remedy: dict[str, Any] | None = None,
        **named: object,
    ) -> Self:
        """Say what the catalogue says of this ending, with `named` put into its sentence."""
        cause, charge, sentence = ending
        return cls(
            cause=cause,
            charge=charge,
            sentence=sentence.format(**named),
            code=code,
            status=status,
            detail=detail,
            remedy=remedy or {},
        )

    def as_fields(self) -> dict[str, Any]:
        """What the row keeps of it, cut to what its columns hold."""
        return {
            "cause": self.cause[:20],
            "failure_code": self.code[:40],
            "status": self.status,
            "sentence": self.sentence[:300],
            "detail": self.detail[:500],
            "charge": self.charge,
            "remedy": self.remedy,
        }

    def as_end(self, now: datetime) -> dict[str, Any]:
        """The row of a job that ends with it: nobody holds it, and it is an open case on every page."""
        ended = {"finished_at": now, "due_at": None, "dismissed_at": None}
        return {**ended, **NO_CASE, **self.as_fields(), **FREE}
