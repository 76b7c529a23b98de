"""{% url %} of Studio's own addresses writes what Django's writes, and finds each once."""

from __future__ import annotations

import uuid

import pytest
from django.template import Context, Template
from django.urls import NoReverseMatch, reverse

from studio.views import addresses

CODE = uuid.UUID("12345678-1234-5678-1234-567812345678")


def rendered(source: str, **values: object) -> str:
    return Template(source).render(Context(values))


@pytest.mark.parametrize(
    ("tag", "address"),
    [
        ('{% url "studio:gallery" %}', reverse("studio:gallery")),
        ('{% url "studio:picture" code %}', reverse("studio:picture", args=[CODE])),
        ('{% url "studio:picture" code=code %}', reverse("studio:picture", args=[CODE])),
        ('{% url "studio:picture" words %}', reverse("studio:picture", args=[CODE])),
        ('{% url "studio:rendition" code "abc" 256 %}', reverse("studio:rendition", args=[CODE, "abc", 256])),
        ("{% url name code %}", reverse("studio:picture", args=[CODE])),
        ('{% url "studio:gallery" as kept %}<{{ kept }}>', f"<{reverse('studio:gallery')}>"),
        ('{% url "admin:index" %}', reverse("admin:index")),
    ],
)
def test_an_address_is_the_one_that_django_finds(tag: str, address: str) -> None:
    for _ in range(2):
        assert rendered(tag, code=CODE, words=str(CODE), name="studio:picture") == address


@pytest.mark.parametrize("tag", ['{% url "studio:picture" gone %}', '{% url "studio:nowhere" %}'])
def test_an_address_that_is_none_is_still_an_error(tag: str) -> None:
    with pytest.raises(NoReverseMatch):
        rendered(tag, gone="")


def test_a_fixed_address_is_found_once() -> None:
    rendered('{% url "studio:gallery" %}')
    before = addresses.fixed.cache_info().misses
    rendered('{% url "studio:gallery" %}')
    assert addresses.fixed.cache_info().misses == before
