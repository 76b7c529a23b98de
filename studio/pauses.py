"""The reasons why nothing is sent, in the words that people read: one catalogue."""

from __future__ import annotations

from typing import NamedTuple


class Pause(NamedTuple):
    """Why nothing is sent: the notice on every page, and what a waiting card says."""

    icon: str
    tone: str
    sentence: str
    advice: str
    on_card: str


# By the reason of the pause; where there are several, a card tells the first.
PAUSES = {
    "funds": Pause(
        "wallet",
        "info",
        "Studio is out of budget.",
        "Nothing is lost. Jobs start when an admin adds funds at Luma.",
        "Nothing is lost. It starts when an admin adds funds.",
    ),
    "key": Pause(
        "key-round",
        "danger",
        "Luma refuses Studio's key.",
        "Nothing is lost. Jobs start when an admin has put a valid key in place.",
        "Luma refuses Studio's key. Nothing is lost; an admin knows.",
    ),
    "api": Pause(
        "cloud-alert",
        "warning",
        "Luma does not answer.",
        "Nothing is sent until it does.",
        "Luma does not answer. Nothing is sent until it does.",
    ),
    "lost": Pause(
        "circle-help",
        "warning",
        "Luma's answers get lost.",
        "Each lost one may be paid for, so one request at a time is tried until answers come back.",
        "Luma's answers get lost. One request at a time is tried; an admin can resume in Review.",
    ),
    "disk": Pause(
        "hard-drive-download",
        "warning",
        "The disk is almost full.",
        "Nothing is sent until there is room.",
        "The disk is almost full. Nothing is lost.",
    ),
    "storage": Pause(
        "hard-drive-download",
        "warning",
        "Pictures can't be stored.",
        "Nothing is sent until pictures can be stored again.",
        "Pictures can't be stored just now. Nothing is lost.",
    ),
    "admin": Pause(
        "clock",
        "info",
        "An admin has paused sending.",
        "Jobs wait in line until it is resumed.",
        "Paused by an admin. Nothing is lost.",
    ),
}


class Wait(NamedTuple):
    """What holds the whole line by itself and for a while: the notice on every page. Cards say more of it."""

    icon: str
    sentence: str
    advice: str


# By what `studio.engine.line` names; where there is an `until`, an admin may have one job tried meanwhile.
WAITS = {
    "engine": Wait(
        "circle-alert",
        "Studio's engine gives no sign of life.",
        "Nothing is sent or fetched. Studio restarts it by itself; if this stays, an admin has to restart Studio.",
    ),
    "paused": Wait("timer", "Luma asked Studio to wait.", "Nothing new is sent until {until}."),
    "again": Wait(
        "timer",
        "Luma keeps asking Studio to wait.",
        "It has taken no request since {since}. Studio goes on trying by itself.",
    ),
    "lost": Wait(
        "circle-help",
        "Lost requests may hold every place at Luma.",
        "Nothing new is sent until one of ours is free, at {until} at the latest.",
    ),
    "silent": Wait(
        "cloud-alert",
        "Luma does not answer what was sent.",
        "Each may be paid for, so nothing new is sent until it does, or until {until}.",
    ),
}
IS_TRIED = "One job is tried now; the others follow when it goes through."
