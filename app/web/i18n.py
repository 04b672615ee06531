"""Two languages on every screen: Chinese first, English complete beside it.

Messages are written in English; each feature keeps its Chinese in `zh.po` beside its code. The catalogues are
read and merged once at start-up, so there is no compile step to forget.
"""

from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from flask import Flask, g, has_request_context, request
from flask_babel import Babel, Domain, get_locale, gettext
from flask_login import current_user

from app.core.settings import project_root

CHINESE = "zh_Hans_CN"
ENGLISH = "en"
LANGUAGE_COOKIE = "lang"


@cache
def chinese_catalogue() -> Catalog:
    """All features' `zh.po` merged into one catalogue."""
    merged: Catalog = Catalog(locale=CHINESE)
    for path in sorted(Path(project_root(), "app").glob("*/zh.po")):
        with path.open("rb") as file:
            for message in read_po(file, locale=CHINESE):
                if message.id:
                    merged.add(message.id, message.string, context=message.context)
    return merged


@cache
def _chinese() -> Translations:
    buffer = BytesIO()
    write_mo(buffer, chinese_catalogue())
    buffer.seek(0)
    return Translations(buffer)


class OwnDomain(Domain):
    """Flask-Babel's door to our in-memory catalogue."""

    def get_translations(self) -> Translations | NullTranslations:
        return _chinese() if str(get_locale() or CHINESE).startswith("zh") else NullTranslations()


def choose_locale() -> str:
    """The person's choice (cookie), else Chinese: most readers are not asked for a language."""
    if not has_request_context():
        return CHINESE
    chosen = g.get("locale") or request.cookies.get(LANGUAGE_COOKIE)
    return ENGLISH if chosen == ENGLISH else CHINESE


def is_chinese() -> bool:
    """Whether the page is being written in Chinese."""
    return str(get_locale() or CHINESE).startswith("zh")


def say(row: Any, field: str) -> str:
    """The text of a bilingual row: `say(item, "title")` reads title_zh or title_en by the page's language."""
    get = row.get if isinstance(row, dict) else lambda name: getattr(row, name, "")
    chinese, english = get(f"{field}_zh"), get(f"{field}_en")
    return str(((chinese or english) if is_chinese() else (english or chinese)) or "")


# Words that differ by role. A coordinator patrols and advises; an officer inspects (DOMAIN.md, authority line).
_COORDINATOR = {
    "inspection": ("patrol", "巡查"),
    "inspections": ("patrols", "巡查"),
    "checklist": ("patrol sheet", "巡查表"),
    "by_a_date": ("advise to fix by a date", "建议整改"),
    "inspect": ("Patrol", "巡查"),
    "inspector": ("patroller", "巡查人"),
    "reinspection": ("return visit", "回访"),
    "look_again": ("Return visit", "去回访"),
    "advice": ("advice", "整改建议"),
}
_OFFICER = {
    "inspection": ("inspection", "检查"),
    "inspections": ("inspections", "检查"),
    "checklist": ("checklist", "检查表"),
    "by_a_date": ("fix by a date", "限期整改"),
    "inspect": ("Inspect", "检查"),
    "inspector": ("inspector", "检查人"),
    "reinspection": ("re-inspection", "复查"),
    "look_again": ("Re-inspect", "去复查"),
    "advice": ("requirement", "整改要求"),
}


def word(key: str) -> str:
    """The word `key` as the signed-in person's role says it. Unsigned readers get the coordinator's words."""
    officer = bool(current_user and current_user.is_authenticated and current_user.is_supervisor)
    english, chinese = (_OFFICER if officer else _COORDINATOR)[key]
    return chinese if is_chinese() else english


def both(message: str) -> str:
    """An `N_` message without places in both languages, for tables that are read anywhere: 已审 / Reviewed."""
    return f"{_chinese().gettext(message)} / {message}" if message else ""


def translate(message: str, params: dict[str, Any] | None = None) -> str:
    """An `N_` message in the page's language, with its places filled."""
    return gettext(message, **(params or {})) if message else ""


def init(app: Flask) -> None:
    """Set up Flask-Babel and the template globals."""
    babel = Babel(app, locale_selector=choose_locale, default_locale=CHINESE)
    babel.domain_instance = OwnDomain()  # the constructor takes names of compiled catalogues only
    app.jinja_env.filters["say"] = say
    app.jinja_env.globals.update(word=word, is_chinese=is_chinese, translate=translate)
