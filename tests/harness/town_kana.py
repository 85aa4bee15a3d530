"""A Japanese reading in the scripts that people type it in: hiragana, katakana, half-width katakana, romaji."""

from __future__ import annotations

_ROMAJI = """
あ:a い:i う:u え:e お:o か:ka き:ki く:ku け:ke こ:ko さ:sa し:shi す:su せ:se そ:so た:ta ち:chi つ:tsu て:te と:to
な:na に:ni ぬ:nu ね:ne の:no は:ha ひ:hi ふ:fu へ:he ほ:ho ま:ma み:mi む:mu め:me も:mo や:ya ゆ:yu よ:yo
ら:ra り:ri る:ru れ:re ろ:ro わ:wa を:o ん:n が:ga ぎ:gi ぐ:gu げ:ge ご:go ざ:za じ:ji ず:zu ぜ:ze ぞ:zo
だ:da ぢ:ji づ:zu で:de ど:do ば:ba び:bi ぶ:bu べ:be ぼ:bo ぱ:pa ぴ:pi ぷ:pu ぺ:pe ぽ:po
きゃ:kya きゅ:kyu きょ:kyo しゃ:sha しゅ:shu しょ:sho ちゃ:cha ちゅ:chu ちょ:cho にゃ:nya にゅ:nyu にょ:nyo
ひゃ:hya ひゅ:hyu ひょ:hyo みゃ:mya みゅ:myu みょ:myo りゃ:rya りゅ:ryu りょ:ryo ぎゃ:gya ぎゅ:gyu ぎょ:gyo
じゃ:ja じゅ:ju じょ:jo びゃ:bya びゅ:byu びょ:byo ぴゃ:pya ぴゅ:pyu ぴょ:pyo
"""
ROMAJI = dict(pair.split(":") for pair in _ROMAJI.split())
_HALF = dict(
    zip(
        "アイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワヲンャュョッー",
        "ｱｲｳｴｵｶｷｸｹｺｻｼｽｾｿﾀﾁﾂﾃﾄﾅﾆﾇﾈﾉﾊﾋﾌﾍﾎﾏﾐﾑﾒﾓﾔﾕﾖﾗﾘﾙﾚﾛﾜｦﾝｬｭｮｯｰ",
        strict=True,
    )
)
_HALF |= dict(
    zip(
        "ガギグゲゴザジズゼゾダヂヅデドバビブベボ",
        (f"{_HALF[one]}ﾞ" for one in "カキクケコサシスセソタチツテトハヒフヘホ"),
        strict=True,
    )
)
_HALF |= dict(zip("パピプペポ", (f"{_HALF[one]}ﾟ" for one in "ハヒフヘホ"), strict=True))


def katakana(reading: str) -> str:
    """Full-width katakana of a reading in hiragana."""
    return "".join(chr(ord(one) + 0x60) if "ぁ" <= one <= "ゖ" else one for one in reading)


def half_width(reading: str) -> str:
    """Half-width katakana, as old systems print it."""
    return "".join(_HALF[one] for one in katakana(reading))


def romaji(reading: str, *, long_vowels: bool = False) -> str:
    """Hepburn in lower case; `long_vowels` writes them out (satou), else they are dropped (sato)."""
    text = "".join(_syllables(reading))
    if long_vowels:
        return text
    for long, short in (("ou", "o"), ("oo", "o"), ("uu", "u")):
        text = text.replace(long, short)
    return text


def _syllables(reading: str) -> list[str]:
    found, at, doubled = [], 0, False
    while at < len(reading):
        if reading[at] == "っ":
            doubled, at = True, at + 1
            continue
        size = 2 if reading[at : at + 2] in ROMAJI else 1
        syllable = ROMAJI[reading[at : at + size]]
        found.append(("t" if syllable.startswith("ch") else syllable[0]) * doubled + syllable)
        doubled, at = False, at + size
    return found
