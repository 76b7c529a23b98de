"""What the compose dock sends: judged field by field, and nothing of it lost when something is wrong."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.datastructures import MultiValueDict
from django.utils.functional import cached_property

from studio.forms.create import dock_board, draft
from studio.forms.create.asked import FIRST, Asked, clean_text, last_settings, recent
from studio.forms.create.compose_fields import ComposeFields
from studio.forms.create.dock import Dock
from studio.forms.create.many import LIST_CHANGED, NONE_CHOSEN, Many, Refused
from studio.forms.create.rules import complaints
from studio.forms.spend import prices
from studio.luma import capabilities, ratios
from studio.luma.capabilities import KINDS
from studio.models import Batch, Board, Draft, Look, LookVersion, Submission, User
from studio.models.account import rights
from studio.models.budget import OverBudget
from studio.models.requests.batch import MOST_COMBINATIONS
from studio.models.requests.request_spec import CHOICES, RequestSpec
from studio.models.submission import JustMade, NotPlaced

if TYPE_CHECKING:
    from django.core.files.uploadedfile import UploadedFile


class ComposeForm(ComposeFields):
    """A request as the dock sends it. `dock` is what the page shows, bound or not.

    Files that arrive with the form (a page without script) are stored while it is judged, and then stand in the tray
    like any other picture, whatever else is wrong.
    """

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        files: MultiValueDict[str, UploadedFile[bytes]] | None = None,
        *,
        person: User,
        initial: Mapping[str, Any] | None = None,
    ) -> None:
        """`initial` names fields; its `source` is a Picture and its `reference` a list of them."""
        given = {**FIRST, "token": uuid.uuid4(), **(initial or {})}
        if given.get("source") and "type" not in (initial or {}):
            given["type"] = Submission.Type.EDIT.value
        super().__init__(data, files, person=person, initial=given)
        self._follows = bool(self.source_picture) and "type" not in (initial or {})
        self.asks_again = self.is_over_budget = False
        draws = f"Luma draws with {' or '.join(capabilities.models())}; choose one of them."
        self.fields["model"].error_messages["invalid_choice"] = draws
        for name in ("aspect_ratio", "ratios"):
            made = f"Luma makes these ratios: {', '.join(ratios.slugs())}."
            self.fields[name].error_messages["invalid_choice"] = made
        # Whether the page shows the person's draft: "all", "merge" (with pictures that a link adds) or "off" (what a link
        # asks for instead); `before` is the draft that it set aside.
        self.draft = "off" if self.is_bound else "all"
        self.number = 0
        self.edited_at: datetime | None = None
        self.choices: dict[str, dict[str, Any]] = {}
        self.before: dict[str, Any] | None = None
        self.begins_anew = False
        self.gone_note = ""
        self._spec: RequestSpec | None = None
        self.many: Many | None = None
        self.goes_to: Board | None = None

    @classmethod
    def from_query(cls, request: HttpRequest) -> ComposeForm:
        """Fill the dock as a link asks: ?source=&reference= (pictures), like= reuse= words= (a submission), edit= (a job),
        prompt=, ratio=. What cannot be found is left out; the rest are the person's last settings."""
        person = request.user
        if not isinstance(person, User):
            raise TypeError("the dock belongs to somebody who is signed in")
        from_link = Asked(request.GET, person)
        form = cls(person=person, initial=from_link.initial())
        form.draft, form.number, form.edited_at = from_link.draft, from_link.number, from_link.edited_at
        form.choices, form.before = from_link.content["choices"], from_link.content.get("before")
        form.begins_anew, form._last, form.recent = from_link.begins_anew, from_link.last, from_link.recent
        form.gone_note = from_link.gone_note
        form.initial["board"] = dock_board.begun_with(request.GET, person)
        form._follows = from_link.content.get("follows", False) and form.source_picture is not None
        return form

    @cached_property
    def dock(self) -> Dock:
        return Dock(
            self,
            person=self.person,
            recent=lambda: self.recent,
            source=self.source_picture,
            references=self.reference_pictures,
            changed=self.changed,
            look=self.look_version,
            draft=self.draft,
            page=self._page,
            asks_again=self.asks_again,
            begins_anew=self.begins_anew,
            before=self.before,
            type=self.mode,
            many=self.many,
            follows_source=self.follows_source,
            gone_note=self.gone_note,
        )

    @property
    def mode(self) -> str:
        """The mode to show, and to make: a source that has just arrived makes it an edit."""
        value = self["type"].value()
        if self.follows_source:
            return Submission.Type.EDIT.value
        if not value:
            return Submission.Type.EDIT.value if self.source_picture else str(FIRST["type"])
        return value if value in KINDS else str(FIRST["type"])

    @property
    def follows_source(self) -> bool:
        """Whether the mode is Edit because a source came, and not because somebody chose it."""
        return self._follows or (self.source_arrived and self["type"].value() in {"image", None, ""})

    @cached_property
    def _last(self) -> dict[str, Any]:
        return {**FIRST, **last_settings(self.recent)}

    @cached_property
    def recent(self) -> list[dict[str, Any]]:
        """What the person asked for lately, newest first."""
        return recent(self.person)

    @property
    def _page(self) -> dict[str, Any]:
        """What the page's script needs beside the fields: the choices of every mode, and where the draft stands."""
        shown = {name: self[name].value() for name in CHOICES}
        if self.is_bound:
            shown |= {name: bool(shown[name]) for name in ("web_search", "is_private")}
            shown["count"] = _number(shown["count"])
        shown["look"] = str(self.look_version.code) if self.look_version else ""
        shown["blanks"] = list(self["blank"].value() or [])
        choices = {self.mode: draft.choices_of(self.mode, shown), **({} if self.is_bound else self.choices)}
        first = {type: draft.first_choices(type, {}, self._last) for type in KINDS}
        age = (timezone.now() - self.edited_at) // timedelta(milliseconds=1) if self.edited_at else 0
        where = {"number": self.number, "age": age, "before": self.before, "follows": self.follows_source}
        return {**where, "choices": choices, "first": first}

    def keep_draft(self, now: datetime, *, alone: bool = False) -> None:
        """Keep what was sent as the person's draft: a page without script shows it again; `alone`: without Undo."""
        known = Draft.objects.filter(person=self.person).first()
        before = draft.cleaned(known.content) if known else None
        kept = {
            "type": self.mode,
            "prompt": str(self["prompt"].value() or ""),
            "source": str(self.source_picture.code) if self.source_picture else "",
            "references": [str(picture.code) for picture in self.reference_pictures],
            "choices": {**(before or draft.EMPTY)["choices"], **self._page["choices"]},
            "follows": self.follows_source,
        }
        # What was never sent is one Undo away.
        sent = {str(kept["prompt"]).strip(), *(str(asked["prompt"]).strip() for asked in self.recent)}
        aside = before and (before.get("before") if before["prompt"].strip() in sent else draft.set_aside(before))
        if aside and not alone:
            kept["before"] = aside
        Draft.keep(self.person, draft.cleaned(kept) or kept, seen=known.number if known else 0, edited_at=now)

    def spec(self) -> RequestSpec:
        """Return what is asked for. Raises ValueError when the form is not valid."""
        if not self.is_valid() or self._spec is None:
            raise ValueError("a form that is not valid has no spec")
        return self._spec

    def place(self, now: datetime | None = None) -> tuple[Submission, bool]:
        """Store the submission and its jobs; return the submission and whether it is new. The same token stores once.

        Raises NotPlaced, which the errors of the form then tell as well, and JustMade, which the dock asks about.
        """
        spec = self.spec()
        again, ask = bool(self.cleaned_data["again"]), bool(self.cleaned_data["ask"])
        token = self.cleaned_data["token"]
        try:
            if not Submission.objects.filter(person=self.person, token=token).exists():
                prices.check(self.cleaned_data["prices"], [spec])
            return Submission.place(
                self.person, token, spec, now=now or timezone.now(), asks_first=not again, asks_over=ask
            )
        except JustMade:
            self.asks_again = True
            raise
        except NotPlaced as full:
            self.is_over_budget = isinstance(full, OverBudget)
            self.add_error(None, full.sentence)
            raise

    # ---- Judging

    def clean_prompt(self) -> str:
        return clean_text(self.cleaned_data["prompt"])

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        self._fill_tray(data)
        self._take_files(data)
        self.goes_to = dock_board.find(data.get("board", ""), self.person)
        self._choose_look(data, is_taken=self.takes_looks and KINDS[self.mode].max_references > 0)
        if "type" in data and not (set(self.errors) - {"source", "reference", "token", "look"}):
            self._combine(self._make_spec(data), data)
        return data

    def _combine(self, spec: RequestSpec, data: Mapping[str, Any]) -> None:
        """Judge every combination that is asked for; a single one is the request."""
        try:
            asked = {"ratios": data["ratios"], "listed": data["listed"], "checked": data["combination"]}
            self.many = Many(spec, find_looks=self._find_looks, **asked)
        except Refused as why:
            self.errors.pop("look", None)  # which is said better here
            self.add_error("prompt", why.sentence)
            return
        self._spec = self.many.specs[0]
        judged = [one.spec for one in self.many.chosen] or self.many.specs
        found = (complaint for one in judged for complaint in complaints(one))
        for field, sentence in dict.fromkeys(found):
            self.add_error(field, sentence)

    def _find_looks(self, tags: Sequence[str]) -> dict[str, LookVersion]:
        """The looks that these tags mean to the person: more than one list has are never used."""
        known = Look.objects.known_tags(tags, self.person)[:MOST_COMBINATIONS]
        named = {tag: Look.objects.named(tag, self.person) for tag in known}
        return {tag: look.current for tag, look in named.items() if look and look.current}

    @property
    def needs_list(self) -> bool:
        """Whether the combinations have to be shown, or shown again, before they are made."""
        many = self.many
        if many is None or not many.is_list or self.errors:
            return False
        if many.was_listed and many.chosen:
            return False
        if many.was_listed:
            self.add_error(None, NONE_CHOSEN)
        elif many.is_stale:
            self.add_error(None, LIST_CHANGED)
        return True

    def place_many(self, now: datetime) -> tuple[Batch, bool]:
        """Store the combinations that are checked; return them and whether they are new. The same token stores once.

        Raises NotPlaced, which the errors of the form then tell as well.
        """
        many = self.many
        if many is None or not many.was_listed:
            raise ValueError("nothing is made of a list that was not shown")
        specs, title = [one.spec for one in many.chosen], self.cleaned_data["prompt"]
        token, kind = self.cleaned_data["token"], Batch.Kind.COMBINATIONS
        try:
            prices.check(self.cleaned_data["prices"], specs)
            return Batch.place(
                self.person, token, specs, kind=kind, title=title, now=now, asks_over=bool(self.cleaned_data["ask"])
            )
        except NotPlaced as full:
            self.is_over_budget = isinstance(full, OverBudget)
            self.add_error(None, full.sentence)
            raise

    def _make_spec(self, data: Mapping[str, Any]) -> RequestSpec:
        """Leave out what the type does not take: without script every control of the dock is sent."""
        kind = KINDS[self.mode]
        return RequestSpec(
            type=kind.slug,
            prompt=data["prompt"],
            model=data["model"] or rights.models_of(self.person, kind.models)[0],
            aspect_ratio=data["aspect_ratio"] if kind.has_ratio else "",
            style=(data["style"] if kind.styles else "") or "auto",
            output_format=data["output_format"] if kind.output_formats else "",
            web_search=data["web_search"] and kind.has_web_search,
            layering_resolution=data["layering_resolution"] if kind.resolutions else "",
            is_private=data["is_private"],
            count=1 if data["count"] is None else data["count"],
            source=self.source_picture if kind.needs_source else None,
            references=tuple(self.reference_pictures) if kind.max_references else (),
            look=self.look_version if kind.max_references else None,
            blanks=draft.blank_values(data.get("blank")),
            board=self.goes_to,
        )

    @property
    def notes(self) -> list[str]:
        """What the person should know of a form that is made all the same."""
        return [dock_board.GONE] if self.is_valid() and self.cleaned_data["board"] and self.goes_to is None else []


def _number(raw: Any) -> int:
    try:
        return int(raw)
    except (TypeError, ValueError):
        return 1
