use std::fs;
use std::io::Write;
use std::path::Path;

use super::super::exit::{Exit, Trouble};
use super::super::settings::Settings;
use super::super::voice::Voice;
use super::super::write::{self, Mode};
use super::chosen::Chosen;
use crate::authoring::promote as without_shadow;
use crate::finding::Message;
use crate::rules::{Rule, Status};

#[derive(Debug, clap::Args)]
pub(super) struct PromoteArgs {
    /// 试运行的规则、规则包或规则包文件夹 · Shadow rules, packs, or folders with a pack
    #[arg(value_name = "RULE|PACK|PATH", required = true)]
    names: Vec<String>,
    /// 实测准确率至少多少 · The least measured precision, 0 to 1
    #[arg(long, value_name = "X", default_value_t = 0.98)]
    min_precision: f64,
    /// 至少有多少处有正误可查 · Places that were judged, at least
    #[arg(long, value_name = "N", default_value_t = 20)]
    min_places: usize,
}

/// Makes shadow rules active whose recorded numbers hold. Ends with 1 when one
/// of them does not.
pub(super) fn promote(args: &PromoteArgs, settings: &Settings, voice: &Voice, out: &mut dyn Write) -> Result<Exit, Trouble> {
    let chosen = Chosen::new(&args.names, settings)?;
    let mut exit = Exit::Done;
    let mut n_shadow = 0;
    for rule in chosen.set.rules().iter().filter(|rule| chosen.holds(rule) && rule.head.status == Status::Shadow) {
        n_shadow += 1;
        let verdict = match held_back(rule, args) {
            Some(reason) => {
                exit = Exit::Left;
                reason
            }
            None => {
                let path = Path::new(&rule.head.path);
                let shown = path.display().to_string();
                let text = fs::read_to_string(path).map_err(|error| Trouble::io(&shown, &error))?;
                let new = without_shadow(&text, &rule.head.id)
                    .map_err(|error| Trouble::new(format!("{shown}：{}", error.0.zh), format!("{shown}: {}", error.0.en)))?;
                write::unchanged(path, text.as_bytes()).map_err(Trouble)?;
                write::atomically(path, new.as_bytes(), &Mode::New).map_err(Trouble)?;
                Message::new("启用", "active now")
            }
        };
        let id = &rule.head.id;
        writeln!(out, "{}", voice.lang.of(&Message::new(format!("{id}：{}", verdict.zh), format!("{id}: {}", verdict.en))))
            .map_err(|error| Trouble::io("", &error))?;
    }
    if n_shadow == 0 {
        voice.note(&Message::new("其中没有试运行的规则", "there is no shadow rule among them"));
    }
    Ok(exit)
}

/// Why the numbers do not hold.
fn held_back(rule: &Rule, args: &PromoteArgs) -> Option<Message> {
    let Some(measured) = &rule.measured else {
        return Some(Message::new(
            "还没有实测：先运行 rules impact --on … --truth … --record",
            "not measured: run rules impact --on ... --truth ... --record first",
        ));
    };
    let (n, least) = (measured.n_judged(), args.min_places);
    if n < least {
        return Some(Message::new(
            format!("只有 {n} 处有正误可查，要 {least} 处（--min-places）"),
            format!("only {n} places were judged, {least} are asked for (--min-places)"),
        ));
    }
    let precision = measured.precision().unwrap_or(0.0);
    (precision < args.min_precision).then(|| {
        let (found, least) = (100.0 * precision, 100.0 * args.min_precision);
        Message::new(
            format!("准确率 {found:.1} %，不到 {least:.1} %（{} 处改错）", measured.wrong + measured.neither),
            format!("precision {found:.1} %, below {least:.1} % ({} wrong)", measured.wrong + measured.neither),
        )
    })
}
