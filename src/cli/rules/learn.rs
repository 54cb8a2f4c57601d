use std::io::Write;
use std::path::PathBuf;

use clap::ValueEnum;
use serde_json::json;

use super::super::decisions;
use super::super::exit::{Exit, Trouble};
use super::super::packs;
use super::super::rule_cache;
use super::super::settings::Settings;
use super::super::voice::Voice;
use super::ask::Asker;
use super::home::Home;
use super::texts;
use crate::authoring::{Learner, Limits, Proposal};
use crate::eval::distance;
use crate::finding::Message;
use crate::rules::{ExampleOutcome, Status};

#[derive(Debug, clap::Args)]
pub(super) struct LearnArgs {
    /// 审校决定的记录 · A log of decisions
    #[arg(long, value_name = "FILE", required_unless_present = "pairs")]
    from: Option<PathBuf>,
    /// 读出来的文本，与 --truth 同名文件成对 · Texts as they were read, which pair with those of --truth by name
    #[arg(long, value_name = "DIR", requires = "truth")]
    pairs: Option<PathBuf>,
    /// 改好的文本 · The corrected texts
    #[arg(long, value_name = "DIR", num_args = 1.., requires = "pairs")]
    truth: Vec<PathBuf>,
    /// 另外的无误文本：其中出现的不算误读 · Further correct texts: what stands in them is no misreading
    #[arg(long, value_name = "DIR")]
    clean: Option<PathBuf>,
    /// 至少有几处同样的改正 · Places with the same correction, at least
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u16).range(2..))]
    min_support: u16,
    /// 至少见于几份文本 · Texts with it, at least
    #[arg(long, value_name = "N", default_value_t = 2)]
    min_texts: u16,
    /// 写入哪个规则包文件夹，没有就新建 · The pack's folder; it is made when absent
    #[arg(long, value_name = "DIR", help_heading = "写到哪里 Where")]
    pack: Option<PathBuf>,
    /// 写入包里哪个文件 · The file in the pack
    #[arg(long, value_name = "NAME", default_value = "learned.toml", help_heading = "写到哪里 Where")]
    file: String,
    /// 不提问，全部写入 · Write all of them without asking
    #[arg(long, help_heading = "写到哪里 Where")]
    yes: bool,
    /// 直接启用，不先试运行 · Active at once, not as shadow rules
    #[arg(long, help_heading = "写到哪里 Where")]
    active: bool,
    /// 逐条提问，即使标准输入不是终端 · Ask for each, even when standard input is no terminal
    #[arg(long, conflicts_with = "yes", help_heading = "写到哪里 Where")]
    ask: bool,
    /// 输出格式 · Output format
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    format: LearnFormat,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum LearnFormat {
    /// 供人阅读 · For people
    Human,
    /// 一个 JSON 数组 · One JSON array
    Json,
}

