"""The words by which a text says what kind of study it reports.

Each list is in the order in which it is tried. Sources of the signs of randomised trials: the
highly sensitive search of the Cochrane Handbook (Lefebvre, technical supplement to chapter 4) and
the words that MEDLINE's own indexers look for.
"""

from __future__ import annotations

import re

from extractors._signs import Sign, sign

_R = r"randomi[sz]ed"
_WORDS = r"(?:[\w'’/+-]+,?\s+){0,6}?"
_NO_PLURAL = r"(?![\w ,/()-]{0,70}\b(?:trials|studies)\b)"
"""Not followed by the plural: what is spoken of is a kind of study, not this one."""
_TRIAL = (
    r"(?:trial|study|comparison|experiment|evaluation|investigation|crossover|cross-over|design)"
)

DENIED = re.compile(
    r"\b(?:not|non|no|never|without|neither|nor)[- ]?(?:\w+[ -]){0,2}?$|\bno (?:\w+ ){1,2}(?:or|and) (?:\w+ )?$",
    re.I,
)
DENIED_INSIDE = re.compile(r"\b(?:not|never|without|nor)\b", re.I)
NOT_DONE_BEFORE = re.compile(
    r"\b(?:are|is)\s(?:then |being |now )?$|\b(?:(?:requires?|warrants?|recommend\w*|propos\w+|plann\w+|should|will|to|needs? to|must|"
    r"could|can|would|may|have|had (?:previously|earlier)|previously|earlier)(?: have)? be(?:en)?|"
    r"studies|trials)\s+(?:\w+\s+){0,2}$",
    re.IGNORECASE,
)
"""Before a verb: what is not done, or was done by others."""
ABOUT_OTHERS_BEFORE = re.compile(
    r"\b(?:future|further|previous(?:ly)?|prior|larger|large|other|published|need(?:s|ed)? for|need|"
    r"earlier|recent|several|many|most|few|all|additional|more|until|await(?:s|ing)?|lack of|"
    r"absence of|such as|available|existing|well-designed|adequately powered|"
    r"evidence from|based on|"
    r"(?:requires?|warrants?|justif(?:y|ies)|recommend\w*|propos\w+|plann\w+|suggest\w*|"
    r"should be|will be|to be|needs? to be|must be)[^.;]{0,25})\s+(?:[\w-]+,?\s+){0,3}$"
    r"|\bno\s+(?:[\w-]+,?\s+){0,3}$|(?:前期|既往|以往|先前|此前|需要|有待|期待|缺乏|今后|未来|进一步)[^。；，]{0,12}$",
    re.IGNORECASE,
)
ABOUT_OTHERS_AFTER = re.compile(
    r"s?\s*(?:\([^)]{0,12}\)\s*)?(?:(?:is|are|was|were|would be|will be|seems?|appears?)\s+"
    r"(?:\w+\s+)?(?:needed|required|warranted|necessary|justified|indicated|lacking|scarce|planned|"
    r"underway|ongoing|being planned|recommended|published|excluded|identified|searched)"
    r"|should\b|must\b|(?:have|has) (?:shown|demonstrated|reported|suggested|found|been))",
    re.IGNORECASE,
)

