"""The note of a case as a form."""

from __future__ import annotations

from html import escape

from studio.models import Job
from studio.text.names import isolated
from studio.views import addresses
from studio.views.markup import icon

FORM = "note-of-review"  # what was typed and not taken (studio.views.typed)


def form(job: Job, here: str, field: str) -> str:
    """A line behind "Note", which opens without script; Ctrl+Enter saves (static/js/review/review.js).

    What was typed and not taken is in it again (`job.noting`).
    """
    text = getattr(job, "noting", "")
    url = addresses.of("studio:note_case", job.code)
    who = escape(isolated(job.person.get_short_name()))
    return (
        f'  <details class="case__noting" data-note{" open" if text else ""}><summary class="btn btn--s btn--quiet">Note</summary>\n'
        f'  <form class="case__note case__note--edit" method="post" action="{url}" hx-post="{url}" hx-ext="live"'
        f' hx-target="#case-{job.code}" hx-swap="live">{field}<input type="hidden" name="next" value="{escape(here)}">'
        f'{icon("message-square", " icon--s")}<label class="sr-only" for="note-{job.code}">Note about {job.label}</label>'
        f'<textarea id="note-{job.code}" name="text" rows="1" required dir="auto"'
        f' placeholder="For admins; @Name notifies">{escape(text)}</textarea>'
        f'<label class="choice tiny"><input class="check" type="checkbox" name="told" value="on">Tell {who}</label>'
        f'<span class="case__keys wide-only"><kbd class="key">Ctrl</kbd> <kbd class="key">Enter</kbd></span>'
        f'<button type="submit" class="btn btn--s">Save note</button></form></details>\n'
    )
