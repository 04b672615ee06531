"""People and their organisations."""

from datetime import date, datetime
from uuid import UUID

from flask_security import AsaList, RoleMixin, UserMixin, WebAuthnMixin
from sqlalchemy import Column, ForeignKey, LargeBinary, String, Table
from sqlalchemy.ext.mutable import MutableList
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from app.accounts.regions import InRegion, Level, Region
from app.core import clock
from app.core.database import db
from app.core.ids import new_id
from app.core.roles import INSPECTORS, Role

__all__ = ["Level", "Organisation", "Passkey", "Person", "Region", "RoleRow"]

people_roles = Table(
    "people_roles",
    db.metadata,
    Column("person_id", ForeignKey("people.id"), primary_key=True),
    Column("role_id", ForeignKey("roles.id"), primary_key=True),
)


class Organisation(db.Model, InRegion):
    """A township hospital, a county agency. Its region is what its people see."""

    __tablename__ = "organisations"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    name_zh: Mapped[str]
    name_en: Mapped[str] = mapped_column(default="")
    number_prefix: Mapped[str]  # 南卫: stands at the front of its notice numbers
    phone: Mapped[str] = mapped_column(default="")
    objection_to: Mapped[str] = mapped_column(default="")  # where an owner states an objection, as printed
    region: Mapped[Region] = relationship(lazy="joined")


class RoleRow(db.Model, RoleMixin):
    """A role as Flask-Security wants it; its name is a value of `Role`."""

    __tablename__ = "roles"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    description: Mapped[str] = mapped_column(default="")


class Person(db.Model, UserMixin):
    """Someone who signs in. Their region is their organisation's."""

    __tablename__ = "people"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)  # type: ignore[assignment]
    login: Mapped[str] = mapped_column(unique=True)  # lower case
    name: Mapped[str]
    phone: Mapped[str] = mapped_column(default="")
    email: Mapped[str | None] = mapped_column(unique=True)  # type: ignore[assignment]
    password: Mapped[str | None]
    active: Mapped[bool] = mapped_column(default=True)
    fs_uniquifier: Mapped[str] = mapped_column(String(64), unique=True)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"), index=True)
    certificate_number: Mapped[str] = mapped_column(default="")
    certificate_until: Mapped[date | None]  # last valid day
    locale: Mapped[str] = mapped_column(default="")
    must_change_password: Mapped[bool] = mapped_column(default=False)
    failed_sign_ins: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[datetime | None]
    created_at: Mapped[datetime]
    # Flask-Security: two-factor and passkeys, switched on by settings
    tf_primary_method: Mapped[str | None] = mapped_column(String(64))
    tf_totp_secret: Mapped[str | None] = mapped_column(String(255))
    tf_phone_number: Mapped[str | None] = mapped_column(String(128))
    mf_recovery_codes: Mapped[list[str] | None] = mapped_column(MutableList.as_mutable(AsaList()))
    fs_webauthn_user_handle: Mapped[str | None] = mapped_column(String(64), unique=True)  # type: ignore[assignment]

    organisation: Mapped[Organisation] = relationship(lazy="joined")
    roles: Mapped[list[RoleRow]] = relationship(secondary=people_roles, lazy="selectin")  # type: ignore[assignment]
    webauthn: Mapped[list["Passkey"]] = relationship(cascade="all, delete")  # type: ignore[assignment]

    @property
    def region(self) -> Region:
        """The top of what this person may see."""
        return self.organisation.region

    @property
    def role_names(self) -> frozenset[Role]:
        return frozenset(Role(role.name) for role in self.roles)

    def is_any(self, *roles: Role) -> bool:
        return not self.role_names.isdisjoint(roles)

    @property
    def is_supervisor(self) -> bool:
        return Role.SUPERVISOR in self.role_names

    @property
    def is_inspector(self) -> bool:
        return self.is_any(*INSPECTORS)


class Passkey(db.Model, WebAuthnMixin):
    """A registered passkey (Flask-Security's WebAuthn record)."""

    __tablename__ = "passkeys"

    id: Mapped[int] = mapped_column(primary_key=True)
    credential_id: Mapped[bytes] = mapped_column(LargeBinary(1024), index=True, unique=True)
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    sign_count: Mapped[int] = mapped_column(default=0)
    transports: Mapped[list[str] | None] = mapped_column(MutableList.as_mutable(AsaList()))
    backup_state: Mapped[bool]
    device_type: Mapped[str] = mapped_column(String(64))
    extensions: Mapped[str | None] = mapped_column(String(255))
    create_datetime: Mapped[datetime] = mapped_column(default=clock.now)
    lastuse_datetime: Mapped[datetime]
    name: Mapped[str] = mapped_column(String(64))
    usage: Mapped[str] = mapped_column(String(64))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"))

    @validates("device_type")
    def _plain_text(self, _name: str, value: str) -> str:
        """The library hands over an enum; databases differ in what they make of one."""
        return str(getattr(value, "value", value))

    def get_user_mapping(self) -> dict[str, object]:
        """How Flask-Security finds the person behind the passkey."""
        return {"id": self.person_id}
