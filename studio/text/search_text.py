"""How texts become the words that search compares: one function for what is stored and for what is asked.

SQLite and PostgreSQL only ever see finished words, so both give the same answer. A word is in lower case and without
accents. Scripts that put no spaces between words (Chinese, Japanese, Korean, Thai …) become pairs of characters that
overlap: 東京駅 is 東京, 京駅. What begins with = is no word: it says a fact of a picture and can't be typed.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from itertools import groupby

LONGEST_WORD = 64  # characters; the rest of a longer one is not compared
# Between two texts, so that no phrase reaches from one into the next.
GAP = "="

# Letters that Unicode does not take apart.
PLAIN = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ħ": "h", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th", "ð": "d"})
ACCENTS = re.compile("[\u0300-\u036f]")
# Scripts without spaces: Thai, Lao, Burmese, Khmer, Hangul, kana, bopomofo and Chinese characters.
RUNS = (
    (0x0E01, 0x0EFF),
    (0x1000, 0x109F),
    (0x1100, 0x11FF),
    (0x1780, 0x17DD),
    (0x2E80, 0x2FDF),
    (0x3005, 0x3007),
    (0x3041, 0x3096),
    (0x3099, 0x309A),
    (0x309D, 0x309F),
    (0x30A1, 0x30FA),
    (0x30FC, 0x318E),
    (0x31A0, 0x31FF),
    (0x3400, 0x4DBF),
    (0x4E00, 0x9FFF),
    (0xA960, 0xA97C),
    (0xAC00, 0xD7FB),
    (0xF900, 0xFAFF),
    (0x20000, 0x3FFFF),
)
# Within a word. What has one is found without it, too.
APOSTROPHE = re.compile(r"(?<=[^\W\d_])['’‘ʼ＇`](?=[^\W\d_])")
ASCII_WORD = re.compile(r"[a-z0-9]+")
NOT_IN_FACTS = re.compile(r"[^a-z0-9-]")


def pieces(text: str) -> list[list[str]]:
    """Return the words of a text as they are written, those that nothing parted in one list: `it's` is it, s.

    A run of a script without spaces is one entry, still whole.
    """
    known = unicodedata.normalize("NFKC", text).casefold()
    if known.isascii():
        return [ASCII_WORD.findall(part) for part in known.split()]
    found = []
    for part in known.split():
        letters = [one for character in part for one in _plain(character)]
        words = ["".join(group) for kind, group in groupby(letters, _kind) if kind != " "]
        found.append([one for word in words for one in ([word] if _kind(word[0]) != "*" else word)])
    return found


def plain(text: str) -> str:
    """Return a text as lists of names compare it, a part of a word at a time: CAFÉ is cafe, and so is a full-width one."""
    if text.isascii():
        return text.lower()
    return ACCENTS.sub("", unicodedata.normalize("NFKD", text).casefold()).translate(PLAIN)


def without_apostrophes(text: str) -> str:
    """Return the text with words such as don't and l'été as others write them: dont, lété."""
    return APOSTROPHE.sub("", unicodedata.normalize("NFC", text))


def joined(text: str) -> list[str]:
    """Return the words of a text in which apostrophes part some, without these: `I don't know` is I, dont, know as well.

    None where it has no such word. All of them, as a quoted phrase may reach from one of them to any other.
    """
    found: list[str] = []
    is_changed = False
    for part in text.split():
        words = [word for piece in pieces(without_apostrophes(part)) for word in piece]
        is_changed |= words != [word for piece in pieces(part) for word in piece]
        found += words
    return found if is_changed else []


def is_run(word: str) -> bool:
    """Whether the word is of a script without spaces."""
    return _kind(word[0]) == "run"


def parts(word: str) -> list[str]:
    """Return the word as it is stored: whole, or as pairs of characters that overlap."""
    if is_run(word) and len(word) > 1:
        return [word[at : at + 2] for at in range(len(word) - 1)]
    return [word[:LONGEST_WORD]]


def document(texts: Iterable[str], facts: Iterable[str], own: Iterable[tuple[int, str]] = ()) -> str:
    """Return the words of some texts in their order, then facts, then each single character of a script without spaces,
    then the texts that have apostrophes without these.

    `own`: the key of a person and a text whose words lead only this person to the picture.
    """
    tokens: list[str] = []
    single: dict[str, None] = {}
    whole: list[list[str]] = []
    for text in texts:
        words = [word for piece in pieces(text) for word in piece]
        if not words:
            continue
        if (without := joined(text)) and without not in whole:
            whole.append(without)
        tokens += [GAP] if tokens else []
        for word in words:
            tokens += parts(word)
            if is_run(word):
                single.update(dict.fromkeys(word))
    for key, text in own:
        words = [word for piece in pieces(text) for word in piece]
        singles = dict.fromkeys(letter for word in words if is_run(word) for letter in word)
        tokens += [GAP, *(own_word(key, part) for word in words for part in parts(word))]
        tokens += [own_word(key, letter) for letter in singles]
        if without := joined(text):
            tokens += [GAP, *(own_word(key, part) for word in without for part in parts(word))]
    tokens += [GAP, *facts, GAP, *single] if single else [GAP, *facts]
    for without in whole:
        tokens += [GAP, *(part for word in without for part in parts(word))]
    return " ".join(tokens)


def own_word(key: int, word: str) -> str:
    """Return a word that only one person's searches ask for: like a fact it can't be typed."""
    return f"{own_mark(key)}-{word}"


def own_mark(key: int) -> str:
    """Return what stands in the vocabulary for a person who has words of their own."""
    return f"=w{key}"


def fact(kind: str, value: object) -> str:
    """Return the token that says a fact of a picture, such as =p12, so that every index takes it for one word."""
    return f"={kind}{NOT_IN_FACTS.sub('-', str(value).lower())}"


def learnable(tokens: str) -> set[str]:
    """Return the words of a document of which a part may be searched for: not numbers, facts and pairs of characters."""
    return {
        word for word in tokens.split() if len(word) > 1 and word[0] != "=" and not word.isdigit() and not is_run(word)
    }


def _plain(character: str) -> Iterable[str]:
    """Take the accents off a character and give it as the word has it; " " where it parts words."""
    if _is_of_run(character):
        return character
    kept = ""
    for one in unicodedata.normalize("NFKD", character).translate(PLAIN).casefold():
        kind = unicodedata.category(one)
        if kind[0] in "LN" or (kind == "So"):
            kept += one
        elif kind[0] == "M":
            # Vowel signs belong to the word; accents, points and what chooses the look of an emoji do not.
            is_sign = kind != "Me" and not unicodedata.combining(one) and not 0xFE00 <= ord(one) <= 0xFE0F
            kept += one if is_sign else ""
        elif kind != "Cf" and (kind != "Sk" or one.isascii()):
            kept += " "
    return kept


def _kind(character: str) -> str:
    if character == " ":
        return " "
    if _is_of_run(character):
        return "run"
    return "*" if unicodedata.category(character) == "So" else "word"


def _is_of_run(character: str) -> bool:
    code = ord(character)
    return code >= RUNS[0][0] and any(first <= code <= last for first, last in RUNS)
