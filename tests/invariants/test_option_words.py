"""What a county decides is explained in an administrator's words: no file of ours, no mark of our own."""

from flask import Flask

from app.accounts.county import options
from app.referrals.matters import all_matters
from app.reports.categories import categories


def test_nothing_an_administrator_reads_names_our_own_documents(app: Flask) -> None:
    texts = [text for one in options() for text in (one.label, one.help, one.source, one.unit, *one.choices.values())]
    texts += [str(vars(one)) for one in (*all_matters().values(), *categories().values())]
    assert not [text for text in texts if any(word in text for word in (".md", "CHECKLISTS", "DOMAIN", "README"))]
