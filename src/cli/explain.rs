use std::fs::File;
use std::io::{self, BufReader, Write};
use std::path::PathBuf;

use super::args::Global;
use super::exit::{Exit, Trouble};
use super::packs;
use super::rules::safety_name;
use super::settings;
use super::sinks::{PipeState, stdout};
use super::voice::Voice;
use crate::detect::{self, DetectorMeta};
use crate::finding::{Message, Safety};
use crate::report::{Lang, Recorded};
use crate::rules::{Rule, RuleSet, Status};

#[derive(Debug, clap::Args)]
pub(crate) struct ExplainArgs {
    /// 规则编号，或报告里一处发现的编号（至少前 4 位） · The id of a rule, or of a finding (at least its first 4 digits)
    #[arg(value_name = "RULE|FINDING-ID")]
    name: String,
    /// 发现所在的报告文件夹 · The report that holds the finding
    #[arg(long, value_name = "DIR", default_value = "report")]
    report: PathBuf,
}

/// A part of a page: its heading in both languages, and its lines.
type Section = ([&'static str; 2], Vec<String>);

/// `jiaokan explain`: the page of a rule, of a detector, or of one finding.
pub(super) fn explain(args: &ExplainArgs, global: &Global, voice: &Voice) -> Result<Exit, Trouble> {
    let settings = settings::load(global, None)?;
    let voice = voice.with_config(&settings.config);
    let state = PipeState::default();
    let mut out = stdout(&state);
    let written = if args.name.contains('/') {
        let set = packs::load(&settings.pack_folders()?)?;
        let page = page_of(&args.name, &set, voice.lang).ok_or_else(|| unknown(&args.name, &set))?;
        print(&page, voice.lang, &mut out)
    } else {
        let page = find(args)?.page(voice.lang, voice.color(&io::stdout()));
        out.write_all(page.as_bytes()).and_then(|()| out.flush())
    };
    written.map_err(|error| Trouble::io("", &error))?;
    Ok(Exit::Done)
}

fn print(page: &[Section], lang: Lang, out: &mut dyn Write) -> io::Result<()> {
    for (idx, (heading, lines)) in page.iter().enumerate() {
        if idx > 0 {
            writeln!(out)?;
        }
        writeln!(out, "{}", lang.pick(heading[0], heading[1]))?;
        for line in lines {
            writeln!(out, "  {line}")?;
        }
    }
    out.flush()
}

fn page_of(id: &str, set: &RuleSet, lang: Lang) -> Option<Vec<Section>> {
    if let Some(rule) = set.get(id) {
        return Some(page_of_rule(rule, lang));
    }
    let detectors = detect::registry();
    let meta = detectors.iter().map(|detector| detector.meta()).find(|meta| meta.id == id)?;
    Some(page_of_detector(meta, lang))
}

fn page_of_rule(rule: &Rule, lang: Lang) -> Vec<Section> {
    let head = &rule.head;
    let class = lang.pick(head.class.zh(), head.class.en());
    let example = |fixed: &String, text: &String| {
        if fixed == text { format!("{text}  ({})", lang.pick("只标出", "flagged")) } else { format!("{text}  →  {fixed}") }
    };
    let bad = rule.examples.iter().filter_map(|one| one.fixed.as_ref().map(|fixed| example(fixed, &one.text))).collect();
    let mut silent: Vec<String> = rule.examples.iter().filter(|one| one.fixed.is_none()).map(|one| one.text.clone()).collect();
    let exceptions = rule.exceptions.iter();
    silent.extend(exceptions.map(|exception| format!("{}  {}{}", exception.text, lang.pick("——", "- "), exception.reason)));
    let mut trust = vec![Message::new(
        format!("{}，把握 {:.2}，由规则作者定", safety_zh(head.safety), head.confidence),
        format!("{}, confidence {:.2}, by the word of the rule's author", safety_name(head.safety), head.confidence),
    )];
    if head.status == Status::Shadow {
        trust.push(Message::new("试运行（shadow）：只报告，从不改动", "shadow: it reports and never edits"));
    }
    match &rule.measured {
        None => trust.push(Message::new("没有实测数据；rules impact --record 可以补上", "not measured; rules impact --record does that")),
        Some(measured) => {
            let (right, wrong, neither, unjudged) = (measured.right, measured.wrong, measured.neither, measured.unjudged);
            let (on, when) = (&measured.on, &measured.when);
            trust.push(Message::new(
                format!("实测：{right} 处改对，{wrong} 处改错，{neither} 处错换错，{unjudged} 处不知（{on}，{when}）"),
                format!("measured: {right} right, {wrong} wrong, {neither} another error, {unjudged} unknown ({on}, {when})"),
            ));
        }
    }
    vec![
        (["规则", "Rule"], vec![format!("{}  ({}, {class}, {})", head.id, head.kind, head.phase.name())]),
        (["说明", "Summary"], vec![lang.of(&head.summary()).to_owned()]),
        (["为什么", "Why"], vec![lang.of(&head.why).to_owned()]),
        (["例子", "Examples"], bad),
        (["不动的", "Silent"], silent),
        (["可信程度", "Trust"], trust.iter().map(|line| lang.of(line).to_owned()).collect()),
        (["依据", "Source"], vec![head.source.clone(), format!("{}:{}", head.path, head.line)]),
    ]
}

fn page_of_detector(meta: &DetectorMeta, lang: Lang) -> Vec<Section> {
    let pick = |texts: [&str; 2]| vec![lang.pick(texts[0], texts[1]).to_owned()];
    let visible = |text: &str| text.replace('\n', "⏎");
    let class = lang.pick(meta.class.zh(), meta.class.en());
    let bad = meta
        .bad
        .iter()
        .map(|(text, fixed)| {
            let flagged = lang.pick("只标出", "flagged");
            if text == fixed { format!("{}  ({flagged})", visible(text)) } else { format!("{}  →  {}", visible(text), visible(fixed)) }
        })
        .collect();
    let mut silent = pick(meta.silent);
    silent.extend(meta.good.iter().map(|text| visible(text)));
    vec![
        (["规则", "Rule"], vec![format!("{}  (detector, {class}, {})", meta.id, meta.phase.name())]),
        (["说明", "Summary"], pick(meta.summary)),
        (["为什么", "Why"], pick(meta.why)),
        (["例子", "Examples"], bad),
        (["不动的", "Silent"], silent),
        (["可信程度", "Trust"], pick(meta.trust)),
        (["依据", "Source"], meta.sources.iter().map(|&source| source.to_owned()).collect()),
    ]
}

/// A tier in Chinese, as reports call it, with the name that rule files use.
fn safety_zh(safety: Safety) -> &'static str {
    match safety {
        Safety::Automatic => "自动（automatic）",
        Safety::Suggested => "建议（suggested）",
        Safety::Flagged => "存疑（flagged）",
    }
}

/// The finding that was asked for; rule ids have a slash and finding ids none.
fn find(args: &ExplainArgs) -> Result<Recorded, Trouble> {
    let path = args.report.join("findings.jsonl");
    let shown = path.display().to_string();
    let file = File::open(&path).map_err(|error| Trouble::io(&shown, &error))?;
    Recorded::find(BufReader::new(file), &args.name).map_err(|error| {
        Trouble::new(
            format!("{shown}：{error}；规则编号写作「包/缺陷」，发现的报告文件夹用 --report 指出"),
            format!("{shown}: {error}; a rule is written pack/defect, and the folder of a finding's report is named with --report"),
        )
    })
}

fn unknown(name: &str, set: &RuleSet) -> Trouble {
    let detectors = detect::registry();
    let ids = || detectors.iter().map(|detector| detector.meta().id).chain(set.rules().iter().map(|rule| rule.head.id.as_str()));
    match crate::config::nearest(name, ids()) {
        Some(nearest) => {
            Trouble::new(format!("没有规则「{name}」，是否为「{nearest}」？"), format!("no rule \"{name}\"; did you mean \"{nearest}\"?"))
        }
        None => Trouble::new(
            format!("没有规则「{name}」；jiaokan rules list 列出全部规则"),
            format!("no rule \"{name}\"; jiaokan rules list shows all rules"),
        ),
    }
}