ATTRIBUTED = sign(
    r"\b(?:in|after|following|during|from|unlike|since|by) (?:the|a|an|one|their|another|our earlier) "
    r"(?:[\w-]+,? ){0,5}?(?:pivotal|parent|original|index|main|registration|seminal|landmark)\b"
    r"|\b(?:pivotal|parent|original|index|registration|landmark) (?:phase (?:\w+ )?)?(?:trials?|study|studies)\b"
    r"|\bhad (?:already |previously |originally )?been (?:randomi[sz]ed|randomly)"
    r"|\bin (?:one|another|a recent|a previous|a small|a large|an earlier) (?:[\w-]+,? ){0,6}?(?:trial|study)\b"
    r"|\b(?:one|another|a single) (?:[\w-]+,? ){0,5}?(?:trial|study) (?:was|has|showed|found|suggested|in which)"
    r"|\bcore (?:study|trial)\b|\bin (?:most|many|some|all) of (?:them|these)\b|\bthe (?:placebo|control) (?:group|arm) of an? "
    r"|\b(?:who|and|had|were) (?:had )?(?:participated|participating|taken part|enrolled|included) in an? (?:[\w-]+,? ){0,6}?randomi[sz]ed\b"
    r"|\b(?:participants?|patients|women|men|people|veterans|adults|individuals|children) (?:participating |enrolled )?in an? (?:[\w-]+,? ){0,6}?"
    r"randomi[sz]ed (?:[\w-]+,? ){0,4}?(?:trial|study)[^.]{0,200}\b(?:were|was|completed) (?:\w+ )?(?:grouped|monitored|followed|surveyed|invited|contacted|assessed|analy[sz]ed|examined|interviewed|genotyped|comprehensive)"
    r"|\b(?:were|was) in an? (?:[\w-]+,? ){0,4}?randomi[sz]ed\b|\bas part of an? (?:[\w-]+,? ){0,6}?randomi[sz]ed\b"
    r"|\b(?:investigated|examined|assessed|explored|studied) within an? (?:[\w-]+,? ){0,4}?randomi[sz]ed\b|\b(?:as|in) preparation for (?:conducting )?an?\b|\bat the start of a\b"
    r"|\b(?:trial|study)\b[^.]{0,80}\b(?:is|are|would be|seems) (?:\w+ )?(?:needed|required|warranted|necessary|indicated)\b"
    r"|\bwho (?:were participants|had participated|participated) in an? (?:[\w-]+,? ){0,6}?(?:double-blind|placebo-controlled|controlled)\b"
    r"|(?<!were )(?<!was )\brecruited (?:in)?to an? (?:[\w-]+,? ){0,4}?randomi[sz]ed\b"
    r"|\bdata\b[^.;]{0,50} (?:from|in|of) (?:\d+ (?:women|men|patients|participants|people) )?(?:in )?an? (?:[\w-]+,? ){0,6}?randomi[sz]ed\b"
    r"|\b(?:future|further|larger)\b[^.]{0,60}\b(?:studies|research|work|trials?|study|investigations?)\b[^.]{0,60}\b(?:should|could|must|will|are|is|needs?|may)\b"
    r"|\b(?:has|have) been shown to be (?:effective|efficacious|safe)\b|\bpaucity of\b|\b(?:emphasi[sz]e|underscore|highlight)s? the (?:importance|need)\b"
    r"|\ban? (?:small|recent|single|previous|pilot|large|pivotal),? (?:[\w-]+,? ){0,5}?(?:trial|study) (?:has |have )?(?:demonstrated|showed|shown|found|suggested|reported)"
    r"|\bin an? .{0,40}randomi[sz]ed (?:trial|study) with patients\b|\bfor use in a\b|\bplacebo (?:group|arm) (?:data )?of an?\b|\b(?:took|taken) part in an?\b[^.;]{0,40}\brandomi[sz]ed"
    r"|^\W*in a (?:[\w-]+,? ){0,3}?randomi[sz]ed (?:[\w-]+ ){0,3}?(?:trial|study),? the (?:treatment|use|administration)\b"
    r"|\bthe [\w -]{3,40} trial\b[^.]{0,220}\brandom[^.]{0,120}\b(?:reported|showed|demonstrated|found) (?:a|an|that|no)\b"
    r"|\bnever been\b[^.;]{0,40}\brandomi[sz]ed\b|\b(?:trial|study) published in this issue\b|\bused data from\b[^.;]{0,40}\brandomi[sz]ed\b"
    r"|\binform(?:s|ing)?\b[^.;]{0,60}\brandomi[sz]ed|\b(?:we|they) have begun\b|\blarger (?:trial|study)\b|\bsub-?study of\b|\balongside an? (?:[\w-]+ ){0,4}?(?:trial|study)\b|\bcosts were estimated\b"
    r"|\bfrom an? (?:[\w-]+,? ){0,4}?randomi[sz]ed (?:[\w-]+ ){0,3}?(?:trial|study)\b"
    r"|\b(?:recruited|drawn|selected|sampled|taken|data|participants|patients) from (?:an?|the|two|an earlier) "
    r"(?:(?!(?:were|was)\b)[\w-]+,? ){0,4}?randomi[sz]ed\b"
    r"|\bbased on (?:an?|the|data|results|findings)\b[^.;]{0,60}\b(?:trial|study)\b|\btaken from a trial\b|\bdefinition\b[^.]{0,60}\btrial\b"
)
"""A sentence that speaks of the randomisation of another study."""
NAMED_TRIAL = re.compile(
    r"\b(?:[Ii]n|[Aa]fter|[Ff]ollowing|[Uu]nlike|[Ff]rom|[Oo]f|[Dd]uring) (?:the )?"
    r"[A-Z][A-Za-z]*[A-Z][A-Za-z0-9-]*(?: [A-Z0-9-]+)?,? (?:[a-z0-9/-]+,? ){0,6}?(?:trial|study)\b"
    r"|\b(?:[Ii]n|[Ff]rom|[Oo]f) (?:the )?(?!COVID|SARS)(?:[A-Z]{6,}|[A-Z]{4,}[-*]\d?[A-Z]*|[A-Z]{4,} [A-Z]{2,})(?=[.,:)]|$)|\b[A-Z]{3,}[A-Z0-9-]* (?:randomi[sz]ed|randomly assigned) \d|(?:^|[.:] )In (?:the )?[A-Z]{3,}[A-Z0-9-]*(?: [A-Z0-9-]+)?, \d"
)
"""A trial called by its name, in a text whose title does not say that it reports a trial."""
NO_ALLOCATION = sign(
    r"\b(?:establish|develop|build|construct|validate|test)(?:ed|ing)? (?:the |a |an )?(?:[\w-]+ )?(?:prediction |predictive |prognostic )?models?\b|\bpseudo-?random|\brandomi[sz](?:ed|ation)\b[^.;]{0,30}\b(?:sampl\w+|to (?:choose|select)|was conducted to choose)|"
    r"\brandom (?:sequences|sequence reads|access|primers?|amplification|hexamers?|peptide|walk|forests?|fields?)|"
    r"\brandomly split (?:and|in half)|\bcross-validat|\bsubsamples?\b|\bfactor analy|\bcontrol random group|"
    r"\b(?:trabeculae|appendages?|tissues?|strips|slices|hearts|preparations|muscles|specimens|biopsies)\b[^.;]{0,60}\brandom|"
    r"\brandomi[sz]ed (?:[\w-]+ )?(?:trial-based|protocols? and)|"
    r"\btraining \([^)]*\),? (?:[\w-]+ )?(?:and|or) (?:[\w-]+ )?(?:test|testing|validation)|"
    r"\bmendelian\b|\bemulat\w+|\btraining (?:set|cohort|data(?:set)?|sample)\b|\btraining (?:group|cohort)\b[^.]{0,80}\b(?:validation|verification|testing) (?:group|set|cohort)|"
    r"\b(?:test|testing|validation|derivation|development|verification) (?:set|cohort|sample|data)s?\b|"
    r"\btraining (?:and|versus|vs\.?) (?:testing|test|validation)\b|\btraining, (?:testing|test|validation),? (?:and|or)\b|"
    r"\bmodel[- ](?:building|development|training)|\binternal (?:testing|validation)|训练集|验证集|测试集|"
    r"\bsamples, [^.]{0,40}\brandom order|\b(?:stimul(?:i|us)|images?|questions|items|words|pictures|tones|runs|scans|records|volumes|samples|photographs|"
    r"specimens|charts|slides|sera|plates|(?:extracted|human) (?:\w+ )?(?:teeth|molars|premolars|incisors)|canals|dis[ck]s|cadaver\w*|placentas|oocytes|embryos)"
    r" (?:(?!patients|participants|subjects|women|children|men|people|and\b)[\w,()=-]+ ){0,9}?random|"
    r"\b(?:bond strength|fracture (?:load|resistance)|micro-?ct|microhardness|colou?r stability)\b|\brandomi[sz]ed complete block\b|"
    r"\bchoice (?:sets?|experiments?|tasks?)\b|\bconjoint\b|\bversions? of the (?:questionnaire|survey)\b|\bmanne?quin|\bmanikin|"
    r"\brandom(?:i[sz]ed)? order (?:of )?(?:the )?(?:stimuli|items|questions|images|eyes)|"
    r"\border of (?:the )?(?:questions|items|stimuli|images|tests)\b|\bquestionnaire versions?\b|"
    r"\brandomly (?:[\w-]+ ){1,3}?(?:to|among|between|by) (?:[\w-]+ ){0,2}?(?:readers?|reviewers?|raters?|observers?|interviewers?|graders?)\b|"
    r"\brandomly (?:assigned|allocated|given|received) (?:an? )?(?:[\w-]+ )?(?:numbers?|code|date|id)\b|"
    r"\brandomi[sz]ed (?:for analysis|by nature|on (?:the )?plates)\b|\binstrumental variable|\bnatural experiment"
)
"""Randomisation of something else than of people to treatments."""
MEASURED = re.compile(
    r"\b(?:completed|measured|tested|presented|questionnaires?|scales?|tests|tasks|instruments|measurements?|recordings?)\b"
)
TREATED = re.compile(
    r"\b(?:placebo|drugs?|treatments?|treated|therap\w+|doses?|diets?|sham|mg|interventions?|exercise|stimulation|arms?)\b"
)
"""An order that was random: of tests where only these are named, of treatments where those are."""
NOT_DONE_AFTER = re.compile(
    r"\s?(?:(?:was|is|were|are|had been)\s)?(?:not|never|impossible|infeasible|unfeasible|unethical|refused|declined)\b"
    r"|[^。；，]{0,6}(?:不可行|不能|未能|未进行)"
)
"""Behind a sign: it was not done."""
STATED_ANIMALS = re.compile(
    r"\b(?:randomi[sz]ed|controlled|prospective)[\w ,-]{0,40}\b(?:animal|laboratory) (?:experiment|study|investigation|trial)\b"
)
"""A design that says it itself."""
LABORATORY = re.compile(
    r"\b(?:paw withdrawal|tail[- ]flick|intraplantar|hot[- ]plate|walker 256)\b"
)
"""Tests that only animals undergo."""
QUASI = sign(
    r"\b(?:allocat|assign|randomi[sz]|divid|group)\w*\b[^.]{0,80}?\b(?:by|on|in|using|according to|with) (?:the )?(?:[\w-]+ ){0,3}?alternat\w+|"
    r"\balternat(?:e|ely|ing|ion)\b (?:[\w-]+ )?(?:assign|allocat|patients|order)|\b(?:assigned|allocated|divided) (?:\w+ )?(?:alternately|by turns)|"
    r"\b(?:by|on|according to|based on|using|whether) (?:[\w'’-]+ ){0,5}?(?:hospital numbers?|record numbers?|dates? of birth|birth dates?)\b|"
    r"\b(?:odd|even)[- ](?:numbered|days?|numbers?)|单双号|就诊(?:先后)?顺序|入院(?:先后)?顺序|半随机|\border of (?:arrival|admission|presentation|enrol)|\balternately (?:given|received|treated)|quasi-?randomi[sz]",
    needs="alternat|order of|hospital num|record num|birth|odd|even|单双号|顺序|半随机|quasi|turns",
)
MENDELIAN = sign(
    r"\bmendelian randomi[sz]ation\b|孟德尔随机",
    needs="mendelian|孟德尔",
)
"""Randomisation by birth: no one allots anything."""
NOTICE = re.compile(
    r"^\[?(?:comments? (?:on|to)|re:|reply|response to|author'?s'? repl|erratum|corrigendum|corrections?(?: to)?:|"
    r"letters?(?: to|:)|editorial|commentary|cochrane corner|expression of concern|retraction(?: of| note)?:?)"
    r"|[:–-] (?:an? )?(?:commentary|comment|viewpoint|perspectives?|editorial|letter)[.\s\]]*$"
)
"""A title of a notice or comment."""
CELLS_AND_STRAINS = re.compile(
    r"\b(?:cells|cultures|animals) (?:\w+ )?(?:were|was)\b|\b(?:sprague-?\s?dawley|wistar|lewis rats|c57bl|balb/?c|eae (?:animals|mice|rats)|"
    r"knockout|transgenic|pups|litters)\b|大鼠|小鼠|家兔|犬|豚鼠"
)
OTHER_WITHIN = (
    (
        "other",
        "methodology",
        re.compile(
            r"^recruit\w*\b.{0,80}\b(?:challenges|lessons|barriers|strategies)\b|\b(?:reporting|quality|conduct|registration|spin|retention|designing|implementing|statistical power)\b[^.]{0,40}\b(?:of|in|for)?"
            r"\b(?:[\w-]+ ){0,4}?(?:randomi[sz]ed )?(?:[\w-]+ )?trials\b"
        ),
    ),
    ("other", "protocol", re.compile(r"\bstatistical analysis plan\b|\btrial in progress\b")),
    (
        "other",
        "qualitative",
        re.compile(
            r"\b(?:qualitative|interview|experiences|perceptions|views)\b[^.]{0,120}\brandomi[sz]ed"
        ),
    ),
    (
        "other",
        "economic_evaluation",
        re.compile(
            r"\b(?:cost-?(?:effectiveness|utility|benefit)|economic)\b[^.]{0,120}\brandomi[sz]ed"
        ),
    ),
    (
        "case_control",
        None,
        re.compile(r"\bcase-control\b[^.]{0,80}\b(?:within|in|nested)\b[^.]{0,40}\brandomi[sz]ed"),
    ),
    (
        "cohort",
        None,
        re.compile(
            r"\bcohort (?:study|analysis)\b[^.]{0,80}\b(?:within|in|from|nested)\b[^.]{0,40}\brandomi[sz]ed"
        ),
    ),
    (
        "post_hoc_extension",
        "secondary_analysis",
        re.compile(
            r"\b(?:predictors?|correlates?|mediators?|moderators?|determinants|baseline characteristics|process evaluation|recruitment|"
            r"risk factors)\b[^.]{0,120}\b(?:randomi[sz]ed|trial)\b"
            r"|\b(?:secondary|exploratory|ancillary) (?:outcomes?|endpoints?|analys[ei]s) (?:of|from|in) (?:the|an?|data|two)\b"
        ),
    ),
)
"""Titles that name another design inside a trial."""
LATER_TITLE = re.compile(
    r"^(?:an? )?(?:[\w-]+ )?(?:predictors?|correlates?|determinants|baseline characteristics|factors associated|analysis of the|integrated|pooled)\b"
    r"|\b(?:sex|gender|racial|ethnic) differences\b|\bpredictors of\b|\bplacebo response\b|\bexposure[- ]response\b|\b(?:took|taken) part in\b"
    r"|\b(?:post-?trial|approval (?:summary|of))\b|\bintegrated (?:\w+ )?(?:safety|summary|review)\b"
    r"|\b(?:pooled|integrated) (?:data|analys[ei]s)\b|\ban analysis of (?:the|data)\b"
    r"|\binterim results from the long-term\b|\bopen-label (?:period|treatment period)\b"
)
"""Titles of papers that come after a trial, unless they say that they report one."""
YEARS_LATER = re.compile(
    r"\b(?:trajector\w+|latent (?:class|profile|growth)\w*|mechanisms? of (?:change|action)|mediat(?:ed|es?|ors?|ing|ion)|moderat(?:ors?|ed|es|ion)|"
    r"genotypes?|polymorphisms?|phenotyp\w+|cluster analysis|according to baseline|exposure[- ]response|placebo response|follow-up at \d+|"
    r"predict(?:s|ed|ors?|ing)|prediction of|(?:sex|gender|racial|ethnic|age) (?:and \w+ )?differences|psychometric|measurement properties|validation of|"
    r"validity of|reliability of|responsiveness of|process evaluation|mixed[- ]methods?|qualitative)\b|"
    r"\b(?:\w+|\d+)-year (?:follow-up|outcomes|results|data)\b|\blong-term (?:outcomes?|safety|follow-up|efficacy|results)\b"
)
"""Titles of a trial's later report, or of an extension: what the abstract says was done decides."""
NOT_IN_PRACTICE = sign(
    r"\breal-world\b|\b(?:initial|early|clinical|our|institution\w*|cent(?:er|re)) experience\b|\bour (?:clinic|cent(?:er|re)|hospital|practice)\b|\bclinical practice\b",
    needs="real-world|experience|our |practice",
)
DECLARED = re.compile(
    r"(?:(?:^|[:.?!–—-]\s)(?:an? )?|\bresults? (?:of|from) (?:an? |the )?)(?:(?!(?:of|from|in|within|alongside|for|the|to|on|with|using)\b)[\w'’/()-]+,? ){0,8}?"
    r"randomi[sz]ed\b(?:,? (?!(?:of|from|in|within)\b)[\w/()-]+){0,7}? (?:trial|study|experiment|comparison)\b(?! (?:protocol|design|rationale))"
    r"(?: (?:of|in|with|comparing|on|to|among|for|evaluating|versus|vs)\b.*)?[.\s\]]*$"
)
"""A title, or its last part, that says: a randomised trial is reported here."""
DECLARED_IN_TEXT = sign(
    r"\bin this (?:[\w-]+,? ){0,5}?randomi[sz]ed\b(?:[ ,-]+(?!(?:of|from)\b)[\w-]+){0,6}? (?:trial|study|experiment)\b",
    r"\b(?:this|the present|the current|our)(?: [\w-]+){0,2} (?:study|trial|work) (?:was|is) (?:designed as )?an? "
    r"(?:(?!(?:of|from|in|sub-?study|analysis|part)\b)[\w-]+,? ){0,6}?randomi[sz]ed\b(?:,? (?!(?:of|from)\b)[\w-]+){0,6}? (?:trial|study|experiment)",
    r"\bwe (?:\w+ )?(?:conducted|performed|undertook|carried out|did|ran) an? (?:(?!(?:of|from|in|analysis)\b)[\w-]+,? ){0,6}?"
    r"randomi[sz]ed\b(?:,? (?!(?:of|from)\b)[\w-]+){0,6}? (?:trial|study|experiment)",
    r"\ban? (?:[\w-]+,? ){0,4}?randomi[sz]ed (?:[\w-]+,? ){0,4}?(?:trial|study) (?:\([^)]*\) )?(?:[\w-]+ ){0,6}?(?:was|were) (?:conducted|performed|undertaken|carried out|done)\b",
    needs="randomi",
)
"""An abstract that says so."""
REVIEWED = sign(
    r"\b(?:data sources|study selection|data extraction|data synthesis)\b",
    r"\bliterature\b[^.;]{0,90}\b(?:is|are|was|were) (?:\w+ )?(?:reviewed|summari[sz]ed|searched)\b",
    r"\b(?:pubmed|medline|embase)\b|\b(?:our|the) search (?:highlighted|identified|revealed|yielded)\b",
    r"\b(?:is|are) (?:\w+ly )?reviewed\b|\breview(?:s|ed)? (?:the )?(?:\w+ )?(?:literature|evidence)\b",
    r"\b(?:topics|proceedings|abstracts) (?:discussed|contains?|include[ds]?|covered)\b",
    r"\b(?:preliminary|new) data from (?:one|two|several)\b|\bhas shown unequivocal\b",
    needs="data |literature|pubmed|medline|embase|search|review|discuss|topics|proceedings|abstracts|unequivocal|study sel",
)
"""An abstract that speaks of other people's studies."""
HUMANS = re.compile(
    r"\b(?:patients?|participants?|volunteers?|women|men|child(?:ren)?|people|persons|infants?|"
    r"students|adults|nurses|outpatients|boys|girls|newborns|neonates|mothers|physicians|humans?|"
    r"man|human subjects|users|workers|residents|trainees|surgeons|veterans|toddlers|parturients|adolescents|athletes|players|"
    r"caregivers|paramedics|teachers|couples|households|clinicians|smokers|survivors|inpatients)\b"
)
ANIMALS = sign(
    r"\b(?:rats?|mice|mouse|murine|rodents?|rabbits?|dogs?|canines?|pigs?|piglets|swine|porcine|monkeys?"
    r"|macaques?|sheep|lambs?|ewes|goats?|cats?|feline|guinea[- ]pigs?|hamsters?|zebrafish|drosophila"
    r"|chick(?:en)?s?|hens|broilers?|cows?|cattle|heifers|steers|calves|bovine|horses?|equine"
    r"|baboons|marmosets?|gerbils?|frogs?|xenopus|mini-?pigs?|mini-?swines?|ferrets?|donkeys?|mares|sows|gilts|trout|salmon|larvae)\b",
    r"\b(?:pig|swine|rat|mouse|canine|porcine|rabbit) model\b|\banimal (?:experiment|study|model)\b|\blaboratory (?:investigation|study)\b",
    r"\bin vitro\b",
    r"\bcell lines?\b|\bcultured cells\b",
)

