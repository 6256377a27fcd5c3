"""Reasons of a level, as readers see them: one sentence each, in both languages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from review.model.base import Bilingual, bilingual
from review.model.extraction import Amstar, Design
from review.model.question import Adjustment, Factor
from review.model.record import Retraction
from review.model.table import Cell

FACTORS: Mapping[Factor, Bilingual] = {
    Factor.STUDY_QUALITY: bilingual("study quality", "研究质量"),
    Factor.IMPRECISION: bilingual("imprecision", "不精确"),
    Factor.INDIRECTNESS: bilingual("indirectness", "间接性"),
    Factor.INCONSISTENCY: bilingual("inconsistency between studies", "研究间不一致"),
    Factor.SMALL_ABSOLUTE_EFFECT: bilingual("very small absolute effect", "绝对效应很小"),
    Factor.LARGE_EFFECT: bilingual("large effect", "效应大"),
}
DESIGNS: Mapping[Design, Bilingual] = {
    Design.SYSTEMATIC_REVIEW_OF_TRIALS: bilingual(
        "systematic review of randomised trials", "随机试验的系统综述"
    ),
    Design.SYSTEMATIC_REVIEW: bilingual("systematic review", "系统综述"),
    Design.N_OF_1: bilingual("n-of-1 trial", "单病例随机对照试验"),
    Design.RANDOMISED_TRIAL: bilingual("randomised trial", "随机试验"),
    Design.NONRANDOMISED_CONTROLLED: bilingual("non-randomised controlled study", "非随机对照研究"),
    Design.UNCONTROLLED_FOLLOW_UP: bilingual("uncontrolled follow-up", "无对照随访"),
    Design.POST_HOC_EXTENSION: bilingual("post-hoc or extension analysis", "事后或扩展分析"),
    Design.INCEPTION_COHORT: bilingual("inception cohort", "起始队列"),
    Design.COHORT: bilingual("cohort study", "队列研究"),
    Design.CASE_CONTROL: bilingual("case-control study", "病例对照研究"),
    Design.HISTORICALLY_CONTROLLED: bilingual("historically controlled study", "历史对照研究"),
    Design.CASE_SERIES: bilingual("case series", "病例系列"),
    Design.CASE_REPORT: bilingual("case report", "病例报告"),
    Design.CENSUS_OR_RANDOM_SAMPLE: bilingual("census or random sample", "普查或随机抽样"),
    Design.NONRANDOM_SAMPLE: bilingual("non-random sample", "非随机样本"),
    Design.CROSS_SECTIONAL_ACCURACY: bilingual(
        "cross-sectional accuracy study", "横断面诊断准确性研究"
    ),
    Design.NARRATIVE_REVIEW: bilingual("narrative review", "叙述性综述"),
    Design.MECHANISM: bilingual("mechanism study", "机制研究"),
    Design.OTHER: bilingual("other design", "其他"),
}
"""Names of designs as reasons print them."""


# ---- why a study has no level --------------------------------------------------------------------


def no_result(why: Bilingual) -> Bilingual:
    """A person said why none of its results can be used."""
    return bilingual(f"no usable result: {why['en']}", f"无可用结果：{why['zh']}")


DESIGN_UNKNOWN = bilingual("design not known: no level", "设计未知：不分级")
UNREAD_REVIEW = bilingual(
    "a review carries the level of its primary studies, which were not read",
    "综述的级别取决于其原始研究，而原始研究尚未阅读",
)
HEARSAY_ALONE = bilingual(
    "known only from news or a secondary source: grades nothing until it is read",
    "仅见于新闻或二手来源：阅读原文前不作为分级依据",
)
DESIGN_BY_HEARSAY = bilingual(
    "its design is known only from news or a secondary source: no level until it is read",
    "其设计仅见于新闻或二手来源：阅读原文前不分级",
)


def no_frequency(design: Design) -> Bilingual:
    """People who were picked for having it, or one person: no share of anything (rule 38)."""
    label = DESIGNS[design]
    return bilingual(f"a {label['en']} gives no frequency", f"{label['zh']}不能给出频率")


def no_cell(design: Design) -> Bilingual:
    """The table does not speak of the design."""
    label = DESIGNS[design]
    return bilingual(
        f"the table has no cell for {label['en']} and this question",
        f"{label['zh']}在此类问题中没有对应级别",
    )


def retracted(record: str, sure: Retraction | None) -> Bilingual:
    """A report of it is retracted, or may be."""
    if sure is Retraction.POSSIBLE:
        return bilingual(
            f"suspended: a retraction of {record} is possible; being checked",
            f"暂停：{record} 可能已撤稿，正在核实",
        )
    return bilingual(f"suspended: {record} is retracted", f"暂停：{record} 已撤稿")


# ---- on the way to a study's level ---------------------------------------------------------------


def within_one_arm(design: Design) -> Bilingual:
    """A controlled study whose result is none of a comparison."""
    label = DESIGNS[design]
    return bilingual(
        f"the result is a change within one arm; inside a {label['en']} too that is "
        "before-after evidence",
        f"结果为单臂内前后变化；即使来自{label['zh']}，也只是前后对比证据",
    )


def no_arms_compared(design: Design) -> Bilingual:
    """A controlled study of which neither a comparison nor a change was read."""
    label = DESIGNS[design]
    return bilingual(
        f"what was read of this {label['en']} compares no arms: read as uncontrolled",
        f"所读内容未比较该{label['zh']}的各组：按无对照计",
    )


def starts(design: Design, cell: Cell) -> Bilingual:
    """The table's cell."""
    mark_en, mark_zh = ("", "") if cell.verified else (" (cell not verified)", "（单元格未核对）")
    return bilingual(
        f"{DESIGNS[design]['en']}: starts at level {cell.level} ({cell.text['en']}){mark_en}",
        f"{DESIGNS[design]['zh']}：起始 {cell.level} 级（{cell.text['zh']}）{mark_zh}",
    )


