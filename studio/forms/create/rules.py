"""The rules of a request by field: the table of `luma.capabilities` in the words of the dock.

The page gets the same sentences as JSON, so a reason reads alike before and after sending.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from typing import cast

from studio.forms.create.shapes import class_of, foot_of
from studio.luma import capabilities, ratios
from studio.luma.capabilities import KINDS, Kind
from studio.models import User
from studio.models.account import rights
from studio.models.requests.batch import MOST_COMBINATIONS
from studio.models.requests.request_spec import RequestSpec
from studio.models.submission import MOST_AT_ONCE
from studio.text import combinations, look_text, mentions
from studio.text.look_text import joined

WORDS = {
    "prompt": "Describe the picture",
    "prompt_for_layers": "What to separate (optional)",
    "prompt_missing": "Write what you want to see.",
    "prompt_long": "Shorten the prompt by {over} {characters} (limit {most}).",
    "edit_needs_source": "Choose the picture to edit.",
    "layers_need_source": "Choose the picture to split.",
    "references_many": "{count} references are too many: {most} are allowed. Remove {which}.",
    "references_beside_source": "{count} references are too many beside a source, which takes a place: {most} are allowed. "
    "Remove {which}.",
    "references_in_layers": "Layers take no references. Remove those in the tray.",
    "layers_model": "Layers can only be made by {models}.",
    "prompt_long_with_look": "Shorten the prompt by {over} {characters}: {look} adds {added}, and the limit is {most}.",
    "references_with_look": "With the {brings} of {look} there are {count} references; {most} are allowed. "
    "Remove some of yours, or the look.",
    "look_brings_too_many": "{look} brings {brings} references; {most} are allowed beside a source. "
    "Remove one from the look, or choose another.",
    "blank_empty": "Fill in {blanks}.",
    "look_waits": "Layers take no look. It's kept for Generate and Edit.",
    "look_gone": "The look is gone. Remove it or choose another.",
    "look_named": "#{tag} is a look, and it's chosen now. Read what it adds, then press Make again.",
    "recipe_in_braces": "#{tag} has blanks to fill in, so it can't stand in braces. Choose it for all.",
    "one_look": "Only one look can be used at a time: remove #{tag} from the prompt, or the look {look}.",
    "one_of_looks": "Only one look can be used at a time: keep one of {tags} in the prompt.",
    "ratio_manga": "Manga is portrait only: choose {ratios}, or leave the ratio to Luma.",
    "ratio_auto": "{model} doesn't make {ratio}: choose {ratios}, or leave the ratio to Luma.",
    "ratio_of_image": "Luma chooses a shape that suits the prompt",
    "ratio_of_image_edit": "An edit keeps its source's size.",
    "ratio_of_layering": "Layers keep the shape of their source.",
    "ratio_gone": "{ratio} can't be chosen with these settings any more, so the ratio is left to Luma.",
    "left_out": "It was made with {what} of somebody else, which is left out.",
    "braces": "Close each pair of braces, and let none stand inside another. Write \\{ for a plain brace.",
    "combinations": combinations.TOO_MANY,
    "combinations_of_each": "{count} combinations × {each} are {all} pictures; the limit is {most}. Make fewer of each.",
    "count_range": "Choose 1 to {most} pictures.",
    "count_layers": "A picture is split once: choose 1.",
    "layers_style": "Layers keep the style of their source.",
    "mention_missing": "There's no picture {which}",
    "mentions_missing": "There are no pictures {which}",
    "private_because": "Only you will see it: it uses a private picture.",
    "edit_because": "Switched to Edit because you added a source. Remove it to make a new picture.",
    "generate_because": "Back to Generate: you removed the source.",
    "source_waits": "Generate doesn't use a source. It's kept for Edit and Layers.",
    "references_wait": "Layers take no references. They're kept for Generate and Edit.",
    "uploading": "A picture is still uploading.",
    "not_uploaded": "A picture didn't upload: try again or remove it.",
    "same_again": "You made exactly this a moment ago. Make the same again?",
    "make_again": "Make again",
    "set_aside": "Your draft from before is set aside.",
    "from_elsewhere": "Updated with your newest edit, from another tab or device.",
    "won": "This edit is newer than one from another tab or device. That one is set aside.",
    "session_ended": "Your session has ended. Your words are kept: sign in, then press Make again.",
    "renewed": "You signed in again meanwhile. Your words are kept: press Make again.",
    "sending": "Sending…",
    "not_loaded": "That could not be loaded. Check your connection, then try again.",
    "no_connection": "No answer. Your request is kept: check your connection, then press Make again.",
    "foreign": (
        "The answer didn't come from Studio. A sign-in page or proxy may be in between: "
        "check your connection, then press Make again. Your request is kept."
    ),
    "server_error": "Something went wrong on our side. Your request is kept; press Make again.",
    "refused": "Studio did not take the request. Your words are kept; reload the page and press Make again.",
}
# Of a person who may not use everything, in place of `layers_model`: the models are those allowed, or no layers.
MODELS_ALLOWED, NO_LAYERS = "An admin allows you {models} here.", "no layers"
# Blanks, control and format characters, and marks; letters and symbols that are drawn as nothing (js/create/rules.js has both).
_UNSEEN = {"Zs", "Zl", "Zp", "Cc", "Cf", "Mn", "Mc", "Me"}
_FILLERS = "\u115f\u1160\u2800\u3164\uffa0"


def table() -> dict[str, object]:
    """Return the rules as data for the page's script (static/js/create/rules.js): capabilities, sentences and our own limits."""
    more: dict[str, object] = {"words": WORDS, "mention": mentions.PATTERN, "most_at_once": MOST_AT_ONCE}
    more |= {"most_combinations": MOST_COMBINATIONS}
    made = [{"slug": one.slug, "shape": class_of(one), "foot": foot_of(one)} for one in ratios.ratios()]
    return capabilities.table() | more | {"ratios": made}


