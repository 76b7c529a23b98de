"""The tables are the truth: people, what they asked for, what became of it, and the pictures."""

from studio.models.account import Account
from studio.models.attempt import Attempt
from studio.models.gate import Gate
from studio.models.heartbeat import Heartbeat
from studio.models.invite import Invite
from studio.models.job import Job
from studio.models.job_count import JobCount
from studio.models.people import User
from studio.models.picture import Input, Picture, Rendition
from studio.models.revision import Revision
from studio.models.seat import Seat
from studio.models.submission import Submission

__all__ = [
    "Account",
    "Attempt",
    "Gate",
    "Heartbeat",
    "Input",
    "Invite",
    "Job",
    "JobCount",
    "Picture",
    "Rendition",
    "Revision",
    "Seat",
    "Submission",
    "User",
]