PROTOCOL: tuple[tuple[str, Sign], ...] = (
    (
        "title",
        sign(
            r"\b(?:study|trial|review|research) protocol\b",
            r"\bprotocol (?:for|of) (?:a|an|the)\b|^(?:study )?design of (?:a|an|the)\b",
            r":\s*protocol\b",
            r"\brationale(?:,? (?:and|&))? (?:study )?(?:design|methods)",
            r"\bdesign and (?:rationale|methods|baseline)",
            r"\b(?:study|trial) design (?:and|of)\b|[-–:] (?:study |trial )?(?:design|rationale)\b",
            r"研究方案|试验方案",
        ),
    ),
    (
        "text",
        sign(
            r"\b(?:participants?|patients|subjects|individuals|women|men|children|adults|people)"
            r"[^.;]{0,140}? will be (?:\w+ )?(?:randomi[sz]ed|randomly|recruited|enrol+ed|allocated|"
            r"assigned|included|followed)",
            r"\bgroups? will (?:\w+ )?(?:receive|undergo)\b",
            r"\brecruitment is (?:ongoing|under way|continuing)|\bare being (?:recruited|randomi[sz]ed|enrol+ed)|\btrial is (?:ongoing|in progress)",
            r"\bwe will (?:recruit|enrol|randomi[sz]e|include|conduct|search)",
            r"\b(?:trial|study) (?:will|aims to) (?:recruit|enrol|randomi[sz]e)",
            r"\bthis (?:study )?protocol\b|\bthis paper describes the (?:design|protocol)",
            needs="will be|we will|trial will|study will|groups will|group will|this protocol|study protocol|to recruit|to enrol|to randomi"
            "|paper describes|ongoing|under way|continuing|are being|in progress",
        ),
    ),
)
RESULTS = sign(
    r"\bresults?:?\s+(?!(?:are|is|will be|to be) (?:expected|published|available|presented|disseminated))(?:[A-Z]|\d|of the \d)",
    r"\bp\s?[<=>]\s?0?\.\d",
    r"\b(?:significant(?:ly)?)\b[^.]{0,80}\b(?:were|was|had|in the)\b",
)

