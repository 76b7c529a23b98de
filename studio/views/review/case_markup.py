"""One row of Review as HTML, put together in Python: sixty of them through a template cost several pages."""

from __future__ import annotations

from datetime import datetime
from html import escape
from urllib.parse import quote

from django.utils import timezone

from studio.engine import custody
from studio.failures import as_review_says
from studio.models import CaseNote, Job
from studio.models.jobs.count import in_parts
from studio.models.review.case import Status
from studio.models.review.case_act import may
from studio.text.names import isolated
from studio.views import addresses, formatting, paid
from studio.views.gallery.tiles import ALT_LENGTH, tile_src
from studio.views.jobs import decisions
from studio.views.jobs.actions import resend_word
from studio.views.markup import cut, icon
from studio.views.review import case_notes
from studio.views.review.failure_cases import Case, Dot

# What was asked for again: while it is under way, and once it is not.
RUNNING, ENDED = ("loader-circle", " icon--s spin"), ("circle-check", " icon--s")
# Not get_charge_display, which builds its table for each of a hundred rows.
CHARGES = {name: escape(label) for name, label in Job.Charge.choices}
STATUSES = [(value, escape(label)) for value, label in Status.choices]


def case(shown: Case, here: str, field: str, *, now: datetime) -> str:
    """A job that ended without a picture: what it was, why, its attempts, its money, and what an admin may do.

    `here` is the address to come back to; `field` is the hidden field of the forms (studio.views.markup).
    """
    job = shown.job
    is_case = job.state in {Job.State.FAILED, Job.State.UNKNOWN}
    is_again = not (is_case or job.is_unsaved or custody.level_of(job, now))
    back = _back(here, job)
    parts = [
        f'<li class="case" id="case-{job.code}" data-rev="{job.rev}">\n  <span class="case__check">',
        "" if is_again or job.settled_at else _check(job),
        '</span>\n  <span class="case__pic">',
        _picture(shown),
        f'</span>\n  <span><span class="case__prompt" dir="auto">{cut(job.submission.prompt or "Layers", 200)}</span>',
        f'<span class="case__id"><bdi>{escape(job.person.name)}</bdi>·',
        f"{_label(job)}</span></span>\n  <span>\n",
        f"    <span>{_held(job, now)}{escape(as_review_says(job.sentence))}{_next_try(job)}</span>\n"
        f"    {_decided(job, now)}{_detail(job)}\n    {_request(job)}\n  </span>\n",
        f'  <ol class="line" aria-label="Attempts">{"".join(_dot(dot, now) for dot in shown.line)}</ol>\n'
        f'  <span class="case__state">{_status(job, back, field)}</span>\n',
        f'  <span class="case__acts">\n    {_running(job, now) if is_again else _acts(shown, back, field)}\n  </span>\n',
        _evidence(shown.evidence),
        *(_note(note, now) for note in reversed(shown.notes)),
        "" if is_again else case_notes.form(job, back, field),
        _question(job, back, field),
        "</li>\n",
    ]
    return "".join(parts)


def _back(here: str, job: Job) -> str:
    """Where an act leads back to: the same page, with the group open and the row in view."""
    path, _, query = here.partition("?")
    kept = [one for one in query.split("&") if one and not one.startswith("open=")]
    kept.append(f"open={quote(job.cause or job.asked_cause or 'unsaved')}")
    return f"{path}?{'&'.join(kept)}#case-{job.code}"


def _check(job: Job) -> str:
    """A box that takes the job into the selection of its cause; without script too (templates/review/_group.html)."""
    cause = job.cause or "unsaved"
    again = job.price_again
    price = "" if again is None else f' data-price="{0 if job.is_free_to_get else in_parts(again)}"'
    can = "" if may(job, "retry") else " data-still"
    return (
        f'<input class="check" type="checkbox" name="job" value="{job.code}" form="chosen-{escape(cause)}"'
        f' aria-label="Select {job.label}"{price}{can}>'
    )


