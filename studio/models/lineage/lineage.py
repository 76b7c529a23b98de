"""The family of a picture: what it came from, and what came of it, level by level.

Nothing here grows with the number of relatives: levels, pictures on a level and children of one picture are bounded,
and each level takes a fixed number of queries that stop at a limit.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from django.db import connection

from studio.models.lineage.ancestors import MOST_UP, Ancestors, fronts_of, pictures_of
from studio.models.lineage.hidden_inputs import made_of
from studio.models.people import User
from studio.models.picture import Picture, load_sizes
from studio.models.pictures.layers import load_stacks
from studio.models.requests.input import Input
from studio.models.sql import prepared_statements
from studio.models.sql.compiled_query import KEY, KEYS, CompiledQuery

MOST_DOWN = 4  # levels, as many as upwards
MOST_ACROSS = 12  # pictures on a level
MOST_CHILDREN = 6  # of one picture, and of the one whose family it is:
MOST_OWN = 10
MOST_COUNTED = 100
MOST_AT_ONCE = 20  # pictures of one submission

# What was made with a picture after some submission, oldest first, and what was kept of it; and how many there are of
# each. Each part stops by itself: a picture with thousands of relatives costs what one with a hundred costs.
MADE = """
SELECT * FROM (SELECT found.*, COUNT(*) OVER () AS total FROM (
  SELECT %s AS part, made.id AS child, used.role AS role, used.position AS place, used.submission_id AS asked
  FROM (SELECT submission_id, role, position FROM "studio_input" "use"
        WHERE "use".picture_id = %s AND "use".submission_id > %s ORDER BY "use".submission_id LIMIT {counted}) used
  JOIN "studio_job" job ON job.submission_id = used.submission_id
  JOIN "studio_picture" made ON made.job_id = job.id
  WHERE made.shown_at IS NOT NULL AND (NOT made.is_private OR made.person_id {owner}){alone}
  ORDER BY used.submission_id, made.id LIMIT {counted}) found LIMIT {most}) made_with_it
"""
# In the tree a kept version hangs on its edit alone.
ALONE = " AND made.kept_from_id IS NULL"
KEPT = """
SELECT * FROM (SELECT found.*, COUNT(*) OVER () AS total FROM (
  SELECT %s AS part, kept.id AS child, kept.origin AS role, 0 AS place, 0 AS asked FROM "studio_picture" kept
  WHERE kept.kept_from_id = %s AND (NOT kept.is_private OR kept.person_id {owner})
  ORDER BY kept.id LIMIT {counted}) found LIMIT {most}) kept_of_it