def read_as_its_trials(rating: Amstar | None) -> Bilingual:
    """A systematic review of trials that AMSTAR 2 does not carry to level 1."""
    found_en = f"AMSTAR 2 {rating.replace('_', ' ')}" if rating else "no AMSTAR 2 entry"
    found_zh = "AMSTAR 2 评价低" if rating else "无 AMSTAR 2 评价"
    return bilingual(f"{found_en}: read as its trials, level 2", f"{found_zh}：按所含试验计 2 级")


def large_follow_up(profile: str, people: int, level: int) -> Bilingual:
    """A profile that reads a large follow-up higher."""
    return bilingual(
        f"profile {profile}: follow-up of {people} people read as level {level}",
        f"{profile} 读法：{people} 人随访按 {level} 级计",
    )


def step(adjustment: Adjustment, before: int, after: int) -> Bilingual:
    """A recorded step, with the levels on its two sides."""
    factor, sentence = FACTORS[adjustment.factor], adjustment.sentence
    move_en = move_zh = f"{before} → {after}"
    if adjustment.steps == 0:
        move_en, move_zh = "considered, no step", "已考虑，未调整"
    tool = adjustment.proposed_by == "tool"
    mark_en = " (proposed by the tool, unconfirmed)" if tool else ""
    mark_zh = "（工具建议，未确认）" if tool else ""
    return bilingual(
        f"{factor['en']} ({move_en}): {sentence['en']}{mark_en}",
        f"{factor['zh']}（{move_zh}）：{sentence['zh']}{mark_zh}",
    )


def kept_inside(level: int) -> Bilingual:
    """The steps led out of the question's row."""
    return bilingual(f"kept inside the question's row: {level}", f"限于该类问题的级别范围：{level}")


# ---- of a question -------------------------------------------------------------------------------

NOT_COVERED = bilingual("no OCEBM question covers it", "OCEBM 不涵盖此类问题")
ALL_RETRACTED = bilingual("every usable study is retracted", "所有可用研究均已撤稿")
NO_STUDY = bilingual("no study with data yet", "尚无录入数据的研究")
NO_USABLE_RESULT = bilingual("no study with a usable result", "没有可用结果的研究")
BEFORE_APPRAISAL = bilingual(
    "before appraisal: no signed risk-of-bias form", "偏倚风险评价前：尚无签署的评价表"
)


def starts_with(studies: Sequence[str], level: int) -> Bilingual:
    """The best study, or all of them where several have its level."""
    return bilingual(
        f"starts at level {level}, that of {', '.join(studies)}",
        f"起始 {level} 级，依据 {'、'.join(studies)}",
    )


# ---- of a claim ----------------------------------------------------------------------------------

NO_LEVEL_BEHIND = bilingual("no study for or against it has a level", "支持或反对它的研究均无级别")


def rests_on_retracted(studies: Mapping[str, Retraction]) -> Bilingual:
    """Studies for or against it are retracted; those that may be are named where none is."""
    certain = [name for name, sure in studies.items() if sure is Retraction.CERTAIN]
    named = certain or list(studies)
    if not certain:
        return bilingual(
            f"suspended: a retraction of {', '.join(named)}, on which it rests, is possible; "
            "being checked",
            f"暂停：所依据的 {'、'.join(named)} 可能已撤稿，正在核实",
        )
    return bilingual(
        f"suspended: {', '.join(named)}, on which it rests, is retracted",
        f"暂停：所依据的 {'、'.join(named)} 已撤稿",
    )


def level_of_others(own: int, level: int) -> Bilingual:
    """The question's level comes from studies on which the claim does not rest."""
    return bilingual(
        f"rests on studies of level {own}; the question's {level} comes from others",
        f"所依据的研究为 {own} 级；该问题的 {level} 级来自其他研究",
    )