def _status(job: Job, here: str, field: str) -> str:
    """Open, Acknowledged, Resolved as a list, with who and when in its tooltip; and what is known of the money."""
    money = f'<span class="tiny faint">{CHARGES[job.charge]}</span>'
    if job.state not in {Job.State.FAILED, Job.State.UNKNOWN}:
        return money
    status = job.case_status
    options = "".join(
        f'<option value="{value}"{" selected" if value == status else ""}>{label}</option>' for value, label in STATUSES
    )
    who, at = (job.settled_by, job.settled_at) if job.settled_at else (job.acknowledged_by, job.acknowledged_at)
    word = "Written off" if job.settled_at and not job.settled_as else status.label
    told = f"{word} by {isolated(who.name) if who else 'somebody'}, {formatting.moment(at)}" if at else ""
    line = f'<span class="tiny faint">{escape(isolated(who.get_short_name())) if who else ""}, {formatting.moment(at)}</span>'
    return (
        f'<form method="post" action="{addresses.of("studio:set_case_status", job.code)}" title="{escape(told)}"'
        f' hx-post="{addresses.of("studio:set_case_status", job.code)}" hx-trigger="change"'
        f' hx-ext="live" hx-target="#case-{job.code}" hx-swap="live">{field}{_hidden(job, here)}'
        f'<select class="select" name="status" aria-label="Status of {job.label}" autocomplete="off">{options}</select>'
        f'<noscript><button type="submit" class="btn btn--xs">Set</button></noscript></form>'
        f"{line if at else ''}{money}"
    )


def _running(job: Job, now: datetime) -> str:
    """In place of the buttons: how a job that was asked for again is doing, and who asked."""
    return (
        f'<span class="case__run num"><span class="tone">{icon(*RUNNING if job.is_active else ENDED)}'
        f"{escape(decisions.doing(job, now))}</span><small>{escape(decisions.asked_by(job))}</small></span>"
    )


def _evidence(text: str) -> str:
    return f'  <p class="case__note">{icon("search", " icon--s")}<span>{escape(text)}</span></p>\n' if text else ""


def _note(note: CaseNote, now: datetime) -> str:
    told = ' <span class="faint">· told</span>' if note.is_told else ""
    return (
        f'  <p class="case__note">{icon("message-square", " icon--s")}<span dir="auto"><bdi>{escape(note.person.name)}</bdi>, '
        f"{formatting.moment(note.at, now)}: {escape(note.text)}{told}</span></p>\n"
    )


def _label(job: Job) -> str:
    """The number of the job, as a link where the admin may open its page."""
    if getattr(job, "is_concealed", False):
        return f'<span class="mono">{job.label}</span>'
    return f'<a class="mono" href="{addresses.of("studio:job", job.code)}">{job.label}</a>'


def _picture(shown: Case) -> str:
    if not shown.inputs:
        return icon("wand-sparkles", " faint")
    picture = shown.inputs[0]
    return (
        f'<a href="{addresses.of("studio:picture", picture.code)}"><img src="{tile_src(picture, 256)}"'
        f' width="{picture.width}" height="{picture.height}" alt="{escape(picture.title[:ALT_LENGTH])}" loading="lazy"></a>'
    )


def _next_try(job: Job) -> str:
    return f" Next try: {formatting.moment(job.due_at)}." if job.is_unsaved else ""


def _held(job: Job, now: datetime) -> str:
    """How long a made picture has not been saved: a warning, and then an alarm."""
    level = custody.level_of(job, now)
    if not level or job.made_at is None:
        return ""
    is_alarm = level == custody.ALARM
    words = (
        f"{'Alarm: not' if is_alarm else 'Not'} saved for {formatting.seconds(now - job.made_at).split(' min')[0]} min"
    )
    tone = "danger" if is_alarm else "warning"
    return f'<span class="tone tone--{tone}">{icon("triangle-alert", " icon--s")}<b>{words}</b></span> '


def _decided(job: Job, now: datetime) -> str:
    """Who has sent it again before it came back here: the other side may not know."""
    if not job.asked_at or job.settled_at:
        return ""
    return f'<span class="case__detail tiny muted">{escape(decisions.told(job, None, now))}</span>'


def _detail(job: Job) -> str:
    if not (job.failure_code or job.status or job.detail):
        return ""
    detail = f" {cut(job.detail, 160)}" if job.detail and job.detail != job.sentence else ""
    status = f"{job.status} " if job.status else ""
    return f'<span class="case__detail tiny faint">{status}{escape(job.failure_code)}{detail}</span>'


