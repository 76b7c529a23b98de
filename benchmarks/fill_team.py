"""What a team adds to its pictures, made in the database itself: boards, opinions, tags, talk, notifications, trash, a link.

Of a million pictures: 2,000 boards, one of 50,000; 100,000 tags of one picture each and one of 95,000; 500,000 stars, 150,000
ratings, 320,000 decisions, 100,000 comments, 200,000 notifications, 20,000 in the trash. What a picture has follows from its
key, so that its search document can say the same.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import connection
from django.utils import timezone

BOARDS = 2_000
COMMON_TAG, BIG_BOARD = 1, 1
TALKED, LINKED = 300, 500  # comments of one picture, pictures of the link
TITLE = "Round for the benchmark"

# Where the picture with this key lies; on all but the first board few.
OTHER_BOARD = f"2 + (id / 4) %% {BOARDS - 1}"
VERDICT = "CASE id %% 9 WHEN 0 THEN 'approved' WHEN 3 THEN 'rejected' ELSE 'candidate' END"
THIRD = "{person} + (id / 2) %% {people}"

# The facts of all this, as studio.models.search.document writes them, to be put behind those of a picture.
FACTS = (
    " || CASE WHEN id % 20 = 5 THEN ' =b1' WHEN id % 4 = 2 THEN ' =b' || (2 + (id / 4) % {others}) ELSE '' END"
    " || CASE WHEN id % 2 = 1 THEN ' =f' || ({person} + (id / 2) % {people}) ELSE '' END"
    " || CASE WHEN rating > 0 THEN ' =n' || rating ELSE '' END"
    " || CASE WHEN decision = '' THEN ' =dnone' ELSE ' =d' || decision || ' =e' || ({person} + (id / 2) % {people}) END"
    " || CASE WHEN id % 10 = 3 THEN ' =g1 quay' WHEN id % 10 = 4 THEN ' =g' || (2 + id / 10) || ' mood' || (2 + id / 10) ELSE '' END"
    " || CASE WHEN id % 10 = 6 THEN ' =comments' ELSE '' END"
)

# Before the documents: what a picture's own row says.
OPINIONS = f"""
UPDATE studio_picture SET rating = CASE WHEN id %% 5 = 0 THEN 1 + (id / 5) %% 5 ELSE 0 END,
  decision = CASE WHEN id %% 3 = 0 THEN {VERDICT} ELSE '' END
WHERE id %% 5 = 0 OR id %% 3 = 0
"""
TRASH = """
UPDATE studio_picture SET trashed_at = {moment}, trashed_by_id = person_id, deletes_at = {later} WHERE id %% 49 = 48
"""
HIDE = (
    "DELETE FROM studio_searchdocument WHERE picture_id IN (SELECT id FROM studio_picture WHERE trashed_at IS NOT NULL)"
)

ROWS: tuple[tuple[str, str], ...] = (
    (
        "board",
        """
{numbers}
INSERT INTO studio_board (id, code, person_id, name, purpose, client, job_number, visibility, {order}, dock, number,
  private_numbers, tallies, mosaic, created_at, changed_at)
SELECT i, {code}, %(person)s + i %% %(people)s, 'Campaign ' || i, 'Pictures of the campaign', 'Client ' || i %% 90, 'J' || i,
  CASE WHEN i = 1 THEN 'team' WHEN i %% 20 = 7 THEN 'private' WHEN i %% 10 = 3 THEN 'listed' ELSE 'team' END, 'hand', '{{}}', 0,
  '{{}}', '{{}}', '[]', {moment}, {moment}
FROM n
""",
    ),
    (
        "boardmember",
        """
INSERT INTO studio_boardmember (board_id, person_id, {right})
SELECT b.id, %(person)s + (b.id + k.k) %% %(people)s, 'look' FROM studio_board AS b
CROSS JOIN (SELECT 1 AS k UNION ALL SELECT 2 UNION ALL SELECT 3) AS k WHERE b.visibility = 'listed'
""",
    ),
    (
        "boardpicture",
        f"""
INSERT INTO studio_boardpicture (board_id, picture_id, place, added_by_id, added_at, decision)
SELECT CASE WHEN id %% 20 = 5 THEN 1 ELSE {OTHER_BOARD} END, id, (id / 4 + 1) * 1048576, person_id, shown_at, decision
FROM studio_picture WHERE id %% 20 = 5 OR id %% 4 = 2
""",
    ),
    (
        "tag",
        """
{numbers}
INSERT INTO studio_tag (id, name, key, number)
SELECT i, CASE WHEN i = 1 THEN 'Quay' ELSE 'Mood' || i END, CASE WHEN i = 1 THEN 'quay' ELSE 'mood' || i END,
  CASE WHEN i = 1 THEN %(tags)s - 1 ELSE 1 END FROM n
""",
    ),
    (
        "picturetag",
        """
INSERT INTO studio_picturetag (tag_id, picture_id, person_id, at)
SELECT CASE WHEN id %% 10 = 3 THEN 1 ELSE 2 + id / 10 END, id, person_id, shown_at FROM studio_picture WHERE id %% 10 IN (3, 4)
""",
    ),
    (
        "star",
        f"INSERT INTO studio_star (picture_id, person_id, at) SELECT id, {THIRD}, shown_at FROM studio_picture WHERE id %% 2 = 1",
    ),
    (
        "rating",
        f"INSERT INTO studio_rating (picture_id, value, person_id, at)"
        f" SELECT id, rating, {THIRD}, shown_at FROM studio_picture WHERE rating > 0",
    ),
    (
        "decision",
        f"INSERT INTO studio_decision (picture_id, verdict, person_id, at)"
        f" SELECT id, decision, {THIRD}, shown_at FROM studio_picture WHERE decision <> ''",
    ),
    (
        "comment",
        f"""
