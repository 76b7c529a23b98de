"""What only its owner sees: turn a submission private or back, with its jobs, its pictures and the files it uses.

A file (an upload, a crop, a marked copy) is its owner's alone until a submission or a look of the team uses it. What is
turned back to the team shows of what it was made of only what its owner names (`show`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from django.apps import apps
from django.db import models, transaction
from django.db.models import Exists, OuterRef, Q

from studio.models.boards.counts import count_on_boards
from studio.models.jobs.count import COUNTED, JobCount
from studio.models.looks.look import LookVersion
from studio.models.looks.reference import LookReference
from studio.models.people import User
from studio.models.picture import Picture
from studio.models.pictures.gallery_month import GalleryMonth
from studio.models.requests.input import Input
from studio.models.revision import Revision
from studio.models.search.document import SearchDocument
from studio.models.stacks.stacks import leave
from studio.text.names import isolated

KEPT_BY_OTHERS = "{name} kept a version of it, so it stays with the team."
IN_A_SPLIT = "It was put in a layer of a split that the team sees, so it stays with the team."
CUT_NAME = "Cut of a private picture"
IN_A_LOOK = "The team's look {name} uses it or has used it, so it stays with the team."


class StaysWithTeam(Exception):
    """Why a submission can't be made private, as a sentence."""


class Privacy(models.Model):
    """The privacy of a submission."""

    # Its owner alone sees it, its jobs and their pictures.
    is_private = models.BooleanField(default=False)

    class Meta:
        abstract = True

    def set_privacy(self, is_private: bool, *, with_files: Collection[int] = ()) -> bool:
        """Make it private, or the team's again; False where it is so already. Open pages learn of it.

        `with_files`: the keys of the files it was made of that the team is to see as well; the others stay as they are.
        Raises StaysWithTeam, and changes nothing, when colleagues build on its pictures.
        """
        me: Any = self
        Tag = apps.get_model("studio", "Tag")  # whose module imports this one
        with transaction.atomic():
            # Rows before the counter, as everywhere; from there to the commit nobody else counts, and no picture comes.
            jobs = list(me.jobs.select_for_update().order_by("pk").values("pk", *COUNTED))
            rev = Revision.bump()
            rows = type(self)._default_manager.filter(pk=me.pk)
            if not rows.exclude(is_private=is_private).exists():
                return False
            pictures = Picture.objects.filter(job__submission=me.pk)
            if is_private:
                _refuse_what_others_use(me.person_id, pictures)
            rows.update(is_private=is_private)
            for number, private_to in ((-len(jobs), is_private), (len(jobs), not is_private)):
                LookVersion.add(me.look_id, number, private_to=None if private_to else me.person_id)
            for job in jobs:
                JobCount.move(job, {**job, "is_private": is_private})
            me.jobs.update(is_private=is_private, rev=rev)
            shown = list(pictures.filter(shown_at__isnull=False, trashed_at__isnull=True))
            count_on_boards(shown, -1)
            changed = list(pictures.exclude(is_private=is_private).values_list("pk", flat=True))
            for picture in pictures.select_related("job__submission__look").order_by("pk"):
                in_gallery = picture.shown_at is not None and picture.trashed_at is None
                if in_gallery:
                    GalleryMonth.add(picture, -1)  # before and after: under whom says whether it is private
                picture.is_private, picture.rev = is_private, rev
                picture.save(update_fields=["is_private", "rev"])
                if in_gallery:
                    GalleryMonth.add(picture)
                    SearchDocument.write(picture)
            count_on_boards(shown, 1)
            Tag.move(changed, is_private=is_private)
            leave(pictures.values_list("pk", flat=True))
            copies = Picture.objects.filter(kept_from__in=pictures, job=None)
            copies.set_private(is_private, is_of_private=is_private)
            used = Picture.objects.filter(uses__submission=me.pk)
            if is_private:
                settle_files(used)
            else:
                # The team sees a split as its owner has arranged it.
                Picture.objects.filter(layer_of__in=pictures, pk__in=_arranged(me.pk)).set_private(False)
                publish_inputs(used.filter(pk__in=with_files))
                me.inputs.filter(picture__in=with_files).update(is_kept_private=False)
                me.inputs.filter(picture__in=used.filter(is_private=True)).update(is_kept_private=True)
        self.is_private = is_private
        return True


def private_inputs(submission: Any, person: User) -> list[Input]:
    """Return what it was made of that this person alone sees: what is asked about before the team sees it."""
    rows = submission.inputs.filter(person.owned("picture__person"), picture__is_private=True, picture__trashed_at=None)
    return list(rows.select_related("picture__job__submission").prefetch_related("picture__renditions"))


def show(submission: Any, inputs: Collection[Input]) -> bool:
    """Show a submission to the team with these of its inputs; of what was made here all that was asked for with it."""
    done = bool(submission.set_privacy(False, with_files=[one.picture_id for one in inputs]))
    for source in submissions_of(inputs) if done else ():
        source.set_privacy(False)
    return done


def submissions_of(inputs: Iterable[Input]) -> list[Any]:
    """Return the submissions that made the pictures among these inputs."""
    return list(dict.fromkeys(one.picture.job.submission for one in inputs if one.picture.job))


def _arranged(submission: int) -> list[int]:
    """The keys of what stands in the place of a layer of its splits."""
    Split = apps.get_model("studio", "Split")  # whose module imports this one
    rows = Split.objects.filter(job__submission=submission).values_list("arrangement", flat=True)
    return [entry["content"] for arrangement in rows for entry in arrangement if entry.get("content")]


def publish_inputs(pictures: Iterable[Picture]) -> None:
    """Show the team the files among these, because something of the team uses them."""
    hidden = [picture.pk for picture in pictures if picture.is_private and picture.job_id is None]
    if hidden:
        files = Picture.objects.filter(pk__in=hidden)
        # The name of a cut is the prompt of the private picture that it was cut from.
        files.filter(is_of_private=True).update(original_name=CUT_NAME)
        files.set_private(False, is_of_private=False)


def settle_files(pictures: models.QuerySet[Picture]) -> None:
    """Take the files among these from the team's sight where nothing of the team uses them any more."""
    of_team = Input.objects.filter(picture=OuterRef("pk"), submission__is_private=False, is_kept_private=False)
    in_look = LookReference.objects.filter(picture=OuterRef("pk"), version__look__is_team=True)
    files = pictures.filter(job__isnull=True, kept_from__isnull=True, is_private=False)
    keys = list(files.exclude(Exists(of_team)).exclude(Exists(in_look)).values_list("pk", flat=True))
    Picture.objects.filter(pk__in=keys).set_private(True)


def _refuse_what_others_use(owner: int, pictures: models.QuerySet[Picture]) -> None:
    """Raise StaysWithTeam where colleagues built on these pictures: that would break, or stay seen."""
    derived = Picture.objects.filter(Q(kept_from__in=pictures) | Q(pk__in=pictures)).select_related("person")
    if theirs := derived.exclude(person=owner).first():
        raise StaysWithTeam(KEPT_BY_OTHERS.format(name=isolated(theirs.person.name)))
    if derived.filter(layer_of__is_private=False).exists():
        raise StaysWithTeam(IN_A_SPLIT)
    shown = Q(references__picture__in=pictures) | Q(example__in=pictures)
    if used := LookVersion.objects.filter(shown, look__is_team=True).select_related("look").first():
        raise StaysWithTeam(IN_A_LOOK.format(name=isolated(used.look.name)))