def _request(job: Job) -> str:
    if not job.request_id:
        return ""
    whole = str(job.request_id)
    return (
        f'<span class="case__id"><span class="mono" title="{whole}">{whole[:13]}…</span><copy-button text="{whole}" hidden>'
        '<button class="btn btn--quiet btn--icon btn--xs" type="button" aria-label="Copy request id">'
        f"{icon('copy', ' icon--s')}</button></copy-button></span>"
    )


def _dot(dot: Dot, now: datetime) -> str:
    there = dot.at.astimezone(timezone.get_default_timezone())
    mark = f' class="{dot.mark}"' if dot.mark else ""
    who = f", by {escape(dot.who)}" if dot.who else ""
    return (
        f"<li{mark}><b>{escape(dot.word)}</b>"
        f'<time datetime="{there.isoformat()}" title="{formatting.in_full(dot.at)}{who}">{there:%H:%M:%S}</time></li>'
    )


def _acts(shown: Case, here: str, field: str) -> str:
    job = shown.job
    if job.settled_at:
        return ""
    if job.is_active and not job.is_unsaved:
        label = f"{icon('rotate-cw', ' icon--s')}Fetch again {_price('free')}"
        return _post("studio:retry_job", job, here, field, "btn btn--s", label)
    acts = [_post("studio:write_off_job", job, here, field, "btn btn--s btn--quiet", _end_word(job))]
    if job.state == Job.State.UNKNOWN:
        acts.insert(
            0,
            f'<button class="btn btn--s" type="button" popovertarget="again-{job.code}">'
            f"{icon('rotate-cw', ' icon--s')}Send again</button>",
        )
        return "\n    ".join(acts)
    price = formatting.price(job.price_again)
    word, cost = (shown.free_word, "free") if shown.is_free else ("Retry", price)
    if job.remedy:
        word = resend_word(job)
    if job.may_be_paid_again:
        again = f"{addresses.of('studio:send_job_again', job.code)}?seen={decisions.mark(job)}&amp;next={quote(here)}"
        acts.insert(0, f'<a class="btn btn--s btn--quiet" href="{again}">Pay again {_price(price)}</a>')
    if not job.is_beyond_remedy:
        label = f"{icon('rotate-cw', ' icon--s')}{word} {_price(cost)}"
        paying = field if shown.is_free else field + paid.prices_field()
        acts.insert(0, _post("studio:retry_job", job, here, paying, "btn btn--s", label))
    return "\n    ".join(acts)


def _end_word(job: Job) -> str:
    return "Give up" if job.cause == "unsaved" else "Write off"


def _question(job: Job, here: str, field: str) -> str:
    """What is asked before an unknown one is sent once more."""
    if job.state != Job.State.UNKNOWN or job.settled_at:
        return ""
    where = "by its request id" if job.request_id else "of the days since it was asked for"
    word = f"It did not run, send again {_price(formatting.price(job.price_again))}"
    sure = f'{field}{paid.prices_field()}<input type="hidden" name="sure" value="yes">'
    return (
        f'  <div class="dialog" id="again-{job.code}" popover role="dialog" aria-labelledby="ask-{job.code}">\n'
        f'    <h2 id="ask-{job.code}">Send {job.label} again?</h2>\n'
        "    <p>Luma may have made and charged it already. Look it up in Luma's usage "
        f"{where} first: sending it again may cost twice.</p>\n"
        f'    <div class="dialog__acts">\n      <button class="btn" type="button" popovertarget="again-{job.code}"'
        ' popovertargetaction="hide">Keep as it is</button>\n'
        f"      {_post('studio:send_job_again', job, here, sure, 'btn btn--inverse', word)}\n    </div>\n  </div>\n"
    )


def _hidden(job: Job, here: str) -> str:
    return (
        f'<input type="hidden" name="seen" value="{decisions.mark(job)}">'
        f'<input type="hidden" name="next" value="{escape(here)}">'
    )


def _post(name: str, job: Job, here: str, field: str, look: str, label: str) -> str:
    return (
        f'<form method="post" action="{addresses.of(name, job.code)}" hx-post="{addresses.of(name, job.code)}"'
        f' hx-ext="live" hx-target="#case-{job.code}" hx-swap="live" hx-disabled-elt="find button">'
        f"{field}{_hidden(job, here)}"
        f'<button type="submit" class="{look}">{label}</button></form>'
    )


def _price(text: str) -> str:
    return f'<span class="btn__price">· {escape(text)}</span>'
