"""A group as its page shows it: every picture that was asked for at once, with its candidates and what was decided.

A group is a batch (its submissions are the pictures) or one submission of several (its jobs are the candidates).
"""

from __future__ import annotations

import uuid
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from functools import cached_property

from django.http import Http404

from studio.luma.pricing import price
from studio.models import Batch, Job, Picture, Submission, User
from studio.models.jobs.attempt import Charge
from studio.models.pictures.candidates import MOST_CANDIDATES
from studio.text.names import isolated
from studio.views import formatting
from studio.views.create.feed import Scope
from studio.views.jobs.card_builder import CardBuilder
from studio.views.jobs.cards import Card

BAD = frozenset({Job.State.FAILED, Job.State.UNKNOWN})


@dataclass(frozen=True, slots=True)
class Fact:
    """What the head of the page counts of a job."""

    pk: int
    number: int
    state: str
    charge: str
    price: Decimal | None
    rev: int


@dataclass(frozen=True)
class Candidate:
    """One picture of a submission, or what became of it."""

    card: Card
    is_chosen: bool
    may_choose: bool

    @property
    def picture(self) -> Picture | None:
        return self.card.picture


@dataclass(frozen=True)
class Pair:
    """One submission of the group: its source, the candidate that is shown, and the others."""

    submission: Submission
    cards: list[Card]
    viewer: User

    @property
    def may_act(self) -> bool:
        return self.viewer.can_make and (self.viewer.is_admin or self.viewer.owns(self.submission.person_id))

    @property
    def is_decided(self) -> bool:
        return self.submission.chosen_id is not None

    @cached_property
    def shown(self) -> Candidate | None:
        """The chosen one, else the newest picture, else whatever is newest."""
        done = [card for card in self.cards if card.picture]
        chosen = [card for card in done if card.job.pk == self.submission.chosen_id]
        first = next(iter([*chosen, *reversed(done), *reversed(self.cards)]), None)
        return self._candidate(first) if first else None

    @cached_property
    def others(self) -> list[Candidate]:
        shown = self.shown
        return [self._candidate(card) for card in self.cards if shown is None or card.job.pk != shown.card.job.pk]

    @property
    def in_order(self) -> list[Candidate]:
        return [self._candidate(card) for card in self.cards]

    @property
    def redo_price(self) -> str:
        return formatting.price(price(self.submission.type, self.submission.model, self.submission.input_number))

    @property
    def is_redoing(self) -> bool:
        """Whether one more is under way beside the picture that is shown."""
        return any(one.card.job.is_active for one in self.others)

    @property
    def may_redo(self) -> bool:
        """Whether one more can be asked for: the last one has ended, and a split is made once."""
        is_at_rest = not any(card.job.is_active for card in self.cards)
        is_drawn = self.submission.type != Submission.Type.LAYERS
        return self.may_act and is_at_rest and is_drawn and self.submission.count < MOST_CANDIDATES

    @property
    def rev(self) -> int:
        return max((card.job.rev for card in self.cards), default=0)

    def _candidate(self, card: Card) -> Candidate:
        is_chosen = card.job.pk == self.submission.chosen_id
        return Candidate(card, is_chosen, self.may_act and card.picture is not None)


