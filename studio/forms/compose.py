"""What the compose dock sends: judged field by field, and nothing of it lost when something is wrong."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django import forms
from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from django.utils.datastructures import MultiValueDict
from django.utils.functional import cached_property

from studio import look_text
from studio.forms import draft
from studio.forms.asked import FIRST, RATIO_NAMES, Asked, clean_text, find, find_look, last_settings, recent
from studio.forms.dock import Dock
from studio.forms.fields import GONE, Codes, Files, Texts
from studio.forms.many import LIST_CHANGED, NONE_CHOSEN, Many, Refused
from studio.forms.rules import WORDS, complaints
from studio.forms.uploads import Refusal, refuse_again, shown_name, store_upload
from studio.luma.capabilities import KINDS, MAX_REFERENCES, MODELS, STYLE_RATIOS
from studio.models import Batch, Draft, Look, LookVersion, Picture, RemoteFile, Submission, User
from studio.models.batch import MOST_COMBINATIONS
from studio.models.remote_file import refused_sentence
from studio.models.submission import CHOICES, MOST_AT_ONCE, JustMade, RequestSpec, TooManyWaiting

if TYPE_CHECKING:
    from django.core.files.uploadedfile import UploadedFile

FORMATS = ("png", "jpeg")
RESOLUTIONS = ("1k", "2k")
_ONE_SOURCE = "Only one source can be used, so it was left out."
_TRAY_FULL = "The tray is full, so it was left out."
_OUT_OF_DATE = "This form was out of date and has been renewed. Press Make again."


class ComposeForm(forms.Form):
    """A request as the dock sends it. `dock` is what the page shows, bound or not.

    Files that arrive with the form (a page without script) are stored while it is judged, and then stand in the tray
    like any other picture, whatever else is wrong.
    """

    token = forms.UUIDField(error_messages={"required": _OUT_OF_DATE, "invalid": _OUT_OF_DATE})
    type = forms.ChoiceField(
        choices=Submission.Type.choices,
        required=False,
        error_messages={"invalid_choice": "Choose Generate, Edit or Layers."},
    )
    prompt = forms.CharField(required=False)
    model = forms.ChoiceField(
        choices=[(name, name) for name in MODELS],
        required=False,
        error_messages={"invalid_choice": f"Luma draws with {' or '.join(MODELS)}; choose one of them."},
    )
    aspect_ratio = forms.ChoiceField(
        choices=[("", "Auto"), *((name, name) for name in RATIO_NAMES)],
        required=False,
        error_messages={"invalid_choice": f"Luma makes these ratios: {', '.join(RATIO_NAMES)}."},
    )
    style = forms.ChoiceField(
        choices=[(name, name.capitalize()) for name in STYLE_RATIOS],
        required=False,
        error_messages={"invalid_choice": "Choose the style Auto or Manga."},
    )
    output_format = forms.ChoiceField(
        choices=[("", "Auto"), *((name, name.upper()) for name in FORMATS)],
        required=False,
        error_messages={"invalid_choice": "Choose the format PNG or JPEG, or leave it to Luma."},
    )
    web_search = forms.BooleanField(required=False)
    layering_resolution = forms.ChoiceField(
        choices=[("", "Auto"), *((name, name) for name in RESOLUTIONS)],
        required=False,
        error_messages={"invalid_choice": "Choose 1k or 2k for the layers, or leave it to Luma."},
    )
    count = forms.IntegerField(required=False, error_messages={"invalid": f"Choose 1 to {MOST_AT_ONCE} pictures."})
    source = Codes(required=False)
    reference = Codes(required=False)
    remove = Codes(required=False)
    # More ratios beside the one that is chosen; which list of combinations was shown, and the boxes checked in it.
    ratios = forms.MultipleChoiceField(
        choices=[(name, name) for name in RATIO_NAMES],
        required=False,
        error_messages={"invalid_choice": f"Luma makes these ratios: {', '.join(RATIO_NAMES)}."},
    )
    listed = forms.CharField(required=False)
    combination = forms.TypedMultipleChoiceField(
        choices=[(str(number), "") for number in range(MOST_COMBINATIONS)],
        coerce=int,
        required=False,
        error_messages={"invalid_choice": LIST_CHANGED},
    )
    # The version of a look, what fills its blanks, and a tick of a page without script that takes it away.
    look = forms.UUIDField(required=False, error_messages={"invalid": WORDS["look_gone"]})
    blank = Texts(required=False)
    no_look = forms.BooleanField(required=False)
    # Pressed after the question whether the same is meant twice.
    again = forms.BooleanField(required=False)
    source_file = Files(required=False)
    reference_files = Files(required=False)

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
        super().__init__(data, files, initial=given)
        self.person = person
        self.source_picture: Picture | None = self.initial.get("source")
        self.reference_pictures: list[Picture] = list(self.initial.get("reference") or [])
        self.look_version: LookVersion | None = self.initial.get("look_version")
        # What arrived with the form and was changed on the way in.
        self.changed: list[Picture] = []
        # A source that came with the form was chosen for an edit; one that lies in the tray waits while it is not used.
        self.source_arrived = False
        self._follows = bool(self.source_picture) and "type" not in (initial or {})
        self.asks_again = False
        # Whether the page shows the person's draft: "all", "merge" (with pictures that a link adds) or "off" (what a link
        # asks for instead); `before` is the draft that it set aside.
        self.draft = "off" if self.is_bound else "all"
        self.number = 0
        self.edited_at: datetime | None = None
        self.choices: dict[str, dict[str, Any]] = {}
        self.before: dict[str, Any] | None = None
        self.begins_anew = False
        self._spec: RequestSpec | None = None
        self.many: Many | None = None

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
        form._follows = from_link.content.get("follows", False) and form.source_picture is not None
        return form

    @property
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
            shown |= {"web_search": bool(shown["web_search"]), "count": _number(shown["count"])}
        shown["look"] = str(self.look_version.code) if self.look_version else ""
        shown["blanks"] = list(self["blank"].value() or [])
        choices = {self.mode: draft.choices_of(self.mode, shown), **({} if self.is_bound else self.choices)}
        first = {type: draft.first_choices(type, {}, self._last) for type in KINDS}
        age = (timezone.now() - self.edited_at) // timedelta(milliseconds=1) if self.edited_at else 0
        where = {"number": self.number, "age": age, "before": self.before, "follows": self.follows_source}
        return {**where, "choices": choices, "first": first}

    def keep_draft(self, now: datetime) -> None:
        """Keep what was sent as the person's draft: a page without script shows it again."""
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
        Draft.keep(self.person, draft.cleaned(kept) or kept, seen=known.number if known else 0, edited_at=now)

    def spec(self) -> RequestSpec:
        """Return what is asked for. Raises ValueError when the form is not valid."""
        if not self.is_valid() or self._spec is None:
            raise ValueError("a form that is not valid has no spec")
        return self._spec

    def place(self, now: datetime | None = None) -> tuple[Submission, bool]:
        """Store the submission and its jobs; return the submission and whether it is new. The same token stores once.

        Raises TooManyWaiting, which the errors of the form then tell as well, and JustMade, which the dock asks about.
        """
        spec = self.spec()
        again = bool(self.cleaned_data["again"])
        token = self.cleaned_data["token"]
        try:
            return Submission.place(self.person, token, spec, now=now or timezone.now(), asks_first=not again)
        except JustMade:
            self.asks_again = True
            raise
        except TooManyWaiting as full:
            self.add_error(None, full.sentence)
            raise

    # ---- Judging

    def clean_prompt(self) -> str:
        return clean_text(self.cleaned_data["prompt"])

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        self._fill_tray(data)
        self._take_files(data)
        self._choose_look(data)
        if "type" in data and not (set(self.errors) - {"source", "reference", "token", "look"}):
            self._combine(self._make_spec(data), data)
        return data

    def _combine(self, spec: RequestSpec, data: Mapping[str, Any]) -> None:
        """Judge every combination that is asked for; a single one is the request."""
        try:
            asked = {"ratios": data["ratios"], "listed": data["listed"], "checked": data["combination"]}
            self.many = Many(spec, **asked)
        except Refused as why:
            self.add_error("prompt", why.sentence)
            return
        self._spec = self.many.specs[0]
        found = (complaint for one in self.many.specs for complaint in complaints(one))
        for field, sentence in dict.fromkeys(found):
            self.add_error(field, sentence)

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

        Raises TooManyWaiting, which the errors of the form then tell as well.
        """
        many = self.many
        if many is None or not many.was_listed:
            raise ValueError("nothing is made of a list that was not shown")
        specs, title = [one.spec for one in many.chosen], self.cleaned_data["prompt"]
        token, kind = self.cleaned_data["token"], Batch.Kind.COMBINATIONS
        try:
            return Batch.place(self.person, token, specs, kind=kind, title=title, now=now)
        except TooManyWaiting as full:
            self.add_error(None, full.sentence)
            raise

    def _fill_tray(self, data: Mapping[str, Any]) -> None:
        dropped = set(data.get("remove", ()))
        chosen = {role: [c for c in data.get(role, ()) if c not in dropped] for role in ("source", "reference")}
        found = find([*chosen["source"], *chosen["reference"]], self.person)
        for role, codes in chosen.items():
            if any(str(code) not in found for code in codes):
                self.add_error(role, GONE)
        self.source_picture = next((found[str(code)] for code in chosen["source"] if str(code) in found), None)
        self.reference_pictures = [
            found[str(code)] for code in dict.fromkeys(chosen["reference"]) if str(code) in found
        ]
        self._name_refused()

    def _choose_look(self, data: Mapping[str, Any]) -> None:
        """Find the look that was chosen, and the one that the prompt names."""
        code = None if data.get("no_look") else data.get("look")
        self.look_version = find_look(code, self.person)
        if code and self.look_version is None:
            self.add_error("look", WORDS["look_gone"])
        if not KINDS[self.mode].max_references:
            return
        chosen = self.look_version.look.tag if self.look_version else ""
        named = Look.objects.known_tags(look_text.tags(data.get("prompt") or ""), self.person)
        others = [tag for tag in named if tag != chosen]
        if chosen and others and self.look_version:
            self.add_error("look", WORDS["one_look"].format(tag=others[0], look=self.look_version.look.name))
        elif len(others) > 1:
            self.add_error("look", WORDS["one_of_looks"].format(tags=look_text.joined([f"#{one}" for one in others])))
        elif others and (look := Look.objects.named(others[0], self.person)):
            # Its words and its price were not seen yet.
            self.look_version = look.current
            self.add_error("look", WORDS["look_named"].format(tag=others[0]))

    def _name_refused(self) -> None:
        """Luma has lately refused one of these pictures when it was uploaded: say so before anything is paid."""
        placed = [*([self.source_picture] if self.source_picture else []), *self.reference_pictures]
        if not placed:
            return
        refused = RemoteFile.objects.refused(placed, provider=settings.LUMA_BASE_URL, now=timezone.now())
        for picture_id, why in set(refused.values_list("picture_id", "reason")):
            is_source = self.source_picture is not None and self.source_picture.pk == picture_id
            numbers = [f"@{n}" for n, one in enumerate(self.reference_pictures, 1) if one.pk == picture_id]
            named = " and ".join([*(["the source"] if is_source else []), *numbers])
            self.add_error("source" if is_source else "reference", refused_sentence(named, why))

    def _take_files(self, data: Mapping[str, Any]) -> None:
        """Store what arrived with the form, so that it need not be chosen again."""
        for number, file in enumerate(data.get("source_file", ())):
            if number:
                self.add_error("source", f"{shown_name(file.name)}: {_ONE_SOURCE}")
            else:
                taken = self._take("source", file)
                self.source_arrived = taken is not None
                self.source_picture = taken or self.source_picture
                self.reference_pictures = [one for one in self.reference_pictures if one != self.source_picture]
        for file in data.get("reference_files", ()):
            if len(self.reference_pictures) >= MAX_REFERENCES - bool(self.source_picture):
                self.add_error("reference", f"{shown_name(file.name)}: {_TRAY_FULL}")
            elif picture := self._take("reference", file):
                source = str(self.source_picture.code) if self.source_picture else ""
                if again := refuse_again(picture, source, [str(one.code) for one in self.reference_pictures]):
                    self.add_error("reference", f"{again.name}: {again.sentence}")
                else:
                    self.reference_pictures.append(picture)

    def _take(self, role: str, file: UploadedFile[bytes]) -> Picture | None:
        stored = store_upload(file, self.person, timezone.now())
        if isinstance(stored, Refusal):
            self.add_error(role, f"{stored.name}: {stored.sentence}")
            return None
        if stored.changes:
            self.changed.append(stored)
        return stored

    def _make_spec(self, data: Mapping[str, Any]) -> RequestSpec:
        """Leave out what the type does not take: without script every control of the dock is sent."""
        kind = KINDS[self.mode]
        return RequestSpec(
            type=kind.slug,
            prompt=data["prompt"],
            model=data["model"] or kind.models[0],
            aspect_ratio=data["aspect_ratio"] if kind.has_ratio else "",
            style=(data["style"] if kind.styles else "") or "auto",
            output_format=data["output_format"] if kind.output_formats else "",
            web_search=data["web_search"] and kind.has_web_search,
            layering_resolution=data["layering_resolution"] if kind.resolutions else "",
            count=1 if data["count"] is None else data["count"],
            source=self.source_picture if kind.needs_source else None,
            references=tuple(self.reference_pictures) if kind.max_references else (),
            look=self.look_version if kind.max_references else None,
            blanks=draft.blank_values(data.get("blank")),
        )


def _number(raw: Any) -> int:
    try:
        return int(raw)
    except (TypeError, ValueError):
        return 1
