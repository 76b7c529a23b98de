"""What the address of the Create page asks the dock to show, on top of the person's draft or in place of it."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from typing import Any

from django.http import QueryDict

from studio.codes import read_code
from studio.forms.create import draft
from studio.forms.create.rules import WORDS
from studio.luma import ratios
from studio.luma.capabilities import KINDS, MAX_REFERENCES
from studio.models import Draft, Job, Look, LookVersion, Picture, Submission, User
from studio.models.lineage.hidden_inputs import PRIVATE_LOOK, PRIVATE_PICTURE
from studio.models.requests.request_spec import CHOICES
from studio.models.sql.compiled_query import KEY, CompiledQuery
from studio.text import combinations

# What a person finds who has not made anything yet.
FIRST = {"type": "image", "model": "uni-1", "aspect_ratio": "3:2", "style": "auto", "count": 1}
# Among so many of a person's latest submissions the last settings and different prompts are looked for.
RECENT = 60
LAST = ("model", "aspect_ratio", "style")
_KEPT_CONTROLS = {"\n", "\t"}


class Asked:
    """What the address of the page asks for, on top of the person's draft or in place of it."""

    def __init__(self, asked: QueryDict, person: User) -> None:
        self.person = person
        known = _DRAFT.first(person.pk)
        self.number = known.number if known else 0
        self.edited_at = known.edited_at if known else None
        self.recent = recent(person)
        self.last = {**FIRST, **last_settings(self.recent)}
        self.content: dict[str, Any] = (known and draft.cleaned(known.content)) or {**draft.EMPTY, "choices": {}}
        self.draft = "all"
        self.begins_anew = False
        self.gone_note = ""
        self.added = find([*asked.getlist("source")[:1], *asked.getlist("reference")[:MAX_REFERENCES]], person)
        submission = _submission_of(asked, person)
        prompt = clean_text(asked.get("prompt", ""))
        if asked.get("draft") == "before":
            self._bring_back()
        elif submission:
            settings = _settings_of(submission, person) | (
                {"count": 1} if asked.get("like") else {}
            )  # another, not as many again
            self._begin(submission.type, settings["prompt"], settings)
            self.gone_note = note_of(submission, person)
            self._use(settings["source"], settings["reference"])
        elif prompt and not self._source_in(asked):
            self._begin("image", prompt, self._first("image"))
        elif words := _prompt_of(asked.get("words"), person):
            self._say(words)
        self._add_pictures(asked, prompt)
        self._add_look(asked)
        if asked.get("ratio") in ratios.slugs() and KINDS[self.content["type"]].has_ratio:
            self.choices["aspect_ratio"] = asked["ratio"]
            self.draft = "off"
        self.pictures = self.added | find(_codes_in(self.content), person)
        self.content = _only(self.content, self.pictures)

    def initial(self) -> dict[str, Any]:
        """Return the fields that the page shows."""
        type, shown = self.content["type"], dict(self.choices)
        if KINDS[type].has_ratio:
            shown["aspect_ratio"] = draft.fitting_ratio(shown["model"], shown["style"], shown["aspect_ratio"])
        references = [self.pictures[code] for code in self.content["references"] if code in self.pictures]
        look = find_look(shown["look"], self.person)
        shown |= {"look": look and str(look.code), "look_version": look, "blank": shown["blanks"]}
        source = self.pictures.get(self.content["source"])
        return {"type": type, "prompt": self.content["prompt"], **shown, "source": source, "reference": references}

    @property
    def choices(self) -> dict[str, Any]:
        """What the mode has chosen; to be changed in place."""
        type = self.content["type"]
        chosen: dict[str, Any] = self.content["choices"].setdefault(type, self._first(type))
        return chosen

    def _first(self, type: str) -> dict[str, Any]:
        return draft.first_choices(type, self.content["choices"], self.last)

    def _begin(self, type: str, prompt: str, choices: Mapping[str, Any]) -> None:
        """Start a new draft; the one before is one Undo away."""
        # What a link has begun already is nobody's draft.
        before = self.content.get("before") if self.draft == "off" else draft.set_aside(self.content)
        kept = {**self.content["choices"], type: draft.choices_of(type, choices)}
        self.content = {**draft.EMPTY, "references": [], "type": type, "prompt": prompt, "choices": kept}
        if before:
            self.content["before"] = before
        self.draft = "off"

    def _say(self, prompt: str) -> None:
        """Put other words in the place of those of the draft, and leave the rest; it too is one Undo away."""
        before = draft.set_aside(self.content)
        self.content = {**self.content, "prompt": prompt, **({"before": before} if before else {})}
        self.draft = "off"

    def _use(self, source: Picture | None, references: Iterable[Picture]) -> None:
        self.content["source"] = str(source.code) if source else ""
        self.content["references"] = [str(picture.code) for picture in references]

    def _source_in(self, asked: QueryDict) -> str:
        return next((code for code in _codes(asked.getlist("source")[:1]) if code in self.added), "")

    def _add_pictures(self, asked: QueryDict, prompt: str) -> None:
        source = self._source_in(asked)
        if source:
            self._begin("image_edit", prompt, self._first("image_edit"))
            self.content |= {"source": source, "follows": True}
            self.begins_anew = True
        wanted = [code for code in _codes(asked.getlist("reference")) if code in self.added]
        self.content["references"] = list(dict.fromkeys([*self.content["references"], *wanted]))
        if wanted and not KINDS[self.content["type"]].max_references:
            self.content["type"] = "image"
        if source or wanted:
            self.draft = "merge"

    def _add_look(self, asked: QueryDict) -> None:
        """?look= names a look, whose current version is meant, or one version of it."""
        code = read_code(asked.get("look"))
        if not code:
            return
        look = Look.objects.visible_to(self.person).filter(code=code).select_related("current").first()
        version = look.current if look else find_look(code, self.person)
        if version is None:
            return
        if not KINDS[self.content["type"]].max_references:
            self.content["type"] = "image"
        has_ratio = KINDS[self.content["type"]].has_ratio
        starts = {"model": version.model, "aspect_ratio": version.aspect_ratio if has_ratio else ""}
        self.choices.update({name: value for name, value in starts.items() if value})
        self.choices.update(look=str(version.code), blanks=[])
        self.draft = "merge"

    def _bring_back(self) -> None:
        before = self.content.get("before")
        if not before:
            return
        now = draft.set_aside({name: value for name, value in self.content.items() if name != "before"})
        self.content = {**before, **({"before": now} if now else {})}
        self.draft = "off"


