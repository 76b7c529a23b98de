"""Hand the work of a person who leaves to somebody else, in one step, and back again.

No row of a picture changes: whoever made it stays who made it. `User.inherited` of the new owner names the people whose
work is theirs, and every question of ownership asks for it (User.owns, User.owned). So it takes one transaction,
however much work there is, and can be taken back.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.apps import apps
from django.db import models, transaction
from django.db.models import Q

from studio.models.account.notification import Notification
from studio.models.jobs.count import JobCount
from studio.models.people import AccessRefused, User
from studio.models.revision import Revision
from studio.models.trail import TrailEntry
from studio.text.names import isolated

ONESELF = "Another admin has to hand over your own work."
NO_HEIR = "{name} can't look after pictures. Choose somebody who makes pictures and has access."
HANDED_ALREADY = "{by} was faster: the work of {name} is with {heir} already."
PRIVATE_UNCONFIRMED = "{name} has private work, which {heir} will see. Say that this is meant, then hand over."


@dataclass(frozen=True, slots=True)
class Work:
    """What a person has: how many pictures, boards, looks and proof links, jobs that wait, and how much is private."""

    pictures: int
    boards: int
    looks: int
    links: int
    waiting: int
    private: int

    @classmethod
    def of(cls, person: User) -> Work:
        """Count it, with what they look after of others: pictures as they are counted with every job, the rest along an
        index."""

        def rows(name: str) -> Any:
            return apps.get_model("studio", name).objects

        made = JobCount.objects.filter(person.owned(), group=JobCount.Group.DONE)
        every = models.Sum("number", default=0)
        pictures = made.aggregate(every=every, private=models.Sum("number", filter=Q(is_private=True), default=0))
        boards = rows("Board").filter(person.owned(), deleted_at__isnull=True)
        looks = rows("Look").filter(person.owned(), deleted_at=None)
        return cls(
            pictures=pictures["every"],
            boards=boards.count(),
            looks=looks.count(),
            links=rows("ProofLink").filter(person.owned(), revoked_at=None).count(),
            waiting=rows("Job").waiting().filter(person.owned()).count(),
            private=pictures["private"] + boards.filter(visibility="private").count(),
        )

    @property
    def parts(self) -> list[str]:
        """`482 pictures`, `3 boards` …: what there is of it."""
        return parts(asdict(self))

    @property
    def sentence(self) -> str:
        """`482 pictures, 3 boards and 4 waiting jobs`."""
        return joined(self.parts) or "no work"


WORDS = {
    "pictures": ("picture", "pictures"),
    "boards": ("board", "boards"),
    "looks": ("look", "looks"),
    "links": ("proof link", "proof links"),
    "waiting": ("waiting job", "waiting jobs"),
}


def parts(counts: Mapping[str, int]) -> list[str]:
    numbers = ((counts.get(name, 0), words) for name, words in WORDS.items())
    return [f"{number:,} {words[number != 1]}" for number, words in numbers if number]


def joined(words: list[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else "".join(words)


def hand_over(pk: int, *, to: int, by: User, also_private: bool, now: datetime) -> Work:
    """Hand all work of a person to `to` and end the person's access; return what it was.

    Private work stays private: `to` alone sees it then, which whoever does it has to confirm (`also_private`).
    Raises AccessRefused, and changes nothing, as `UserManager.change_access`, for somebody who can't look after it, and
    where another admin was faster.
    """
    with transaction.atomic():
        if by.pk == pk:
            raise AccessRefused(ONESELF)
        Revision.bump()  # before the rows of people, as the engine does
        # Access first: it locks the admins' rows, so that two admins come one after the other.
        person = User.objects.change_access(pk, by=by, is_active=False)
        heir = User.objects.select_for_update().get(pk=to)
        if person.handed_to:
            name, keeper = isolated(person.name), isolated(person.keeper.name)
            who = isolated(person.handed.get("by") or "Somebody")
            raise AccessRefused(HANDED_ALREADY.format(by=who, name=name, heir=keeper))
        if not (heir.is_active and heir.can_make) or heir.pk == pk:
            raise AccessRefused(NO_HEIR.format(name=isolated(heir.name)))
        work = Work.of(person)
        if work.private and not also_private:
            raise AccessRefused(PRIVATE_UNCONFIRMED.format(name=isolated(person.name), heir=isolated(heir.name)))
        person.handed_to, person.handed_at, person.handed = heir, now, asdict(work) | {"by": by.name}
        person.save(update_fields=["handed_to", "handed_at", "handed"])
        settle()
        verb, address = TrailEntry.Verb.HANDED_OVER, f"/people/{person.pk}/"
        TrailEntry.log(
            verb, by=by, thing=person.name, address=address, text=f"{work.sentence} to {isolated(heir.name)}"
        )
        text = f"handed you the work of {isolated(person.name)}: {work.sentence}."
        Notification.tell(heir, Notification.Kind.CHANGE, text, "/boards/?show=mine", actor=by)
    return work


def take_back(person: User) -> None:
    """Give the work back to a person who has access again. Call it inside the transaction that gives it."""
    if person.handed_to:
        heir = person.handed_to
        person.handed_to, person.handed_at, person.handed = None, None, {}
        person.save(update_fields=["handed_to", "handed_at", "handed"])
        settle()
        text = f"{isolated(person.name)} is back, and so is their work: it's not yours to look after any more."
        Notification.tell(heir, Notification.Kind.CHANGE, text, "/boards/")


def settle() -> None:
    """Write down whose work each person looks after, as the hand-overs are: people are few."""
    for person, inherited in _missettled():
        User.objects.filter(pk=person.pk).update(inherited=inherited)


def wrong() -> list[str]:
    """Say of whom it is not written down whose work they look after."""
    return [f"{person.name} looks after other work than was handed over." for person, _ in _missettled()]


def _missettled() -> list[tuple[User, list[int]]]:
    given: dict[int, int | None] = dict(User.objects.filter(handed_to__isnull=False).values_list("pk", "handed_to"))
    found: dict[int, list[int]] = {}
    for key, heir in sorted(given.items()):
        while heir is not None:
            found.setdefault(heir, []).append(key)
            heir = given.get(heir)
    people = User.objects.only("name", "inherited")
    return [(one, found.get(one.pk, [])) for one in people if one.inherited != found.get(one.pk, [])]
