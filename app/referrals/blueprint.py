"""The blueprint that the pages of referrals share, with what their templates ask."""

from flask import Blueprint

from app.core.roles import Role
from app.referrals import pages

bp = Blueprint("referrals", __name__)
READERS = (Role.COORDINATOR, Role.SUPERVISOR, Role.ADMINISTRATOR)

for _helper in (
    pages.clock_text,
    pages.clock_kind,
    pages.status_text,
    pages.status_kind,
    pages.event_text,
    pages.step_text,
    pages.outcome_text,
    pages.urgency_text,
    pages.subject_text,
    pages.matter_text,
    pages.to_text,
):
    bp.add_app_template_global(_helper, f"referral_{_helper.__name__}")

bp.add_app_template_filter(pages.field_text, "referral_field")
