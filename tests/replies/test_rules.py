"""Pure decisions about replies."""

import re
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as some

from app.core.errors import Invalid
from app.core.ids import new_id
from app.notices.progress import TABLE, Event, Step
from app.notices.rules import phone_endings, without_end
from app.replies import rules
from app.replies.models import ReplyKind
from app.replies.rules import PAUSE, TRIES, Face, Proof, Tries, Words

TODAY = date(2026, 11, 20)
NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("phone", "endings"),
    [
        ("138 0000 1234", {"1234"}),
        ("0999-5500012 / 13912345678", {"0012", "5678"}),
        ("０５３１—５５５１２３４", {"1234"}),
        ("0531-5551234 转 801", {"4801"}),
        ("", set()),
        ("无", set()),
        ("119", set()),
    ],
)
def test_the_end_of_a_phone_is_that_of_each_whole_number(phone: str, endings: set[str]) -> None:
    assert phone_endings(phone) == endings


@given(some.text(alphabet="0123456789-/ 、;转", max_size=40))
def test_a_covered_number_gives_no_ending_away(phone: str) -> None:
    covered = without_end(phone)
    assert len(covered) == len(phone)
    assert sum(map(len, phone_endings(phone))) <= covered.count("*")
    for number in re.split("[/、;]", covered):
        assert not re.search(r"\d[^*\d]*$", number), "nothing stands open at the end"


def test_the_code_has_six_digits_and_belongs_to_one_notice_and_one_installation() -> None:
    notice = UUID(int=7)
    code = rules.reply_code("secret", notice)
    assert len(code) == 6
    assert code.isdigit()
    assert rules.reply_code("secret", notice) == code
    assert len({code, rules.reply_code("other", notice), rules.reply_code("secret", UUID(int=8))}) == 3


@pytest.mark.parametrize("typed", ["1234", " 1 2 3 4 ", "１２３４", "12-34"])
def test_digits_count_however_they_are_typed(typed: str) -> None:
    assert rules.proof_in(rules.entered(typed), {"1234"}, "000000") is Proof.PHONE
    assert rules.proof_in(rules.entered("000 000"), {"1234"}, "000000") is Proof.CODE
    assert rules.proof_in(rules.entered("123"), {"1234"}, "000000") is None
    assert rules.proof_in("", set(), "000000") is None


def test_five_wrong_tries_pause_and_each_pause_is_longer_up_to_four_hours() -> None:
    tries, now = Tries(), NOW
    lengths = []
    for _pause in range(7):
        for n in range(TRIES):
            assert not tries.is_paused(now)
            assert tries.left == TRIES - n
            tries = tries.after_wrong(now)
        assert tries.paused_until
        lengths.append(tries.paused_until - now)
        assert tries.is_paused(now)
        now = tries.paused_until
        assert not tries.is_paused(now)
    assert lengths[:2] == [PAUSE, 2 * PAUSE]
    assert lengths == sorted(lengths)
    assert lengths[-1] == rules.LONGEST_PAUSE


GOOD = [
    (Words(ReplyKind.FIXED), 1),
    (Words(ReplyKind.FIXED, "洗干净了"), 0),
    (Words(ReplyKind.DISAGREE, "不是我的柜子"), 0),
    (Words(ReplyKind.MORE_TIME, "等配件", TODAY + timedelta(days=12)), 0),
]
BAD = [
    (Words(ReplyKind.FIXED), 0, "photos"),
    (Words(ReplyKind.FIXED, "长" * 1001), 1, "text"),
    (Words(ReplyKind.DISAGREE), 3, "text"),
    (Words(ReplyKind.MORE_TIME, "等配件"), 0, "wished_on"),
    (Words(ReplyKind.MORE_TIME, "等配件", TODAY + timedelta(days=7)), 0, "wished_on"),
    (Words(ReplyKind.MORE_TIME, "等配件", TODAY - timedelta(days=700)), 0, "wished_on"),
    (Words(ReplyKind.MORE_TIME, "等配件", TODAY + timedelta(days=400)), 0, "wished_on"),
    (Words(ReplyKind.MORE_TIME, "", TODAY + timedelta(days=12)), 0, "text"),
]


@pytest.mark.parametrize(("words", "photos"), GOOD)
def test_what_a_reply_may_be(words: Words, photos: int) -> None:
    rules.check(words, photos, due_on=TODAY + timedelta(days=7), today=TODAY)


@pytest.mark.parametrize(("words", "photos", "field"), BAD)
def test_what_a_reply_lacks_is_named(words: Words, photos: int, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        rules.check(words, photos, due_on=TODAY + timedelta(days=7), today=TODAY)
    assert refused.value.field == field


def test_more_time_may_be_asked_for_after_the_date_too() -> None:
    words = Words(ReplyKind.MORE_TIME, "等配件", TODAY + timedelta(days=1))
    rules.check(words, 0, due_on=TODAY - timedelta(days=5), today=TODAY)


def test_every_way_into_a_step_has_words_of_its_own_or_of_the_step() -> None:
    for step in Step:
        for event in [None, *Event]:
            assert rules.face_of(step, event) in Face
    for events in TABLE.values():
        for event, after in events.items():
            face = rules.face_of(after, event)
            if after is Step.CLOSED:
                assert face in {Face.ACCEPTED, Face.SEEN_FIXED, Face.DONE_THERE, Face.ENDED}
    assert rules.face_of(Step.AWAITED, Event.REJECTED) is Face.AGAIN


def test_what_is_offered_follows_the_step() -> None:
    assert rules.offer(Step.CLOSED, TODAY, extended=False).kinds == ()
    assert list(rules.offer(Step.AWAITED, TODAY, extended=False).kinds) == list(ReplyKind)
    assert ReplyKind.MORE_TIME not in rules.offer(Step.AWAITED, TODAY, extended=True).kinds
    assert ReplyKind.MORE_TIME not in rules.offer(Step.REFERRED, None, extended=False).kinds


@given(some.text(max_size=300))
def test_cleaned_text_keeps_every_letter_and_line(text: str) -> None:
    cleaned = rules.clean(text)
    assert "\0" not in cleaned
    assert rules.clean(cleaned) == cleaned


def test_a_digest_changes_with_anything_said() -> None:
    facts = {"text": "好", "photos": ["a"], "notice": str(new_id())}
    assert rules.digest(facts) == rules.digest(dict(reversed(list(facts.items()))))
    assert rules.digest(facts) != rules.digest(facts | {"text": "坏"})
