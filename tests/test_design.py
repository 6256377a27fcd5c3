"""Study design from words and publication types: the dangerous errors first."""

from __future__ import annotations

import pytest

from extractors import Finding, Lexicon, Passage
from extractors.design import find

TRIAL = {"randomised_trial", "n_of_1"}


def design(title: str, abstract: str = "", **given: tuple[str, ...]) -> Finding | None:
    return next(find(Passage(title, abstract, **given), Lexicon()), None)


NO_TRIALS = [
    # extensions and later analyses
    (
        "Drug A in disorder B: an open-label extension of a randomised trial",
        "Patients entered the extension.",
    ),
    (
        "Long-term drug A",
        "Of 80 randomized patients, 60 entered the open-label extension phase and were followed.",
    ),
    (
        "Pain after drug A",
        "A was a phase 3 trial in 200 participants (randomized 3:1), with an open-label extension. This analysis was conducted in 90 participants.",
    ),
    (
        "Drug A and sleep: a post hoc analysis of a randomized trial",
        "Patients were randomly assigned to A or placebo.",
    ),
    (
        "Sleep in users of drug A",
        "This post hoc analysis used data of patients who were randomized to A or placebo.",
    ),
    ("Sleep", "We performed a secondary analysis of data from a randomized clinical trial of A."),
    ("Drug A in women: a subgroup analysis of the phase 3 trial", "Patients were randomized 1:1."),
    # protocols
    (
        "Drug A for B: study protocol for a randomized controlled trial",
        "Participants will be randomised to A or placebo.",
    ),
    ("Rationale and design of the X trial, a randomized study of A", ""),
    (
        "Drug A for B",
        "We will recruit 90 people. Participants will be randomised 1:1 to A or placebo.",
    ),
    # reviews
    ("Drug A for B: a systematic review and meta-analysis of randomized controlled trials", ""),
    (
        "Drug A for B",
        "We searched MEDLINE and Embase. Randomized controlled trials of A were included.",
    ),
    ("Drug A for B: a review", "Patients in one trial were randomized to A."),
    # observational studies that cite trials
    (
        "Drug A in practice: a retrospective cohort study",
        "Randomized controlled trials have shown that A works. We reviewed 90 charts.",
    ),
    ("Drug A in practice", "We followed 90 patients who took A. Randomized trials are needed."),
    ("Drug A in practice", "Previous randomized trials excluded the old. We surveyed 90 patients."),
    ("Drug A", "This was not a randomized trial; 90 patients were treated."),
    ("Drug A", "In this non-randomised controlled study 40 took A and 40 did not."),
    ("Pain in B", "Households were randomly selected and surveyed."),
    ("Pain in B", "A random sample of 900 adults was interviewed."),
    # whose randomisation: a trial called by its name, another study's, later data of one
    (
        "Five-year follow-up of the BLUEFIN study",
        "People who completed BLUEFIN took A in the extension. They had been randomized 2:1.",
    ),
    (
        "Drug A and pain",
        "Data were obtained from the BLUEFIN trial, in which people were randomized to A or placebo.",
    ),
    (
        "Predictors of pain relief in BLUEFIN",
        "We analysed data collected in the BLUEFIN study, a randomized double-blind trial.",
    ),
    (
        "Drug A lowers pain: pooled data from two trials",
        "Individual patient data from two randomised trials were pooled.",
    ),
    (
        "Real-world use of drug A",
        "In the BLUEFIN randomized placebo-controlled trial A worked. We describe 40 people.",
    ),
    (
        "Neuropathic pain in disorder B",
        "In one randomized study, patients were randomly assigned to A or placebo. We summarize it.",
    ),
    (
        "Sleep in B",
        "The definition was taken from a trial in which 230 patients were randomised to A.",
    ),
    (
        "Secondary outcomes of the BLUEFIN randomised trial",
        "Participants were randomised to A or C.",
    ),
    ("Experiences of people in a trial: a qualitative study in a randomized controlled trial", ""),
    (
        "Cost-effectiveness of A alongside a randomized controlled trial",
        "Patients were randomised.",
    ),
    ("Nested case-control study within a randomized trial", "Cases had been randomized to A."),
    ("Effect heterogeneity in the BLUEFIN trial", "9361 people were randomised to A or C."),
    ("Pain courses of participants of the BLUEFIN trial", "People were randomised to A or C."),
    # randomisation of something else, or none
    ("Mendelian randomization of A and B", "Variants were randomly allocated at conception."),
    ("A emulated", "We emulated a randomized trial with claims of 1,200 patients."),
    (
        "Deep learning for B",
        "Patients were randomly assigned to a training cohort and a test cohort.",
    ),
    ("Imaging of B", "Stimuli were applied in randomized order to 20 patients."),
    ("Needles for B", "Patients were allocated alternately by day of the week to two groups."),
    (
        "Physiotherapy in B",
        "Patients were assigned by hospital number to A or control; single-blind.",
    ),
    ("Yoga", "We compared 40 people who chose yoga with 42. Randomization was not feasible."),
    ("甲与乙", "根据治疗方法分为A组和B组。采用随机对照的方法不可行。"),
    ("Photographs", "Photographs were randomly divided into training, validation and test sets."),
    ("A nomogram", "Patients were randomly split 70:30 for model building and internal testing."),
    ("Chart audit", "Records of 200 patients were randomly divided between two reviewers."),
    ("Interviews", "The 300 women were randomly assigned to interviewers."),
    ("Two scales", "120 patients completed both scales in randomized order."),
    ("Sites", "Samples of 60 patients were randomized on plates."),
    ("Arrivals", "Patients were assigned to A or C according to the order of arrival."),
    ("A survey", "Participants were randomly assigned a study number and filled in a form."),
    ("A in adolescents", "Of 120 patients randomised in the core study, 98 entered the extension."),
    ("Age and A", "Data were analyzed from four double-blind, randomized studies."),
    ("A substudy", "This was a substudy of a trial, in which 5,187 women were randomly assigned."),
    ("Needles", "Females were randomized to needles or sham. Paw withdrawal threshold rose."),
    ("Preference", "Patients were randomized by nature of preference (instrumental variable)."),
    ("Costs", "Costs were estimated alongside a randomized trial of 1,791 people."),
    # notices
    ("Drug A for B", "We searched for double-blind, placebo-controlled trials of A."),
    (
        "Drug A for B: an update",
        "One double-blind placebo-controlled study showed no benefit of A.",
    ),
    ("Drug A for B", "Double-blind, placebo-controlled trials of A are in progress."),
    (
        "Drug A for B: an open-label pilot study",
        "Randomized, controlled, double-blind trials are indicated.",
    ),
    (
        "Drug A",
        "Future studies should test A in an adequately powered randomized placebo-controlled trial.",
    ),
    (
        "Drug A and C",
        "A randomized trial testing a clear hypothesis is needed before A can be advised.",
    ),
    (
        "Violence in B",
        "Data came from 102 participants recruited to a randomised controlled trial of A.",
    ),
    (
        "Childhood and B",
        "Data were collected on 103 people as part of a randomised controlled trial of A.",
    ),
    (
        "Tobacco in B",
        "People who participated in a multisite, randomized trial of A were grouped by use.",
    ),
    (
        "Sleep in B",
        "The 140 outpatients had B and participated in a randomized controlled trial of A.",
    ),
    (
        "Synergy of A and C",
        "Data from 353 women in a six-site, randomized controlled trial were analyzed.",
    ),
    (
        "Trajectories of people who participated in a randomised trial of A",
        "They were interviewed.",
    ),
    (
        "Latent classes of B",
        "We studied 1815 people in a randomized field trial of their school years.",
    ),
    ("Deaths after stroke during BLUEFIN", "BLUEFIN randomized 14671 people to A or placebo."),
    (
        "Deaths in women with B",
        "In BLUEFIN-2, 5988 patients were randomly assigned to A or placebo.",
    ),
    (
        "A survey of B",
        "A stratified, representative and randomized sample of 202 adults was drawn.",
    ),
    (
        "B after the flood",
        "Multistage cluster randomization was conducted to choose 14 503 people.",
    ),
    ("Five models of B", "The sample was randomly split and half of it used in a factor analysis."),
    ("Tones in B", "Four tones were heard, pseudo-randomly ordered."),
    ("Muscle of B", "Atrial trabeculae were randomized to control or A."),
    (
        "A against stroke",
        "Design: a prospective randomized laboratory investigation. 30 animals.",
    ),
    ("A and no-reflow", "Twenty-four mini-swines were randomized to three groups."),
    ("Genomes of viruses", "Contigs were assembled from the random sequences."),
    ("A nomogram", "Patients were randomly divided into training (70%) and test (30%) cohorts."),
    (
        "The companion: its effect",
        "Effects will inform the protocol for a cluster randomized trial of it.",
    ),
    ("A registry of B", "A was effective in 7 Randomized Controlled Trials and is in use."),
    (
        "A: FDA approval summary",
        "In two randomized trials, 900 patients were randomized to A or placebo.",
    ),
    ("Sex differences in B: the BLUEFIN trial", "Of 3285 patients randomised, 1227 were women."),
    (
        "Onset of A",
        "Data from patients randomised to A or placebo in three phase III trials were pooled.",
    ),
    ("Placebo response in trials of B", "We looked at 1,000 patients randomised to placebo."),
    ("Recruiting older adults: challenges", "Of 1200 screened, 300 were randomised to A or C."),
    (
        "Resin on premolars",
        "Fifty extracted human premolars were randomly divided into five groups.",
    ),
    ("Preferences in B", "Each was randomly assigned to one of ten blocks of choice sets."),
    (
        "A food challenge",
        "A double-blind placebo-controlled food challenge was done in 40 children.",
    ),
    ("A and thirst", "No control group or randomisation was used in the 40 people."),
    (
        "A model of B",
        "To develop a prediction model, 900 patients were randomly divided into two groups.",
    ),
    ("Drug A in B: commentary", "Patients were randomly assigned to A or C in this trial."),
    ("Reporting quality of randomized trials of A", "We read 300 randomized trials."),
    ("Validity of the C index in B", "Data of a randomised controlled trial of A were used."),
    ("A in stroke: randomized study of A - design and imaging", ""),
    ("Comment on: A randomized controlled trial of drug A", "We read it with interest."),
    ("Erratum to: Drug A for pain: a randomized double-blind trial", ""),
    # Chinese
    ("大鼠神经病理性疼痛", "将40只大鼠随机分为4组。"),
    ("列线图模型构建", "将300例患者按7:3随机分为训练集和验证集。"),
    ("针刺治疗慢性疼痛：随访研究", "前期随机对照试验的患者继续随访。"),
    ("按入院顺序分组", "将60例患者按就诊单双号分为两组。"),
    # animals
    ("Astrocyte cultures", "Cells were randomly assigned to IgG or control."),
    ("A in EAE", "EAE animals were randomized to A or saline; this may help patients and women."),
    ("Drug A in rats", "Rats were randomly assigned to A or saline."),
    ("Drug A and allodynia", "Mice were randomised to two groups."),
]