INSERT INTO studio_comment (code, picture_id, person_id, text, named, rev, created_at)
SELECT {{code}}, id, {THIRD}, 'A little lower, and the red warmer', '[]', 1, shown_at FROM studio_picture WHERE id %% 10 = 6
""",
    ),
    (
        "casenote",
        "INSERT INTO studio_casenote (job_id, person_id, text, at, is_told) SELECT id, %(person)s, 'Told them why', finished_at, FALSE"
        " FROM studio_job WHERE id %% 60 = 0 AND finished_at IS NOT NULL",
    ),
    (
        "notification",
        """
{numbers}
INSERT INTO studio_notification (code, person_id, kind, actor_id, text, address, picture_id, key, number, at, read_at)
SELECT {code}, CASE WHEN i %% 4 = 0 THEN %(person)s ELSE %(person)s + i %% %(people)s END,
  CASE i %% 3 WHEN 0 THEN 'mention' WHEN 1 THEN 'decision' ELSE 'comment' END, %(person)s + (i + 1) %% %(people)s,
  'mentioned you: “A little lower”', '/gallery/', i * 5 + 1, '', 1, {moment}, CASE WHEN i %% 20 = 0 THEN NULL ELSE {moment} END
FROM n WHERE i * 5 + 1 IN (SELECT id FROM studio_picture)
""",
    ),
)


def opinions(person: int, people: int, words: dict[str, str]) -> str:
    """Write what the pictures' own rows say; return what their search documents say behind it."""
    now = timezone.now().timestamp()
    moment = words["moment"].format(seconds=f"{now} - id %% 29 * 86400 - id / 50 %% 80000")
    later = words["moment"].format(seconds=f"{now} + 2592000 - id %% 29 * 86400 - id / 50 %% 80000")
    with connection.cursor() as cursor:
        cursor.execute(OPINIONS % ())
        cursor.execute(TRASH.format(moment=moment, later=later) % ())
    return FACTS.format(person=person, people=people, others=BOARDS - 1)


def rows(count: int, person: int, people: int, words: dict[str, str]) -> None:
    """Write everything else, for a million pictures or for `count`."""
    from studio.models import Picture

    now = timezone.now().timestamp()
    numbers = {"board": BOARDS, "tag": count // 10 + 1, "notification": count // 5 - 1}
    quote = connection.ops.quote_name
    with connection.cursor() as cursor:
        cursor.execute(HIDE)
        for table, statement in ROWS:
            # Each a little older than the one before; the first board changed last.
            parts = {
                **words,
                "moment": words["moment"].format(seconds=f"{now} - i * 77"),
                "order": quote("order"),
                "right": quote("right"),
                "person": person,
                "people": people,
            }
            values = {
                "first": 1,
                "last": numbers.get(table, 1),
                "person": person,
                "people": people,
                "tags": numbers["tag"],
            }
            cursor.execute(statement.format(**parts) % values)
        if connection.vendor == "postgresql":
            for table in ("board", "tag"):
                cursor.execute(  # its names are our own
                    f"SELECT setval(pg_get_serial_sequence('studio_{table}', 'id'), (SELECT max(id) FROM studio_{table}))"
                )
    _boards()
    _learn(numbers["tag"])
    if Picture.objects.made().exists():  # with nothing but failures there are none
        _talk(person, people)
        _link(person)


def _boards() -> None:
    from studio.models import Board
    from studio.models.boards.counts import Counts, first_pictures, true_counts

    boards, counted = list(Board.objects.all()), true_counts()
    for board in boards:
        board.mosaic = first_pictures(board)
        for name, value in counted.get(board.pk, Counts()).written().items():
            setattr(board, name, value)
    Board.objects.bulk_update(boards, ["mosaic", "number", "private_numbers", "tallies"], batch_size=200)


def _learn(tags: int) -> None:
    """A tag is a word to search for."""
    from studio.models import SearchWord

    words = ["quay", *(f"mood{number}" for number in range(2, tags + 1))]
    SearchWord.objects.bulk_create([SearchWord(word=word) for word in words], ignore_conflicts=True, batch_size=500)


def _talk(person: int, people: int) -> None:
    """A long talk about one picture."""
    from studio.models import Comment, Picture

    picture, now = Picture.objects.made().newest_first()[1], timezone.now()
    said = [
        Comment(
            picture=picture,
            person_id=person + number % people,
            text=f"Number {number}: a little lower, and the red warmer",
            x=number % 100,
            y=number % 90,
            pin=number + 1,
            created_at=now - timedelta(minutes=TALKED - number),
        )
        for number in range(TALKED)
    ]
    Comment.objects.bulk_create(said, batch_size=100)


def _link(person: int) -> None:
    """A link to many pictures, about most of which its client has decided and said something."""
    from studio.models import Comment, Decision, Picture, ProofClient, ProofLink, User
    from studio.models.proof.link import ProofSpec

    spec: dict[str, Any] = {"title": TITLE, "expires_at": timezone.now() + timedelta(days=9)}
    pictures = list(Picture.objects.made().newest_first()[:LINKED])
    link, _ = ProofLink.make(User.objects.get(pk=person), ProofSpec(**spec), pictures=pictures)
    client = ProofClient.objects.create(link=link, name="Ingrid Holm")
    decided = [Decision(picture=one, verdict="approved", client=client) for one in pictures[: LINKED * 3 // 5]]
    Decision.objects.bulk_create(decided, batch_size=100)
    said = [Comment(picture=one, client=client, text="A little lower") for one in pictures[::3]]
    Comment.objects.bulk_create(said, batch_size=100)
