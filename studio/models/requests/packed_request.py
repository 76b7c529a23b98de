"""A request as JSON, to wait for an approval: its choices, and the keys of what it uses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from studio.models.account.token import ApiToken
from studio.models.alerts.webhook import Webhook
from studio.models.board import Board
from studio.models.looks.look import LookVersion
from studio.models.not_placed import NotPlaced
from studio.models.people import User
from studio.models.picture import Picture
from studio.models.requests.request_spec import CHOICES, RequestSpec

PICTURE_GONE = "One of its pictures was deleted, so it can't be made any more. Decline it and say so."


def packed(spec: RequestSpec) -> dict[str, Any]:
    """A request as JSON: its choices, and the keys of what it uses."""
    chosen: dict[str, Any] = {name: getattr(spec, name) for name in CHOICES}
    return chosen | {
        "source": spec.source.pk if spec.source else None,
        "inputs": len(spec.all_references) + (spec.source is not None),
        "references": [picture.pk for picture in spec.references],
        "look": spec.look.pk if spec.look else None,
        "blanks": list(spec.blanks),
        "board": spec.board.pk if spec.board else None,
        "api_token": spec.api_token.pk if spec.api_token else None,
        "webhook": spec.webhook.pk if spec.webhook else None,
    }


def unpacked(kept: Mapping[str, Any], person: User) -> RequestSpec:
    source: list[int] = [kept["source"]] if kept["source"] else []
    pictures = _pictures([*source, *kept["references"]], person)
    look = LookVersion.objects.select_related("look").filter(pk=kept["look"]).first() if kept["look"] else None
    board = Board.objects.changeable_by(person).filter(pk=kept["board"]).first() if kept["board"] else None
    return RequestSpec(
        **{name: kept[name] for name in CHOICES},
        source=pictures[0] if source else None,
        references=tuple(pictures[len(source) :]),
        look=look,
        blanks=tuple(kept["blanks"]),
        board=board,
        api_token=ApiToken.objects.select_related("person").filter(pk=kept.get("api_token") or 0).first(),
        webhook=Webhook.objects.filter(pk=kept.get("webhook") or 0).first(),
    )


def _pictures(keys: Sequence[int], person: User) -> list[Picture]:
    found = Picture.objects.visible_to(person).in_bulk(keys) if keys else {}
    if len(found) < len(set(keys)):
        raise NotPlaced(PICTURE_GONE)
    return [found[key] for key in keys]