@pytest.mark.parametrize(("title", "abstract"), NO_TRIALS)
def test_none_of_these_is_called_a_randomised_trial(title: str, abstract: str) -> None:
    """Words that give no design at all are the same words that a type of its source makes a trial."""
    found = design(title, abstract)
    if found is None:
        found = design(title, abstract, publication_types=("Randomized Controlled Trial",))
        assert found is not None
        assert found.value == "randomised_trial"
    else:
        assert found.value not in TRIAL


@pytest.mark.parametrize(
    ("title", "value"),
    [
        ("Drug A: an open-label extension", "post_hoc_extension"),
        ("Drug A: study protocol", "other"),
        ("Drug A: a post hoc analysis", "post_hoc_extension"),
        ("Drug A: a systematic review", "systematic_review"),
    ],
)
def test_a_publication_type_does_not_make_these_a_trial(title: str, value: str) -> None:
    found = design(title, "", publication_types=("Journal Article", "Randomized Controlled Trial"))
    assert found is not None
    assert found.value == value


TRIALS = [
    ("Drug A for B: a randomised controlled trial", "", "parallel"),
    ("Drug A for B", "Ninety patients were randomly assigned to A or placebo.", "parallel"),
    ("Drug A versus drug C", "Patients were allocated at random to A or C.", "parallel"),
    (
        "Drug A for B",
        "In a double-blind, placebo-controlled crossover study, 20 patients took A.",
        "crossover",
    ),
    (
        "Drug A for B",
        "Twelve clinics were randomised to training or none. This cluster randomised trial ran a year.",
        "cluster",
    ),
    ("Drug A for B: randomised n-of-1 trials", "Periods were randomised.", "n_of_1"),
    (
        "Drug A for B: a randomized trial",
        "Patients were randomized to A or C, followed by an open-label extension.",
        "parallel",
    ),
    (
        "Drug A for B: a randomized trial",
        "We randomized 90 patients. Post hoc tests were corrected.",
        "parallel",
    ),
    (
        "Results of a randomised phase III trial of A",
        "All patients were randomised without delay.",
        "parallel",
    ),
    ("药物甲治疗疼痛的随机对照研究", "将90例患者随机分为两组。", "parallel"),
]


