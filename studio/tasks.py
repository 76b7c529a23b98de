"""What the queue may call. A task may run twice: the first act of each is a claim on our own rows."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django_q.models import Schedule
from django_q.tasks import async_task

from studio import task_queue
from studio.engine import custody, integrity, storage_figures, usage
from studio.engine.archives import archives, data_exports
from studio.engine.conductor import conduct as run_slice
from studio.engine.conductor import work_remains
from studio.engine.deliveries import alerts, webhooks
from studio.engine.pictures import joined_words, layers, look_words, renditions, trash, watermarks
from studio.luma import ApiKey, Luma
from studio.models import ApiFile, ApiSample, ConductorLease, FailureCount, Heartbeat, Invite, Notification, User
from studio.models.alerts.alert import Alert
from studio.models.alerts.webhook import WebhookDelivery
from studio.models.review import case_act
from studio.models.review.case_act import Done
from studio.models.review.failure_search import FailureSearch
from studio.models.state.upkeep import tune
from studio.network import mail
from studio.text import names

# See that nothing waits without a conductor; quarantine orphans often enough that none is there for an hour.
# Keep the query planner's statistics current.
PERIODIC = {
    "ensure_conductor": ("studio.tasks.ensure_conductor", 1),
    "watch_custody": ("studio.tasks.watch_custody", 1),
    "quarantine_orphans": ("studio.tasks.quarantine_orphans", 15),
    "complete_sizes": ("studio.tasks.complete_sizes", 60),
    "tend_archives": ("studio.tasks.tend_archives", 5),
    "tend_layers": ("studio.tasks.tend_layers", 60),
    "sweep_watermarks": ("studio.tasks.sweep_watermarks", 360),
    "empty_trash": ("studio.tasks.empty_trash", 60),
    "tune_tables": ("studio.tasks.tune_tables", 60),
    "watch_alerts": ("studio.tasks.watch_alerts", 1),
    "send_webhooks": ("studio.tasks.send_webhooks", 1),
    "measure_storage": ("studio.tasks.measure_storage", 30),
    "clear_notifications": ("studio.tasks.clear_notifications", 60),
    "write_look_words": ("studio.tasks.write_look_words", 15),
}
# The simulator takes any key of the right form.
SIMULATOR_KEY = "luma-api-simulator"


RESET_MAIL = """Hello {name},

somebody, probably you, asked for a new password for Studio. Choose it here:

{link}

The link works once and for one hour. If you didn't ask for it, do nothing: your password stays as it is.
"""


def luma() -> Luma:
    return Luma(settings.LUMA_CREDENTIAL or ApiKey(SIMULATOR_KEY), base_url=settings.LUMA_BASE_URL)


def mail_new_password(email: str, site: str) -> None:
    """Send whoever has this address a link for a new password. `site` is the address of the studio that they asked.

    In the queue, so that the answer to a known address takes no longer than to an unknown one.
    """
    if made := Invite.issue_reset(email, now=timezone.now()):
        person, token = made
        text = RESET_MAIL.format(name=names.isolated(person.name), link=f"{site}{reverse('studio:join', args=[token])}")
        mail.send(email, "A new password for Studio", text)


def wake_conductor() -> None:
    """Queue a conductor unless one is there. Call it after the commit that made the work."""
    now = timezone.now()
    if ConductorLease.is_live(now=now) or task_queue.length("io", now=now):
        return
    async_task("studio.tasks.conduct", cluster="io")


def conduct() -> None:
    """Conduct for one slice; queue the next while work remains."""
    if run_slice(luma):
        async_task("studio.tasks.conduct", cluster="io")


def ensure_conductor() -> None:
    """Once a minute: wake a conductor if there is work and none runs."""
    if work_remains(timezone.now()):
        wake_conductor()


def beat(name: str) -> None:
    """Prove that the queue `name` still runs tasks. On the conductor's queue it is a wake-up like any other task."""
    now = timezone.now()
    Heartbeat.beat(name, now=now)
    if name == "io" and work_remains(now):
        conduct()


def watch_custody() -> None:
    """Once a minute: what is made and not saved for too long is told to admins; hours of the trend that are over go."""
    with Heartbeat.beating("studio"):
        custody.watch(now := timezone.now())
        FailureCount.clear_old(now=now)


def ask_usage(day: str, by: int) -> None:
    """Ask Luma what it counted on a day, for an admin who compares."""
    with Heartbeat.beating("studio"):
        usage.ask(date.fromisoformat(day), luma, by=User.objects.filter(pk=by).first())


def quarantine_orphans() -> None:
    """Now and then: quarantine files that an upload or a download left in storage without a row."""
    with Heartbeat.beating("studio"):
        integrity.quarantine_orphans(timezone.now())


def complete_sizes() -> None:
    """Now and then: a picture without all its sizes gets them."""
    with Heartbeat.beating("studio"):
        renditions.complete(now=timezone.now())


def tune_tables() -> None:
    """Once an hour: the planner learns how the tables are filled."""
    with Heartbeat.beating("studio"):
        tune()


def clear_notifications() -> None:
    with Heartbeat.beating("studio"):  # once an hour: what was read three months ago goes
        Notification.objects.clear_old(now=timezone.now())


