"""How moments, days and sizes are said to people."""

from datetime import date, datetime
from uuid import UUID

from flask import Flask
from flask_babel import gettext as _

from app.core import clock
from app.web.i18n import is_chinese

_WEEKDAYS_ZH = "一二三四五六日"
_WEEKDAYS_EN = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS_EN = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
NO_FRACTION = 100_000  # metres


def as_day(value: date | datetime) -> date:
    """The calendar day of `value` on the wall clock."""
    return clock.local(value).date() if isinstance(value, datetime) else value


def day(value: date | datetime | None) -> str:
    """11月29日 周日; the year only where it is not this one."""
    if value is None:
        return "—"
    d = as_day(value)
    other_year = d.year != clock.today().year
    if is_chinese():
        year = f"{d.year}年" if other_year else ""
        return f"{year}{d.month}月{d.day}日 周{_WEEKDAYS_ZH[d.weekday()]}"
    return f"{_WEEKDAYS_EN[d.weekday()]} {d.day} {_MONTHS_EN[d.month - 1]}" + (f" {d.year}" if other_year else "")


def short_day(value: date | datetime | None) -> str:
    """11月29日"""
    if value is None:
        return "—"
    d = as_day(value)
    return f"{d.month}月{d.day}日" if is_chinese() else f"{d.day} {_MONTHS_EN[d.month - 1]}"


def date_full(value: date | datetime | None) -> str:
    """2026年11月29日, as on paper."""
    if value is None:
        return "—"
    d = as_day(value)
    return f"{d.year}年{d.month}月{d.day}日" if is_chinese() else f"{d.day} {_MONTHS_EN[d.month - 1]} {d.year}"


def near_day(value: date | datetime | None) -> str:
    """今天, 昨天, 明天, otherwise the date."""
    if value is None:
        return "—"
    distance = (as_day(value) - clock.today()).days
    named = {0: _("today"), 1: _("tomorrow"), -1: _("yesterday")}
    return named.get(distance) or day(value)


def days_left(value: date | datetime | None) -> str:
    """还有 7 天, 今天, 逾期 2 天."""
    if value is None:
        return "—"
    distance = (as_day(value) - clock.today()).days
    if distance == 0:
        return _("today")
    if distance > 0:
        return _("%(days)s days left", days=distance)
    return _("%(days)s days overdue", days=-distance)


def urgency(value: date | datetime | None) -> str:
    """The tag for a deadline: late, soon (three days or less) or ok."""
    if value is None:
        return "ok"
    distance = (as_day(value) - clock.today()).days
    return "late" if distance < 0 else "soon" if distance <= 3 else "ok"


def moment(value: datetime | None) -> str:
    """11月22日 周日 14:03"""
    return "—" if value is None else f"{day(value)} {clock.local(value):%H:%M}"


def time_of_day(value: datetime | None) -> str:
    """14:03"""
    return "—" if value is None else f"{clock.local(value):%H:%M}"


def filesize(size: int) -> str:
    """Bytes as people say them."""
    return f"{size / 1048576:.1f} MB" if size >= 1048576 else f"{max(1, round(size / 1024))} KB"


def distance(metres: float | None) -> str:
    """120 m, 0.4 km, 11489 km"""
    if metres is None:
        return ""
    if metres >= NO_FRACTION:
        return f"{metres / 1000:.0f} km"
    return f"{round(metres / 10) * 10} m" if metres < 995 else f"{metres / 1000:.1f} km"


def short_id(value: UUID) -> str:
    """The first eight characters of an id, enough for element ids on one page."""
    return value.hex[:8]


def init(app: Flask) -> None:
    """Register the filters."""
    named = (day, short_day, date_full, near_day, days_left, urgency, moment, time_of_day, filesize, distance, short_id)
    app.jinja_env.filters.update({function.__name__: function for function in named})