def find(codes: Iterable[uuid.UUID | str], person: User) -> dict[str, Picture]:
    """Look up pictures by code, in one query; what is no code or not there is not in the answer."""
    wanted = {code for code in map(read_code, codes) if code}
    if not wanted:
        return {}
    pictures = Picture.objects.visible_to(person).filter(code__in=wanted).for_tiles()
    return {str(picture.code): picture for picture in pictures}


def seen_of(content: dict[str, Any], person: User) -> dict[str, Any]:
    """Return a draft without the pictures that its person does not see any more; so too the draft that it set aside."""
    return _only(content, find(_codes_in(content), person))


def _codes_in(content: Mapping[str, Any]) -> list[str]:
    beside = _codes_in(content["before"]) if "before" in content else []
    return [content["source"], *content["references"], *beside]


def _only(content: dict[str, Any], there: Mapping[str, Picture]) -> dict[str, Any]:
    source = content["source"] if content["source"] in there else ""
    seen = content | {"source": source, "references": [code for code in content["references"] if code in there]}
    if "before" in content:
        seen["before"] = _only(content["before"], there)
    return draft.cleaned(seen) or content


def find_look(code: uuid.UUID | str | None, person: User) -> LookVersion | None:
    """Look up the version of a look that a person may use; None for what is no code or not there."""
    known = read_code(code)
    found = LookVersion.objects.usable_by(person).with_references().filter(code=known).first() if known else None
    return found.hide_from(person) if found else None


def _codes(raw: Iterable[str]) -> list[str]:
    """Write codes as the tray does, however an address spells them."""
    return [str(code) for code in map(read_code, raw) if code]


