"""Check what is kept so that no page counts it: of boards, of tags, and of how often a look was used."""

from __future__ import annotations

from collections.abc import Iterator

from django.db import transaction
from django.db.models import Sum

from studio.engine.integrity.finding import Finding
from studio.models import LookVersion, Revision, Submission, Tag
from studio.models.boards import counts as board_counts

# Nobody asked for a picture with it.
NEVER: tuple[int, dict[str, int]] = (0, {})


def broken() -> Iterator[Finding]:
    for row, sentence in board_counts.wrong():
        yield Finding(invariant="boards-are-counted", sentence=sentence, row=row, repairable=True)
    for row, sentence in Tag.wrong():
        yield Finding(invariant="tags-are-counted", sentence=sentence, row=row, repairable=True)
    asked = _asked()
    for version in LookVersion.objects.select_related("look").order_by("pk"):
        used, private = asked.get(version.pk, NEVER)
        kept = {person: number for person, number in version.private_used.items() if number}
        if (version.used, kept) != (used, private):
            yield Finding(
                invariant="looks-are-counted",
                sentence=(
                    f"The number of pictures of {version} is {used}, and of private ones {sum(private.values())}; stored are"
                    f" {version.used} and {sum(kept.values())}."
                ),
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
        used, private = _asked().get(finding.row or 0, NEVER)
        LookVersion.objects.filter(pk=finding.row or 0).update(used=used, private_used=private)
    return True


def _asked() -> dict[int, tuple[int, dict[str, int]]]:
    """Count the pictures asked for with each version: the team's, and each person's private ones by their key."""
    rows = Submission.objects.filter(look__isnull=False).order_by()
    found: dict[int, tuple[int, dict[str, int]]] = {}
    for key, is_private, person, every in rows.values_list("look", "is_private", "person").annotate(every=Sum("count")):
        used, private = found.get(key or 0, NEVER)
        if is_private:
            private = {**private, str(person): int(every)}
        found[key or 0] = (used if is_private else used + int(every), private)
    return found
