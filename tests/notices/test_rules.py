"""Pure decisions on notices: kinds, numbers, dates, and the frozen bytes."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

from app.accounts.rules import Certificate
from app.core.errors import Invalid, NotAllowed
from app.core.roles import Role
from app.notices import content, rules
from app.notices.kinds import all_kinds, get_kind
from app.web.role_words import forbidden_in

ADVICE, FIRE, OPINION = (get_kind(key) for key in ("xuncha_advice", "fire_advice", "health_opinion"))


def test_every_kind_is_worded_in_both_languages() -> None:
    for kind in all_kinds().values():
        names = {name.rsplit("_", 1)[0] for name in kind.texts}
        for name in names:
            assert all(kind.text(name).values()), (kind.key, name)


def test_one_kind_is_the_default() -> None:
    assert [kind.key for kind in all_kinds().values() if kind.default] == ["xuncha_advice"]


def test_what_a_coordinator_may_issue_never_speaks_as_an_authority() -> None:
    for kind in all_kinds().values():
        if rules.may_issue(kind, {Role.COORDINATOR}):
            assert kind.advisory
            assert (
                forbidden_in("".join(text for name, text in kind.texts.items() if name.endswith("_zh"))) == []
            )


@pytest.mark.parametrize(
    ("role", "domains", "offered"),
    [
        (Role.COORDINATOR, {"catering"}, ["xuncha_advice", "health_opinion"]),
        (Role.COORDINATOR, {"fire"}, ["xuncha_advice", "fire_advice"]),
        (Role.SUPERVISOR, {"catering", "fire"}, ["xuncha_advice", "fire_advice", "health_opinion"]),
        (Role.INFORMANT, {"catering", "fire"}, []),
        (Role.ADMINISTRATOR, {"catering"}, []),
    ],
)
def test_kinds_are_offered_by_role_and_domain(role: Role, domains: set[str], offered: list[str]) -> None:
    assert [kind.key for kind in rules.kinds_offered({role}, domains)] == offered


def test_only_a_supervisor_issues_the_opinion() -> None:
    rules.check_issuer(OPINION, {Role.SUPERVISOR}, Certificate.VALID)
    with pytest.raises(NotAllowed):
        rules.check_issuer(OPINION, {Role.COORDINATOR}, Certificate.VALID)


@pytest.mark.parametrize("state", [Certificate.EXPIRED, Certificate.MISSING])
def test_without_a_valid_certificate_no_notice(state: Certificate) -> None:
    with pytest.raises(NotAllowed):
        rules.check_issuer(ADVICE, {Role.COORDINATOR}, state)


def test_a_certificate_about_to_end_still_counts() -> None:
    rules.check_issuer(ADVICE, {Role.COORDINATOR}, Certificate.ENDS_SOON)


def test_a_fire_notice_takes_fire_only_and_the_opinion_takes_none() -> None:
    rules.check_domains(ADVICE, {"fire", "catering"})
    rules.check_domains(FIRE, {"fire"})
    for kind, domains in ((FIRE, {"fire", "catering"}), (OPINION, {"fire"})):
        with pytest.raises(Invalid):
            rules.check_domains(kind, domains)


@pytest.mark.parametrize(("days", "fits"), [(-1, False), (0, True), (7, True), (180, True), (181, False)])
def test_a_deadline_lies_between_the_visit_and_half_a_year_later(days: int, fits: bool) -> None:
    visited_on = date(2026, 11, 22)
    if fits:
        rules.check_deadline(visited_on + timedelta(days=days), visited_on, "by_a_date")
        return
    with pytest.raises(Invalid):
        rules.check_deadline(visited_on + timedelta(days=days), visited_on, "by_a_date")


def test_only_what_is_to_be_fixed_by_a_date_needs_one() -> None:
    rules.check_deadline(None, date(2026, 11, 22), "referred")
    with pytest.raises(Invalid):
        rules.check_deadline(None, date(2026, 11, 22), "by_a_date")


@pytest.mark.parametrize(
    ("pattern", "number"),
    [
        (ADVICE.number, "南卫协建〔2026〕0012号"),
        (OPINION.number, "2026-0012"),
        ("{prefix}-{seq:03d}", "南卫-012"),
    ],
)
def test_numbers_follow_their_pattern(pattern: str, number: str) -> None:
    assert rules.format_number(pattern, "南卫", 2026, 12) == number


def test_the_digest_does_not_depend_on_the_order_of_keys_but_on_every_word() -> None:
    one, other = {"a": {"zh": "甲", "en": "A"}, "b": 1}, {"b": 1, "a": {"en": "A", "zh": "甲"}}
    assert rules.digest(one) == rules.digest(other)
    assert rules.digest(one) != rules.digest(one | {"b": 2})
    assert rules.short_digest(rules.digest(one)).replace(" ", "").lower() == rules.digest(one)[:16]


def test_a_critical_guarded_finding_names_its_guard_and_the_authority() -> None:
    text = {"zh": "字", "en": "word"}
    finding = content.FindingData(
        id=UUID(int=1), code="FIR-03", domain="fire", severity="A", title=text, fact=text, basis=text, advice=text,
        outcome="stop_and_guard", guard="王某{authority}", authority={"zh": "消防救援大队", "en": "Fire brigade"},
    )  # fmt: skip
    made = content.build(
        FIRE,
        content.IssuerData({"zh": "卫生院", "en": "Hospital"}, "南卫", "000", ""),
        {"name": "店"},
        content.VisitData(UUID(int=2), "d", datetime(2026, 11, 22, tzinfo=UTC), []),
        [finding],
    )
    said = made["findings"][0]["outcome_text"]["zh"]
    assert "王某{authority}" in said, "what people wrote is never read as a place to fill"
    assert "已报告消防救援大队" in said
    assert made["due_on"] is None
