from datetime import date, timedelta

import pytest

from app.premises import rules
from app.premises.kinds import domains, kinds
from app.premises.rules import Mark, Standing

TODAY = date(2026, 11, 22)


def found(query: str, terms: set[str]) -> bool:
    """Whether every word of `query` lies in one of its ranges of `terms`."""
    words = rules.words_of(query)
    return bool(words) and all(
        any(span.low <= term < span.high for span in word for term in terms) for word in words
    )


TERMS = rules.search_terms(
    "青禾小饭馆(演示)", "南河镇河口村长寿路12号", "138 0000 1234", "91350100M000100Y43"
)


@pytest.mark.parametrize(
    "query",
    ["青禾", "饭馆", "小饭馆", "馆演示", "(演示)", "qhxfg", "XFG", "河口", "长寿路12", "1380000", "00001234", "1234",
     "青禾 河口", "河口 qhx", "91350100m000100y43", "青", "QHXFG"],
)  # fmt: skip
def test_a_premises_is_found_by_any_part_of_what_is_known(query: str) -> None:
    assert found(query, TERMS)


@pytest.mark.parametrize("query", ["面馆", "青禾 北山", "fgx", "1399", "qhxfgz", "寿路13"])
def test_a_premises_is_not_found_by_what_it_is_not(query: str) -> None:
    assert not found(query, TERMS)


@pytest.mark.parametrize(("name", "typed"), [("重庆小面", "cqxm"), ("重庆小面", "zqxm"), ("长乐旅馆", "cllg"),
                                             ("长乐旅馆", "cylg"), ("工商银行", "gsyx")])  # fmt: skip
def test_heteronyms_are_found_by_each_common_reading(name: str, typed: str) -> None:
    assert found(typed, rules.search_terms(name))


def test_a_long_name_is_found_by_its_whole_self() -> None:
    name = "演示县南河镇中心小学附属幼儿园第二食堂餐饮服务有限责任公司"
    assert found(name, rules.search_terms(name))
    assert found(name[5:], rules.search_terms(name))


@pytest.mark.parametrize("name", ["𠮷野家", "😀😀", "(((", "", " ", "a", "店", "A座—2号", "ＡＢＣ店"])
def test_odd_names_make_terms_without_failing(name: str) -> None:
    terms = rules.search_terms(name)
    assert all(len(term) <= rules.LONGEST + 1 for term in terms)
    assert bool(terms) == bool(rules.plain(name))


def test_rare_characters_and_full_width_are_searchable() -> None:
    assert found("𠮷野", rules.search_terms("𠮷野家"))
    assert found("abc", rules.search_terms("ＡＢＣ店"))


def test_punctuation_alone_searches_for_nothing() -> None:
    assert rules.words_of("()!?") == []


def test_names_come_before_addresses() -> None:
    marks = [span.low[0] for span in rules.words_of("青禾")[0]]
    assert marks == [Mark.NAME, Mark.IN_NAME, Mark.ADDRESS]


def test_an_open_place_has_no_status_to_walk_along() -> None:
    assert not any(
        term.startswith(Mark.STATUS) for term in rules.facet_terms("店", "shop", ("fire",), "open")
    )
    assert f"{Mark.STATUS}closed|店" in rules.facet_terms("店", "shop", ("fire",), "closed")


def test_likeness_sees_a_name_inside_another() -> None:
    assert rules.likeness("青禾小饭馆", "青禾小饭馆(演示)") >= 0.9
    assert rules.likeness("青禾小饭馆", "青禾饭馆") > 0.75
    assert rules.likeness("青禾小饭馆", "松岭水厂") < 0.3
    assert rules.likeness("", "松岭水厂") == 0


def test_distance_over_ground() -> None:
    assert rules.metres_between(24.0, 108.0, 24.0, 108.0) == 0
    assert rules.metres_between(24.0, 108.0, 24.01, 108.0) == pytest.approx(1113, abs=2)
    assert rules.metres_between(24.0, 108.0, 24.0, 108.01) == pytest.approx(1017, abs=2)


@pytest.mark.parametrize(
    ("until", "standing"),
    [
        (None, Standing.VALID),
        (TODAY, Standing.ENDS_SOON),
        (TODAY - timedelta(days=1), Standing.EXPIRED),
        (TODAY + timedelta(days=30), Standing.ENDS_SOON),
        (TODAY + timedelta(days=31), Standing.VALID),
    ],
)
def test_a_licence_is_good_on_its_last_day(until: date | None, standing: Standing) -> None:
    assert rules.standing(until, TODAY) is standing


@pytest.mark.parametrize(
    "phone", ["13800000000", "0771-1234567", "138 0000 0000", "+86 13800000000", "0771-1234567转12"]
)
def test_phone_numbers_as_people_write_them(phone: str) -> None:
    assert rules.is_phone(phone)


@pytest.mark.parametrize("phone", ["1", "电话", "138000000001234567890123", "1.38E+10", "-"])
def test_no_phone_numbers(phone: str) -> None:
    assert not rules.is_phone(phone)


def test_the_check_character_of_a_credit_code_is_checked() -> None:
    assert rules.is_credit_code("91350100M000100Y43")
    assert not rules.is_credit_code("91350100M000100Y44")
    assert not rules.is_credit_code("91350100M000100Y4")
    assert rules.is_credit_code("123456789012345"), "numbers from before 2015 are still about"


def test_every_kind_names_domains_that_exist() -> None:
    assert set().union(*(kind.domains for kind in kinds().values())) <= set(domains())
    assert all(kind.name_zh and kind.name_en and kind.domains for kind in kinds().values())