def settings_of(submission: Submission, person: User) -> dict[str, Any]:
    """Return what a submission asked for as a draft that has its mode alone; `note` says what the person can't have."""
    asked, type = _settings_of(submission, person), submission.type
    note = note_of(submission, person)
    return {
        **({"note": note} if note else {}),
        "type": type,
        "prompt": asked["prompt"],
        "source": str(asked["source"].code) if asked["source"] else "",
        "references": [str(picture.code) for picture in asked["reference"]],
        "choices": {type: draft.choices_of(type, asked)},
    }


def _submission_of(asked: QueryDict, person: User) -> Submission | None:
    with_inputs = (
        Submission.objects.visible_to(person)
        .select_related("look__look")
        .prefetch_related("inputs__picture__renditions", "inputs__picture__job__submission")
    )
    if code := read_code(asked.get("like")) or read_code(asked.get("reuse")):
        return with_inputs.filter(code=code).first()
    if code := read_code(asked.get("edit")):
        return with_inputs.filter(pk__in=Job.objects.filter(code=code).values("submission")).first()
    return None


def _prompt_of(code: str | None, person: User) -> str:
    """Return the prompt of a submission as it is written in the dock; "" when there is none."""
    known = read_code(code)
    seen = Submission.objects.visible_to(person)
    prompt = known and seen.filter(code=known).values_list("prompt", flat=True).first()
    return combinations.escaped(prompt or "")


def gone_note(submission: Submission) -> str:
    """Say that the ratio of a submission can't be chosen any more; "" where it can, and where none is chosen."""
    ratio = submission.aspect_ratio if KINDS[submission.type].has_ratio else ""
    is_made = not ratio or ratio in ratios.offer().of(submission.model, submission.style)
    return "" if is_made else WORDS["ratio_gone"].format(ratio=ratio)


def left_out_note(submission: Submission, person: User) -> str:
    """Say that it was made with something private to somebody else; "" where it was not."""
    submission.seen_of(submission.used, person)
    hidden = [PRIVATE_PICTURE] * bool(submission.made_of) + [PRIVATE_LOOK] * submission.hides_look_from(person)
    return WORDS["left_out"].format(what=" and ".join(hidden)) if hidden else ""


def note_of(submission: Submission, person: User) -> str:
    """Say what of a submission's settings a person can't have (any more)."""
    return " ".join(filter(None, [gone_note(submission), left_out_note(submission, person)]))


def _settings_of(submission: Submission, person: User) -> dict[str, Any]:
    """What it asked for, without what is private to somebody else."""
    settings = {name: getattr(submission, name) for name in CHOICES}
    settings["count"] = submission.count - submission.redone  # as it was asked for
    settings["prompt"] = combinations.escaped(submission.prompt)  # one picture's prompt, not a list of them
    if gone_note(submission):
        settings["aspect_ratio"] = ""
    references = [one.picture for one in submission.own_references if not one.picture.is_hidden_from(person)]
    known = None if submission.hides_look_from(person) else submission.look
    look = {"look": str(known.code) if known else "", "blanks": submission.blanks if known else []}
    source = submission.source
    shown = None if source and source.is_hidden_from(person) else source
    return settings | look | {"source": shown, "reference": references}


_RECENT: CompiledQuery[Submission] = CompiledQuery(
    lambda person: (
        Submission.objects.filter(person=person).order_by("-created_at", "-pk").values("type", "prompt", *LAST)[:RECENT]
    ),
    KEY,
)
_DRAFT = CompiledQuery(lambda person: Draft.objects.filter(person=person), KEY)


def recent(person: User) -> list[dict[str, Any]]:
    """What the person asked for lately, newest first."""
    return _RECENT(person.pk)


def last_settings(recent: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    last = next((asked for asked in recent if asked["type"] == Submission.Type.IMAGE), None)
    return {name: last[name] for name in LAST} if last else {}


def clean_text(raw: str) -> str:
    """Count as the browser does (it sends CR LF for each new line), and keep what a database cannot hold out."""
    text = raw.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(letter for letter in text if letter >= " " or letter in _KEPT_CONTROLS).strip()
