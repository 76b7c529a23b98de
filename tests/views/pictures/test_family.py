from __future__ import annotations

import itertools
import re
import uuid
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from studio.models import Input, Job, Picture, Submission, User
from studio.models.lineage.ancestors import MOST_READ
from studio.models.lineage.lineage import MOST_ACROSS, MOST_CHILDREN, MOST_OWN, Lineage
from studio.views.pictures.family import SLOT, Tree
from tests import people
from tests.people import make_job, make_picture


def made(person: User, **spec: Any) -> Picture:
    return make_job(person, state="done", size=(64, 64), **spec).pictures.get(position=0)


def edit(person: User, source: Picture, **spec: Any) -> Picture:
    return made(person, type="image_edit", source=source, **spec)


def many(person: User, source: Picture, count: int) -> None:
    """Give a picture many edits, written in bulk: each a submission with a job that made a picture."""
    known = edit(person, source)
    assert known.job
    # The database gives the keys: one that was given its own would come to them again.
    orders = Submission.objects.bulk_create(
        copy(known.job.submission, id=None, token=uuid.uuid4()) for _ in range(count)
    )
    Input.objects.bulk_create(Input(submission=one, picture=source, role="source", position=0) for one in orders)
    jobs = Job.objects.bulk_create(
        copy(known.job, id=None, submission_id=one.pk, remote_id=uuid.uuid4()) for one in orders
    )
    Picture.objects.bulk_create(copy(known, id=None, job_id=one.pk) for one in jobs)


def copy(row: Any, **changed: Any) -> Any:
    fields = [one for one in row._meta.concrete_fields if not one.generated]
    return type(row)(**{one.attname: getattr(row, one.attname) for one in fields} | {"code": uuid.uuid4()} | changed)


def levels(lineage: Lineage) -> dict[int, int]:
    return {key: one.level for key, one in lineage.relatives.items()}


def test_a_family_goes_from_the_sources_to_what_came_of_it(alice: User) -> None:
    vase, noon = make_picture(alice), made(alice)
    night = edit(alice, noon, references=[vase])
    dim = edit(alice, night)
    kept = make_picture(alice, job=night.job, position=1, origin="kept", kept_from=night)
    poster = made(alice, references=[vase, night])
    lineage = Lineage.of(night, alice)
    assert levels(lineage) == {night.pk: 0, noon.pk: -1, vase.pk: -1, dim.pk: 1, kept.pk: 1, poster.pk: 1}
    found = {(edge.parent, edge.child, edge.role, edge.place) for edge in lineage.edges}
    assert found == {
        (noon.pk, night.pk, "source", 0),
        (vase.pk, night.pk, "reference", 1),
        (night.pk, dim.pk, "source", 0),
        (night.pk, kept.pk, "kept", 0),
        (night.pk, poster.pk, "reference", 2),
    }
    tree = Tree(lineage)
    names = {leaf.picture.pk: (leaf.name, leaf.tag) for leaf in tree.leaves.values()}
    assert names == {
        night.pk: ("Edit · this", ""),
        noon.pk: ("Generated", ""),
        vase.pk: ("Upload", "@1 of this"),
        dim.pk: ("Edit", ""),
        kept.pk: ("Kept", ""),
        poster.pk: ("Generated", "uses it as @2"),
    }
    assert tree.leaves[vase.pk].more == "and 1 more"


def test_a_layer_hangs_on_its_split_and_an_edit_of_a_layer_on_the_split_too(alice: User) -> None:
    noon = made(alice)
    job = make_job(alice, state="done", type="layering", source=noon, prompt="", size=(64, 64))
    front, layer = job.pictures.get(), make_picture(alice, job=job, position=1, size=(64, 64))
    red = edit(alice, layer)
    cut = make_picture(alice, origin="layer", kept_from=red, layer_of=layer, job=None)
    assert levels(Lineage.of(layer, alice)) == {layer.pk: 0, front.pk: -1, noon.pk: -2, red.pk: 1, cut.pk: 2}
    assert levels(Lineage.of(front, alice)) == {front.pk: 0, noon.pk: -1, red.pk: 1, cut.pk: 2}
    above = Tree(Lineage.of(cut, alice))
    assert [above.leaves[one.pk].name for one in (cut, red, layer, front)] == ["Cut · this", "Edit", "Layer", "Layers"]


def test_a_relative_on_two_ways_stands_once_and_behind_all_that_came_of_it(alice: User) -> None:
    noon = made(alice)
    night = edit(alice, noon)
    both = edit(alice, night, references=[noon])
    lineage = Lineage.of(both, alice)
    assert levels(lineage) == {both.pk: 0, night.pk: -1, noon.pk: -2}
    assert len(lineage.edges) == 3
    assert levels(Lineage.of(noon, alice)) == {noon.pk: 0, night.pk: 1, both.pk: 2}


def test_rows_that_run_in_a_circle_end(alice: User) -> None:
    one = made(alice)
    other = edit(alice, one)
    assert one.job
    Input.objects.create(submission=one.job.submission, picture=other, role="source", position=0)
    lineage = Lineage.of(one, alice)
    assert set(lineage.relatives) == {one.pk, other.pk}
    assert Tree(lineage).height