_SR = r"systematic(?:ally)? (?:literature |cochrane |rapid )?review"
_META = r"meta-?\s?analy(?:s[ei]s|tic)"
REVIEWS: tuple[tuple[str, str | None, Sign, bool], ...] = (
    (
        "narrative_review",
        None,
        sign(
            r"[:.]\s*(?:an? )?(?:(?:narrative|critical|literature|brief|mini|clinical) )?(?:re|over)view[.\s]*$"
        ),
        True,
    ),
    (
        "systematic_review_of_trials",
        None,
        sign(
            rf"(?:{_SR}|{_META})[^.]{{0,60}}?\bof (?:\w+ ){{0,3}}?(?:{_R}|controlled (?:clinical )?trials)",
            rf"(?:{_SR}|{_META})[^.]{{0,60}}?\bof (?:\w+ ){{0,3}}?clinical trials",
        ),
        True,
    ),
    (
        "systematic_review_of_trials",
        None,
        sign(
            rf"(?:we (?:\w+ )?(?:performed|conducted|undertook|did|carried out)|this is|this)"
            rf"[^.]{{0,30}}?(?:{_SR}|{_META}) (?:and {_META} )?of (?:\w+ ){{0,3}}?{_R}",
            rf"(?:^|\n)(?:a )?{_SR} (?:and {_META} )?of (?:\w+ )?{_R}",
            rf"\b{_R} (?:controlled |clinical )?trials (?:\w+ ){{0,8}}?(?:were|was) (?:\w+ )?"
            r"(?:included|identified|eligible|selected|searched)",
            rf"\b(?:searched|search(?:es)? of|identified|selected|included) (?:for )?(?:[\w,-]+ ){{0,6}}?{_R}"
            r" (?:controlled |clinical |placebo-controlled )*trials",
            rf"\bselection criteria:?[^.]{{0,40}}?{_R}",
            needs="systematic|meta|randomi",
        ),
        False,
    ),
    (
        "systematic_review",
        None,
        sign(
            rf"{_SR}|scoping review|umbrella review|{_META}|network meta",
            r"系统评价|系统综述|荟萃分析|meta分析",
        ),
        True,
    ),
    (
        "systematic_review",
        None,
        sign(
            rf"\b(?:we|authors|this|present|a|an?d) (?:[\w-]+ ){{0,4}}?(?:{_SR}|scoping review)\b",
            rf"\b(?:we|was|were) (?:[\w-]+ ){{0,3}}?(?:performed|conducted|undertook|did|carried out|undertaken)"
            rf" (?:[\w-]+ ){{0,3}}?(?:{_SR}|{_META})",
            rf"\b(?:a|this|the present) (?:[\w-]+ )?{_META} (?:was|of|included|to)",
            r"\b(?:pubmed|medline|embase|cochrane (?:library|central)|web of science|cinahl)\b"
            r"[^.]{0,120}\b(?:were|was) (?:\w+ )?searched",
            r"\b(?:searched|searching|search(?:es)? (?:of|in|was|were))\b[^.]{0,60}"
            r"\b(?:pubmed|medline|embase|cochrane|databases)\b",
            r"\b(?:studies|articles|trials|papers) (?:\w+ )?(?:met|fulfilled|were included|were identified)"
            r"[^.]{0,40}(?:inclusion|criteria|review|meta)",
            needs="systematic|scoping|meta|search|criteria|inclusion",
        ),
        False,
    ),
    (
        "other",
        "guideline",
        sign(
            r"\b(?:practice |clinical |management )?guidelines? (?:for|on|from|of|update)\b",
            r"\bconsensus (?:statement|recommendations?|report|guidelines?)\b",
            r"\brecommendations (?:for|on|of) (?:the )?(?:diagnosis|treatment|management)",
            r"指南|专家共识",
        ),
        True,
    ),
)

