"""What clients answer through a proof link, and what their page shows of it: decisions and comments."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Count, Max, Q
from django.utils import timezone

from studio.codes import of_form
from studio.models.account.notification import Notification
from studio.models.opinions.comment import Comment, spot_of
from studio.models.opinions.opinion import Decision
from studio.models.people import User
from studio.models.picture import Picture
from studio.models.proof.link import ProofClient, ProofLink
from studio.models.revision import Revision
from studio.models.sql.compiled_query import KEY, KEYS, CompiledQuery
from studio.text.names import isolated

# What a client may say: approve it, ask for changes, or take that back.
VERDICTS = (Decision.Verdict.APPROVED, Decision.Verdict.REJECTED, Decision.Verdict.NONE)
LONGEST_COMMENT = 2000  # characters
# Of one link: no round of pictures needs more, and a script would fill the tables.
MOST_AN_HOUR = 120
MOST_NAMES = 200
# The newest of one picture that its page shows.
MOST_SHOWN = 200


class Flooded(Exception):
    """More was said through a link than anybody says; it goes on an hour later."""


def name_client(link: ProofLink, name: str) -> ProofClient:
    """Write down who answers from now on. Raises Flooded after MOST_NAMES."""
    if link.clients.count() >= MOST_NAMES:
        raise Flooded
    return ProofClient.objects.create(link=link, name=name)


def decide(client: ProofClient, picture: Picture, verdict: str, *, seen: str | None = None) -> Decision | None:
    """Approve a picture, ask for changes, or take it back (""); None when that is what the link said already.

    `seen`: the verdict that is taken back; another one, which somebody gave through the link meanwhile, stays. The maker of
    the link and the owner of the picture are told. Raises Flooded.
    """
    with transaction.atomic():
        Revision.bump()  # one after the other from here on
        last = verdicts(client.link, [picture.pk]).get(picture.pk)
        said = last.verdict if last else ""
        if said == verdict or (not verdict and seen not in {None, said}):
            return None
        _slow_down(Decision.objects.filter(client__link=client.link, at__gt=_an_hour_ago()).count())
        made = Decision.make(picture, verdict, client=client)
        words = {"approved": "approved a picture in", "rejected": "asked for changes in", "": "took a decision back in"}
        _tell(client, picture, words[verdict], "decided", {client.link.person.keeper, picture.person.keeper})
    return made


def say(
    client: ProofClient,
    picture: Picture,
    text: str,
    x: float | None = None,
    y: float | None = None,
    *,
    once: uuid.UUID | None = None,
) -> Comment:
    """Comment on a picture, at a spot of it (per cent of its width and height) or as a whole.

    `once`: of the form; what it sent twice is one comment. The owner of the picture and the maker of the link are told.
    Raises Flooded, and ValidationError with a sentence.
    """
    _slow_down(Comment.objects.filter(client__link=client.link, created_at__gt=_an_hour_ago()).count())
    with transaction.atomic():
        Revision.bump()  # one after the other from here on
        if sent := sent_before(client.link, picture, text, (x, y), once):
            return sent
        code = _code_of(client.link, once) if once else None
        made = Comment.objects.say(picture, text, client=client, x=x, y=y, code=code)
        maker, owner = client.link.person.keeper, picture.person.keeper
        _tell(client, picture, "commented in", "said", {maker} - {owner}, comment=made)
    return made


def sent_before(
    link: ProofLink, picture: Picture, text: str, spot: tuple[float | None, float | None], once: uuid.UUID | None
) -> Comment | None:
    """Return the comment that the same form made of these words at this spot already, whoever of the link sent it."""
    if once is None:
        return None
    found = Comment.objects.sent_before(_code_of(link, once), picture, text, spot_of(*spot)).filter(client__link=link)
    return found.select_related("client").first()


def _code_of(link: ProofLink, once: uuid.UUID) -> uuid.UUID:
    """Return the code of the comment of a form: of the link, as who sends it may have no name yet."""
    return of_form(once, f"comment of the link {link.pk}")


def finish(client: ProofClient) -> None:
    """Tell the maker of the link that the client is done with it."""
    approved, changes = counts(client.link)
    link = client.link
    text = f"is done with “{isolated(link.title)}”: {approved} approved, {changes} to change"
    kind = Notification.Kind.PROOF
    with transaction.atomic():
        Notification.tell(link.person, kind, text, _address(link), client=client, key=f"proof-done-{link.code}")


def verdicts(link: ProofLink, keys: Sequence[int]) -> dict[int, Decision]:
    """Return what the clients of a link last said of each of these pictures (primary keys)."""
    said = Decision.objects.filter(client__link=link, picture__in=keys)
    newest = said.values("picture").annotate(last=Max("pk")).values_list("last", flat=True)
    found = Decision.objects.filter(pk__in=list(newest)).exclude(verdict="").select_related("client")
    return {one.picture_id: one for one in found}


def decided(link: ProofLink, keys: Sequence[int]) -> dict[int, str]:
    """Return the word of each verdict alone, for counting those of hundreds of pictures (primary keys)."""
    clients = _CLIENTS(link.pk)
    words = dict(_DECIDED(clients)) if clients else {}
    return {key: words[key] for key in keys if key in words}


def _decided(clients: Any) -> Any:
    newest = Decision.objects.filter(client__in=clients).order_by().values("picture").annotate(last=Max("pk"))
    return Decision.objects.filter(pk__in=newest.values("last")).exclude(verdict="").values_list("picture", "verdict")


# By the keys of the clients, at most MOST_NAMES: through a join PostgreSQL takes the few of a link for most of all. And of
# every picture that the link ever showed: a condition for each of hundreds takes longer to write than to answer.
_CLIENTS: CompiledQuery[ProofClient] = CompiledQuery(
    lambda link: ProofClient.objects.filter(link=link).values_list("pk", flat=True), KEY
)
_DECIDED: CompiledQuery[Decision] = CompiledQuery(_decided, KEYS)


def counts(link: ProofLink) -> tuple[int, int]:
    """Return how many of its pictures are approved, and of how many the client wants changes."""
    found = list(decided(link, [place.pk for place in link.places]).values())
    return found.count(Decision.Verdict.APPROVED), found.count(Decision.Verdict.REJECTED)


def comments(link: ProofLink, picture: Picture) -> list[Comment]:
    """Return what was said on a picture through this link, and the team's replies to it, oldest first.

    Nothing of what the team says among itself.
    """
    said = Comment.objects.filter(_of(link), picture=picture, deleted_at=None)
    newest = said.select_related("client", "person").order_by("-created_at", "-pk")[:MOST_SHOWN]
    return list(newest)[::-1]


def comment_counts(link: ProofLink, keys: Iterable[int]) -> dict[int, int]:
    """Return how many comments of this link each of these pictures (primary keys) has."""
    asked = list(keys)
    return dict(_SAID(link.pk, asked)) if asked else {}


def _of(link: Any) -> Q:
    return Q(client__link=link) | Q(thread__client__link=link, client=None)


def _said(link: Any, keys: Any) -> Any:
    said = Comment.objects.filter(_of(link), picture__in=keys, deleted_at=None)
    return said.order_by().values("picture").annotate(number=Count("pk")).values_list("picture", "number")


_SAID: CompiledQuery[Comment] = CompiledQuery(_said, KEY, KEYS)


def _an_hour_ago() -> datetime:
    return timezone.now() - timedelta(hours=1)


def _slow_down(number: int) -> None:
    if number >= MOST_AN_HOUR:
        raise Flooded


def _address(link: ProofLink) -> str:
    return f"/proofs/#link-{link.code}"


def _tell(
    client: ProofClient, picture: Picture, words: str, key: str, people: set[User], *, comment: Comment | None = None
) -> None:
    """Tell these people, each once for a link and a kind until it is read; its title to those who may know of it."""
    link = client.link
    for person in sorted((one for one in people if one.is_active), key=lambda one: one.pk):
        Notification.tell(
            person,
            Notification.Kind.PROOF,
            f"{words} {f'“{isolated(link.title)}”' if not ProofLink.hidden([link], person) else 'a proof link'}",
            picture.get_absolute_url(),
            client=client,
            picture=picture,
            comment=comment,
            key=f"proof-{key}-{link.code}",
        )