def test_what_is_too_far_or_too_much_is_counted_and_can_be_reached(as_bob: Client, alice: User) -> None:
    chain = [made(alice)]
    for _ in range(10):
        chain.append(edit(alice, chain[-1]))
    found = Lineage.of(chain[5], alice)
    assert sorted(one.level for one in found.relatives.values()) == list(range(-4, 5))
    assert found.relatives[chain[1].pk].has_earlier
    assert found.relatives[chain[9].pk].more == 1
    html = as_bob.get(f"/pictures/{chain[5].code}/family/").content.decode()
    assert re.search(rf'href="/pictures/{chain[1].code}/family/"[^>]*><text[^>]*>earlier pictures', html)
    assert re.search(rf'href="/pictures/{chain[9].code}/family/"[^>]*><text[^>]*>1 made from it', html)


def test_the_rest_of_what_was_made_follows_page_by_page(as_bob: Client, alice: User) -> None:
    noon = made(alice)
    edits = [edit(alice, noon) for _ in range(MOST_OWN + 3)]
    html = as_bob.get(f"/pictures/{noon.code}/family/").content.decode()
    assert "and 3 more" in html
    more = re.search(r'class="leaf__more" href="([^"]+after=\d+)"', html)
    assert more
    rest = as_bob.get(more[1]).content.decode()
    shown = [one for one in edits if f'data-key="{one.code}"' in rest]
    assert shown == edits[MOST_OWN:]
    assert "From the first" in rest


def test_all_pictures_of_one_submission_are_shown_together(alice: User) -> None:
    noon = made(alice)
    submission = people.make_submission(alice, type="image_edit", source=noon, count=14)
    for job in submission.jobs.all():
        make_picture(alice, job=job, size=(64, 64))
    edit(alice, noon)
    lineage = Lineage.of(noon, alice)
    assert sum(one.level == 1 for one in lineage.relatives.values()) == 14
    assert lineage.relatives[noon.pk].more == 1


@pytest.mark.parametrize("after", ["x", "-1", "9" * 30, "٣", "", "\x00"])
def test_a_broken_address_shows_the_family_from_its_beginning(as_bob: Client, alice: User, after: str) -> None:
    picture = made(alice)
    assert as_bob.get(f"/pictures/{picture.code}/family/", {"after": after}).status_code == 200


def test_the_levels_above_are_read_at_once(alice: User) -> None:
    chain = [made(alice)]
    for _ in range(5):
        chain.append(edit(alice, chain[-1]))
    # Their keys, what they were made with and they themselves; what was made from all of these; sizes, stacks.
    for shown in (chain[1], chain[5]):
        with CaptureQueriesContext(connection) as asked:
            found = Lineage.of(Picture.objects.select_related("job__submission", "person").get(pk=shown.pk), alice)
        upwards = [
            one["sql"] for one in asked if "WITH RECURSIVE" in one["sql"] or '"studio_input"."role"' in one["sql"]
        ]
        assert len(upwards) == 2
    assert sorted(one.level for one in found.relatives.values()) == [-4, -3, -2, -1, 0]


def test_more_sources_than_are_read_at_once_are_shown_too(alice: User, bob: User) -> None:
    farthest = [[made(alice) for _ in range(7)] for _ in range(9)]
    middle = [made(alice, references=some) for some in farthest]
    hidden = made(bob)
    Picture.objects.filter(pk=hidden.pk).update(is_private=True)
    shown = made(alice, references=[*middle[:-1], hidden])
    assert len(middle) + sum(map(len, farthest)) > MOST_READ
    found = levels(Lineage.of(shown, alice))
    assert [key for key, level in found.items() if level == -1] == [one.pk for one in middle[:-1]]
    assert [key for key, level in found.items() if level == -2] == [one.pk for some in farthest for one in some][
        :MOST_ACROSS
    ]


def test_thousands_of_descendants_cost_what_a_hundred_cost(as_bob: Client, alice: User) -> None:
    def ask(picture: Picture) -> int:
        with CaptureQueriesContext(connection) as asked:
            html = as_bob.get(f"/pictures/{picture.code}/family/").content.decode()
        assert "and over 90 more" in html
        return len(asked)

    few, lots = made(alice), made(alice)
    many(alice, few, 120)
    many(alice, lots, 5_000)
    ask(few)
    assert ask(lots) == ask(few) <= 22


def test_a_wide_and_deep_family_stays_bounded(alice: User) -> None:
    noon = made(alice)
    for one in [edit(alice, noon) for _ in range(8)]:
        for other in [edit(alice, one) for _ in range(MOST_CHILDREN + 1)]:
            edit(alice, other)
    lineage = Lineage.of(noon, alice)
    assert max(sum(one.level == level for one in lineage.relatives.values()) for level in range(1, 5)) <= MOST_ACROSS
    tree = Tree(lineage)
    columns: dict[int, list[float]] = {}
    for leaf in tree.leaves.values():
        columns.setdefault(leaf.x, []).append(leaf.y)
    for places in columns.values():
        ordered = sorted(places)
        assert all(below - above >= SLOT for above, below in itertools.pairwise(ordered)), "tiles overlap"


def test_words_of_people_are_no_markup(as_bob: Client, alice: User) -> None:
    picture = made(alice, prompt='"><script>alert(1)</script>')
    assert "<script>alert" not in as_bob.get(f"/pictures/{picture.code}/family/").content.decode()
