"""How a file is pooled: what ``review pool`` is told beside the file itself."""

from __future__ import annotations

from dataclasses import dataclass

from review.ground.errors import UsageError
from review.statistics.tau2 import METHODS

SPECIAL = ("MH", "PETO", "GLMM")
ALL_METHODS = (*METHODS, *SPECIAL)
ALIASES = {"FE": "EE", "CE": "EE", "FIXED": "EE", "COMMON": "EE"}


@dataclass(frozen=True)
class Choices:
    """How a file is pooled.

    :ivar by: a column of the file whose values make subgroups
    :ivar moderators: columns of the file that a meta-regression takes in
    """

    measure: str
    method: str = "REML"
    test: str = "knha"
    level: float = 0.95
    prediction: str = "k-1"
    sensitivity: bool = False
    by: str | None = None
    moderators: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.method not in ALL_METHODS:
            raise UsageError(f"--method {self.method}: expected one of {', '.join(ALL_METHODS)}")
        if not 0.5 <= self.level < 1:
            raise UsageError(f"--level {self.level}: expected a share from 0.5 to below 1")
        if self.method in SPECIAL and (self.by or self.moderators):
            raise UsageError(f"--method {self.method}: takes no --by and no --moderator")


def method_name(given: str) -> str:
    """A method as it is known: any case, and the other names of the common effect."""
    return ALIASES.get(given.upper(), given.upper())