"""


_LAYERS = CompiledQuery(
    lambda jobs: Picture.objects.of_luma().filter(job_id__in=jobs, position__gt=0).values_list("pk", "job_id"), KEYS
)


@dataclass(frozen=True, slots=True)
class Edge:
    """How a picture came of another: `role` is "source", "reference" (@place), "kept" or "layer" (of an edit's parts or
    content), or "front" (a layer of a split)."""

    parent: int
    child: int
    role: str
    place: int = 0

    @property
    def is_reference(self) -> bool:
        return self.role == Input.Role.REFERENCE


@dataclass(slots=True)
class Relative:
    """A picture of the family; `level` counts from the one whose family it is, ancestors below zero."""

    picture: Picture
    level: int
    # How much was made from it that is not among the relatives, counted no further than MOST_COUNTED.
    more: int = 0
    # It came of pictures that are too far away.
    has_earlier: bool = False
    # What it came of that is private to somebody else, and left out.
    has_hidden_source: bool = False
    hidden_references: int = 0

    @property
    def made_of(self) -> str:
        return made_of(source=self.has_hidden_source, references=self.hidden_references)


@dataclass(slots=True)
class Lineage:
    root: Picture
    person: User
    relatives: dict[int, Relative] = field(default_factory=dict)
    edges: list[Edge] = field(default_factory=list)
    # The submission after which the rest of the root's children follow.
    last: int = 0

    @classmethod
    def of(cls, root: Picture, person: User, *, after: int = 0) -> Lineage:
        """Return the family of a picture; `after` a submission, what was made with it later."""
        found = cls(root, person)
        found.relatives[root.pk] = Relative(root, 0)
        found._go_up()
        found._go_down(after)
        pictures = [one.picture for one in found.relatives.values()]
        load_sizes(pictures)
        load_stacks(pictures)
        return found

    @classmethod
    def children(cls, root: Picture, person: User, most: int) -> tuple[list[tuple[Edge, Picture]], bool]:
        """Return what came of a picture, with their sizes and stacks, and whether there is more: for its strip."""
        found = cls(root, person)
        found.relatives[root.pk] = Relative(root, 0)
        edges = found._children([root], most, 0, alone="")
        pictures = pictures_of(person, (edge.child for edge in edges[:most]))
        load_sizes(pictures.values())
        load_stacks(pictures.values())
        those = [(edge, pictures[edge.child]) for edge in edges[:most] if edge.child in pictures]
        return those, found.relatives[root.pk].more > len(those)

    @classmethod
    def made_from(cls, pictures: Sequence[Picture], person: User) -> dict[int, int]:
        """Return how much was made from each of these pictures, by their keys, counted no further than MOST_COUNTED."""
        found = cls(Picture(), person)
        found.relatives = {one.pk: Relative(one, 0) for one in pictures}
        found._children(pictures, 0, 0)
        return {key: min(one.more, MOST_COUNTED) for key, one in found.relatives.items()}

    def _take(self, edges: Sequence[Edge], found: Mapping[int, Picture], level: int) -> list[Picture]:
        """Add the relatives at the far ends of the edges; return those that are new, or lie farther away than before."""
        farther: dict[int, Picture] = {}
        for edge in edges:
            key = edge.child if level > 0 else edge.parent
            known = self.relatives.get(key)
            # Of the root's own, all that were asked for together are shown together.
            if known is None and len(farther) < (MOST_OWN + MOST_AT_ONCE if level == 1 else MOST_ACROSS):
                self.relatives[key] = Relative(found[key], level)
                farther[key] = found[key]
            elif known and known.level * level > 0 and known.level != level:
                # It is a nearer relative too. The bound on levels ends a circle, which no pictures can have.
                known.level = level
                farther[key] = known.picture
            if key in self.relatives and edge not in self.edges:
                self.edges.append(edge)
        return list(farther.values())

    # ---- Upwards

    def _go_up(self) -> None:
        level, above = [self.root], Ancestors(self.root, self.person)
        for number in range(1, MOST_UP + 1):
            edges, parents = self._parents(level, above)
            level = self._take(edges, parents, -number)
            if not level:
                return
        for edge in self._parents(level, above)[0]:
            self.relatives[edge.child].has_earlier = edge.parent not in self.relatives

    def _parents(self, level: Sequence[Picture], above: Ancestors) -> tuple[list[Edge], dict[int, Picture]]:
        """Return what these pictures came from."""
        asked: dict[int, list[int]] = defaultdict(list)  # by submission
        behind: dict[int, list[int]] = defaultdict(list)
        edges: list[Edge] = []
        for one in level:
            if one.kept_from_id:
                edges.append(Edge(one.kept_from_id, one.pk, one.origin))
            elif one.job and one.position and one.job.submission.type == "layering":
                behind[one.job.pk].append(one.pk)
            elif one.job:
                asked[one.job.submission_id].append(one.pk)
        for key, given in above.used(asked):
            edges += [Edge(used.picture, child, used.role, used.place) for used in given for child in asked[key]]
        parents = above.pictures(edge.parent for edge in edges)
        for front in fronts_of(self.person, behind):
            parents[front.pk] = front
            edges += [Edge(front.pk, child, "front") for child in behind[front.job_id or 0]]
        self._note_hidden([edge for edge in edges if edge.parent not in parents])
        return [edge for edge in edges if edge.parent in parents], parents

    def _note_hidden(self, edges: Sequence[Edge]) -> None:
        for relative, theirs in ((self.relatives[edge.child], edge) for edge in edges):
            if theirs.is_reference:
                relative.hidden_references += 1
            else:
                relative.has_hidden_source = True

    # ---- Downwards

    def _go_down(self, after: int) -> None:
        ancestors = [one.picture for one in self.relatives.values() if one.level < 0]
        level = [self.root]
        for number in range(1, MOST_DOWN + 1):
            edges = self._children(level, MOST_CHILDREN, after if number == 1 else 0)
            found = pictures_of(self.person, (edge.child for edge in edges))
            level = self._take([edge for edge in edges if edge.child in found], found, number)
            if not level:
                break
        # Of the last level and of the ancestors only how many there are.
        self._children([*level, *ancestors], 0, 0)
        shown = Counter(edge.parent for edge in self.edges if edge.role != "front")
        for key, relative in self.relatives.items():
            relative.more = max(0, relative.more - shown[key])

    def _children(self, level: Sequence[Picture], most: int, after: int, alone: str = ALONE) -> list[Edge]:
        """Return the first children of each picture, and note how many it has."""
        parts = list(self._parts(level, after))
        if not parts:
            return []
        room = MOST_OWN + MOST_AT_ONCE if level[0] is self.root else max(1, most)
        owner = f"IN ({', '.join(['%s'] * len(self.person.owner_keys))})" if self.person.inherited else "= %s"
        limits = {"counted": MOST_COUNTED, "most": room, "alone": alone, "owner": owner}
        statement = " UNION ALL ".join(sql.format(**limits) for _, sql, _ in parts)
        params = [value for number, (_, _, values) in enumerate(parts) for value in (number, *values)]
        # By their keys and in the order of an index: any plan is good for all pictures, and planning takes longer.
        rows = prepared_statements.rows(
            connection, statement, [KEY.get_db_prep_value(one, connection) for one in params]
        )
        found: dict[int, list[tuple[Edge, int]]] = defaultdict(list)
        totals: dict[int, int] = {}
        for number, child, role, place, asked, total in rows:
            key = parts[number][0]
            found[key].append((Edge(key, child, role, place), asked))
            totals[number] = total
        # One that lies farther away than it seemed is counted again.
        for key in {key for key, _, _ in parts}:
            self.relatives[key].more = 0
        for number, total in totals.items():
            self.relatives[parts[number][0]].more += total
        if level[0] is self.root:
            return self._own(found[self.root.pk])
        return [edge for listed in found.values() for edge, _ in listed[:most]]

    def _own(self, listed: Sequence[tuple[Edge, int]]) -> list[Edge]:
        """Return the first children of the root, of each submission all, so that the rest can be asked for by it."""
        edges: list[Edge] = []
        for asked in dict.fromkeys(asked for _, asked in listed):
            those = [edge for edge, of in listed if of == asked]
            if self.last and len(edges) + len(those) > MOST_OWN:
                break
            edges += those
            self.last = asked
        return edges

    def _parts(self, level: Sequence[Picture], after: int) -> Iterator[tuple[int, str, tuple[int, ...]]]:
        """Yield the statements that find the children of each picture, with its key and their parameters."""
        splits = {one.job_id: one.pk for one in level if one.is_split}
        behind = _LAYERS(list(splits)) if splits else ()
        for one in level:
            if not after:
                yield one.pk, KEPT, (one.pk, *self.person.owner_keys)
            yield one.pk, MADE, (one.pk, after, *self.person.owner_keys)
        for key, job in behind:
            # What was made from a layer belongs to the split, whose picture is its front layer.
            yield splits[job], MADE, (key, after, *self.person.owner_keys)
