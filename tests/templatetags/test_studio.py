from __future__ import annotations

from django.template import Context, Template
from django.urls import reverse

from studio.models import User
from studio.templatetags.studio import MOST_TICKS, ticks
from studio.views.gallery.tiles import TileLinks
from tests.people import make_job, make_picture


def rendered(source: str, **context: object) -> str:
    return Template(source).render(Context(context))


def test_a_tick_is_lit_for_each_slot_in_use() -> None:
    assert ticks(3, 10) == [True] * 3 + [False] * 7


def test_more_slots_than_ticks_light_a_share_and_never_none_of_a_few() -> None:
    assert len(ticks(1, 500)) == MOST_TICKS
    assert ticks(1, 500).count(True) == 1
    assert ticks(250, 500).count(True) == MOST_TICKS // 2


def test_an_icon_is_out_of_the_reading_order_and_its_name_is_escaped() -> None:
    assert rendered('{% icon "x" %}') == '<span class="icon icon--x" aria-hidden="true"></span>'
    assert rendered('{% icon name "s" %}', name='"><b') == (
        '<span class="icon icon--&quot;&gt;&lt;b icon--s" aria-hidden="true"></span>'
    )


def test_the_words_for_a_picture_are_its_prompt_cut(alice: User) -> None:
    job = make_job(alice, state="done", prompt="harbour " * 60)
    assert rendered("{{ picture|alt }}", picture=job.pictures.get()) == ("harbour " * 60)[:200]


def test_a_tile_asks_for_the_smallest_rendition_that_is_large_enough(alice: User) -> None:
    picture = make_picture(alice, renditions=(256, 512))
    assert rendered("{{ picture|tile_src }}", picture=picture).endswith("-512.webp")
    assert rendered("{{ picture|tile_src:256 }}", picture=picture).endswith("-256.webp")


def test_a_picture_without_renditions_has_no_address_yet(alice: User) -> None:
    assert rendered("{{ picture|tile_src }}", picture=make_picture(alice, renditions=())) == ""


def test_every_rendition_is_offered_with_its_real_width(alice: User) -> None:
    picture = make_picture(alice, size=(1000, 500))
    offered = rendered("{% with print=picture|print %}{{ print.srcset }}{% endwith %}", picture=picture)
    assert [part.rpartition(" ")[2] for part in offered.split(", ")] == ["256w", "512w"]


def test_a_print_has_the_addresses_that_the_models_and_routes_give(alice: User) -> None:
    job = make_job(alice, state="done")
    picture = job.pictures.get()
    small, large = picture.renditions.order_by("size")
    shown = TileLinks.of(picture)
    assert shown.src == large.get_absolute_url()
    assert shown.srcset.split(", ")[0] == f"{small.get_absolute_url()} {small.width}w"
    assert shown.url == picture.get_absolute_url()
    assert shown.story == job.get_absolute_url()
    assert shown.download == reverse("studio:download", args=[picture.code])
    assert shown.original == reverse("studio:original", args=[picture.code])


def test_another_like_this_names_the_submission(alice: User) -> None:
    job = make_job(alice, state="done")
    assert TileLinks.of(job.pictures.get()).like == f"/?like={job.submission.code}"
    assert TileLinks.of(make_picture(alice)).like == ""


def test_all_pixels_are_asked_for_where_they_need_no_work(alice: User) -> None:
    picture = make_picture(alice, renditions=(256, 512))
    assert rendered("{{ picture|whole_src }}", picture=picture) == reverse("studio:original", args=[picture.code])
    picture.format = "heic"
    assert rendered("{{ picture|whole_src }}", picture=picture).endswith("-512.webp")