FOR_TRIAL: tuple[tuple[bool, float, Sign], ...] = (
    (
        True,
        3.0,
        sign(
            rf"\b(?:were|was|been|and|or) (?:[\w-]+ ){{0,2}}?{_R}\b(?! (?:trials|studies|sampl))",
            rf"\bwe (?:[\w-]+ )?(?:{_R}|randomly)\b",
            rf"\b{_R},? (?:\d|to\b|into\b|in(?:to)? (?:a|one|two|either|blocks)|between\b|1:1|either|within)",
            r"\brandomly[ -](?:[\w-]+[ ,]+){0,3}?(?:assign|allocat|divid|distribut|given|receiv|"
            r"split|treated|separated|placed|selected to (?:receive|undergo)|administered|apportion|enter|"
            r"classified into|grouped|designated|ordered|chosen to)",
            r"\b(?:assigned|allocated|divided|distributed|separated|received|given|treated|administered|split|sorted)"
            r"(?:,? [\w-]+){0,6}?,? (?:randomly|at random|by random|in (?:a )?random(?:i[sz]ed)?(?: order)?)\b",
            r"\brandomi[sz]ation (?:was|to|of|into|by|between|ratio|stratified|code|list|schedule|"
            r"sequence)|\b(?:after|at|before|since|from|following|underwent|block|central|computer"
            r"[\w-]*) randomi[sz]ation",
            r"\brandom(?:i[sz]ed)?,? (?:groups?|design|allocation|assignment|order|sequence(?! (?:reads|amplif))|basis|blocks?|fashion|manner)\b",
            r"\b(?:one|each|a) randomly (?:selected|chosen) (?:eye|knee|side|leg|arm|hand|ear|tooth|half|breast|limb|hip|shoulder|foot)\b",
            r"\b(?:assigned|allocated)\b[^.;]{0,60}\bby minimi[sz]ation\b|\b(?:assigned|allocated) (?:\d:\d|in equal numbers) (?:by|to)\b",
            r"\b(?:patients|participants|subjects|women|men|children|volunteers|infants|adults|people|"
            rf"eyes|teeth|families|practices|clinics|schools|villages|hospitals) {_R}\b",
            rf"(?<![\d.-])\b\d[\d,]* {_R}\b(?! (?:controlled|clinical|trials?|studies|sampl))",
            r"\brandomi[sz]ing\b|\bdraw(?:ing|n)? (?:of )?lots\b|\bby lot\b|\bcoin[- ]toss|\btoss(?:ing)? (?:of )?a coin",
            r"\bn-of-(?:1|one) (?:randomi[sz]ed )?(?:trial|study)\b|\bn-of-(?:1|one) trials (?:was|were)\b|\bseries of (?:[\w-]+ )?n-of-(?:1|one)\b|\bsealed,? (?:and |opaque,? |numbered,? )*envelopes?\b",
            r"\b(?:consecutive|intra-?\w+|simple|balanced|individual) randomi[sz]ation",
            r"\b(?:assigned|allocated),? (?:in|at|with) an? \d:\d(?::\d)? (?:ratio|fashion)",
            r"\brandom(?:i[sz]ation)? lists?\b|\bthrow(?:ing|n)? (?:of )?(?:a )?dic?e|\bdetermined (?:at random|randomly)\b",
            r"\bby (?:[\w-]+ )?randomi[sz]ation\b|\b(?:undergo|agreed to|consented to|accepted|blocked|[\w-]+-level) randomi[sz]ation\b",
            r"\brandom numbers? (?:tables?|generators?)\b|\btables? of random numbers\b|\bpermuted blocks?\b|\blottery method\b",
            r"\b(?:assigned|allocated|divided|allocation)\b[^.;]{0,80}\b(?:computer[- ]generated|lottery)",
            r"\b(?:allocat|assign)(?:ed|ing) (?:in)?to [^.;]{0,80} randomly\b|\brandomly (?:exposed|enrolled|instructed|offered|picked) to\b",
            r"\ballocation (?:being|was|were) (?:at |done at )?random\b|\bwith randomi[sz]ation\b|(?<!are )(?<!is )\bbeing randomi[sz]ed (?:centrally|to|into)\b",
            r"\b(?:assigned|allocated),? by (?:an? )?(?:computer list|sealed|opaque)|\brandomly (?:sent|mailed)\b|\baccording to an? random\b",
            r"抽签|掷硬币|抛硬币|信封法",
            needs="random| lots|by lot|coin|n-of-|envelope|:1|:2| dice| die|minimi|equal num|permuted|lottery|computer|抽签|硬币|信封",
            reach=100,
        ),
    ),
    (
        False,
        3.0,
        sign(
            rf"\b{_R}(?:,|\s|-|/|\()+{_WORDS}{_TRIAL}(?!s)\b",
            rf"\b{_R}(?:,|\s)+(?:and )?(?:double|single|triple|observer|investigator|assessor|"
            r"placebo|sham|controlled|parallel|open|cross|multi|phase|prospective|clinical|"
            rf"comparative|blinded|active){_NO_PLURAL}",
            rf"\b(?:double|single)[- ]blind(?:ed)?,? (?:and )?{_R}{_NO_PLURAL}",
            rf"\b(?:prospective(?:ly)?|multicent(?:er|re)),?(?: and)? {_R}{_NO_PLURAL}",
            rf"\bcontrolled,? {_R}{_NO_PLURAL}|\b{_R} n-of-(?:1|one) trials?\b",
            r"\bRCT\b(?! ?s)",
            needs="random|rct",
        ),
    ),
    (
        False,
        2.0,
        sign(
            rf"\b(?:double|triple)[- ](?:blind|mask|dummy)\w*{_NO_PLURAL}(?![\w ,-]{{0,40}}\b(?:challenge|provocation))",
            r"\bdouble-placebo\b",
            needs="blind|mask|dummy|placebo",
        ),
    ),
    (
        False,
        1.0,
        sign(
            rf"\bplacebo\b{_NO_PLURAL}(?![\w ,-]{{0,30}}\b(?:challenge|provocation))",
            needs="placebo",
            reach=80,
        ),
    ),
    (
        False,
        1.0,
        sign(
            r"\bcross-?\s?over (?:trial|study|design|fashion|manner|comparison|experiment|phase)|"
            r"\b(?:was|were) crossed over|\bcrossover\b|\blatin square\b",
            needs="cross|latin",
        ),
    ),
    (
        True,
        2.0,
        sign(
            r"\b(?:we|were|was|patients|participants|clusters|communities) (?!randomly)(?:\w+ )?(?:assigned|allocated)\b"
            r"(?![^.;]{0,80}\brandom)[^.;]{0,160}?\b(?:to (?:receive|undergo|either|one of [^.;]{0,30}\b(?:treatments?|arms|conditions|interventions|diets|regimens|doses))\b|to [^.;]{2,70}\bor\b)",
            needs="assigned|allocated",
        ),
    ),
    (False, 0.5, sign(r"\bphase (?:III|3|IIb|2b|II/III)\b", needs="phase")),
    (
        False,
        1.0,
        sign(
            r"\breceived (?:either|one of) [^.;]{0,90}\bor\b|\bdivided into (?:two|three|four|[2-4]) (?:\w+ )?groups\b",
            needs="received either|received one of|divided into",
        ),
    ),
    (
        False,
        1.0,
        sign(
            r"\b(?:controlled|comparative) (?:clinical )?(?:trial|study)(?!s)\b",
            r"\bsham[- ](?:controlled|treatment|stimulation|procedure)",
            needs="controlled|comparative|sham",
        ),
    ),
    (
        False,
        0.5,
        sign(
            r"\bsingle[- ](?:blind|mask)\w*|\bobserver[- ]blind\w*|\bblinded\b", needs="blind|mask"
        ),
    ),
    (False, 0.5, sign(r"\bintention[- ]to[- ]treat\b|\bintent-to-treat\b", needs="treat")),
    (
        False,
        0.5,
        sign(
            r"\b(?:treatment|intervention|experimental|control|placebo|study) (?:group|arm)s?\b",
            needs="group|arm",
            reach=20,
        ),
    ),
    (
        False,
        3.0,
        sign(
            r"随机(?:分为|分成|分配|分组|双盲|单盲|对照|平行|将)|被随机|随机、|随机数字表",
            needs="随机",
        ),
    ),
)
"""Whether a verb (what was done) or a name, points, and signs that a randomised trial is reported."""
SURVEY = sign(
    r"\bcross-sectional\b",
    r"\bsurvey\b(?! (?:data|instruments?|items?))",
    r"\bquestionnaires? (?:was|were) (?:sent|mailed)",
    needs="cross-sec|survey|questionnaire",
)
AGAINST_TRIAL: tuple[tuple[float, Sign], ...] = (
    (
        2.5,
        sign(
            r"\bretrospective(?:ly)?\b(?! regist)",
            r"\bchart review\b|\bmedical records\b",
            "回顾性",
            needs="retrospective|chart|records|回顾性",
        ),
    ),
    (
        4.0,
        sign(
            r"\bnon-?\s?randomi[sz]ed\b|\bnonrandom(?:ly)?\b|\bquasi-?randomi[sz]",
            "非随机",
            needs="random|非随机",
        ),
    ),
    (
        2.0,
        sign(
            r"\bcase[- ]control\b",
            r"\bcohort study\b",
            r"\bobservational\b",
            "病例对照",
            needs="case|cohort|observational|病例",
        ),
    ),
    (
        0.5,
        sign(
            r"\bcohorts? (?:of|study|analysis|with)\b",
            r"\bregistr(?:y|ies)\b",
            needs="cohort|registr",
        ),
    ),
    (2.0, SURVEY),
    (
        2.0,
        sign(
            r"\brandomly (?:selected|sampled|chosen)\b(?! (?:to (?:receive|undergo|have)|eye|knee|side|leg|arm|hand|ear|tooth|half|breast|limb))"
            r"|\brandom samples?\b|\brandomi[sz]ed (?:[\w-]+ )?sampl\w+|随机抽",
            needs="random|随机抽",
        ),
    ),
    (
        2.0,
        sign(
            r"\bcase report\b|\bwe (?:report|describe|present) (?:a|the|two|three) (?:\w+ )?cases?\b",
            needs="case",
        ),
    ),
    (
        2.0,
        sign(
            r"\b(?:this|the present|our|in this|the) (?:article|paper|review) (?:reviews|discusses|"
            r"summari[sz]es|describes the|presents an overview|considers|examines the literature)",
            r"\bwe (?:review|discuss|summari[sz]e)\b|\bthe authors? (?:discuss|review|summari[sz])\w*",
            r"\bthis review\b|\boverview\b",
            needs="review|article|paper|overview|discuss|summari",
        ),
    ),
    (1.5, sign(rf"\b{_R} (?:\w+ ){{0,3}}?(?:trials|studies)\b", needs="random")),
    (
        2.0,
        sign(
            r"\b(?:simulat\w+|monte carlo|decision analysis|cost-effectiveness model|markov)\b",
            needs="simulat|monte|decision|cost|markov",
        ),
    ),
)
"""Points and signs against it."""

