"""The OCEBM 2011 table as data: seven questions, five levels, cells that are not applicable."""

from pydantic import Field

from review.model.base import Bilingual, Format, Model, QuestionKind, Slug, Text
from review.model.extraction import Design
from review.model.question import Factor


class Cell(Model):
    """One cell of the table."""

    level: int = Field(ge=1, le=5, description="level")
    text: Bilingual = Field(Bilingual(), description="what reaches the level, in our words")
    designs: tuple[Design, ...] = Field((), description="designs that start here")
    not_applicable: bool = Field(False, description="the table has no such level for the question")
    verified: bool = Field(description="compared with the original table")


class Profile(Model):
    """A way of reading the table where it leaves room."""

    text: Bilingual = Field(description="what it does")
    follow_up_minimum: int | None = Field(None, description="people from which follow-up counts")
    follow_up_level: int | None = Field(None, description="and the level it then gets")


class HouseRule(Model):
    """When this project proposes a step; OCEBM itself gives no rule for any."""

    text: Bilingual = Field(description="the rule")
    analysed_below: int | None = Field(
        None, description="fewer people analysed in a comparison: the factor must be considered"
    )


class Table(Model):
    """The whole table with the profiles."""

    format: Format = Field(description="data format")
    scheme: Text = Field(description="name of the scheme")
    rows: dict[QuestionKind, tuple[Cell, ...]] = Field(description="cells by question kind")
    house_rules: dict[Factor, HouseRule] = Field(description="when a step is proposed")
    profiles: dict[Slug, Profile] = Field(description="ways of reading, the headline first")

    def model_post_init(self, _context: object, /) -> None:
        for kind, cells in self.rows.items():
            if [cell.level for cell in cells] != [1, 2, 3, 4, 5]:
                raise ValueError(f"rows.{kind}: expected the levels 1 to 5 in order")
            designs = [design for cell in cells for design in cell.designs]
            if len(set(designs)) != len(designs):
                raise ValueError(f"rows.{kind}: a design stands in two cells")
