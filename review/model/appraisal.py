"""``data/appraisals/<study>-<form>.yaml``: a person's judgement of a study, domain by domain."""

from pydantic import Field

from review.model.base import Bilingual, Day, Format, Model, Slug, StudyId, Text


class Form(Model):
    """An appraisal form: names of its domains and where it is; no wording of its items."""

    name: Bilingual = Field(description="the form's name")
    address: Text = Field(description="where the official form is")
    judgements: tuple[Slug | Text, ...] = Field(min_length=2, description="what can be judged")
    domains: tuple[Text, ...] = Field(min_length=1, description="names of its domains")


class Forms(Model):
    """All forms this program knows."""

    format: Format = Field(description="data format")
    forms: dict[Slug, Form] = Field(description="forms by id")


class Judged(Model):
    """A domain as a person judged it."""

    domain: Text = Field(description="name of the domain, as the form has it")
    judgement: Text | None = Field(None, description="one of the form's; null: not judged yet")
    support: Text | None = Field(None, description="words of the source it rests on, a fragment")
    locator: Text | None = Field(None, description="where these words stand")
    note: Text | None = Field(None, description="why, in the person's own words")

    def model_post_init(self, _context: object, /) -> None:
        if self.judgement is not None and self.support is None and self.note is None:
            raise ValueError(f"{self.domain}: a judgement needs its support or a note")


class Appraisal(Model):
    """One form filled for one study (and, where the form asks for it, one outcome)."""

    format: Format = Field(description="data format")
    study: StudyId = Field(description="the study")
    form: Slug = Field(description="id of the form")
    outcome: Text | None = Field(None, description="the outcome it is for")
    official_form: Text = Field(description="where the form and its wording are")
    domains: tuple[Judged, ...] = Field(description="the domains in the form's order")
    overall: Text | None = Field(None, description="overall judgement; null: not judged yet")
    by: Text | None = Field(None, description="person id; null: waits for a person")
    judged_at: Day | None = Field(None, description="when")

    def model_post_init(self, _context: object, /) -> None:
        judged = self.overall is not None or any(one.judgement for one in self.domains)
        if judged and self.by is None:
            raise ValueError("by: missing, a judgement is a person's")
