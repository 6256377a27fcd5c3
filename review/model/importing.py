"""``data/imports/<source>/<date>-<run>.json``: one file of another database, read whole."""

from pydantic import Field

from review.model.base import Day, Format, Hash, Model, RecordId, Slug, Text


class Import(Model):
    """What one export of another database brought (PRISMA-S items 1, 8, 13 and 15)."""

    format: Format = Field(description="data format")
    source: Slug = Field(description="short name of the database")
    platform: Text = Field(description="database and platform by name")
    date: Day = Field(description="day of the search there")
    run: int = Field(ge=1, description="first, second … file of that day")
    query: Text | None = Field(None, description="the strategy as it was run there; null: not told")
    file: Text = Field(description="name of the file")
    sha256: Hash = Field(description="hash of the file's bytes")
    encoding: Text = Field(description="encoding it was read in")
    format_name: Text = Field(description="format of the file")
    found: int = Field(ge=0, description="records in it")
    new: tuple[RecordId, ...] = Field((), description="records that were not held before")
    known: tuple[RecordId, ...] = Field((), description="records held already")
    repeated: int = Field(0, ge=0, description="records of the file that stand in it twice")
    tool: Text = Field(description="program and version")

    @property
    def name(self) -> str:
        """File name without its folder."""
        return f"{self.date}-{self.run}.json"
