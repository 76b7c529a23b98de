"""A person of a soak whose pictures Luma made and never links to: gives each of them up. `python -m tests.soak.giving_up`."""

from __future__ import annotations

import sys

import django

django.setup()

from django.utils import timezone  # noqa: E402

from studio.models import Job  # noqa: E402

if __name__ == "__main__":
    linkless = Job.objects.filter(state=Job.State.SAVING, submission__prompt__contains="[null-output]").exclude(
        cause=""
    )
    given_up = sum(job.give_up(by=job.person, now=timezone.now()) for job in linkless.select_related("person"))
    sys.stdout.write(f"{given_up}\n")
