use std::fs;
use std::io::{self, BufReader, IsTerminal, Write};
use std::path::{Path, PathBuf};

use super::super::exit::{Exit, Trouble, io_message};
use super::super::packs;
use super::super::rule_cache;
use super::super::settings::Settings;
use super::super::voice::Voice;
use super::ask::Asker;
use super::home::Home;
use crate::authoring::{Draft, corrections, free_id};
use crate::encoding::decode;
use crate::finding::{Message, Safety};
use crate::lexicon::Lexicon;
use crate::report::Recorded;
use crate::rules::{ExampleOutcome, ExampleReport, Status};

/// Corrections of a comparison that are listed.
const MAX_LISTED: usize = 40;

#[derive(Debug, Default, clap::Args)]
pub(super) struct NewArgs {
    /// 看到的：扫描件里误读的字词 · What you see: the misread characters
    #[arg(value_name = "SEEN")]
    seen: Option<String>,
    /// 应该是：印的是什么 · What was printed
    #[arg(value_name = "PRINTED", conflicts_with_all = ["delete", "flag"])]
    printed: Option<String>,
    /// 看到的是多出来的，删去 · What you see does not belong there: take it out
    #[arg(long, conflicts_with = "flag", help_heading = "规则 Rule")]
    delete: bool,
    /// 只标出，不改 · Only show it
    #[arg(long, help_heading = "规则 Rule")]
    flag: bool,
    /// 只有紧接在这些字之后（也可用 <han> <digit> <number> <latin> <punct> <space> <edge>），可重复 · Only directly after one of these
    #[arg(long, value_name = "TEXT", help_heading = "规则 Rule")]
    left: Vec<String>,
    /// 只有紧接在这些字之前，可重复 · Only directly before one of these
    #[arg(long, value_name = "TEXT", help_heading = "规则 Rule")]
    right: Vec<String>,
    /// 在这些字之后不改，可重复 · Never directly after one of these
    #[arg(long, value_name = "TEXT", help_heading = "规则 Rule")]
    not_left: Vec<String>,
    /// 在这些字之前不改，可重复 · Never directly before one of these
    #[arg(long, value_name = "TEXT", help_heading = "规则 Rule")]
    not_right: Vec<String>,
    /// 一句出错的话，可重复 · A sentence with the damage; may be repeated
    #[arg(long, value_name = "TEXT", help_heading = "规则 Rule")]
    example: Vec<String>,
    /// 一句本来就对、不许动的话，可重复 · A sentence that is right and must stay; may be repeated
    #[arg(long, value_name = "TEXT", help_heading = "规则 Rule")]
    good: Vec<String>,
    /// 规则编号的后半，英文小写加连字符 · The name of the rule: lower case and hyphens
    #[arg(long, value_name = "NAME", help_heading = "规则 Rule")]
    name: Option<String>,
    /// 级别，默认 suggested · How far it is trusted; suggested when not given
    #[arg(long, value_name = "TIER", value_parser = ["automatic", "suggested"], help_heading = "规则 Rule")]
    safety: Option<String>,
    /// 把握，0 至 1 · Of a hundred such places, how many are damage
    #[arg(long, value_name = "X", help_heading = "规则 Rule")]
    confidence: Option<f64>,
    /// 试运行：只报告，不改 · A shadow rule: it reports and never edits
    #[arg(long, help_heading = "规则 Rule")]
    shadow: bool,
    /// 为什么是错的 · Why that is damage
    #[arg(long, value_name = "TEXT", help_heading = "规则 Rule")]
    why: Option<String>,
    /// 怎么知道的 · How you know
    #[arg(long, value_name = "TEXT", help_heading = "规则 Rule")]
    source: Option<String>,
    /// 从报告里的一处发现开始（编号至少前 4 位） · Start from a finding of a report (at least 4 digits of its id)
    #[arg(long, value_name = "FINDING-ID", conflicts_with_all = ["from_diff", "seen"], help_heading = "从何而来 From")]
    from: Option<String>,
    /// 发现所在的报告文件夹 · The report that holds the finding
    #[arg(long, value_name = "DIR", default_value = "report", help_heading = "从何而来 From")]
    report: PathBuf,
    /// 从一份文本改前改后的不同开始 · Start from what somebody corrected between two versions of a text
    #[arg(long, value_names = ["OLD", "NEW"], num_args = 2, conflicts_with = "seen", help_heading = "从何而来 From")]
    from_diff: Vec<PathBuf>,
    /// 取第几处改动 · Which of the corrections to take
    #[arg(long, value_name = "N", requires = "from_diff", help_heading = "从何而来 From")]
    pick: Option<usize>,
    /// 写入哪个规则包文件夹，没有就新建 · The pack's folder; it is made when absent
    #[arg(long, value_name = "DIR", help_heading = "写到哪里 Where")]
    pack: Option<PathBuf>,
    /// 写入包里哪个文件 · The file in the pack
    #[arg(long, value_name = "NAME", default_value = "rules.toml", help_heading = "写到哪里 Where")]
    file: String,
    /// 只显示，不写 · Only show the rule
    #[arg(long, help_heading = "写到哪里 Where")]
    dry_run: bool,
    /// 提问，即使标准输入不是终端 · Ask, even when standard input is no terminal
    #[arg(long, help_heading = "写到哪里 Where")]
    ask: bool,
}

