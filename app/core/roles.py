"""The roles of the field. The business owner has no account: holding the paper is the key."""

from enum import StrEnum


class Role(StrEnum):
    """Who works with the product (DOMAIN.md, "Who does what")."""

    INFORMANT = "informant"
    COORDINATOR = "coordinator"
    SUPERVISOR = "supervisor"
    ADMINISTRATOR = "administrator"


STAFF = tuple(Role)
INSPECTORS = (Role.COORDINATOR, Role.SUPERVISOR)
