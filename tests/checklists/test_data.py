"""The shipped checklists agree with their source and are complete in both languages."""

import importlib.util
import re
from pathlib import Path

import pytest
import yaml

from app.checklists import shipped
from app.checklists.models import ChecklistItem
from app.checklists.rules import (
    IncompleteChecklist,
    doubt,
    load_authorities,
    load_domains,
    load_items,
    load_water_limits,
)
from app.premises.kinds import kinds as premises_kinds

ROOT = Path(__file__).parents[2]
SOURCE = ROOT.parent / "shared" / "CHECKLISTS.md"
COUNTS = {"catering": 25, "water": 25, "clinics": 25, "fire": 25, "schools": 12, "public_places": 12}
ITEMS = [item for domain in load_domains() for item in load_items(domain.key)]
HAN = re.compile(r"[㐀-鿿]")
NUMBER = re.compile(r"\d+(?:\.\d+)?")
each_item = pytest.mark.parametrize("item", ITEMS, ids=lambda item: item.code)
with_source = pytest.mark.skipif(not SOURCE.exists(), reason="the source stands beside the repository, not in it")


def parser():
    spec = importlib.util.spec_from_file_location("parse_checklists", ROOT / "tools" / "parse_checklists.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_six_domains_hold_124_items_with_codes_of_their_own():
    assert {domain.key: len(load_items(domain.key)) for domain in load_domains()} == COUNTS
    assert len({item.code for item in ITEMS}) == 124
    for domain in load_domains():
        assert all(item.code.startswith(domain.prefix) for item in load_items(domain.key))


@each_item
def test_every_item_is_complete_in_both_languages(item):
    for name in ("title", "how", "basis", "deadline", "advice"):
        zh, en = getattr(item, f"{name}_zh"), getattr(item, f"{name}_en")
        assert zh.strip(), name
        assert en.strip(), name
        assert not HAN.search(en), name
    assert bool(item.quantity_zh) == bool(item.quantity_en)
    assert 2 <= len(item.phrases) <= 7
    for phrase in item.phrases:
        assert HAN.search(phrase["zh"])
        assert re.search("[a-z]", phrase["en"])
        assert not HAN.search(phrase["en"])


@each_item
def test_the_english_names_the_same_articles_and_numbers(item):
    def numbers(text):
        return sorted(NUMBER.findall(text or ""))

    for name in ("how", "basis", "deadline"):
        assert numbers(getattr(item, f"{name}_en")) == numbers(getattr(item, f"{name}_zh")), name
    once = re.sub(r"(?<![\d.])1 ?次", "", item.quantity_zh or "")  # English says "once", without a digit
    assert numbers(item.quantity_en) == numbers(once)


@each_item
def test_the_basis_has_one_english_clause_for_each_chinese_one(item):
    assert len(item.basis_en.split("; ")) == len(item.basis_zh.split(";"))


@each_item
def test_every_limit_stands_in_the_items_own_text(item):
    for measure in item.measures:
        numbers = NUMBER.findall(item.quantity_zh)
        for limit in measure.limits:
            for bound in (limit.min, limit.max):
                assert bound is None or str(abs(bound)) in numbers, (measure.key, bound)
                assert bound is None or bound >= 0 or f"−{abs(bound)}" in item.quantity_zh
            if limit.expected:
                assert re.search("不得检出|不应检出|无异臭异味|无肉眼可见物", item.quantity_zh)


@each_item
def test_measures_are_named_in_both_languages_and_keys_are_their_own(item):
    assert len({measure.key for measure in item.measures}) == len(item.measures)
    for measure in item.measures:
        assert measure.name_zh
        assert not HAN.search(measure.name_en + measure.unit_en)
        if len(measure.limits) > 1:
            assert len({limit.condition for limit in measure.limits}) == len(measure.limits)
            assert all(limit.condition and limit.label_zh and limit.label_en for limit in measure.limits)


@each_item
def test_advice_and_phrases_only_guide(item):
    """A coordinator has no authority: these words never reach a premises from one (DOMAIN.md, Who does what)."""
    zh = item.advice_zh + "".join(phrase["zh"] for phrase in item.phrases)
    en = (item.advice_en + " ".join(phrase["en"] for phrase in item.phrases)).lower()
    for word in ("检查", "责令", "限期", "处罚", "必须", "按期", "罚款", "查封", "没收", "强制"):
        assert word not in zh
    for word in ("inspect", "must", "penalt", "fined", "shall", "deadline", "mandatory"):
        assert word not in en


@each_item
def test_doubts_are_marked_and_said_in_words(item):
    assert item.unsure == bool(item.unsure_why)
    for mark in item.unsure_why:
        zh, en = doubt(mark)
        assert zh
        assert not HAN.search(en)


def test_items_of_the_list_of_doubts_are_unsure():
    named = {"CAT-19", "WAT-04", "WAT-17", "CLI-13", "CLI-16", "CLI-23", "SCH-10", "PUB-04", "PUB-12"}
    assert named <= {item.code for item in ITEMS if item.unsure}


def test_every_reference_leads_somewhere():
    authorities = {authority.key for authority in load_authorities()}
    kinds = set(premises_kinds())
    assert {item.refer_to for item in ITEMS} | {domain.refer_to for domain in load_domains()} <= authorities
    assert {kind for item in ITEMS for kind in item.kinds or []} <= kinds
    assert {domain for kind in premises_kinds().values() for domain in kind.domains} == set(COUNTS)
    codes = {item.code for item in ITEMS}
    for overlay in ("english", "phrases", "measures", "applies", "conditions"):
        read = yaml.safe_load((shipped.DATA / f"{overlay}.yaml").read_text(encoding="utf-8"))
        assert set(read) <= codes, overlay
    assert {item.code: item.refer_to for item in ITEMS}["FIR-16"] == "gas"


def test_an_item_fits_the_stored_one():
    columns = set(ChecklistItem.__table__.columns.keys())
    assert set(ITEMS[0].as_row()) == columns - {"id", "version_id", "position"}


def test_water_limits_are_named_and_still_to_be_checked():
    limits = load_water_limits()
    assert len(limits) == 22
    for measure in limits:
        assert measure.unsure
        assert not HAN.search(measure.name_en)


def test_a_code_without_english_stops_with_its_name(monkeypatch):
    read = shipped._read
    monkeypatch.setattr(shipped, "_read", lambda name: {} if name == "english" else read(name))
    with pytest.raises(IncompleteChecklist, match="CAT-01 has no English"):
        load_items("catering")


def test_an_unknown_domain_is_refused():
    with pytest.raises(KeyError):
        load_items("authorities")


@with_source
def test_running_the_parser_again_changes_nothing(tmp_path):
    parser().main(SOURCE, tmp_path)
    made = sorted(path.name for path in tmp_path.iterdir())
    assert len(made) == 7
    for name in made:
        assert (tmp_path / name).read_text("utf-8") == (shipped.DATA / name).read_text("utf-8"), name


@with_source
@each_item
def test_every_chinese_field_is_the_sources_own(item):
    """Read apart from the parser: the whole row is put together again and looked for in the source."""
    quantity, evidence = item.quantity_zh or "—", ";".join(item.sources)
    title = f"{item.title_zh}<br>*{item.title_en}*"
    row = [item.code, title, item.how_zh, item.basis_zh, item.severity, item.deadline_zh, quantity, evidence]
    assert f"| {' | '.join(row)} |" in SOURCE.read_text("utf-8").splitlines()