pub(super) fn new(args: &NewArgs, settings: &Settings, voice: &Voice, out: &mut dyn Write) -> Result<Exit, Trouble> {
    let home = Home::find(args.pack.as_deref(), &args.file, settings)?;
    let mut asker = Asker::new(voice, args.ask || (args.seen.is_none() && args.from.is_none() && io::stdin().is_terminal()));
    let mut draft = start(args, voice, &mut asker, out)?;
    let given = args.name.as_deref().map(|name| name.strip_prefix(&format!("{}/", home.name())).unwrap_or(name));
    draft.id = match given {
        Some(name) => format!("{}/{name}", home.name()),
        None => {
            let free = free_id(home.name(), &draft.observed, |id| home.has(id));
            let name = asker.ask(
                "规则的名字（英文小写加连字符；直接回车即用括号里的）",
                "A name for the rule (lower case and hyphens)",
                free.split_once('/').map_or("", |(_, name)| name),
            )?;
            format!("{}/{name}", home.name())
        }
    };
    if home.has(&draft.id) {
        let id = &draft.id;
        return Err(Trouble::new(
            format!("已有规则 {id}：用 --name 另起一个名字"),
            format!("there is a rule {id} already: choose another --name"),
        ));
    }
    draft.complete().map_err(|error| Trouble(error.0))?;
    let rule = draft.toml();
    let set = rule_cache::load(&home.among_others(&rule, settings)?).map_err(|errors| packs::wrong(&errors))?;
    let reports = set.run_examples(|one| one.head.id == draft.id);
    let told = |error: io::Error| Trouble::io("", &error);
    writeln!(out, "{}", rule.trim_start()).map_err(told)?;
    super::test::tell(&reports, voice, out).map_err(told)?;
    if let Some(bad) = reports.iter().find(|report| report.outcome != ExampleOutcome::Validated) {
        voice.note(&advice(bad));
        voice.note(&Message::new("没有写入", "nothing was written"));
        return Ok(Exit::Left);
    }
    if args.dry_run || !asker.yes("写入规则包？", "Write it into the pack?")? {
        voice.note(&Message::new("没有写入", "nothing was written"));
        return Ok(Exit::Done);
    }
    let path = home.write_rules(&args.file, &rule, settings, voice)?;
    let (id, at) = (&draft.id, path.display());
    voice.note(&Message::new(format!("规则 {id} 写入 {at}"), format!("the rule {id} is in {at}")));
    let pack = home.folder().display();
    voice.note(&Message::new(
        format!("看它会改什么：jiaokan rules impact {id} --on 文件夹；再改规则后：jiaokan rules test {pack} --watch"),
        format!("what it would change: jiaokan rules impact {id} --on FOLDER; while you edit it: jiaokan rules test {pack} --watch"),
    ));
    Ok(Exit::Done)
}

