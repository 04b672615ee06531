"""`flask people …`: the first administrator of a new installation."""

import click
from flask.cli import AppGroup
from sqlalchemy import select

from app.accounts import services
from app.accounts.models import Organisation
from app.accounts.regions import Region
from app.accounts.rules import password_problem
from app.accounts.services import OrganisationFacts, PersonFacts
from app.core.database import db, transaction
from app.core.errors import AppError
from app.core.roles import Role

group = AppGroup("people", help="People who sign in.")


@group.command("add-admin")
@click.argument("login")
@click.option("--name", prompt="Name", help="The person's name, as it stands on records.")
@click.option(
    "--county-code", prompt="County code", help="Official division code of the county; made if it is new."
)
@click.option("--county", prompt="County name (Chinese)", help="Chinese name of the county, if it is new.")
@click.option(
    "--organisation", prompt="Organisation (Chinese)", help="Chinese name of the agency; made if it is new."
)
@click.option("--prefix", prompt="Short name in notice numbers", help="For example 县疾控.")
@click.option("--ask-password", is_flag=True, help="Ask for the password instead of making one.")
def add_admin(login: str, name: str, ask_password: bool, **place: str) -> None:  # noqa: FBT001 - click gives it by name
    """Add an administrator LOGIN, with their county and organisation where these are new.

    The password is printed once; it must be changed at the first sign-in.
    """
    password = _asked_password(login) if ask_password else services.new_password()
    try:
        with transaction():
            facts = PersonFacts(name=name, organisation=_organisation(**place), roles={Role.ADMINISTRATOR})
            person = services.add_person(
                facts, login=login, password=password, by=None, must_change=not ask_password
            )
    except AppError as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"Administrator {person.login} ({person.name}) is added.")
    if not ask_password:
        click.echo(f"First password, shown only now: {password}")


def _asked_password(login: str) -> str:
    password: str = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    problem = password_problem(password, login=login.lower())
    if problem:
        raise click.ClickException(problem)
    return password


def _organisation(*, county_code: str, county: str, organisation: str, prefix: str) -> Organisation:
    region = db.session.scalar(select(Region).where(Region.code == county_code))
    if region is None:
        region = services.add_region(None, code=county_code, name_zh=county, by=None)
    same = select(Organisation).where(
        Organisation.region_id == region.id, Organisation.name_zh == organisation
    )
    found = db.session.scalar(same)
    return found or services.add_organisation(
        OrganisationFacts(name_zh=organisation, region=region, number_prefix=prefix), by=None
    )
