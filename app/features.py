"""The features, lowest first: their models, their routes, their panels on lower pages."""

from flask import Flask


def register(app: Flask) -> None:
    """Import every feature's models and register its routes."""
    from app.accounts import routes as accounts
    from app.calendar import routes as calendar
    from app.checklists import routes as checklists
    from app.complaints import feedback
    from app.complaints import public as complain
    from app.complaints import routes as complaints
    from app.inspections import routes as inspections
    from app.monthly import routes as monthly
    from app.notices import public
    from app.notices import routes as notices
    from app.oversight import routes as oversight
    from app.patrol import routes as patrol
    from app.photos import cli as photos
    from app.premises import routes as premises
    from app.proof import routes as proof
    from app.referrals import public as referral_public
    from app.referrals import routes as referrals
    from app.reminders import routes as reminders
    from app.replies import desk_routes as replies_desk
    from app.replies import public as replies_public
    from app.replies import public_selfcheck, public_uploads  # noqa: F401 - routes of the same blueprint
    from app.reports import routes as reports
    from app.retention import routes as retention
    from app.sampling import public as sampling_public
    from app.sampling import routes as sampling
    from app.seals import public as check
    from app.seals import routes as seals
    from app.signals import routes as signals
    from app.sync import desk_routes as sync_desk
    from app.sync import panels as sync_panels
    from app.sync import routes as sync
    from app.web import health

    basis = (health, accounts, calendar, photos, premises, checklists)
    papers = (seals, check)
    work = (inspections, notices, public, replies_desk, replies_public)
    passed_on = (referrals, referral_public, reports, complaints, complain, feedback, reminders, signals)
    checked, above = (sampling, sampling_public), (oversight, retention, monthly, proof)
    for module in (*basis, *papers, *work, *passed_on, *checked, sync, sync_desk, patrol, *above):
        app.register_blueprint(module.bp)
    sync_panels.add()