/// What is wrong with an example and what helps.
fn advice(report: &ExampleReport) -> Message {
    match report.outcome {
        ExampleOutcome::Missing => Message::new(
            "规则在例句里没有命中：这个字与旁边的字成词，词典以为没有错。写出更长的误读，或换一句例句",
            "the rule does not fire in the example: the character makes a word with its neighbors there, so it may be right. Give a longer misreading, or another example",
        ),
        ExampleOutcome::Noisy => Message::new(
            "规则会改那句本来就对的话：用 --not-left、--not-right 排除，或写出更长的误读",
            "the rule changes the sentence that is right: exclude it with --not-left or --not-right, or give a longer misreading",
        ),
        _ => Message::new("改出来的不是例句该有的样子", "what comes out is not what the example says"),
    }
}

/// What the rule is about, from the arguments, a finding, two texts, or the
/// answers of whoever sits there.
fn start(args: &NewArgs, voice: &Voice, asker: &mut Asker, out: &mut dyn Write) -> Result<Draft, Trouble> {
    let (seen, printed, example) = if let Some(id) = &args.from {
        from_finding(args, id)?
    } else if let [old, new] = args.from_diff.as_slice() {
        match from_diff(old, new, args.pick, voice, out)? {
            Some(found) => found,
            None => return Err(Trouble::new("有几处改动：用 --pick N 选一处", "there are several corrections: choose one with --pick N")),
        }
    } else {
        let seen = match &args.seen {
            Some(seen) => seen.clone(),
            None if asker.is_on() => {
                asker.ask("你看到的是什么（误读的字词，例如 径河）", "What do you see (the misread word, for example 径河)", "")?
            }
            None => {
                return Err(Trouble::new(
                    "没有说看到的是什么：jiaokan rules new 径河 泾河；在终端里不带参数运行则逐项提问",
                    "nothing was observed: jiaokan rules new 径河 泾河; in a terminal and without arguments it asks",
                ));
            }
        };
        (seen, args.printed.clone(), None)
    };
    let printed = match printed {
        _ if args.delete => Some(String::new()),
        _ if args.flag => None,
        Some(printed) => Some(printed),
        None if asker.is_on() => {
            match asker.ask("应该是什么（- 删去，? 只标出）", "What was printed (- takes it out, ? only shows it)", "")?.as_str()
            {
                "-" => Some(String::new()),
                "?" | "？" => None,
                text => Some(text.to_owned()),
            }
        }
        None => {
            return Err(Trouble::new(
                "没有说应该是什么：写在看到的之后，或用 --delete 删去，用 --flag 只标出",
                "nothing was said to stand there: write it behind what you see, or --delete, or --flag",
            ));
        }
    };
    let mut draft = Draft::new("", &seen, printed.as_deref());
    draft.sides.left.clone_from(&args.left);
    draft.sides.right.clone_from(&args.right);
    draft.sides.not_left.clone_from(&args.not_left);
    draft.sides.not_right.clone_from(&args.not_right);
    if asker.is_on() && draft.sides.is_empty() && args.from.is_none() {
        draft.sides.left = asker.list(
            "只在哪些字之后才是错的（用空格隔开；总是则直接回车）",
            "Only after which characters (separated by spaces; Enter for always)",
        )?;
        draft.sides.right = asker.list("只在哪些字之前才是错的", "Only before which characters")?;
        draft.sides.not_left = asker.list("在哪些字之后是对的，不改", "After which characters is it right")?;
        draft.sides.not_right = asker.list("在哪些字之前是对的，不改", "Before which characters is it right")?;
    }
    example.iter().chain(&args.example).for_each(|text| draft.add_example(text));
    draft.good.clone_from(&args.good);
    if asker.is_on() {
        if draft.bad.is_empty() {
            let text = asker.ask("一句出错的话（没有则直接回车）", "A sentence with the damage (Enter for none)", "")?;
            if !text.is_empty() {
                draft.add_example(&text);
            }
        }
        if draft.good.is_empty() {
            let text = asker.ask(
                "一句里面「看到的」本来就对的话（没有则直接回车）",
                "A sentence in which what you see is right (Enter for none)",
                "",
            )?;
            draft.good.extend((!text.is_empty()).then_some(text));
        }
    }
    if args.safety.as_deref() == Some("automatic") {
        draft.safety = Safety::Automatic;
        draft.confidence = 0.98;
    }
    draft.confidence = args.confidence.unwrap_or(draft.confidence);
    draft.status = if args.shadow { Status::Shadow } else { Status::Active };
    if let Some(why) = &args.why {
        draft.why = Message::new(why, why);
    }
    draft.source = args.source.clone().unwrap_or(draft.source);
    Ok(draft)
}

