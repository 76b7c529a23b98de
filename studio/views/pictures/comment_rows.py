"""Comments as one person sees them, and the threads of a page: each is filled in where its template has its words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.utils.safestring import SafeString

from studio.models import Comment, User
from studio.views import addresses, markup, stencil
from studio.views.stencil import Row

TALK = "pictures/_talk.html"


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a comment's text, which names a person or not."""

    text: str
    is_mention: bool = False


@dataclass(slots=True)
class Said:
    """A comment as one person sees it, with its replies."""

    comment: Comment
    viewer: User
    replies: list[Said] = field(default_factory=list)

    @property
    def row(self) -> dict[str, str | bool]:
        """As its template reads it, without its replies."""
        said = self.comment
        return {
            "code": str(said.code),
            "initials": said.person.initials if said.person else said.author[:1].upper(),
            "author": said.author,
            "is_by_client": said.client is not None,
            "pin": str(said.pin or ""),
            "at": markup.when(said.created_at),
            "is_edited": said.changed_at is not None,
            "text": said.text,
            "words": self.words,
            "is_resolved": said.is_resolved,
            "resolved_by": said.resolved_by.name if said.resolved_by else "",
            "resolved_at": markup.when(said.resolved_at),
            "is_deleted": said.deleted_at is not None,
            "deleted_by": said.deleted_by.name if said.deleted_by else "",
            "deleted_at": markup.when(said.deleted_at),
            "may_edit": self.may_edit,
            "may_delete": self.may_delete,
            "may_restore": self.may_restore,
            "talk": addresses.of("studio:comments", said.picture.code),
            "edit": addresses.of("studio:edit_comment", said.code),
            "delete": addresses.of("studio:delete_comment", said.code),
            "resolve": addresses.of("studio:resolve_comment", said.code),
        }

    @property
    def words(self) -> str:
        """Its text; as HTML where it names somebody."""
        parts = self.parts
        if not any(one.is_mention for one in parts):
            return self.comment.text
        rows: list[Row] = [{"text": one.text, "is_mention": one.is_mention} for one in parts]
        return stencil.each(f"{TALK}#part", "part", rows)

    @property
    def parts(self) -> list[Part]:
        text, found, at = self.comment.text, [], 0
        for start, end, _ in self.comment.named:
            found += [Part(text[at:start]), Part(text[start:end], is_mention=True)]
            at = end
        return [one for one in [*found, Part(text[at:])] if one.text]

    @property
    def may_edit(self) -> bool:
        return self.comment.may_edit(self.viewer)

    @property
    def may_delete(self) -> bool:
        return self.comment.may_delete(self.viewer)

    @property
    def may_restore(self) -> bool:
        return self.comment.may_restore(self.viewer)


def threads(shown: Iterable[Said], token: str) -> SafeString:
    """Render these threads with their replies; `token` is what their forms send along."""
    return _each([said.row | {"is_first": True, "replies": _replies(said, token)} for said in shown], token)


def _replies(said: Said, token: str) -> str:
    return _each([one.row | {"is_first": False, "replies": ""} for one in said.replies], token) if said.replies else ""


def _each(rows: Iterable[Row], token: str) -> SafeString:
    return stencil.each(f"{TALK}#comment", "said", rows, csrf_token=token)