TRIAL_KINDS: tuple[tuple[str, Sign], ...] = (
    (
        "n_of_1",
        sign(
            r"\bn[- ]of[- ](?:1|one)\b|\bsingle[- ]patient trials?\b",
            needs="of 1|of-1|of one|of-one|single",
        ),
    ),
    (
        "cluster",
        sign(
            r"\bcluster[- ]randomi[sz]|\bcluster(?:ed)? (?:\w+ )?(?:trial|design)|\bgroup-randomi[sz]|"
            r"\b(?:practices|clinics|schools|villages|hospitals|communities|wards|classes) (?:were )?"
            r"(?:randomi[sz]ed|randomly)",
            needs="random|cluster",
        ),
    ),
    (
        "crossover",
        sign(
            r"\bcross-?\s?over\b|\bcrossed over\b|\blatin square\b|交叉", needs="cross|latin|交叉"
        ),
    ),
    ("factorial", sign(r"\bfactorial\b|\b2 ?[x×] ?2\b", needs="factorial|2 x|2x|2 ×|2×", reach=12)),
)

EXTENSION: tuple[tuple[str, Sign], ...] = (
    (
        "post_hoc",
        sign(
            r"\bpost[- ]?hoc\b(?! (?:tests?|comparisons?|tukey|bonferroni|scheff|t-tests?|"
            r"dunn|pairwise|power|contrasts?))",
            "事后分析",
            needs="post|事后",
        ),
    ),
    (
        "secondary_analysis",
        sign(
            r"\b(?:secondary|exploratory|ancillary|retrospective|further|pooled|new|additional) "
            r"(?:analys[ei]s|data analysis|sub-?analysis) of (?:\w+ ){0,3}?(?:a|an|the|data|two|results)"
            r" (?:[\w-]+,? ){0,6}?(?:randomi[sz]ed|trials?|phase|study data)",
            r"\b(?:secondary|ancillary|pooled) analysis of (?:a |the )?(?:[\w-]+ ){0,3}?"
            r"(?:randomi[sz]ed|clinical trials?|trial)",
            r"\b(?:using|used|from) data (?:from|of) (?:a|an|the|two) (?:[\w-]+,? ){0,4}?"
            r"(?:randomi[sz]ed|phase (?:3|III|2|II))",
            needs="analysis|analyses|data",
        ),
    ),
    (
        "subgroup",
        sign(
            r"\bsub-?group analys[ei]s (?:of|from) (?:\w+ ){0,3}?(?:a|the|two|phase|randomi|\w+ trial)",
            r"\bsub-?analysis of (?:the|a|data)",
            needs="sub",
        ),
    ),
    (
        "open_label_extension",
        sign(
            r"\bopen[- ]label,? (?:\w+[- ])?extension",
            r"\bextension (?:phase|period|study|trial)\b",
            r"\blong-term extension\b",
            r"\bOLE\b",
            "开放标签延长|扩展期|延长期",
            needs="extension|ole|延长|扩展",
        ),
    ),
)
POST_HOC_SELF = sign(
    r"\b(?:this|our|present|current) (?:[\w-]+ )?post[- ]?hoc",
    r"\bwe (?:[\w-]+ ){0,3}?post[- ]?hoc",
)
"""The same where the title calls the paper a randomised trial: it has to say so of itself."""
POST_HOC_OWN = sign(
    r"\b(?:this|our|present|current|these|unplanned|exploratory) (?:[\w-]+ )?post[- ]?hoc",
    r"\bpost[- ]?hoc,? (?:[\w-]+ ){0,2}?(?:analys[ei]s|study|evaluation|comparison|assessment) "
    r"(?:of|from|using|examined|evaluated|assessed|investigated|has|included|was|were)",
    r"\bwe (?:[\w-]+ ){0,3}?post[- ]?hoc",
    "事后分析",
)
"""A post-hoc analysis that is the paper itself, not one of its tables."""
EXTENSION_ASIDE = sign(
    r"\b(?:followed by|optional|option to|could (?:enter|continue|elect)|eligible (?:for|to enter)|"
    r"offered|were (?:then )?(?:able|invited|allowed) to|and then|prior to|before entering|subsequent"
    r"|opportunity|may enter|with an?|from week \d+|onwards)\b"
)
"""An extension that comes after the trial that is reported here."""
LATER: tuple[tuple[str, Sign], ...] = (
    (
        "later_analysis",
        sign(
            r"\bthis (?:sub-?|secondary |further |follow-?up |exploratory )?analysis (?:was (?:conducted|performed|done|carried out)|evaluated|assessed|"
            r"examined|investigated|explored|aimed)",
            r"\b(?:previous|prior|earlier) analys[ei]s (?:showed|demonstrated|found)",
            r"\b(?:data|samples) (?:were |was |are )?(?:obtained|collected|derived|drawn|taken|used|pooled|integrated|combined) (?:from|in) "
            r"(?!this|our|the (?:present|current))(?:the |a |an |two |three |four |\d+ )?(?:[\w-]+,? ){0,7}?(?:trials?|study|studies|arms?)\b",
            r"\bdata (?:from|of) (?:the )?(?:placebo arms?|two|three|four|five|[6-9]|1\d|several|both) (?:[\w-]+,? ){0,7}?(?:trials|studies|arms)\b",
            r"\b(?:used|using|analy[sz]ed) (?:baseline|pooled|individual) (?:patient |participant )?data\b",
            r"\bdata from (?:patients randomi[sz]ed|\d+|two|three|four|five|six|seven|several)\b[^.;]{0,140}\b(?:were|was) (?:pooled|used|combined|integrated)\b|\bdata were pooled\b",
            r"\b(?:participants?|individual patients?|patient) data from (?:two|three|four|five|\d) (?:[\w-]+,? ){0,4}?trials were pooled",
            r"\brolled over\b|\bparent (?:study|trial)\b|\bhad (?:previously |originally )?been (?:randomi[sz]ed|randomly)",
            r"\bdata (?:were |was )?analy[sz]ed from (?:two|three|four|five|\d+)\b|\bentered the (?:open-label )?extension\b",
            r"\bafter the (?:randomi[sz]ed|double-blind|controlled)[\w -]{0,20} (?:period|phase)\b",
            r"\b(?:here,? )?we further (?:evaluated|assessed|analy[sz]ed|examined|investigated)",
            needs="analys|further|data|sample|results|rolled|parent|had |after the|extension",
        ),
    ),
    (
        "follow_up_of_trial",
        sign(
            r"\blong-term follow-up (?:of|study of) (?:a|the) (?:[\w-]+ ){0,4}?trial",
            needs="follow",
        ),
    ),
)

