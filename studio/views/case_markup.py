"""One row of Review as HTML, put together in Python: sixty of them through a template cost several pages."""

from __future__ import annotations

from datetime import datetime
from html import escape
from urllib.parse import quote

from django.utils import timezone

from studio.failures import as_review_says
from studio.models import Job
from studio.views import addresses, decisions, formatting
from studio.views.failure_groups import Case, Dot
from studio.views.job_actions import resend_word
from studio.views.markup import cut, icon
from studio.views.tiles import ALT_LENGTH, tile_src

# Not get_charge_display, which builds its table for each of a hundred rows.
CHARGES = {name: escape(label) for name, label in Job.Charge.choices}


def case(shown: Case, here: str, field: str, *, now: datetime) -> str:
    """A job that ended without a picture: what it was, why, its attempts, its money, and what an admin may do.

    `here` is the address to come back to; `field` is the hidden field of the forms (studio.views.markup).
    """
    job = shown.job
    parts = [
        f'<li class="case" id="case-{job.code}">\n  <span class="wide-only"></span>\n  <span class="case__pic">',
        _picture(shown),
        f'</span>\n  <span><span class="case__prompt" dir="auto">{cut(job.submission.prompt or "Layers", 200)}</span>',
        f'<span class="case__id"><span>{escape(job.person.name)}</span>·',
        f"{_label(job)}</span></span>\n  <span>\n",
        f"    <span>{escape(as_review_says(job.sentence))}{_next_try(job)}</span>\n"
        f"    {_decided(job, now)}{_detail(job)}\n    {_request(job)}\n  </span>\n",
        f'  <ol class="line" aria-label="Attempts">{"".join(_dot(dot, now) for dot in shown.line)}</ol>\n  <span>{_money(job)}</span>\n',
        f'  <span class="case__acts">\n    {_acts(shown, here, field)}\n  </span>\n',
        _question(job, here, field),
        "</li>\n",
    ]
    return "".join(parts)


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
    there = dot.at.astimezone(timezone.get_current_timezone())
    mark = f' class="{dot.mark}"' if dot.mark else ""
    who = f", by {escape(dot.who)}" if dot.who else ""
    return (
        f"<li{mark}><b>{escape(dot.word)}</b>"
        f'<time datetime="{there.isoformat()}" title="{formatting.in_full(dot.at)}{who}">{there:%H:%M:%S}</time></li>'
    )


def _money(job: Job) -> str:
    if not job.settled_at:
        return f'<span class="tag">{CHARGES[job.charge]}</span>'
    by = job.settled_by
    who = f"{escape(by.get_short_name())}, {formatting.moment(job.settled_at)}" if by else ""
    return '<span class="tag">Settled</span>' + (f' <span class="tiny faint">{who}</span>' if by else "")


def _acts(shown: Case, here: str, field: str) -> str:
    job = shown.job
    if job.settled_at:
        return ""
    acts = [_post("studio:write_off_job", job, here, field, "btn btn--s btn--quiet", _end_word(job))]
    if job.state == Job.State.UNKNOWN:
        acts.insert(
            0,
            f'<button class="btn btn--s" type="button" popovertarget="again-{job.code}">'
            f"{icon('rotate-cw', ' icon--s')}Send again</button>",
        )
        return "\n    ".join(acts)
    price = formatting.price(job.price)
    word, cost = (shown.free_word, "free") if shown.is_free else ("Retry", price)
    if job.remedy:
        word = resend_word(job)
    if job.may_be_paid_again:
        again = f"{addresses.of('studio:send_job_again', job.code)}?seen={job.attempts}&amp;next={quote(here)}"
        acts.insert(0, f'<a class="btn btn--s btn--quiet" href="{again}">Pay again {_price(price)}</a>')
    if not job.is_beyond_remedy:
        label = f"{icon('rotate-cw', ' icon--s')}{word} {_price(cost)}"
        acts.insert(0, _post("studio:retry_job", job, here, field, "btn btn--s", label))
    return "\n    ".join(acts)


def _end_word(job: Job) -> str:
    return "Give up" if job.cause == "unsaved" else "Write off"


def _question(job: Job, here: str, field: str) -> str:
    """What is asked before an unknown one is sent once more."""
    if job.state != Job.State.UNKNOWN or job.settled_at:
        return ""
    where = "by its request id" if job.request_id else "of the days since it was asked for"
    word = f"It did not run, send again {_price(formatting.price(job.price))}"
    sure = f'{field}<input type="hidden" name="sure" value="yes">'
    return (
        f'  <div class="dialog" id="again-{job.code}" popover role="dialog" aria-labelledby="ask-{job.code}">\n'
        f'    <h2 id="ask-{job.code}">Send {job.label} again?</h2>\n'
        "    <p>Luma may have made and charged it already. Look it up in Luma's usage "
        f"{where} first: sending it again may cost twice.</p>\n"
        f'    <div class="dialog__acts">\n      <button class="btn" type="button" popovertarget="again-{job.code}"'
        ' popovertargetaction="hide">Keep as it is</button>\n'
        f"      {_post('studio:send_job_again', job, here, sure, 'btn btn--inverse', word)}\n    </div>\n  </div>\n"
    )


def _post(name: str, job: Job, here: str, field: str, look: str, label: str) -> str:
    return (
        f'<form method="post" action="{addresses.of(name, job.code)}">{field}'
        f'<input type="hidden" name="seen" value="{job.attempts}">'
        f'<input type="hidden" name="next" value="{escape(here)}">'
        f'<button type="submit" class="{look}">{label}</button></form>'
    )


def _price(text: str) -> str:
    return f'<span class="btn__price">· {escape(text)}</span>'
