"""Which tables the ledger binds: what stands as evidence, and who and what it speaks of.

Left out: queues, drafts, clocks of devices, search terms, the log of reminders, and in bound tables what changes with
each sign-in or each look (a change there proves nothing), and secrets.
"""

from app.core import watching
from app.core.database import db

SIGN_IN = (
    "password", "fs_uniquifier", "must_change_password", "failed_sign_ins", "locked_until", "locale",
    "tf_primary_method", "tf_totp_secret", "tf_phone_number", "mf_recovery_codes", "fs_webauthn_user_handle",
)  # fmt: skip
BOUND: dict[str, tuple[str, ...]] = {
    # who and where
    "regions": (), "organisations": (), "roles": (), "people": SIGN_IN, "people_roles": (), "county_options": (),
    "calendar_days": (), "calendar_years": (),
    "premises": ("last_inspected_at", "updated_at"), "premises_domains": (), "licences": (),
    "checklist_versions": (), "checklist_items": (),
    # visits
    "inspections": (), "inspection_sheets": (), "inspection_fellows": (), "answers": (), "findings": (),
    "amendments": (), "photos": (), "inspection_photos": (), "verifications": (),
    # notices and what follows
    "notices": ("openings", "last_opened_at"), "notice_findings": (), "turns": (), "deliveries": (),
    "number_reservations": (), "paper_files": (), "replies": (), "reply_photos": (),
    # passed on
    "referrals": (), "referral_findings": (), "referral_photos": (), "referral_events": (),
    "information_reports": (), "information_report_turns": (), "information_report_photos": (),
    "complaints": (), "complaint_turns": (), "complaint_photos": (),
    # told of a month
    "monthly_reports": (),
    # looked at, asked about, kept
    "photo_marks": (), "photo_messages": (), "photo_covers": (), "legal_holds": (), "signals": (), "signal_words": (),
    "samples": (), "sample_populations": (), "call_sheets": (), "call_sheet_calls": (), "visit_confirmations": (),
    # whether all that is what it was
    "audit_checks": (), "anchors": (),
}  # fmt: skip


def watch() -> None:
    """Tell the ledger, once all models are known."""
    for name, without in BOUND.items():
        watching.watch(db.metadata.tables[name], without=without)