@dataclass
class Group:
    """What was asked for at once."""

    code: uuid.UUID
    title: str
    batch: Batch | None
    person: User
    created_at: datetime
    submissions: list[Submission]
    viewer: User
    now: datetime
    pairs: list[Pair] = field(default_factory=list)

    @classmethod
    def of(cls, code: uuid.UUID, viewer: User, now: datetime) -> Group:
        """Raises Http404 when neither a batch nor a submission that the viewer may see has this code."""
        batch = Batch.objects.select_related("person").filter(code=code).first()
        found = Submission.objects.filter(batch=batch) if batch else Submission.objects.filter(code=code)
        every = list(found.select_related("person").order_by("batch_number", "pk"))
        submissions = [one for one in every if not one.is_private or viewer.owns(one.person_id)]
        if not submissions:
            raise Http404
        first = submissions[0]
        # The title has the words of all of them.
        title = batch.title if batch and len(submissions) == len(every) else first.prompt
        asked = batch or first
        return cls(code, title or "Layers", batch, asked.person, asked.created_at, submissions, viewer, now)

    def load(self, only: Collection[int] | None = None) -> None:
        """Build the cards of its submissions, or only of some, in a fixed number of queries."""
        pks = [one.pk for one in self.submissions if only is None or one.pk in only]
        scope = Scope(self.viewer, "team")
        entries = CardBuilder(self.viewer, self.now).entries(scope, pks, everything=True, titled=True)
        by_pk = {one.pk: one for one in self.submissions}
        self.pairs = []
        for entry in sorted(entries, key=lambda entry: pks.index(entry.submission.pk)):
            # Whole, while those of the cards have only what a card shows; their pictures are known.
            whole = by_pk[entry.submission.pk]
            whole.__dict__["used"] = entry.submission.used
            for card in entry.cards:
                card.is_put_away = False  # folded on Create, and seen here
            self.pairs.append(Pair(whole, [card for card in entry.cards if not card.is_gone], self.viewer))

    # ---- Its words

    @property
    def is_of_one(self) -> bool:
        """Whether it is one submission, whose pictures are candidates of each other."""
        return self.batch is None

    @property
    def may_act(self) -> bool:
        return self.viewer.can_make and (self.viewer.is_admin or self.person.pk == self.viewer.pk)

    @property
    def about(self) -> str:
        count, first = len(self.submissions), self.submissions[0]
        if self.is_of_one:
            what = formatting.counted(len(self.facts[first.pk]), "candidate")
        elif self.batch and self.batch.kind == Batch.Kind.EDIT:
            what = f"Edit of {formatting.counted(count, 'picture')}"
        else:
            noun = "format" if self.batch and self.batch.kind == Batch.Kind.FORMATS else "combination"
            what = formatting.counted(count, noun if first.type != Submission.Type.LAYERS else "split")
        return " · ".join([what, first.model, isolated(self.person.get_short_name())])

    # ---- Its numbers

    @cached_property
    def facts(self) -> dict[int, list[Fact]]:
        """Of each submission its jobs: one query, whatever is shown."""
        found: dict[int, list[Fact]] = {one.pk: [] for one in self.submissions}
        rows = Job.objects.filter(submission__in=list(found)).order_by("submission_id", "number")
        names = ("submission_id", "pk", "number", "state", "charge", "price", "rev")
        for submission, pk, number, state, charge, cost, rev in rows.values_list(*names):
            found[submission].append(Fact(pk, number, state, charge, cost, rev))
        return found

    @property
    def rev(self) -> int:
        return max((fact.rev for facts in self.facts.values() for fact in facts), default=0)

    def changed_since(self, rev: int) -> set[int]:
        return {pk for pk, facts in self.facts.items() if any(fact.rev > rev for fact in facts)}

    @cached_property
    def ticks(self) -> list[str]:
        """One for each picture that was asked for: "done", "bad" or "" while it is not there yet."""
        if self.is_of_one:
            return [_tick([fact]) for facts in self.facts.values() for fact in facts]
        return [_tick(facts) for facts in self.facts.values()]

    @property
    def made(self) -> int:
        return self.ticks.count("done")

    @property
    def failed(self) -> int:
        return self.ticks.count("bad")

    @property
    def making(self) -> int:
        return self.ticks.count("")

    @property
    def unsent(self) -> int:
        return sum(fact.state == Job.State.WAITING for facts in self.facts.values() for fact in facts)

    @property
    def cost(self) -> Decimal:
        return self._sum(Charge.CHARGED)

    @property
    def expected(self) -> Decimal:
        """What it costs when all that is under way is made too."""
        return self.cost + sum(
            (fact.price or Decimal(0) for facts in self.facts.values() for fact in facts if fact.state in Job.ACTIVE),
            Decimal(0),
        )

    def _sum(self, charge: str) -> Decimal:
        facts = (fact for facts in self.facts.values() for fact in facts)
        ended = (fact for fact in facts if fact.state not in Job.ACTIVE and fact.charge == charge)
        return sum((fact.price or Decimal(0) for fact in ended), Decimal(0))

    @property
    def kept(self) -> int:
        return sum(one.chosen_id is not None for one in self.submissions)

    @property
    def undecided(self) -> int:
        """Pictures that are made and not decided about."""
        done = {pk for pk, facts in self.facts.items() if any(fact.state == Job.State.DONE for fact in facts)}
        return sum(one.chosen_id is None and one.pk in done for one in self.submissions)

    @property
    def is_active(self) -> bool:
        return any(fact.state in Job.ACTIVE for facts in self.facts.values() for fact in facts)

    @property
    def sentence(self) -> str:
        parts = [f"{self.made} of {len(self.ticks)} made"]
        parts += [f"{self.failed} failed"] if self.failed else []
        parts += [f"{self.making} making"] if self.making else []
        return ", ".join(parts)


def _tick(facts: list[Fact]) -> str:
    if any(fact.state == Job.State.DONE for fact in facts):
        return "done"
    if any(fact.state in Job.ACTIVE for fact in facts):
        return ""
    return "bad" if any(fact.state in BAD for fact in facts) else "gone"
