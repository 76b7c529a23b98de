"""Every key of the pages, in one place: the sheet that `?` opens is rendered from it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Key:
    """What is done, and the presses that do it: each a chord, such as ("Ctrl", "Enter")."""

    action: str
    presses: tuple[tuple[str, ...], ...]
    # Between the presses, such as 1 – 9.
    joined: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """The keys of one place."""

    name: str
    keys: tuple[Key, ...]


def key(action: str, *presses: str, joined: str = "") -> Key:
    """`presses` are written as "Ctrl Enter"."""
    return Key(action, tuple(tuple(press.split()) for press in presses), joined)


# Columns of the sheet.
COLUMNS: tuple[tuple[Group, ...], ...] = (
    (
        Group(
            "Anywhere",
            (
                key("All keys", "?"),
                key("Search pictures", "/"),
                key("Prompt", "n"),
                key("Jobs now", "q"),
                key("Close", "Esc"),
                key("Undo what a notice offers to", "Ctrl Z"),
            ),
        ),
        Group(
            "Create",
            (
                key("Make", "Ctrl Enter"),
                key("Earlier and later prompts", "Alt ↑", "Alt ↓"),
                key("Name a reference", "@"),
            ),
        ),
        Group("Candidates of a group", (key("Keep", "k"), key("Redo", "r"))),
        Group("Crop", (key("Turn left", "l"), key("Turn right", "r"))),
        Group("Layers", (key("See the original", "o"),)),
        Group(
            "Decide on a picture",
            (
                key("Star", "f"),
                key("Rate", "1", "5", joined="–"),
                key("No rating", "0"),
                key("Approve", "y"),
                key("Reject", "u"),
                key("Tag", "t"),
            ),
        ),
    ),
    (
        Group(
            "Pictures in a grid",
            (
                key("Move", "←", "↑", "↓", "→"),
                key("First and last", "Home", "End"),
                key("Open", "Enter"),
                key("Select", "x"),
                key("Select more", "Shift ←", "Shift →"),
                key("Select all", "Ctrl A"),
                key("Select none", "Esc"),
                key("To what can be done, and back", "a"),
                key("Go to a date", "g"),
                key("Compare what is selected", "c"),
                key("Download what is selected", "d"),
                key("Put what is selected on a board", "b"),
                key("Stack what is selected", "s"),
                key("Delete what is selected", "Del"),
            ),
        ),
        Group("Board", (key("Move a picture", "Alt ←", "Alt →"),)),
        Group(
            "Tile and picture",
            (
                key("Use as source", "e"),
                key("Add as reference", "Shift E"),
                key("Another like this", "r"),
                key("Prompt only", "Shift R"),
                key("Download", "d"),
            ),
        ),
        Group(
            "Picture page",
            (
                key("Newer, older", "←", "→"),
                key("Compare with its source", "c"),
                key("Fit, 100 %", "z"),
                key("Larger, smaller", "+", "-"),
                key("Fold the panel", "i"),
                key("Filmstrip", "l"),
                key("Show or hide pins", "p"),
                key("Family tree", "Shift F"),
                key("More downloads", "Shift D"),
                key("Add to board", "b"),
                key("Mark up", "m"),
                key("Keep the rest", "k"),
                key("Delete", "Del"),
                key("Back to the list", "Esc"),
            ),
        ),
    ),
    (
        Group(
            "Mark up",
            (
                key("Select", "v"),
                key("Arrow", "a"),
                key("Box", "b"),
                key("Freehand", "f"),
                key("Number", "n"),
                key("Hide marks", "h"),
                key("Zoom", "z"),
                key("Remove", "Del"),
            ),
        ),
        Group(
            "Keep the rest",
            (
                key("Choose a region", "1", "9", joined="–"),
                key("Take it, leave it", "t", "u"),
                key("Paint the edit, the source", "k", "x"),
                key("Brush size", "[", "]"),
                key("Brush softness", "{", "}"),
                key("See the source, the edit", "a", "b"),
                key("Veil", "m"),
            ),
        ),
        Group(
            "Compare",
            (
                key("Way of comparing", "m"),
                key("Swap", "s"),
                key("Fit, 100 %", "z"),
                key("Back to fit", "0"),
                key("Approve, reject", "y", "u"),
            ),
        ),
        Group("Approvals", (key("Next, previous", "↓", "↑"), key("Approve, decline", "y", "u"))),
        Group("Work pages", (key("Undo", "Ctrl Z"), key("Redo", "Ctrl Y"), key("Send or save", "Ctrl Enter"))),
    ),
)
TOUCH = Group(
    "Touch",
    (
        key("Turn to the next picture", "Swipe left or right"),
        key("Close the picture", "Swipe down"),
        key("Zoom", "Pinch, or tap twice"),
        key("Select a picture", "Press and hold"),
    ),
)