@pytest.mark.parametrize(("title", "abstract", "kind"), TRIALS)
def test_a_randomised_trial_and_its_kind(title: str, abstract: str, kind: str) -> None:
    found = design(title, abstract)
    assert found is not None
    assert found.value in TRIAL
    assert found.details["kind"] == kind


OTHERS = [
    ("Drug A in B: a case report", "", "case_report", None),
    ("Pain in B", "We report a 30-year-old woman with B.", "case_report", None),
    ("Three cases of B", "", "case_series", None),
    ("Pain in B", "Consecutive patients were seen.", "case_series", None),
    ("Pain in B: a case-control study", "", "case_control", None),
    ("Pain in B: a cross-sectional study", "", "nonrandom_sample", "cross_sectional"),
    (
        "Pain in B",
        "Patients completed the questionnaires once.",
        "nonrandom_sample",
        "cross_sectional",
    ),
    (
        "Pain in B",
        "Patients and healthy controls were scanned.",
        "nonrandom_sample",
        "cross_sectional",
    ),
    (
        "Pain in B",
        "A random sample of adults was interviewed.",
        "census_or_random_sample",
        "census",
    ),
    ("Drug A in B: an open-label pilot study", "", "uncontrolled_follow_up", "single_arm"),
    (
        "Drug A in B",
        "Pain was rated before and after treatment.",
        "uncontrolled_follow_up",
        "single_arm",
    ),
    (
        "Drug A in B",
        "Twenty patients received A and twenty only received C; both groups were compared.",
        "nonrandomised_controlled",
        None,
    ),
    ("Pain in B: an inception cohort", "", "inception_cohort", None),
    ("Pain in B: a retrospective cohort study", "", "cohort", "retrospective"),
    ("Pain in B: a prospective cohort study", "", "cohort", "prospective"),
    ("Pain in B", "We reviewed the medical records of all patients.", "cohort", "retrospective"),
    ("Living with B: a qualitative study", "", "other", "qualitative"),
    ("Guidelines for the treatment of B", "", "other", "guideline"),
    ("Drug A in B: a narrative review", "", "narrative_review", None),
    ("Drug A in B: a meta-analysis of randomised trials", "", "systematic_review_of_trials", None),
    ("Drug A and cells in vitro", "", "mechanism", "animal_or_in_vitro"),
    ("某病疼痛的横断面研究", "", "nonrandom_sample", "cross_sectional"),
    ("某病疼痛的初步研究", "收集57例患者的临床资料。", "cohort", None),
]


