"""Checklists as an administrator leaves them. Call inside an application context; commit yourself."""

from app.checklists.models import ChecklistVersion
from app.checklists.queries import current_version, items_of
from app.checklists.services import content_of, publish_version
from app.core import clock


def publish_copy(domain: str) -> ChecklistVersion:
    """The next version of `domain`, saying the same."""
    version = current_version(domain)
    rows = [content_of(item) for item in items_of([version.id])[version.id]]
    return publish_version(domain, rows, by=None, remark="", now=clock.now())
