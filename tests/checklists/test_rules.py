"""Pure rules: a value on either side of every shipped limit, readings as phones type them, dates, basis, kinds."""

from contextlib import suppress
from datetime import date
from decimal import Decimal
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.checklists.rules import (
    BadReading,
    Limit,
    Measure,
    applies,
    basis,
    judge,
    load_domains,
    load_items,
    load_water_limits,
    parse_reading,
    suggested_date,
)
from app.core.errors import Invalid

ITEMS = {item.code: item for domain in load_domains() for item in load_items(domain.key)}
STEP = Decimal("0.0001")


def every_limit():
    for code, item in ITEMS.items():
        for measure in item.measures:
            for limit in measure.limits:
                yield pytest.param(measure, limit, id=f"{code}-{measure.key}-{limit.condition or 'always'}")
    for measure in load_water_limits():
        for limit in measure.limits:
            yield pytest.param(measure, limit, id=f"{measure.key}-{limit.condition or 'always'}")


def measure_of(code, key):
    return next(measure for measure in ITEMS[code].measures if measure.key == key)


@pytest.mark.parametrize(("measure", "limit"), every_limit())
def test_each_side_of_every_limit(measure, limit):
    if limit.expected:
        assert judge(measure, condition=limit.condition, detected=False).conforms
        assert not judge(measure, condition=limit.condition, detected=True).conforms
        return
    assert limit.min is not None or limit.max is not None
    if limit.min is not None:
        assert judge(measure, limit.min, limit.condition).conforms is limit.min_inclusive
        assert judge(measure, limit.min + STEP, limit.condition).conforms
        assert not judge(measure, limit.min - STEP, limit.condition).conforms
    if limit.max is not None:
        assert judge(measure, limit.max, limit.condition).conforms is limit.max_inclusive
        assert judge(measure, limit.max - STEP, limit.condition).conforms
        assert not judge(measure, limit.max + STEP, limit.condition).conforms


@pytest.mark.parametrize(("code", "key", "condition", "value", "conforms", "zh", "en"), [
    ("WAT-M2", "chlorine", None, "0.04", False, "低于 0.05 mg/L", "below 0.05 mg/L"),
    ("WAT-M2", "chlorine", None, "0.05", True, "在 0.05~2 mg/L 范围内", "within 0.05–2 mg/L"),
    ("WAT-M2", "chlorine", None, "2.1", False, "高于 2 mg/L", "above 2 mg/L"),
    ("CAT-10", "temperature", "frozen", "-12", False, "未低于 -12 ℃", "not below -12 ℃"),
    ("CAT-10", "temperature", "frozen", "-12.1", True, "低于 -12 ℃", "below -12 ℃"),
    ("CAT-10", "temperature", "chilled", "8", True, "在 0~8 ℃ 范围内", "within 0–8 ℃"),
    ("WAT-09", "clearance", None, "80", False, "未高于 80 cm", "not above 80 cm"),
    ("WAT-09", "clearance", None, "80.5", True, "高于 80 cm", "above 80 cm"),
    ("WAT-M3", "chlorine_dioxide", "outlet", "0.09", False, "低于 0.1 mg/L", "below 0.1 mg/L"),
    ("WAT-M3", "chlorine_dioxide", "tap", "0.09", True, "在 0.02~0.8 mg/L 范围内", "within 0.02–0.8 mg/L"),
    ("WAT-M4", "turbidity", "small", "3", True, "不高于 3 NTU", "at most 3 NTU"),
    ("WAT-M4", "turbidity", "regular", "3", False, "高于 1 NTU", "above 1 NTU"),
    ("FIR-07", "age", "powder", "10", False, "未低于 10 年", "not below 10 years"),
    ("PUB-10", "co2", "sleep", "0.11", False, "高于 0.10%", "above 0.10%"),
    ("WAT-M5", "ph", None, "9", False, "高于 8.5", "above 8.5"),
])  # fmt: skip
def test_a_verdict_says_why(code, key, condition, value, conforms, zh, en):
    verdict = judge(measure_of(code, key), Decimal(value), condition)
    assert (verdict.conforms, verdict.text_zh, verdict.text_en) == (conforms, zh, en)


def test_a_detection_is_judged_in_its_own_words():
    found = judge(measure_of("WAT-M6", "odour"), detected=True)
    assert (found.conforms, found.text_zh, found.text_en) == (False, "有异臭异味", "unusual odour or taste")
    assert judge(measure_of("CAT-16", "salmonella"), detected=False).text_zh == "未检出"


def test_a_limit_still_to_be_checked_marks_its_verdict():
    assert judge(measure_of("SCH-10", "co2"), Decimal("0.12"), "edition_2017").unsure
    assert not judge(measure_of("SCH-10", "noise"), Decimal(40)).unsure
    assert judge(load_water_limits()[0], Decimal(1), "outlet").unsure


def test_a_relaxed_limit_holds_only_where_it_is_chosen():
    fluoride = next(measure for measure in load_water_limits() if measure.name_en == "Fluoride")
    assert not judge(fluoride, Decimal("1.1")).conforms
    assert judge(fluoride, Decimal("1.1"), "small").conforms


@pytest.mark.parametrize("condition", [None, "", "lukewarm"])
def test_a_missing_or_unknown_condition_is_refused(condition):
    with pytest.raises(Invalid) as refused:
        judge(measure_of("CAT-10", "temperature"), Decimal(4), condition)
    assert refused.value.field == "condition"


