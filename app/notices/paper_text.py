"""Text as it can be set: no control characters, no hidden reordering, and long runs that may break."""

import re
from typing import Any
from unicodedata import category

LONGEST_RUN = 18  # letters without a place to break that the narrowest column takes
_BREAKS = re.compile("\r\n|[\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029]")
_DIRECTION = frozenset("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_UNSEEN = frozenset(("Cc", "Cs"))
# scripts that break between words only: whatever is neither blank, nor Han and its punctuation, nor a mark on a letter
_RUN = re.compile(
    "[^\\s\u0300-\u036f\u200b-\u200d\u2010-\u206f\u2e80-\ud7ff\uf900-\ufaff\ufe00-\uffef\U00010000-\U0010ffff]"
    f"{{{LONGEST_RUN + 1},}}"
)


def printable(value: Any) -> Any:
    """Return `value` with every text in it cleaned; other values stay."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, dict):
        return {key: printable(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [printable(inner) for inner in value]
    return value


def clean(text: str) -> str:
    """Return the text as it is printed: same words, nothing a typesetter stumbles over."""
    text = _BREAKS.sub("\n", text).replace("\t", " ")
    return _RUN.sub(_breakable, "".join(filter(_is_text, text)).strip("\n"))


def _is_text(sign: str) -> bool:
    """Unassigned code points count as text: the next Unicode's Han characters are among them."""
    is_none = ord(sign) & 0xFFFE == 0xFFFE or 0xFDD0 <= ord(sign) <= 0xFDEF
    return sign == "\n" or not (is_none or sign in _DIRECTION or category(sign) in _UNSEEN)


def _breakable(found: re.Match[str]) -> str:
    run = found.group()
    return "\u200b".join(run[i : i + 6] for i in range(0, len(run), 6))
