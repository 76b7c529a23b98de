"""Words with an apostrophe are found without it: also those of pictures that were stored before that was so."""

from __future__ import annotations

import pytest

from studio import tasks
from studio.engine.pictures import joined_words
from studio.models import Revision, SearchDocument, SearchWord, User
from studio.text import search_text
from tests.views.searching import found, shown


@pytest.fixture
def before(alice: User, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Pictures as they were stored then, and one whose words never change."""
    prompts = ["I don't know", "A boat", "L'été, l’hiver", "O'Brien"]
    with monkeypatch.context() as then:
        then.setattr(search_text, "joined", lambda text: [])
        for prompt in prompts:
            shown(alice, prompt)
    return prompts


def test_what_was_stored_before_is_written_anew_a_few_at_a_time(
    alice: User, before: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert found(alice, "q=dont") == []
    monkeypatch.setattr(joined_words, "BATCH", 1)
    written = []
    monkeypatch.setattr(
        SearchDocument,
        "write",
        lambda picture, write=SearchDocument.write: (written.append(picture.title), write(picture)),
    )
    rounds = 1
    while joined_words.write(seconds=0):
        rounds += 1
    assert written == [before[0], *before[2:]]
    assert rounds >= 3
    assert [found(alice, f"q={one}") for one in ("dont", '"i dont know"', "lete", "lhiver", "obri")] == [
        before[:1],
        before[:1],
        before[2:3],
        before[2:3],
        before[3:],
    ]
    # That was all: the next time nothing is read.
    number = Revision.current()
    tasks.write_look_words()
    assert (len(written), Revision.current()) == (3, number)


@pytest.mark.django_db
def test_a_studio_without_pictures_is_done_at_once() -> None:
    assert not joined_words.write()
    assert Revision.objects.get(pk=joined_words.PLACE).number == joined_words.DONE
    assert not SearchWord.objects.exists()