/// What a rule starts from: what is seen, what was printed, an example.
type Found = (String, Option<String>, Option<String>);

fn from_finding(args: &NewArgs, id: &str) -> Result<Found, Trouble> {
    let path = args.report.join("findings.jsonl");
    let shown = path.display().to_string();
    let file = fs::File::open(&path).map_err(|error| Trouble::io(&shown, &error))?;
    let recorded = Recorded::find(BufReader::new(file), id).map_err(|error| {
        Trouble::new(format!("{shown}：{error}；报告文件夹用 --report 指出"), format!("{shown}: {error}; name the report with --report"))
    })?;
    Ok((recorded.observed().to_owned(), recorded.fixed(), None))
}

/// `None` when there are several corrections, which were listed.
fn from_diff(old: &Path, new: &Path, pick: Option<usize>, voice: &Voice, out: &mut dyn Write) -> Result<Option<Found>, Trouble> {
    let read = |path: &Path| {
        let bytes = fs::read(path).map_err(|error| Trouble(io_message(&path.display().to_string(), &error)))?;
        Ok::<String, Trouble>(decode(&bytes, None).text)
    };
    let (old, new) = (read(old)?, read(new)?);
    let lexicon = Lexicon::embedded();
    let mut found: Vec<Found> = Vec::new();
    for correction in corrections(&old, &new) {
        let (seen, printed) = correction.as_words(&new, &lexicon);
        let (example, _) = correction.sentences(&old, &new);
        if !found.iter().any(|(known, to, _)| *known == seen && to.as_deref() == Some(&printed)) {
            found.push((seen, Some(printed), Some(example)));
        }
    }
    let n = found.len();
    match (n, pick) {
        (0, _) => Err(Trouble::new(
            "两份文本没有可以成为规则的改动：一处改动不超过四个字，不跨行",
            "the two texts have no correction of which a rule can be made: at most four characters, within a line",
        )),
        (1, None) => Ok(found.pop()),
        (_, Some(number)) if (1..=n).contains(&number) => Ok(found.into_iter().nth(number - 1)),
        (_, Some(number)) => {
            Err(Trouble::new(format!("没有第 {number} 处改动，共 {n} 处"), format!("there is no correction {number}; there are {n}")))
        }
        (_, None) => {
            let mut list = || -> io::Result<()> {
                for (idx, (seen, printed, example)) in found.iter().enumerate().take(MAX_LISTED) {
                    let (printed, example) = (printed.as_deref().unwrap_or_default(), example.as_deref().unwrap_or_default());
                    writeln!(out, "{:4}  {seen} → {printed}    {example}", idx + 1)?;
                }
                if n > MAX_LISTED {
                    writeln!(out, "{}", voice.lang.of(&Message::new(format!("… 共 {n} 处"), format!("... {n} in all"))))?;
                }
                out.flush()
            };
            list().map_err(|error| Trouble::io("", &error))?;
            Ok(None)
        }
    }
}
