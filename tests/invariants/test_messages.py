"""Every message has its Chinese, once, with the same places to fill, in words the reader's role may see."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from babel.messages.catalog import Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from app.web.role_words import forbidden_in

ROOT = Path(__file__).resolve().parents[2]
CATALOGUES = sorted((ROOT / "app").glob("*/zh.po"))
KEYWORDS = {"_": None, "_l": None, "gettext": None, "lazy_gettext": None, "N_": None}
METHODS = [("**.py", "python"), ("**.html", "jinja2.ext:babel_extract")]
PLACE = re.compile(r"%\((\w+)\)[sd]")
LATIN = re.compile("[A-Za-z]")  # a Chinese example inside an English sentence is fine
OFFICERS_ONLY = (
    "officers only"  # a translator comment (#. officers only) on words that coordinators never meet
)


@cache
def used() -> dict[str, str]:
    """Every message in code and templates, and where it stands first."""
    found: dict[str, str] = {}
    for folder in ("app", "templates"):
        options = {"**.html": {"extensions": "jinja2.ext.do", "silent": "false", "trimmed": "true"}}
        rows = extract_from_dir(ROOT / folder, METHODS, options, keywords=KEYWORDS)
        for name, line, message, _comments, _context in rows:
            text = message if isinstance(message, str) else message[0]
            found.setdefault(text, f"{folder}/{name}:{line}")
    return found


def messages() -> Iterator[tuple[Path, Message]]:
    for path in CATALOGUES:
        with path.open("rb") as file:
            for message in read_po(file, locale="zh_Hans_CN", abort_invalid=True):
                if message.id:
                    yield path, message


def test_there_is_something_to_translate() -> None:
    assert len(used()) > 50


def test_every_message_is_translated() -> None:
    known = {message.id for _, message in messages() if message.string}
    missing = [f"{where}: {text!r}" for text, where in used().items() if text not in known]
    assert not missing, f"{len(missing)} messages without Chinese:\n  " + "\n  ".join(missing)


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.parent.name)
def test_no_translation_is_empty_or_fuzzy(path: Path) -> None:
    poor = [
        message.id for where, message in messages() if where == path and (not message.string or message.fuzzy)
    ]
    assert not poor


def test_a_message_means_the_same_everywhere() -> None:
    """The catalogues are merged: of two translations one would silently win."""
    meanings: dict[str, dict[str, str]] = {}
    for path, message in messages():
        meanings.setdefault(str(message.id), {}).setdefault(str(message.string), path.parent.name)
    torn = [f"{text!r}: {found}" for text, found in meanings.items() if len(found) > 1]
    assert not torn, "keep it in the lowest feature only:\n  " + "\n  ".join(torn)


def test_the_places_to_fill_are_the_same_in_both_languages() -> None:
    for path, message in messages():
        english, chinese = set(PLACE.findall(str(message.id))), set(PLACE.findall(str(message.string)))
        assert english == chinese, f"{path.parent.name}: {message.id!r} {english} {chinese}"


def test_messages_are_written_in_english() -> None:
    assert not [f"{where}: {text}" for text, where in used().items() if not LATIN.search(text)]


def test_words_beyond_a_coordinators_authority_are_marked_officers_only() -> None:
    crossing = [
        f"{path.parent.name}: {message.id!r} → {message.string} ({', '.join(words)})"
        for path, message in messages()
        if (words := forbidden_in(str(message.string))) and OFFICERS_ONLY not in message.auto_comments
    ]
    assert not crossing, "say 巡查/建议/指导, use word(…), or mark `#. officers only`:\n  " + "\n  ".join(
        crossing
    )


def test_quoted_names_and_allowed_phrases_do_not_count() -> None:
    assert forbidden_in("依据《责令改正通知书》办理健康检查") == []
    assert forbidden_in("责令限期整改") == ["责令", "限期"]
    assert forbidden_in("检查", role="supervisor") == []
