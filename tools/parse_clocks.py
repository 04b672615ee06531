"""Section 4 of CHECKLISTS.md (reporting clocks) → app/referrals/data/clocks.yaml, word for word with its marks.

.venv/bin/python tools/parse_clocks.py PATH/CHECKLISTS.md > app/referrals/data/clocks.yaml
"""

import re
import sys
from pathlib import Path

HEAD = """# The clocks of CHECKLISTS.md section 4, word for word, made by tools/parse_clocks.py: do not edit by hand.
# marks: where it comes from and how sure it is (L found in the law, F found elsewhere, K known; see CHECKLISTS 0.1).
# unsure: to be checked against the original before use. product_default: nobody's law, this product's own limit.
# Which matter runs on which clock, and how long that is, stands in matters.yaml.
"""
FIELDS = ("number", "situation", "who", "to", "limit", "basis")


def rows(text: str) -> list[dict[str, object]]:
    section = text.split("\n## 4 ", 1)[1].split("\n## ", 1)[0]
    found = []
    for line in section.splitlines():
        cells = [cell.strip().replace("**", "") for cell in line.strip().strip("|").split("|")]
        if len(cells) == 7 and re.fullmatch(r"R\d+", cells[0]):
            marks = [mark.strip() for mark in re.split("[;；]", cells[6])]
            row: dict[str, object] = dict(zip(FIELDS, cells[:6], strict=True)) | {"marks": marks}
            row["unsure"] = any(mark.startswith(("K中", "K低")) for mark in marks)
            row["product_default"] = "产品默认" in line
            found.append(row)
    return found


def quoted(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return "[" + ", ".join(quoted(one) for one in value) + "]"
    return '"' + str(value).replace('"', '\\"') + '"'


def main() -> None:
    print(HEAD, end="")
    for row in rows(Path(sys.argv[1]).read_text(encoding="utf-8")):
        lines = [f"{name}: {quoted(value)}" for name, value in row.items()]
        print("- " + "\n  ".join(lines))


if __name__ == "__main__":
    main()