def measure_storage() -> None:
    """Now and then: how much is stored and free is written down, and statistics of a month ago go."""
    with Heartbeat.beating("studio"):
        storage_figures.measure(now := timezone.now())
        ApiSample.objects.clear_old(now=now)
        Heartbeat.forget_machines(now=now)
        Alert.clear_old(now=now)
        WebhookDelivery.clear_old(now=now)
        ApiFile.clear_old(now=now)


def watch_alerts() -> None:
    """Once a minute: what admins should hear of is noticed, and what is on its way is tried again."""
    with Heartbeat.beating("studio"):
        alerts.watch(timezone.now())
        alerts.send_due(timezone.now())


def send_alerts() -> None:
    """Alerts were just raised: send them."""
    with Heartbeat.beating("studio"):
        alerts.send_due(timezone.now())


def send_webhooks() -> None:
    """Once a minute, and when something has happened: people's webhooks hear of it, beside the queue."""
    with Heartbeat.beating("studio"):
        webhooks.send_soon()


def make_renditions(pk: int) -> None:
    with Heartbeat.beating("studio"):
        renditions.make(pk)


def compare_layers(pk: int) -> None:
    with Heartbeat.beating("studio"):
        layers.compare(pk)


def export_layers(pk: int) -> None:
    with Heartbeat.beating("studio"):
        layers.make_export(pk)


def tend_layers() -> None:
    """Now and then: old exports are thrown away, and splits whose task was lost are compared."""
    with Heartbeat.beating("studio"):
        layers.expire_exports(timezone.now())
        layers.compare_overdue(timezone.now())


def make_archive(pk: int, is_new_try: bool = True) -> None:
    """Work on a zip for a slice, and queue the next behind what waits meanwhile."""
    with Heartbeat.beating("studio"):
        if archives.make(pk, is_new_try=is_new_try):
            async_task("studio.tasks.make_archive", pk, False, cluster="studio")


def tend_archives() -> None:
    """Now and then: zips whose worker was lost go on, and those of a week ago are thrown away."""
    with Heartbeat.beating("studio"):
        archives.resume_stalled(timezone.now())
        archives.expire(timezone.now())
        data_exports.resume_stalled(timezone.now())
        data_exports.expire(timezone.now())


def plan_export(pk: int) -> None:
    """Lay out the zips of an export of everything."""
    with Heartbeat.beating("studio"):
        data_exports.plan(pk)


def watermark_link(pk: int, start: int) -> None:
    """Draw the watermark of a proof link's pictures, a few at a time, behind what waits meanwhile."""
    with Heartbeat.beating("studio"):
        if following := watermarks.make_some(pk, start, timezone.now()):
            async_task("studio.tasks.watermark_link", pk, following, cluster="studio")


def sweep_watermarks() -> None:
    """Now and then: copies with a watermark that nobody needs any more are deleted."""
    with Heartbeat.beating("studio"):
        watermarks.sweep(timezone.now())


def empty_trash() -> None:
    """Once an hour, and when somebody empties the trash: delete what is due, for a slice at a time."""
    with Heartbeat.beating("studio"):
        trash.run()


def write_look_words() -> None:
    """Now and then, and when a look becomes its owner's alone or the team's: search learns its pictures anew."""
    with Heartbeat.beating("studio"):
        if look_words.write() or joined_words.write():
            async_task("studio.tasks.write_look_words", cluster="studio")


def act_on_failures_later(search: FailureSearch, act: str, *, by: User, text: str, done: Done, shown: str = "") -> None:
    """Go on behind what was done at once, with what an admin wants done about all failures of a search."""
    so_far = (done.number, str(done.price), done.refused)
    args = (search.as_json(), act, by.pk, text, done.after, so_far, shown)
    async_task("studio.tasks.act_on_failures", *args, cluster="studio")


def act_on_failures(
    stored: dict[str, Any],
    act: str,
    by: int,
    text: str,
    after: tuple[int, int],
    so_far: tuple[int, str, int],
    shown: str = "",
) -> None:
    """One step of acting on all failures of a search; queue the next, or notify the admin at the end."""
    with Heartbeat.beating("studio"):
        admin = User.objects.admins().filter(pk=by).first()
        if admin is None:
            return
        now = timezone.now()
        search = FailureSearch.from_json(stored, viewer=admin)
        step = case_act.act_on_all(
            search, act, by=admin, now=now, text=text, shown=shown, after=(after[0], after[1]), most=case_act.STEP
        )
        number, price, refused = so_far
        done = Done(number + step.number, Decimal(price) + step.price, refused + step.refused, step.after)
        if act == "retry" and step.number:
            wake_conductor()
        if done.after:
            act_on_failures_later(search, act, by=admin, text=text, done=done, shown=shown)
        else:
            case_act.tell_end(act, done, to=admin)


def schedule_periodic() -> None:
    """Write the one table of periodic work, at every start, and remove what it no longer names.

    What somebody's own hand scheduled, under another name for a function that is none of ours, stays.
    """
    for name, (func, minutes) in PERIODIC.items():
        how_often = {"schedule_type": Schedule.MINUTES, "minutes": minutes, "repeats": -1}
        rows = Schedule.objects.filter(name=name)
        kept = rows.order_by("pk").values_list("pk", flat=True).first()
        rows.exclude(pk=kept).delete()  # two starts at once may have written it twice: its name is not unique
        Schedule.objects.update_or_create(pk=kept, defaults={"name": name, "func": func, **how_often})
    Schedule.objects.filter(func__startswith="studio.").exclude(name__in=PERIODIC).delete()
