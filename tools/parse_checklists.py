"""Parse the checklist tables of CHECKLISTS.md into app/checklists/data/*.yaml.

    python tools/parse_checklists.py SOURCE OUT

The Chinese in those files is the source's, character for character: nothing is retyped, so a new edition of the
source is taken over by running this again. English, measures and phrases are overlays written by hand beside it.
"""

import re
import sys
from pathlib import Path

import yaml

DOMAINS = {
    "CAT": ("catering", "market_supervision"),
    "WAT": ("water", "disease_control"),
    "CLI": ("clinics", "health_commission"),
    "FIR": ("fire", "fire_rescue"),
    "SCH": ("schools", "disease_control"),
    "PUB": ("public_places", "disease_control"),
}
# Rows whose own deadline names another authority than that of their domain (燃气主管部门, 药监).
REFER_TO = {"FIR-16": "gas", "CLI-12": "drug_supervision"}
ROW = re.compile(r"^\| ((?:CAT|WAT|CLI|FIR|SCH|PUB)-M?\d+) \|")
UNCHECKED = re.compile(r"〔[^〕]*(?:未核|把握)[^〕]*〕")
LIST_OF_DOUBTS = "第7章第5条"


def cells(line):
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


def doubts_listed(text):
    """Codes that section 7 point 5 names as still to be checked before use."""
    line = re.search(r"^5\. 本文标 K中.*$", text, re.MULTILINE)
    return set(re.findall(r"[A-Z]{3}-M?\d+", line.group(0)))


def doubts(code, row, sources, listed):
    """The marks that make a row uncertain, as written; a bare 条款未核 in the evidence column counts too."""
    why = [mark for mark in sources if mark.startswith(("K中", "K低")) or mark == "条款未核"]
    why += [mark for mark in dict.fromkeys(UNCHECKED.findall(" ".join(row))) if mark.strip("〔〕") not in why]
    return [*why, LIST_OF_DOUBTS] if code in listed else why


def item(line, listed):
    row = cells(line)
    if len(row) != 8:
        raise SystemExit(f"expected 8 columns: {line}")
    code, title, how, basis, severity, deadline, quantity, evidence = row
    title_zh, title_en = re.fullmatch(r"(.+)<br>\*(.+)\*", title).groups()
    days = re.search(r"(\d+) ?日", deadline)
    sources = evidence.split(";")
    why = doubts(code, row, sources, listed)
    return {
        "code": code,
        "title_zh": title_zh,
        "title_en": title_en,
        "how_zh": how,
        "basis_zh": basis,
        "severity": severity,
        "deadline_zh": deadline,
        "deadline_days": int(days.group(1)) if days else None,
        "immediate": "立即" in deadline.split(";")[0],
        "quantity_zh": None if quantity == "—" else quantity,
        "photo_required": True,
        "sources": sources,
        "unsure": bool(why),
        "unsure_why": why,
        "refer_to": REFER_TO.get(code, DOMAINS[code[:3]][1]),
    }


def limit(text):
    """One clause of the GB 5749 table -> list of (condition, bound, number as written)."""
    found = re.findall(r"(出厂|末梢|小型|上限)? ?([≥≤]?)(\d+(?:\.\d+)?)", text)
    return [(where or None, "min" if sign == "≥" else "max", number) for where, sign, number in found]


def limits(text):
    """'出厂 ≥0.5;末梢 ≥0.05;上限 3' -> one limit per condition, a common 上限 joined to each of them."""
    bounds = limit(text)
    common = {bound: number for where, bound, number in bounds if where == "上限"}
    return [{"condition": where, bound: number} | common for where, bound, number in bounds if where != "上限"]


def water_limits(text):
    """The table of further GB 5749-2022 limits in section 2.2: two indicators a line."""
    table = text.split("GB 5749-2022 其他常用限值", 1)[1].split("\n### ", 1)[0]
    rows = [cells(line) for line in table.splitlines() if line.startswith("|")][2:]
    halves = [half for row in rows for half in (row[:3], row[3:])]
    return [
        {"name_zh": name, "limit_zh": text, "unit": unit, "limits": limits(text), "to_check": True}
        for name, text, unit in halves
    ]


def write(path, data, source):
    head = f"# Made from {source.name} by tools/parse_checklists.py. Do not edit: edit the source or an overlay.\n"
    body = yaml.safe_dump(data, allow_unicode=True, sort_keys=False, width=1000)
    path.write_text(head + body, encoding="utf-8")


def main(source, out):
    text = source.read_text(encoding="utf-8")
    listed = doubts_listed(text)
    found = [item(line, listed) for line in text.splitlines() if ROW.match(line)]
    for prefix, (domain, _) in DOMAINS.items():
        write(out / f"{domain}.yaml", [row for row in found if row["code"].startswith(prefix)], source)
    write(out / "water_limits.yaml", water_limits(text), source)
    print(f"{len(found)} items, {sum(row['unsure'] for row in found)} still to be checked against the original")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