pub(super) fn learn(args: &LearnArgs, settings: &Settings, voice: &Voice, out: &mut dyn Write) -> Result<Exit, Trouble> {
    let told = |error: std::io::Error| Trouble::io("", &error);
    let home = Home::find(args.pack.as_deref(), &args.file, settings)?;
    let learner = taught(args, settings)?;
    let limits = Limits { min_support: usize::from(args.min_support), min_texts: usize::from(args.min_texts) };
    let mut proposals = learner.propose(limits, home.name(), |id| home.has(id));
    let n_all = proposals.len();
    proposals = kept(proposals, &home, settings)?;
    let n_dropped = n_all - proposals.len();
    if n_dropped > 0 {
        voice.note(&Message::new(
            format!("{n_dropped} 条在自己的例子里不成立，未列出"),
            format!("{n_dropped} proposals did not hold in their own examples and are left out"),
        ));
    }
    if args.format == LearnFormat::Json {
        let all: Vec<_> = proposals.iter().map(as_json).collect();
        serde_json::to_writer_pretty(&mut *out, &all).map_err(|error| told(error.into()))?;
        writeln!(out).map_err(told)?;
    }
    let asking = args.ask || (!args.yes && args.format == LearnFormat::Human && std::io::IsTerminal::is_terminal(&std::io::stdin()));
    let mut asker = Asker::new(voice, asking);
    let mut accepted = Vec::new();
    for proposal in proposals {
        if args.format == LearnFormat::Human {
            show(&proposal, voice, out).and_then(|()| out.flush()).map_err(told)?;
        }
        if asking {
            match decide(proposal, &mut asker)? {
                Answer::Take(proposal) => accepted.push(*proposal),
                Answer::Drop => {}
                Answer::Stop => break,
            }
        } else {
            accepted.push(proposal);
        }
    }
    let n = accepted.len();
    if !asking && !args.yes {
        voice.note(&Message::new(
            format!("{n} 条可写成规则；--yes 全部写入，在终端里逐条选"),
            format!("{n} rules could be written; --yes writes all, a terminal asks for each"),
        ));
        return Ok(Exit::Done);
    }
    // An edited proposal must keep its examples as well.
    let all: Vec<String> = accepted.iter().map(|proposal| proposal.draft.id.clone()).collect();
    let mut accepted = kept(accepted, &home, settings)?;
    for id in all.iter().filter(|id| !accepted.iter().any(|proposal| proposal.draft.id == **id)) {
        voice.error(&Message::new(
            format!("{id} 改后与自己的例子不符，没有写入"),
            format!("{id} does not keep its examples as edited; it was not written"),
        ));
    }
    let exit = if accepted.len() == n { Exit::Done } else { Exit::Left };
    let n = accepted.len();
    if n == 0 {
        voice.note(&Message::new("没有写入", "nothing was written"));
        return Ok(exit);
    }
    let mut text = String::new();
    for proposal in &mut accepted {
        proposal.draft.status = if args.active { Status::Active } else { Status::Shadow };
        text += &proposal.draft.toml();
    }
    let at = home.write_rules(&args.file, &text, settings, voice)?;
    let at = at.display();
    voice.note(&Message::new(format!("{n} 条规则写入 {at}"), format!("{n} rules are in {at}")));
    Ok(exit)
}

fn taught(args: &LearnArgs, settings: &Settings) -> Result<Learner, Trouble> {
    let mut learner = Learner::new();
    if let Some(log) = &args.from {
        for decision in decisions::read(log)?.settled() {
            learner.add_decision(decision);
        }
    }
    if let Some(pairs) = &args.pairs {
        for text in texts::with_truth(pairs, &args.truth, settings)? {
            if let Some(truth) = nearest(&text.text, &text.truths) {
                learner.add_pair(&text.name, &text.text, truth);
            }
        }
    }
    if let Some(clean) = &args.clean {
        for text in texts::read(clean, settings)? {
            learner.add_clean(&format!("clean/{}", text.name), &text.text);
        }
    }
    Ok(learner)
}

/// The truth that the text is nearest to.
fn nearest<'t>(text: &str, truths: &'t [String]) -> Option<&'t String> {
    if truths.len() < 2 {
        return truths.first();
    }
    let chars = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<Vec<char>>();
    let read = chars(text);
    truths.iter().min_by_key(|truth| distance(&read, &chars(truth)))
}

/// Those whose examples come out as they say, in the company of the other
/// packs.
fn kept(proposals: Vec<Proposal>, home: &Home, settings: &Settings) -> Result<Vec<Proposal>, Trouble> {
    let mut left = proposals;
    loop {
        let text: String = left.iter().map(|proposal| proposal.draft.toml()).collect();
        let set = match rule_cache::load(&home.among_others(&text, settings)?) {
            Ok(set) => set,
            Err(errors) => {
                // What contradicts a rule that is there already is dropped;
                // an error that no proposal explains is the packs' own.
                let path = home.path_of_probe();
                let lines: Vec<usize> = errors.iter().filter(|error| error.path == path).map(|error| error.line).collect();
                if lines.is_empty() {
                    return Err(packs::wrong(&errors));
                }
                let mut first = 1;
                left.retain(|proposal| {
                    let n_lines = proposal.draft.toml().lines().count();
                    let is_wrong = lines.iter().any(|line| (first..first + n_lines).contains(line));
                    first += n_lines;
                    !is_wrong
                });
                continue;
            }
        };
        let failed: Vec<String> = set
            .run_examples(|rule| left.iter().any(|proposal| proposal.draft.id == rule.head.id))
            .into_iter()
            .filter(|report| report.outcome != ExampleOutcome::Validated)
            .map(|report| report.rule)
            .collect();
        left.retain(|proposal| !failed.contains(&proposal.draft.id));
        return Ok(left);
    }
}

