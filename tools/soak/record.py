"""What the person did, written down by the one who did it: the measure for everything that arrives later."""

from dataclasses import dataclass, field
from uuid import UUID

from tools.soak.pictures import Picture


@dataclass
class Seen:
    """One item as it was left. `result` None: not looked at."""

    result: str | None = None
    note: str = ""
    phrases: list[str] = field(default_factory=list)  # as they stand on the screen
    outcome: str = ""  # what the screen shows as chosen
    due_on: str = ""
    value: str = ""  # measured
    photos: list[tuple[str, Picture]] = field(default_factory=list)  # (purpose, photo)


@dataclass(frozen=True)
class Paper:
    """A notice issued without signal. `url` is what a camera read from the screen."""

    number: str
    url: str


@dataclass
class Visited:
    """One visit."""

    id: UUID
    place: str
    is_new_place: bool
    items: dict[str, Seen]  # by code
    scene: list[Picture] = field(default_factory=list)
    signer: str = ""
    signature: bytes = b""
    refusal: str = ""
    paper: Paper | None = None

    @property
    def pictures(self) -> list[Picture]:
        return [picture for seen in self.items.values() for _purpose, picture in seen.photos] + self.scene


@dataclass
class Record:
    """A whole patrol. `changes` holds what the phone itself had kept when it came back: id of a change -> its kind.

    `earlier` are the visits that the server knew before.
    """

    visits: list[Visited] = field(default_factory=list)
    changes: dict[str, str] = field(default_factory=dict)
    earlier: set[UUID] = field(default_factory=set)

    @property
    def pictures(self) -> list[Picture]:
        return [picture for visit in self.visits for picture in visit.pictures]

    @property
    def papers(self) -> list[Paper]:
        return [visit.paper for visit in self.visits if visit.paper]
