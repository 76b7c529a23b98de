"""What a page leaves out of somebody else's private work."""

from __future__ import annotations

import copy
from typing import Any

from studio.models import Job, Submission, User


def leave_out_hidden_inputs(submission: Submission, person: User) -> None:
    """Take the pictures that a person may not see out of those that a submission used, as this page shows them."""
    used = submission.used
    if any(one.picture.is_hidden_from(person) for one in used):
        submission.__dict__["used"] = [one for one in used if not one.picture.is_hidden_from(person)]


def conceal(job: Any, person: User) -> Job:
    """Return the job for an admin's Review: of somebody's private job its cause and cost, not its words and pictures."""
    shown: Job = job
    if not shown.is_private or shown.person_id == person.pk:
        return shown
    asked = copy.copy(shown.submission)
    asked.prompt, asked.full_prompt, asked.blanks = f"Private job of {shown.person.name}", "", []
    asked.__dict__["used"] = []
    shown.submission = asked
    # What Luma says of a request may repeat its words.
    shown.detail = ""
    shown.__dict__["is_concealed"] = True
    return shown