def table_for(person: User) -> dict[str, object]:
    """The rules as one person's page gets them: without the models, layers and web search that the person may not use."""
    found = table()
    if not person.models_allowed and person.may_search_web and person.may_split:
        return found
    types = {slug: dict(kind) for slug, kind in cast("dict[str, dict[str, object]]", found["types"]).items()}
    for slug, kind in types.items():
        if slug == rights.LAYERS:
            kind["models"] = kind["models"] if person.may_split else [NO_LAYERS]
        else:
            kind["models"] = rights.models_of(person, KINDS[slug].models)
        kind["has_web_search"] = kind["has_web_search"] and person.may_search_web
    words = WORDS | {"layers_model": MODELS_ALLOWED}
    return found | {"types": types, "words": words}


def complaints(spec: RequestSpec) -> Iterator[tuple[str, str]]:
    """Name the field and the sentence of everything Luma would reject."""
    kind = KINDS[spec.type]
    yield from _prompt(spec, kind)
    yield from _inputs(spec, kind)
    yield from _settings(spec, kind)


def mention_note(prompt: str, references: int) -> str:
    """Say which mentions have no picture; "" when all have."""
    lost = mentions.missing(prompt, references)
    if not lost:
        return ""
    return WORDS["mention_missing" if len(lost) == 1 else "mentions_missing"].format(which=_tags(lost))


def _shows_nothing(text: str) -> bool:
    """Whether it has only blanks, marks without a letter, and characters that are never seen."""
    return all(unicodedata.category(one) in _UNSEEN or one in _FILLERS for one in text)


def _prompt(spec: RequestSpec, kind: Kind) -> Iterator[tuple[str, str]]:
    look, text = spec.look, spec.full_prompt
    empty = look.empty_blanks(spec.blanks) if look else []
    if empty:
        yield "blank", WORDS["blank_empty"].format(blanks=joined(empty))
    # A recipe says what is to be seen.
    own = look_text.without_tag(spec.prompt, look.look.tag) if look else spec.prompt
    if kind.min_prompt and _shows_nothing(own) and not (look and look.blanks):
        yield "prompt", WORDS["prompt_missing"]
    if len(text) > kind.max_prompt:
        over = len(text) - kind.max_prompt
        values = {
            "over": f"{over:,}",
            "characters": "character" if over == 1 else "characters",
            "most": f"{kind.max_prompt:,}",
            "look": look.look.name if look else "",
            "added": f"{len(text) - len(own):,}",
        }
        yield "prompt", WORDS["prompt_long_with_look" if look else "prompt_long"].format(**values)


def _inputs(spec: RequestSpec, kind: Kind) -> Iterator[tuple[str, str]]:
    if kind.needs_source and spec.source is None:
        yield "source", WORDS["edit_needs_source" if kind.max_references else "layers_need_source"]
    count, most = len(spec.all_references), kind.max_references
    brings = count - len(spec.references)
    if count and not most:
        yield "reference", WORDS["references_in_layers"]
    elif count > most and brings:
        words = WORDS["references_with_look" if brings < count else "look_brings_too_many"]
        yield "look", words.format(count=count, most=most, brings=brings, look=spec.look.look.name if spec.look else "")
    elif count > most:
        words = WORDS["references_beside_source" if kind.needs_source else "references_many"]
        yield "reference", words.format(count=count, most=most, which=_tags(range(most + 1, count + 1)))


def _settings(spec: RequestSpec, kind: Kind) -> Iterator[tuple[str, str]]:
    if spec.model not in kind.models:
        yield "model", WORDS["layers_model"].format(models=" or ".join(kind.models))
    offer = ratios.offer()
    allowed = offer.of(spec.model, spec.style)
    if spec.aspect_ratio and spec.aspect_ratio not in allowed:
        by = "auto" if spec.aspect_ratio in offer.of_style(spec.style) else spec.style
        values = {"model": spec.model, "ratio": spec.aspect_ratio, "ratios": ", ".join(allowed)}
        yield "aspect_ratio", WORDS[f"ratio_{by}"].format(**values)
    if not kind.has_count and spec.count != 1:
        yield "count", WORDS["count_layers"]
    elif not 1 <= spec.count <= MOST_AT_ONCE:
        yield "count", WORDS["count_range"].format(most=MOST_AT_ONCE)


def _tags(numbers: list[int] | range) -> str:
    tags = [f"@{number}" for number in numbers]
    return " and ".join([", ".join(tags[:-1]), tags[-1]]) if len(tags) > 1 else tags[0]
