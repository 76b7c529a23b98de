"""Watches what alerts tell of, and sends them: rows first, then one try after the other."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.urls import reverse
from django.utils import timezone

from studio.engine.deliveries.alert_wire import deliver
from studio.engine.deliveries.signed_post import NotDelivered
from studio.engine.line import LineWait
from studio.models import ApiAccount, Heartbeat, Job, JobCount, SendingPause
from studio.models.alerts.alert import Alert, AlertDelivery, Event, raise_alert
from studio.models.alerts.delivery import MOST_TRIES
from studio.models.revision import Revision
from studio.pauses import PAUSES

log = logging.getLogger(__name__)

# A pause that is over by then needs nobody.
PAUSED_FOR = timedelta(minutes=2)
WAIT = "wait:"  # how the keys of such waits begin that are no pauses
UNSURE_FOR = timedelta(minutes=1)
SILENT_FOR = timedelta(minutes=3)
UNSAVED_FOR = timedelta(minutes=45)
ENGINE = {"io": "conductor", "studio": "queue"}
LONGEST_ROUND = timedelta(seconds=60)


def watch(now: datetime) -> None:
    """Raise what has to be told by now; each thing once."""
    _watch_pauses(now)
    _watch_unsaved(now)
    _watch_unknown(now)


def _watch_pauses(now: datetime) -> None:
    """Tell of what holds everybody for minutes, and of its end: pauses, and what holds the line without one."""
    pauses = {f"{pause.reason}:{pause.paused_at.timestamp():.6f}": pause for pause in SendingPause.objects.all()}
    told: dict[str, tuple[datetime | None, str]] = {
        key: (pause.paused_at, f"Sending is paused. {PAUSES[pause.reason].sentence} {PAUSES[pause.reason].advice}")
        for key, pause in pauses.items()
    } | _wait(now)
    for key, (since, text) in told.items():
        if since and since <= now - PAUSED_FOR:
            raise_alert(Event.PAUSED, key, text, address=reverse("studio:state"), lasts=True)
    for alert in Alert.lasting(Event.PAUSED):
        if alert.key not in told and alert.end(now=now):
            words = "Sending goes on."
            if told:
                words = "One reason to pause is gone; sending is still paused for another."
            raise_alert(Event.RESUMED, alert.key, words, address=reverse("studio:state"))


def _wait(now: datetime) -> dict[str, tuple[datetime | None, str]]:
    """Return what holds all that wait although nothing is paused: since when, and in words; none or one.

    It is the same for as long as there is one, whatever it is at the moment.
    """
    known = Alert.lasting(Event.PAUSED).filter(key__startswith=WAIT).first()
    wait = LineWait.now(now=now)
    if wait is None:
        # What is sent when Luma's wait is over may bring the next one.
        until = ApiAccount.current().paused_until
        is_tried = until is not None and now - UNSURE_FOR < until <= now
        return {known.key: (None, "")} if known and is_tried and Job.objects.waiting().exists() else {}
    if wait.name == "engine":  # told by itself, and it hides all else
        return {known.key: (None, "")} if known else {}
    if known is None and not Job.objects.waiting().exists():
        return {}
    began = wait.since or now
    key = known.key if known else f"{WAIT}{wait.name}:{began.timestamp():.6f}"
    return {key: (began, f"{wait.sentence} {wait.advice}")}


def _watch_unsaved(now: datetime) -> None:
    late = Job.objects.unsaved().filter(made_at__lte=now - UNSAVED_FOR)
    count = late.count()
    lasting = Alert.lasting(Event.CUSTODY).first()
    if count and lasting is None:
        oldest = late.order_by("made_at")[0]
        what = "1 picture was" if count == 1 else f"{count} pictures were"
        text = f"{what} made at Luma 45 minutes ago and could not be saved yet. Review says why."
        key = f"{oldest.pk}:{now.timestamp():.0f}"
        raise_alert(Event.CUSTODY, key, text, address=f"{reverse('studio:review')}?cause=unsaved", lasts=True)
    elif lasting and not count:
        lasting.end(now=now)


def _watch_unknown(now: datetime) -> None:
    number = JobCount.objects.filter(group=JobCount.Group.FAILED, settled=False, cause="unknown")
    count = sum(number.values_list("number", flat=True))
    newest = Job.objects.open_cases().filter(cause="unknown").order_by("-finished_at", "-pk").first() if count else None
    if newest:
        what = "1 request waits" if count == 1 else f"{count} requests wait"
        text = f"{what} for a decision: nobody knows whether Luma made and charged it."
        raise_alert(Event.UNKNOWN, f"{newest.pk}:{newest.attempts}", text, address=reverse("studio:review"))


def watch_engine(since: datetime, now: datetime) -> bool:
    """Raise an alert for a queue that gives no sign of life; return whether the one that sends alerts is silent.

    `since`: from when on whoever watches could have seen one. It is not the queue itself that watches.
    """
    silent = set()
    for name, called in ENGINE.items():
        beat = Heartbeat.objects.filter(pk=name).first()
        last = max(beat.at, since) if beat else since
        lasting = Alert.lasting(Event.SILENT).filter(key__startswith=f"{name}:").first()
        if last <= now - SILENT_FOR:
            silent.add(name)
            if lasting is None:
                machine = f" on {beat.machine}" if beat and beat.machine else ""
                text = f"The {called}{machine} has given no sign of life for {SILENT_FOR.seconds // 60} minutes."
                key = f"{name}:{last.timestamp():.0f}"
                raise_alert(Event.SILENT, key, text, address=reverse("studio:state"), lasts=True)
                Revision.bump()  # the pages say so
        elif lasting and lasting.end(now=now):
            Revision.bump()
            raise_alert(Event.SILENT, f"back:{lasting.key}", f"The {called} works again.", address=lasting.address)
    return "studio" in silent


def send_due(now: datetime) -> int:
    """Make a try of each delivery whose time has come; return how many tries that was."""
    tries, until = 0, now + LONGEST_ROUND
    for delivery in AlertDelivery.due(now):
        if timezone.now() > until:
            break  # the rest comes with the next round: a queue has other work
        if delivery.claim(now=timezone.now()):
            tries += 1
            _try(delivery)
    return tries


def _try(delivery: AlertDelivery) -> None:
    stamp = int(timezone.now().timestamp())
    is_well = False
    try:
        if delivery.attempts > MOST_TRIES:
            raise NotDelivered("Studio was ended in the middle of each try.")
        result = deliver(delivery, stamp)
        is_well = True
    except NotDelivered as problem:
        result = str(problem)
    except Exception as problem:  # noqa: BLE001 - a library's fault must not keep others from being told
        result = f"Something went wrong ({type(problem).__name__})."
    if not is_well:
        log.warning("An alert was not delivered to %s: %s", delivery.channel.name, result)
    delivery.end_try(delivery.channel, is_well=is_well, result=result)
