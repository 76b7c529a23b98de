"""Check what is kept so that no page counts it: of boards, of tags, and of how often a look was used."""

from __future__ import annotations

from collections.abc import Iterator

from django.db import transaction
from django.db.models import Sum

from studio.engine.integrity.finding import Finding
from studio.models import LookVersion, Revision, Submission, Tag, board_counts


def broken() -> Iterator[Finding]:
    for row, sentence in board_counts.wrong():
        yield Finding(invariant="boards-are-counted", sentence=sentence, row=row, repairable=True)
    for row, sentence in Tag.wrong():
        yield Finding(invariant="tags-are-counted", sentence=sentence, row=row, repairable=True)
    asked = _asked()
    for version in LookVersion.objects.select_related("look").order_by("pk"):
        if version.used != asked.get(version.pk, 0):
            yield Finding(
                invariant="looks-are-counted",
                sentence=f"{asked.get(version.pk, 0)} pictures of {version} are counted as {version.used}.",
                row=version.pk,
                repairable=True,
            )


def recount_board(finding: Finding) -> bool:
    board_counts.recount(finding.row or 0)
    return True


def recount_tag(finding: Finding) -> bool:
    Tag.recount(finding.row or 0)
    return True


def recount_look(finding: Finding) -> bool:
    """Count the pictures asked for with a version; nobody asks for one meanwhile."""
    with transaction.atomic():
        Revision.bump()
        LookVersion.objects.filter(pk=finding.row or 0).update(used=_asked().get(finding.row or 0, 0))
    return True


def _asked() -> dict[int, int]:
    rows = Submission.objects.filter(look__isnull=False).order_by().values_list("look").annotate(every=Sum("count"))
    return {key: int(every) for key, every in rows if key}
