"""The program in docs/evidence.md, run by another Python on a copy, says what ours says."""

import re
import sqlite3
import subprocess
import sys
from pathlib import Path

from flask import Flask

from app.core import ledger
from app.core.settings import project_root
from tests.factories.people import County

PROGRAM = re.compile(r"<!-- chain.py -->\n```python\n(.*?)```", re.DOTALL)


def test_the_chain_is_checked_with_python_alone(app: Flask, county: County, tmp_path: Path) -> None:
    with app.app_context():
        head = ledger.head()
        assert head is not None
    found = PROGRAM.search((project_root() / "docs/evidence.md").read_text(encoding="utf-8"))
    assert found is not None
    (tmp_path / "chain.py").write_text(found.group(1), encoding="utf-8")
    copy = tmp_path / "copy.db"
    with sqlite3.connect(tmp_path / "xuncha.db") as now, sqlite3.connect(copy) as target:
        now.backup(target)

    def run() -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-I", str(tmp_path / "chain.py"), str(copy)]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    assert run().stdout.strip() == f"{head.seq} records, head {head.hash.hex()}"
    with sqlite3.connect(copy) as other:
        other.execute("UPDATE audit_records SET request_id = 'x' WHERE seq = 1")
    assert "record 1 does not follow" in run().stderr
