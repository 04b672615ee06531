"""Working days of China: from a library for the years already announced, Monday to Friday beyond them."""

from datetime import date

import chinese_calendar


def is_working_day(day: date) -> bool:
    """Whether people work on `day`. Beyond the announced years (CHECKLISTS 6.5) weekends alone are known."""
    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:
        return day.weekday() < 5
