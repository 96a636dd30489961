"""Which old encoding a text is in, judged by the letters that its languages are written with.

Every candidate is tried on the words that hold more than ASCII. The one wins whose letters all belong to its
languages, best to one of them; signs inside words and capitals after small letters speak against it. Among equals the
more usual one, which stands first here.
"""

import re
from collections.abc import Callable
from itertools import pairwise

_WESTERN = ("äöüß", "àâæçèéêëîïôœùûüÿ", "áéíñóúü", "ãáàâçéêíóôõú", "àèéìíòóù", "åäö", "æøåé", "äëïéèö", "áðéíóúýþæö")
_CENTRAL = ("ąćęłńóśźż", "áčďéěíňóřšťúůýž", "áäčďéíĺľňóôŕšťúýž", "áéíóöőúüű", "čćđšž", "ăâîşţ", "äöüß")
_RUSSIAN = "абвгдежзийклмнопрстуфхцчшщъыьэюяё"
_CYRILLIC = (
    _RUSSIAN,
    "абвгґдеєжзиіїйклмнопрстуфхцчшщьюя",
    "абвгдђежзијклљмнњопрстћуфхцчџш",
    "абвгдежзіўйклмнопрстуфхцчшыьэюяё",
)
_GREEK = ("αβγδεζηθικλμνξοπρστυφχψωςάέήίόύώϊϋΐΰ",)
_TURKISH = ("çğıöşüâîû",)
_BALTIC = ("ąčęėįšųūž", "āčēģīķļņšūž", "äöõüšž")
_ALPHABETS = {
    "cp1252": _WESTERN,
    "cp1250": _CENTRAL,
    "cp1251": _CYRILLIC,
    "cp1254": _TURKISH,
    "cp1253": _GREEK,
    "cp1257": _BALTIC,
    "iso8859-15": _WESTERN,
    "iso8859-2": _CENTRAL,
    "mac_roman": _WESTERN,
    "cp850": _WESTERN,
    "koi8_r": (_RUSSIAN,),
    "cp866": (_RUSSIAN,),
}
_EAST_ASIAN: dict[str, Callable[[str], bool]] = {
    "cp949": lambda sign: "\uac00" <= sign <= "\ud7a3" and _among(sign, "euc_kr", 0xB0, 0xC8),
    "shift_jis": lambda sign: "\u3040" <= sign <= "\u30ff" or _among(sign, "shift_jis", 0x88, 0x98),
    "euc_jp": lambda sign: "\u3040" <= sign <= "\u30ff" or _among(sign, "shift_jis", 0x88, 0x98),
    "gb18030": lambda sign: _among(sign, "gb2312", 0xB0, 0xD7),
    "big5": lambda sign: _among(sign, "big5", 0xA4, 0xC6),
}
_WORD = re.compile(r"\w*[^\x00-\x7f]+[\w\x80-\uffff]*")
_USUAL_SIGNS = frozenset("’‘“”„–—…•€£§°«»·№ªº®©™\xa0　、。（）・ー々")  # noqa: RUF001 - these are meant
_BESIDE_LETTERS = frozenset("’‘“”„–—…«»·ªº®©™\xa0　、。（）・ー々")  # noqa: RUF001
_STRANGE = 2.0


def candidates(sample: bytes) -> list[str]:
    """Encodings by how well the sample reads in them, the best first."""
    encodings = (*_ALPHABETS, *_EAST_ASIAN)
    return sorted(encodings, key=lambda encoding: -round(_fit(sample, encoding), 2))


def _fit(sample: bytes, encoding: str) -> float:
    """Up to 2, where every sign is a letter of one language of the encoding."""
    words = _WORD.findall(sample.decode(encoding, "replace"))
    signs = [sign for word in words for sign in word if sign > "\x7f" and sign not in _USUAL_SIGNS]
    if not signs:
        return 1.9
    if encoding in _EAST_ASIAN:
        return 1.9 * sum(map(_EAST_ASIAN[encoding], signs)) / len(signs)
    broken = sum(_breaks(word) for word in words)
    small = [sign.lower() for sign in signs]
    shares = [sum(sign in alphabet for sign in small) / len(small) for alphabet in _ALPHABETS[encoding]]
    of_any = sum(any(sign in alphabet for alphabet in _ALPHABETS[encoding]) for sign in small) / len(small)
    return of_any + max(shares) - _STRANGE * broken / len(signs)


def _breaks(word: str) -> int:
    """How often a capital follows a small letter, the script changes, or a letter stands beside what is none."""
    found = 0
    for one, other in pairwise(word):
        if max(one, other) <= "\x7f":
            continue
        if one.isalpha() and other.isalpha():
            found += (one.islower() and other.isupper()) or _latin(one) != _latin(other)
        else:
            found += (one.isalpha() and _foreign(other)) or (other.isalpha() and _foreign(one))
    return found


def _foreign(sign: str) -> bool:
    return sign > "\x7f" and sign not in _BESIDE_LETTERS


def _latin(letter: str) -> bool:
    return letter < "\u0370"


def _among(sign: str, encoding: str, first: int, last: int) -> bool:
    """Whether the encoding has the sign in its rows of everyday signs."""
    try:
        return first <= sign.encode(encoding)[0] <= last
    except UnicodeEncodeError:
        return False