TITLE_ALONE: tuple[tuple[str, str | None, Sign], ...] = (
    (
        "case_series",
        None,
        sign(
            r"\bcase[- ]series\b|\bseries of \w+ (?:patients|cases)|\b(?:two|three|four|five|six|seven|eight|nine|ten|"
            r"\d{1,2}) case(?:s| reports)\b|\breport of (?:\w+ )?cases\b"
        ),
    ),
    (
        "case_report",
        None,
        sign(
            r"\bcase report\b|: a case\b(?![- ](?:control|referent|series))|\ba case of\b|\breport of (?:a|one) case|\ban? (?:unusual|rare) case|个案|病例报告|1例|一例"
        ),
    ),
    ("case_control", None, sign(r"\bcase[- ](?:control|referent)\b|病例对照")),
    (
        "census_or_random_sample",
        "census",
        sign(r"\bnational census\b|\bpopulation-based (?:\w+ )?(?:survey|prevalence)"),
    ),
    (
        "nonrandom_sample",
        "cross_sectional",
        sign(
            r"\bcross[- ]sectional\b|\b(?:questionnaire|online|postal|national|patient|web-based) survey\b|横断面|问卷调查"
        ),
    ),
    (
        "uncontrolled_follow_up",
        "single_arm",
        sign(
            r"\bsingle[- ]arm\b|\bphase (?:1|I)\b(?!/)|\bopen[- ]label (?:pilot|trial|study|phase)|\bpilot (?:study|trial)|\bbefore[- ](?:and[- ])?after\b|\bpre-?post\b|\buncontrolled\b|单臂|自身前后对照"
        ),
    ),
    ("inception_cohort", None, sign(r"\binception cohort\b")),
    (
        "cohort",
        "retrospective",
        sign(
            r"\bretrospective (?:[\w-]+ ){0,3}?(?:cohort|study|analysis|review)|回顾性(?:队列|分析|研究)"
        ),
    ),
    (
        "cohort",
        "prospective",
        sign(r"\bprospective (?:[\w-]+ ){0,3}?(?:cohort|observational|follow-up)|前瞻性队列"),
    ),
    ("cohort", None, sign(r"\bcohort (?:study|analysis)\b|队列研究")),
    (
        "other",
        "qualitative",
        sign(
            r"\bqualitative (?:\w+ )?(?:study|research|analysis|interview|exploration)|\bfocus groups?\b|\bphenomenolog|质性研究"
        ),
    ),
    ("other", "registry_record", sign(r"\bregistry record\b|\btrial registration\b$")),
    (
        "narrative_review",
        None,
        sign(
            r"\ba review\b(?! of (?:\d|\w+ (?:cases|patients)))|\b(?:literature|evidence-based|updated|critical|clinical|historical) review\b|^review of\b"
            r"|-?\ban update\b|\btherapeutic options\b|^(?:the )?(?:[\w-]+ )?role of\b|\brole in optimi|\bshould [\w ]+\?|\bpromise of\b|\bwhat have we learned\b|\bfrom trials to practice\b|\blessons (?:from|learned)\b|\bwhere are we now\b|\bnarrative review\b|\boverview\b|\bstate of the art\b|\bcurrent (?:concepts|perspectives|status|understanding)\b|\bupdate (?:on|of)\b|\brecent (?:advances|developments)\b|综述|研究进展|现状"
        ),
    ),
)
OTHERS: tuple[tuple[str, str | None, Sign], ...] = (
    (
        "case_report",
        None,
        sign(
            r"\bcase report\b",
            r"\b(?:we|here|herein)(?:,? we)? (?:\w+ )?(?:report|describe|present)(?:ed)? (?:here )?(?:on )?"
            r"(?:a|an|the|one) (?:[\w-]+ ){0,3}?(?:case|patient|woman|man|girl|boy|\d+-year-old|child|infant)\b",
            r"\ba case (?:of|is|with)\b",
            r"\b(?:an?|the|this) \d{1,2}[- ]year[- ]old\b",
        ),
    ),
    (
        "case_series",
        None,
        sign(
            r"\bcase[- ]series\b|\bseries of (?:\w+ ){0,2}(?:patients|cases)\b",
            r"\bconsecutive (?:case )?series\b",
            r"\b(?:we|authors) (?:report|describe|present)(?:ed)? (?:on )?(?:two|three|four|five|six|seven|"
            r"eight|nine|ten|eleven|twelve|\d{1,2}) (?:[\w+-]+ ){0,4}?(?:cases|patients|women|men|children)",
            r"\b(?:two|three|four|five|six|seven|eight) cases (?:of|are|were)\b",
            needs="case|series|patients|women|men|children",
        ),
    ),
    ("case_control", None, sign(r"\bcase[- ](?:control|referent)\b", "病例对照")),
    (
        "nonrandomised_controlled",
        None,
        sign(
            r"\bnon-?\s?randomi[sz]ed,? (?:[\w-]+,? ){0,3}?(?:controlled|comparative|trial|study|comparison)",
            r"\b(?:controlled|comparative) cohort\b",
            r"\bnot randomi[sz]ed\b",
            r"\bquasi-?(?:randomi[sz]ed|experimental)\b",
            r"\bpropensity score\b",
            r"\b(?:received|treated with)\b[^.]{0,140}\b(?:and|versus|vs\.?)\b[^.]{0,100}\b(?:received|were treated|only received)"
            r"\b[^.]{0,80}\bcompar",
            r"\bcompared (?:with|to) (?:those|patients|that) (?:on|receiving|treated|given|who received)\b",
            r"\bwere (?:treated|divided)[^.]{0,80}\b(?:and|or|versus|vs\.?)\b[^.]{0,60}\bgroups?\b"
            r"[^.]{0,80}\bcompar",
            needs="random|cohort|quasi|propensity|compar",
            reach=400,
        ),
    ),
    (
        "census_or_random_sample",
        "census",
        sign(
            r"\bpopulation-based (?:\w+ )?(?:survey|study|sample)|\brandom sample\b|\bnational census\b"
        ),
    ),
    (
        "nonrandom_sample",
        "cross_sectional",
        sign(
            r"\bcross[- ]sectional(?:ly)?\b",
            r"\b(?:questionnaire|online|postal|mail(?:ed)?|anonymous|web-based|patient|telephone|national|"
            r"internet) (?:\w+ )?survey\b",
            r"\bsurvey of\b|\bsurveyed\b|\bquestionnaire (?:study|survey)\b",
            r"\bquestionnaires? (?:was|were) (?:\w+ )?(?:sent|mailed|distributed|completed|administered)",
            "横断面|问卷调查|现况调查",
            needs="sectional|survey|questionnaire|横断|问卷|现况",
        ),
    ),
    ("inception_cohort", None, sign(r"\binception cohort\b")),
    (
        "uncontrolled_follow_up",
        "single_arm",
        sign(
            r"\bsingle[- ]arm\b|\bone-arm\b|\buncontrolled\b|\bnoncomparative\b|\bnon-comparative\b",
            r"\bopen[- ]label(?:,? (?:\w+[ -]){0,3}?(?:pilot|study|trial|phase))?",
            r"\bopen,? (?:pilot |clinical |prospective,? |follow-up )*(?:trial|study)\b",
            r"\bphase (?:1|I|Ia|Ib|II|2|I/II|1/2|IIa|2a)\b(?![/-])",
            r"\bpilot (?:study|trial)\b|\bfeasibility study\b",
            r"\bbefore (?:and|versus|vs\.?) after\b|\bbefore[- ](?:and[- ])?after\b|\bpre-?(?:treatment)? and "
            r"post-?treatment\b|\bpre-?post\b",
            "单臂|治疗前后|自身对照",
            needs="arm|control|compar|open|phase|pilot|feasib|before|pre|单臂|治疗前后|自身",
        ),
    ),
    (
        "cohort",
        None,
        sign(
            r"\b(?:prospective|retrospective|longitudinal|observational|multicent\w+|historical|birth) "
            r"(?:[\w-]+ ){0,2}?cohort\b",
            r"\bcohort (?:study|analysis|of)\b",
            r"\bretrospective(?:ly)?\b(?! regist)",
            r"\b(?:charts?|medical records?|case records?|hospital records?) (?:of [^.]{0,60} )?"
            r"(?:were|was) (?:\w+ )?(?:reviewed|analy[sz]ed|examined)",
            r"\bchart review\b|\brecord review\b|\breviewed (?:the )?(?:\w+ )?(?:medical|clinical|case|hospital|patient)"
            r" records\b|\breviewed (?:the )?charts\b",
            "收集[^。]{0,60}临床资料",
            r"\bprospective(?:ly)? (?:\w+ )?(?:study|followed|observational|studied|evaluated|collected)",
            r"\b(?:followed up|were followed|follow-up of|longitudinal)\b",
            "回顾性|前瞻性|随访",
        ),
    ),
    (
        "nonrandom_sample",
        "cross_sectional",
        sign(
            r"\bobservational (?:[\w-]+ )?study\b",
            r"\b(?:questionnaire|survey) data\b",
            r"\bcompleted (?:the |a |an )?(?:[\w-]+ ){0,4}?(?:questionnaires?|surveys?|scales?|instruments?|measures)\b",
            r"\bcompleted the [a-z]{2,}-?\d",
            r"\binterviewed\b|\bface-to-face\b",
            r"\bhealthy (?:controls?|volunteers|subjects|participants|females|males|women|men)\b",
            "健康对照|面对面访谈",
        ),
    ),
    (
        "case_series",
        None,
        sign(r"\bconsecutive (?:[\w-]+ ){0,3}?(?:patients|cases)\b"),
    ),
    (
        "other",
        "qualitative",
        sign(
            r"\bqualitative (?:\w+ )?(?:study|research|analysis|methods?|interviews?)\b",
            r"\bsemi-?structured interviews\b|\bfocus groups\b|\bthematic analysis\b|\bgrounded theory\b",
            needs="qualitative|interview|focus|thematic|grounded",
        ),
    ),
    (
        "narrative_review",
        None,
        sign(
            r"\b(?:this|the present|our|in this) (?:\w+ )?review\b|: a review\b|\bnarrative review\b",
            r"\bthis (?:article|paper|chapter) (?:\w+ )?(?:reviews|summari[sz]es|discusses|outlines|provides an)",
            r"\b(?:is|are) reviewed\b|\bwe (?:review|summari[sz]e|discuss) (?:the|current|recent|available)",
            r"\breviews? (?:the|current|recent) (?:\w+ )?(?:literature|evidence|knowledge)",
            needs="review|article|paper|chapter|we ",
        ),
    ),
)
KINDS: tuple[tuple[str, Sign], ...] = (
    (
        "retrospective",
        sign(r"\bretrospective(?:ly)?\b|\bchart review\b|\bmedical records\b", "回顾性"),
    ),
    ("prospective", sign(r"\bprospective(?:ly)?\b", "前瞻性")),
)
CHINESE: tuple[tuple[str, str | None, Sign], ...] = (
    ("mechanism", "animal_or_in_vitro", sign("大鼠|小鼠|动物模型|体外实验")),
    ("narrative_review", None, sign("综述|本文(?:总结|概述|回顾)")),
    ("case_series", None, sign("病例系列|例患者的临床资料")),
)