@pytest.mark.parametrize("value", [None, Decimal("NaN"), Decimal("Infinity")])
def test_a_missing_value_is_refused(value):
    with pytest.raises(BadReading):
        judge(measure_of("WAT-M5", "ph"), value)


def test_a_detection_without_an_answer_is_refused():
    with pytest.raises(Invalid):
        judge(measure_of("WAT-M7", "coliforms"), Decimal(0))


def test_measures_survive_a_json_column():
    for item in ITEMS.values():
        for measure in item.measures:
            assert Measure.from_dict(measure.as_dict()) == measure


@pytest.mark.parametrize(("typed", "value"), [
    ("0.03", "0.03"), (" 0.03 ", "0.03"), ("０．０３", "0.03"), ("0。03", "0.03"), ("0，03", "0.03"), ("0,03", "0.03"),
    ("-12", "-12"), ("−12.5", "-12.5"), ("－１２", "-12"), ("+5", "5"), (".5", "0.5"), ("1,234", "1234"),
    ("1，234，567.5", "1234567.5"), ("7.0", "7.0"), ("　42　", "42"),
])  # fmt: skip
def test_readings_as_phones_type_them(typed, value):
    assert str(parse_reading(typed)) == value


@pytest.mark.parametrize("typed", [
    "", " ", "abc", "1e5", "NaN", "inf", "1.2.3", "1,2,3", "1 2", "5.", "--3", "0.03mg/L", "²", "٣", "未检出", "<0.02",
    "1" * 10, "0.1234567", "1,23.4", ",", "9" * 10_000,
])  # fmt: skip
def test_nonsense_is_refused_with_a_sentence(typed):
    with pytest.raises(BadReading, match="Enter a number") as refused:
        parse_reading(typed)
    assert isinstance(refused.value, ValueError)
    assert refused.value.field == "value"


@given(st.text(max_size=20))
def test_a_reading_is_a_finite_number_or_refused(typed):
    with suppress(BadReading):
        assert parse_reading(typed).is_finite()


@given(st.decimals(min_value=-999999, max_value=999999, places=4))
def test_what_is_shown_can_be_typed_back(value):
    assert parse_reading(f"{value:f}") == value


@pytest.mark.parametrize(("code", "expected"), [
    ("CAT-06", date(2026, 11, 29)),  # 7日
    ("CAT-02", date(2026, 11, 29)),  # 立即离岗;7日补齐
    ("CAT-20", date(2026, 12, 22)),  # 30日
    ("FIR-03", date(2026, 11, 22)),  # 立即
    ("CLI-21", date(2026, 11, 25)),  # 立即清运;3日整改设施
])  # fmt: skip
def test_the_suggested_date_counts_calendar_days(code, expected):
    assert suggested_date(ITEMS[code], date(2026, 11, 22)) == expected


def test_an_item_applies_to_the_kinds_it_names():
    assert applies(ITEMS["PUB-06"], "lodging")
    assert not applies(ITEMS["PUB-06"], "hair_beauty")
    assert applies(ITEMS["FIR-03"], "anything")
    assert not applies(ITEMS["WAT-09"], "school")


def test_an_item_for_high_rises_needs_one():
    item = SimpleNamespace(kinds=None, conditions=["high_rise"])
    assert applies(item, "lodging", True)
    assert not applies(item, "lodging", False)


def test_the_high_rise_rules_are_named_only_in_high_rises():
    high, _ = basis(ITEMS["FIR-22"], high_rise=True, penalties=False)
    low, low_en = basis(ITEMS["FIR-22"], high_rise=False, penalties=False)
    assert high == "《高层民用建筑消防安全管理规定》（应急管理部令第5号）第37条"
    assert low == "《消防法》第28条及公安部 2017 年电动车停放充电通告"
    assert low_en.startswith("Fire Protection Law, Art. 28")


def test_without_a_clause_of_its_own_a_low_building_falls_under_the_general_fire_law():
    assert basis(ITEMS["FIR-25"], high_rise=False, penalties=True)[0] == "《消防法》；公安部令第61号"


def test_a_notice_names_no_doubt_marks_and_only_officers_penalties():
    for item in ITEMS.values():
        for high_rise in (True, False):
            for penalties in (True, False):
                zh, en = basis(item, high_rise=high_rise, penalties=penalties)
                assert zh
                assert en
                for mark in ("未核", "K高", "把握", "高层规定", "非高层", "CLI-25"):
                    assert mark not in zh, item.code
                assert "check" not in en.replace("checks", ""), item.code
                if not penalties:
                    assert "罚" not in zh, item.code
                    assert "penalty" not in en, item.code
    assert basis(ITEMS["CAT-02"], high_rise=False, penalties=True)[0] == "《食品安全法》第45条（罚则第126条第1款第6项）"
    assert "实施细则》第7~9条" in basis(ITEMS["PUB-04"], high_rise=False, penalties=False)[0]


def test_an_edited_basis_whose_clauses_do_not_pair_up_is_kept_whole():
    edited = SimpleNamespace(code="CAT-01", basis_zh="甲法第1条;乙法第2条(罚则第3条)", basis_en="Law A, Art. 1")
    assert basis(edited, high_rise=False, penalties=False) == ("甲法第1条；乙法第2条", "Law A, Art. 1")


def test_an_exclusive_limit_is_told_from_an_inclusive_one():
    strict = Measure("x", "甲", "x", "m", "m", (Limit(min=Decimal(1), max=Decimal(2), max_inclusive=False),))
    assert judge(strict, Decimal(1)).conforms
    assert not judge(strict, Decimal(2)).conforms
