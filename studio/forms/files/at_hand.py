"""Stored pictures at hand for the picture child, and why something cannot be done with them, in words for a page."""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.db import Error as DatabaseError

from studio import imaging, storage
from studio.forms.files import decoding, uploads
from studio.models import Picture

log = logging.getLogger(__name__)

# What the child refuses because of what a person sent; all else is about the stored pictures.
_STATUS = {"bad_mask": 400}


class Trouble(Exception):
    """Why something cannot be done, in words for the page, with the status of the answer."""

    def __init__(self, sentence: str, status: int) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.status = status


@contextmanager
def at_hand(*pictures: Picture, busy: str, gone: str) -> Iterator[tuple[Path, list[Path]]]:
    """Give a folder with the files of stored pictures in it, and one of the machine's places for decoding.

    What fails is a `Trouble`: with `busy` where it may be tried again, with `gone` where a file is missing.
    """
    try:
        with (
            decoding.place(),
            tempfile.TemporaryDirectory(dir=settings.WORK_DIR, ignore_cleanup_errors=True) as name,
        ):
            folder = Path(name)
            try:
                paths = [storage.copy_to(one.file, folder / f"{n}.{one.format}") for n, one in enumerate(pictures)]
            except FileNotFoundError as problem:
                log.error("A picture's file is missing: %s", problem.filename)
                raise Trouble(gone, 422) from problem
            yield folder, paths
    except imaging.Unusable as refusal:
        raise Trouble(refusal.sentence, _STATUS.get(refusal.reason, 422)) from refusal
    except (decoding.Busy, TimeoutError, imaging.ChildLost) as problem:
        raise Trouble(busy, 503) from problem
    except OSError as problem:
        log.exception("Work on stored pictures failed")
        raise Trouble(uploads.trouble(problem), 503) from problem
    except DatabaseError as problem:
        log.exception("What came of stored pictures could not be written down")
        raise Trouble(uploads.trouble(problem), 503) from problem