fn as_json(proposal: &Proposal) -> serde_json::Value {
    let draft = &proposal.draft;
    let rows = std::iter::once((draft.observed.clone(), draft.printed.clone().unwrap_or_default())).chain(draft.more.iter().cloned());
    json!({
        "id": draft.id,
        "table": rows.collect::<Vec<_>>(),
        "left": draft.sides.left,
        "right": draft.sides.right,
        "support": proposal.support,
        "texts": proposal.texts,
        "elsewhere": proposal.elsewhere,
        "bad": draft.bad,
        "good": draft.good,
    })
}

fn show(proposal: &Proposal, voice: &Voice, out: &mut dyn Write) -> std::io::Result<()> {
    let draft = &proposal.draft;
    let (support, texts, elsewhere) = (proposal.support, proposal.texts, proposal.elsewhere);
    let forms: Vec<String> = std::iter::once((&draft.observed, draft.printed.as_deref().unwrap_or_default()))
        .chain(draft.more.iter().map(|(from, to)| (from, to.as_str())))
        .map(|(from, to)| format!("{from} → {to}"))
        .collect();
    let sides = if draft.sides.is_empty() {
        String::new()
    } else {
        format!("  ({} _ {})", draft.sides.left.join(" "), draft.sides.right.join(" "))
    };
    writeln!(out, "{}{sides}", forms.join("  "))?;
    let counts = Message::new(
        format!("  {texts} 份文本里 {support} 处这样改；别处 {elsewhere} 处同样的字没有改    {}", draft.id),
        format!("  corrected so at {support} places in {texts} texts; at {elsewhere} others the characters stayed    {}", draft.id),
    );
    writeln!(out, "{}", voice.lang.of(&counts))?;
    for (text, fixed) in &draft.bad {
        writeln!(out, "    {text}  →  {fixed}")?;
    }
    for text in &draft.good {
        writeln!(out, "    {}  {text}", voice.lang.pick("不动", "stays"))?;
    }
    Ok(())
}

enum Answer {
    Take(Box<Proposal>),
    Drop,
    Stop,
}

fn decide(mut proposal: Proposal, asker: &mut Asker) -> Result<Answer, Trouble> {
    let answer = asker.ask("a 采用，e 修改，d 不要，q 到此为止", "a accept, e edit, d drop, q stop here", "d")?;
    match answer.as_str() {
        "a" | "A" => Ok(Answer::Take(Box::new(proposal))),
        "q" | "Q" => Ok(Answer::Stop),
        "e" | "E" => {
            let draft = &mut proposal.draft;
            let (pack, name) = draft.id.split_once('/').map(|(pack, name)| (pack.to_owned(), name.to_owned())).unwrap_or_default();
            draft.id = format!("{pack}/{}", asker.ask("名字", "name", &name)?);
            draft.sides.not_left.extend(asker.list("在哪些字之后是对的，不改", "After which characters is it right")?);
            draft.sides.not_right.extend(asker.list("在哪些字之前是对的，不改", "Before which characters is it right")?);
            let good = asker.ask("另加一句不许动的话（没有则直接回车）", "One more text that must stay (Enter for none)", "")?;
            draft.good.extend((!good.is_empty()).then_some(good));
            Ok(Answer::Take(Box::new(proposal)))
        }
        _ => Ok(Answer::Drop),
    }
}