@pytest.mark.parametrize(("title", "abstract", "value", "kind"), OTHERS)
def test_other_designs(title: str, abstract: str, value: str, kind: str | None) -> None:
    found = design(title, abstract)
    assert found is not None
    assert (found.value, found.details.get("kind")) == (value, kind)


def test_types_and_headings_come_before_words() -> None:
    given = {"publication_types": ("Randomized Controlled Trial",)}
    found = design("Drug A", "Twenty patients took A.", **given)
    assert found is not None
    assert found.value == "randomised_trial"
    found = design(
        "Drug A", "Double-blind study.", publication_types=("Controlled Clinical Trial",)
    )
    assert found is not None
    assert found.value == "nonrandomised_controlled"
    found = design("Drug A", "Subjects were randomized.", mesh=("Animals", "Rats"))
    assert found is not None
    assert found.value == "mechanism"


@pytest.mark.parametrize("text", ["", "Pain was frequent.", "Randomized trials are awaited."])
def test_no_rule_speaks(text: str) -> None:
    assert design("Pain in B", text) is None


@pytest.mark.parametrize(
    ("title", "abstract"),
    [
        (
            "Physiotherapy for pain",
            "Patients were allocated by drawing lots to massage or waiting.",
        ),
        ("Recruitment manoeuvres in B: a randomized clinical trial", "120 patients took part."),
        ("Effect of written guidelines on care: a cluster randomised trial", ""),
        ("Costs of follow-up of B: a randomized prospective study", ""),
        ("Risk factors explained by nurses: a randomised controlled trial", ""),
        ("Symptoms and thoughts in B: results from a randomized controlled trial", ""),
        (
            "A to drain B: a prospective randomized clinical trial",
            "Post hoc analyses showed no more.",
        ),
        (
            "A and C in B: results from the FIRST study",
            "FIRST is a phase II, randomized study of A.",
        ),
        ("Drops for the eye", "One randomly selected eye was given A, the fellow eye placebo."),
        ("A or C for B", "Patients were assigned to A or C by minimisation."),
        ("A course for B", "Ninety women, recruited from a state-based registry, were randomized."),
        (
            "Self-examination",
            "This study was a randomized controlled trial. 900 women had been randomly assigned.",
        ),
        (
            "A and thoughts, moderated by C",
            "In this randomized-controlled trial we gave 50 women A or placebo.",
        ),
        ("Mechanisms of change in B", "Forty people were randomly assigned to A or waiting."),
        (
            "Factors of the mind in B",
            "Patients were assessed before being randomly allocated to A or C.",
        ),
        ("Strength in B", "They were randomly assigned to a training group or a control group."),
        ("A every other day", "Women fasting on alternate days were randomised to A or placebo."),
        ("Two doses of A", "In this trial 1065 patients were assigned to receive A or placebo."),
        ("A class on B", "Patients were divided into two groups by randomisation."),
        (
            "A against rejection",
            "Patients were randomly assigned to rabbit globulin or basiliximab.",
        ),
        ("Sealing teeth", "In 40 children two sites were randomly assigned to A or C."),
        (
            "Feedback on drinking",
            "In an online survey 900 students were randomly assigned to A or C.",
        ),
        ("A in COPD", "Forty patients with COPD were randomized to A or sham."),
        ("Trauma and A", "People with an experience of B were randomized to three conditions."),
        ("Physiotherapy for pain", "Allocation was by coin toss, to massage or control."),
        ("Cannabis for spasms", "A series of n-of-1 trials was done."),
        ("Tai chi", "66 adults were allocated by a computer-generated random list to tai chi."),
        (
            "Vitamin: results of the OUTPOST study",
            "We randomly allocated 250 adults to it or placebo.",
        ),
        ("Two drugs", "People took A and placebo for 8 weeks each, in random order."),
        (
            "Drug Q: pilot study",
            "This placebo-controlled pilot study randomized 60 people to Q or not.",
        ),
        ("Yoga", "Women were randomised using sealed envelopes. Survey data were collected."),
        (
            "A and C",
            "Patients were randomised to A or C. Retrospective registration. Cohort of workers.",
        ),
        ("Rats and asthma: a randomised trial of pest control in children", "Children took part."),
        ("Drug A", "In this randomized trial 143 adults were randomly assigned to A or placebo."),
        (
            "A: results of a double-blind trial",
            "Patients were randomized; results of the trial follow.",
        ),
    ],
)
def test_these_are_trials(title: str, abstract: str) -> None:
    found = design(title, abstract)
    assert found is not None
    assert found.value in TRIAL


def test_a_type_is_believed_unless_the_paper_itself_says_what_it_is() -> None:
    typed = {"publication_types": ("Randomized Controlled Trial",)}
    found = design("Drug A for B", "Patients were followed.", **typed)
    assert found is not None
    assert found.value in TRIAL
    letter = design("Drug A", "x", publication_types=("Randomized Controlled Trial", "Letter"))
    assert letter is not None
    assert letter.value in TRIAL
    for title in ("Drug A: an open-label extension", "Drug A: study protocol for a trial"):
        found = design(title, "Patients were randomised.", **typed)
        assert found is not None
        assert found.value not in TRIAL


def test_a_quote_ends_with_a_word() -> None:
    found = design("Drug A", "Patients were randomly assigned to A.")
    assert found is not None
    assert found.quote.endswith("assigned")
