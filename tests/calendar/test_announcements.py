"""What administrators paste or type is understood, or they are told which part is not."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.calendar import library
from app.calendar.announcements import read

NOTICE_2026 = """一、元旦：1月1日（周四）至3日（周六）放假调休，共3天。1月4日（周日）上班。
二、春节：2月15日（农历腊月二十八、周日）至23日（农历正月初七、周一）放假调休，共9天。2月14日（周六）、2月28日（周六）上班。
三、清明节：4月4日（周六）至6日（周一）放假，共3天。
四、劳动节：5月1日（周五）至5日（周二）放假调休，共5天。5月9日（周六）上班。
五、端午节：6月19日（周五）至21日（周日）放假，共3天。
六、中秋节：9月25日（周五）至27日（周日）放假，共3天。
七、国庆节：10月1日（周四）至7日（周三）放假调休，共7天。9月20日（周日）、10月10日（周六）上班。"""


@pytest.mark.parametrize("joint", ["\n", ""])
def test_the_text_of_the_state_council_gives_what_the_library_has(joint: str) -> None:
    days, wrong = read(NOTICE_2026.replace("\n", joint), 2026)
    assert not wrong
    named = {one.day: one.is_working for one in library.days_of(2026) if one.name_zh}
    assert {one.day: one.is_working for one in days} == named
    assert {one.name for one in days} == {"元旦", "春节", "清明节", "劳动节", "端午节", "中秋节", "国庆节"}


def span(first: date, last: date) -> list[date]:
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


FESTIVAL = span(date(2027, 2, 5), date(2027, 2, 13))


@pytest.mark.parametrize(
    ("text", "free", "works", "name"),
    [
        ("2027-02-05 to 2027-02-13 holiday, 2027-01-31 works", FESTIVAL, [date(2027, 1, 31)], ""),
        ("2027-02-05 to 2027-02-13 holiday Spring Festival", FESTIVAL, [], "Spring Festival"),
        (
            "春节：2月5日至13日放假，共9天。2月14日、28日上班。",
            FESTIVAL,
            [date(2027, 2, 14), date(2027, 2, 28)],
            "春节",
        ),
        ("2.5-2.13 放假 春节", FESTIVAL, [], "春节"),
        ("2/5~2/13 休息", FESTIVAL, [], ""),
        ("2027年2月5日-2027年2月13日放假", FESTIVAL, [], ""),
        ("2026-12-31 to 2027-01-02 holiday", span(date(2026, 12, 31), date(2027, 1, 2)), [], ""),
        (
            "国务院办公厅关于2027年部分节假日安排的通知\n元旦：1月1日放假，与周末连休。",
            [date(2027, 1, 1)],
            [],
            "元旦",
        ),
    ],
)
def test_ways_of_saying_it(text: str, free: list[date], works: list[date], name: str) -> None:
    days, wrong = read(text, 2027)
    assert not wrong
    assert [one.day for one in days if not one.is_working] == free
    assert [one.day for one in days if one.is_working] == works
    assert {one.name for one in days} == {name}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("2-5", "either"),
        ("2-5 holiday works", "either"),
        ("2027-02-30 holiday", "no such date"),
        ("4日放假", "no such date"),
        ("13月1日放假", "no such date"),
        ("12 holiday", "Write dates"),
        ("Feb 5 holiday", "Write dates"),
        ("2月13日至2月5日放假", "runs forward"),
        ("1月1日至3月1日放假", "runs forward"),
        ("2026-12-20 works", "another year"),
        ("2030-02-05 holiday", "another year"),
    ],
)
def test_what_is_not_understood_is_named(text: str, why: str) -> None:
    days, wrong = read(text, 2027)
    assert not days
    assert why in wrong[0].why
    assert wrong[0].text in text


@given(
    text=st.text(
        st.sampled_from("0123456789月日年-/.至到to 放假上班holidayworks：:，,。;、\n（）春"), max_size=60
    )
)
def test_no_text_breaks_it(text: str) -> None:
    days, _wrong = read(text, 2027)
    assert all(abs(one.day.year - 2027) <= 1 for one in days)
    assert len({one.day for one in days}) == len(days)
