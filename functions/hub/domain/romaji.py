"""How a name sounds, in letters: kana and every way of romanising it come to the same text.

Own table rather than jaconv 0.5.0 (MIT): that writes てぃ, シェ and ぢゃ as three sounds and keeps long vowels apart.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

_VOWELS = "aiueo"
# consonant -> its five kana; "." where there is none.
_ROWS: Mapping[str, str] = {
    "": "あいうえお",
    "k": "かきくけこ",
    "s": "さしすせそ",
    "t": "たちつてと",
    "n": "なにぬねの",
    "h": "はひふへほ",
    "m": "まみむめも",
    "y": "や.ゆ.よ",
    "r": "らりるれろ",
    "w": "わゐ.ゑ.",
    "g": "がぎぐげご",
    "z": "ざじずぜぞ",
    "d": "だ..でど",
    "b": "ばびぶべぼ",
    "p": "ぱぴぷぺぽ",
    "v": "..ゔ..",
}
_SYLLABLES: Mapping[str, str] = {
    kana: consonant + vowel
    for consonant, row in _ROWS.items()
    for kana, vowel in zip(row, _VOWELS, strict=True)
    if kana != "."
} | {"を": "o", "ん": "n", "ぢ": "zi", "づ": "zu"}
_SMALL_Y: Mapping[str, str] = {"ゃ": "ya", "ゅ": "yu", "ょ": "yo"}
_SMALL_VOWELS: Mapping[str, str] = dict(zip("ぁぃぅぇぉ", _VOWELS, strict=True)) | {"ゎ": "wa"}
_LATIN = re.compile(r"[a-z0-9]+")
_KANA = re.compile(r"[ぁ-ゖー]+")

# Hepburn, wāpuro and older spellings into one (Kunrei); in this order.
_SPELLINGS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"cch"), "tch"),
    (re.compile(r"sh(?=[aiueo])"), "sy"),
    (re.compile(r"ch(?=[aiueo])"), "ty"),
    (re.compile(r"(?:jy?|zy|dy)(?=[aiueo])"), "zy"),
    (re.compile(r"([stz])yi"), r"\1i"),
    (re.compile(r"([stz])ye"), r"\1e"),
    (re.compile(r"ts(?=u)"), "t"),
    (re.compile(r"dz?(?=u)"), "z"),
    (re.compile(r"f(?=[aiueo])"), "h"),
    (re.compile(r"m(?=[bmp])"), "n"),
    (re.compile(r"wo"), "o"),
    # Long vowels: Ōno, Ohno, Oono and Ono; Itō, Itoh and Itou; Yūko and Yuko.
    (re.compile(r"o(?:[ou]|h(?![aiueoy]))+"), "o"),
    (re.compile(r"u(?:u|h(?![aiueoy]))+"), "u"),
    (re.compile(r"aa+"), "a"),
    (re.compile(r"ii+"), "i"),
    (re.compile(r"ee+"), "e"),
)


def sound(folded: str) -> str:
    """The sound of a folded text in kana or Latin letters (see `names.fold`); "" for every other script."""
    if _KANA.fullmatch(folded):
        folded = romanised(folded)
    if not _LATIN.fullmatch(folded):
        return ""
    for pattern, spelling in _SPELLINGS:
        folded = pattern.sub(spelling, folded)
    return folded


def romanised(hiragana: str) -> str:
    """Hiragana in letters, sound by sound; what is no hiragana is left out."""
    letters = ""
    doubled = False
    for kana in hiragana:
        if kana == "っ":
            doubled = True
            continue
        letters = _with(letters, kana, doubled=doubled)
        doubled = False
    return letters


def _with(letters: str, kana: str, *, doubled: bool) -> str:
    if kana in _SMALL_Y:
        return (letters[:-1] if letters[-1:] in ("i", "e", "u") else letters) + _SMALL_Y[kana]
    if kana in _SMALL_VOWELS:
        return _combined(letters) + _SMALL_VOWELS[kana]
    syllable = _SYLLABLES.get(kana, "")
    return letters + (syllable[:1] if doubled and syllable[:1] not in _VOWELS else "") + syllable


def _combined(letters: str) -> str:
    """てぃ, ふぁ, しぇ: a small vowel takes the place of the one before it; after a bare vowel it is うぇ, うぉ."""
    if len(letters) > 1 and letters[-1] in _VOWELS and letters[-2] not in _VOWELS:
        return letters[:-1]
    return letters[:-1] + "w" if letters[-1:] == "u" else letters
