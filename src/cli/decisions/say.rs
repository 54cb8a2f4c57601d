use std::path::PathBuf;

use super::super::clock;
use super::super::exit::Trouble;
use super::super::review::load::{Room, report_of};
use super::super::settings::Settings;
use super::super::voice::Voice;
use crate::decision::Verdict;
use crate::finding::{Message, Outcome};
use crate::review::{Filter, Order, Refused, State, Wanted, Word};

#[derive(Debug, clap::Args)]
pub(super) struct SayArgs {
    /// 文本所在的文件夹 · The folder of the texts
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// 报告里的编号，给出开头几位即可 · Ids of the report; their first digits are enough
    #[arg(value_name = "ID", required_unless_present_any = ["rule", "class", "file", "pattern", "text", "min_confidence"])]
    ids: Vec<String>,
    /// 报告所在的文件夹，默认 DIR/.jiaokan/report 或 DIR/report · The folder of the report
    #[arg(long, value_name = "DIR")]
    report: Option<PathBuf>,
    /// 这条规则的全部未决之处 · All undecided findings of this rule
    #[arg(long, value_name = "RULE", help_heading = "哪些 Which")]
    rule: Option<String>,
    /// 这一类 · Of this class
    #[arg(long, value_name = "CLASS", help_heading = "哪些 Which")]
    class: Option<String>,
    /// 这个文件的 · In this file
    #[arg(long, value_name = "FILE", help_heading = "哪些 Which")]
    file: Option<String>,
    /// 同样的改动，如 己→已 · With this change, such as 己→已
    #[arg(long, value_name = "FROM→TO", help_heading = "哪些 Which")]
    pattern: Option<String>,
    /// 含有这些字 · With these characters
    #[arg(long, value_name = "TEXT", help_heading = "哪些 Which")]
    text: Option<String>,
    /// 把握不低于 · At least so sure, 0 to 1
    #[arg(long, value_name = "X", help_heading = "哪些 Which")]
    min_confidence: Option<f64>,
    /// 改为这些字（用于 accept，即另改） · With accept: this was printed, whatever was proposed
    #[arg(long, value_name = "TEXT")]
    printed: Option<String>,
    /// 附注 · A note
    #[arg(long, value_name = "TEXT")]
    note: Option<String>,
    /// 审校人，默认为登录名 · Who decides; the login when not given
    #[arg(long, value_name = "NAME")]
    reviewer: Option<String>,
}

pub(super) fn say(args: &SayArgs, verdict: Verdict, settings: &Settings, voice: &Voice) -> Result<(), Trouble> {
    let folder = super::folder(&args.folder)?;
    let report = report_of(&folder, args.report.as_deref())?.ok_or_else(|| {
        let shown = folder.display();
        Trouble::new(
            format!("没有 {shown} 的报告；先写一份：jiaokan check {shown} --report {shown}/.jiaokan/report"),
            format!("there is no report on {shown}; write one first: jiaokan check {shown} --report {shown}/.jiaokan/report"),
        )
    })?;
    let mut room = Room::open(&folder, &report, settings.config.encoding)?;
    let findings = chosen(args, verdict, &room)?;
    let who = super::reviewer(args.reviewer.as_deref());
    let time = clock::now();
    let verdict = if args.printed.is_some() && verdict == Verdict::Accept { Verdict::Custom } else { verdict };
    let word = Word { verdict, printed: args.printed.as_deref(), note: args.note.as_deref(), reviewer: &who, time: &time };
    let lines = room.say(&word, &findings).map_err(Trouble)?;
    let n = findings.len();
    room.decide(lines)?;
    let words = verdict.words();
    voice.note(&Message::new(format!("{n} 处：{}", words.zh), format!("{n} findings {}", words.en)));
    Ok(())
}

/// The findings that are meant.
fn chosen(args: &SayArgs, verdict: Verdict, room: &Room) -> Result<Vec<u32>, Trouble> {
    let mut findings = Vec::new();
    for id in &args.ids {
        let wanted = id.to_ascii_lowercase();
        let fits: Vec<u32> =
            (0_u32..).zip(&room.desk.items).filter(|(_, item)| item.id().starts_with(&wanted)).map(|(idx, _)| idx).take(2).collect();
        match fits.as_slice() {
            [one] => findings.push(*one),
            [] => return Err(Trouble::new(format!("报告里没有编号 {id}"), format!("the report has no finding {id}"))),
            _ => {
                return Err(Trouble::new(
                    format!("编号 {id} 不止一处，请多给几位"),
                    format!("several findings begin with {id}; give more digits"),
                ));
            }
        }
    }
    if args.ids.is_empty() {
        findings = room.desk.view(&Filter {
            status: Wanted::All,
            rule: args.rule.clone(),
            class: args.class.clone(),
            file: args.file.clone(),
            pattern: args.pattern.clone(),
            q: args.text.clone(),
            min: args.min_confidence,
            sort: Order::File,
            ..Filter::default()
        });
        // A word that is taken back is there already; what was done unattended
        // can be refused like what waits.
        findings.retain(|&idx| {
            let (state, outcome) = (room.desk.state(idx), room.desk.items[idx as usize].outcome);
            match verdict {
                Verdict::Retract => state != State::Open,
                Verdict::Reject | Verdict::Keep => state == State::Open && matches!(outcome, Outcome::Held | Outcome::Applied),
                _ => state == State::Open && outcome == Outcome::Held,
            }
        });
        if findings.is_empty() {
            return Err(Trouble::new(
                "没有这样的未决之处；jiaokan review 可以看还剩什么",
                "no undecided finding is so; jiaokan review shows what is left",
            ));
        }
    }
    Ok(findings)
}

impl Room {
    /// The lines that say `word` about findings.
    ///
    /// # Errors
    /// When one of them cannot be decided so; nothing is to be written then.
    pub(in crate::cli) fn say(&mut self, word: &Word<'_>, findings: &[u32]) -> Result<Vec<crate::decision::Decision>, Message> {
        let mut proposals = std::collections::BTreeMap::new();
        for &idx in findings.iter().filter(|_| word.printed.is_none() && word.verdict != Verdict::Retract) {
            // Thousands of findings are not read again for what is known.
            let proposal = match self.desk.items[idx as usize].whole_proposal() {
                Some(known) => Some(known.to_owned()),
                None => self.fixes(idx)?.into_iter().next().and_then(|(_, proposal)| proposal),
            };
            proposals.insert(idx, proposal);
        }
        let Self { desk, texts, .. } = self;
        let said =
            desk.say(word, findings, |file| texts.get(&desk.files[file as usize]).ok(), |idx| proposals.get(&idx).cloned().flatten());
        said.map_err(|refused| match refused {
            Refused::Outdated(idx) => {
                let item = &desk.items[idx as usize];
                let (file, line, column) = (&desk.files[item.file as usize], item.line, item.column);
                Message::new(
                    format!("{file}:{line}:{column}：文本已与报告不同；请重新运行 check --report"),
                    format!("{file}:{line}:{column}: the text differs from the report by now; run check --report again"),
                )
            }
            Refused::NoProposal(idx) => {
                let item = &desk.items[idx as usize];
                let (file, line, column) = (&desk.files[item.file as usize], item.line, item.column);
                Message::new(
                    format!("{file}:{line}:{column}：这里没有可采纳的改法；写出印的是什么（--printed），或用 keep、ask"),
                    format!("{file}:{line}:{column}: nothing is proposed here; say what was printed (--printed), or use keep or ask"),
                )
            }
        })
    }
}
