"""A copy of the tables to put back, and what is seen of it afterwards."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest
from django.conf import settings as django_settings

from studio.engine import recovery
from studio.failures import PUT_BACK
from studio.models import Job
from tests.faults.double import Double
from tests.faults.test_crashes import copy_tables, database


def marked() -> Path:
    return Path(django_settings.STUDIO_DATA) / "mark.json"


class Backup:
    """A copy of the tables at one moment."""

    def __init__(self, file: Path, double: Double) -> None:
        self.file, self.double = file, double
        copy_tables(database(), str(file))

    def put_back(self) -> None:
        """Put the tables back as they were; the API's book of what they cannot know is closed."""
        copy_tables(str(self.file), database())
        self.double.close_book()


def asked() -> list[str]:
    """The prompts of the jobs that a person is asked about because the tables were put back."""
    found = Job.objects.filter(state=Job.State.UNKNOWN, sentence=PUT_BACK.sentence, charge=Job.Charge.MAYBE)
    return sorted(found.values_list("submission__prompt", flat=True))


def warnings(caplog: pytest.LogCaptureFixture) -> list[str]:
    told = [record for record in caplog.records if record.name == recovery.__name__]
    return [record.getMessage() for record in told if record.levelno >= logging.WARNING]
