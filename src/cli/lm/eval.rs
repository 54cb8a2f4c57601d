use std::io::{self, Write};
use std::path::PathBuf;

use indicatif::ProgressBar;

use super::super::exit::{Exit, Trouble};
use super::super::sinks::{PipeState, stdout};
use super::super::voice::Voice;
use super::text::Text;
use crate::model::lm::{Id, LanguageModel, MAX_ORDER};

#[derive(Debug, clap::Args)]
pub(super) struct EvalArgs {
    /// 模型文件，不给则为程序内置的模型 · A model; the one inside the program when not given
    #[arg(value_name = "FILE")]
    file: Option<PathBuf>,
    /// 文本，写法同 build · Texts, as for build
    #[arg(long, value_name = "FILE", required = true, num_args = 1..)]
    text: Vec<PathBuf>,
    /// .jsonl 中正文的字段 · The field of .jsonl files with the text
    #[arg(long, value_name = "NAME", default_value = "text")]
    field: String,
}

/// Sums over a text.
#[derive(Clone, Copy, Debug, Default)]
struct Sums {
    bits: f64,
    n_chars: u64,
    n_ends: u64,
    n_unknown: u64,
    /// By length of the longest n-gram found.
    found: [u64; MAX_ORDER],
}

impl Sums {
    fn add_paragraph(&mut self, model: &LanguageModel, paragraph: &str) {
        let mut state = model.start();
        let mut n_chars = 0;
        let mut add = |id: Id| {
            let scored = model.score_in_full(state, id);
            state = scored.state;
            self.bits += f64::from(scored.bits);
            self.found[scored.found - 1] += 1;
        };
        for id in model.ids(paragraph) {
            n_chars += 1;
            self.n_unknown += u64::from(id == Id::UNKNOWN);
            add(id);
        }
        if n_chars > 0 {
            add(Id::BOUNDARY);
            self.n_chars += n_chars;
            self.n_ends += 1;
        }
    }

    fn add(&mut self, other: &Sums) {
        self.bits += other.bits;
        self.n_chars += other.n_chars;
        self.n_ends += other.n_ends;
        self.n_unknown += other.n_unknown;
        for (sum, n) in self.found.iter_mut().zip(other.found) {
            *sum += n;
        }
    }
}

/// `jiaokan lm eval`.
pub(super) fn eval(args: &EvalArgs, voice: &Voice) -> Result<Exit, Trouble> {
    let model = super::open(args.file.as_ref())?;
    let mut rows = Vec::new();
    let mut all = Sums::default();
    for path in &args.text {
        let text = Text { path: path.clone(), share: 1.0 };
        let mut sums = Sums::default();
        text.each_paragraph(&args.field, &ProgressBar::hidden(), |paragraph| {
            sums.add_paragraph(&model, paragraph);
            Ok(())
        })?;
        all.add(&sums);
        rows.push((text.name(), sums));
    }
    if rows.len() > 1 {
        rows.push((voice.lang.pick("合计", "all").to_owned(), all));
    }
    let mut out = stdout(&PipeState::default());
    print(&rows, model.order(), voice, &mut out).and_then(|()| out.flush()).map_err(|error| Trouble::io("", &error))?;
    Ok(Exit::Done)
}

fn print(rows: &[(String, Sums)], order: usize, voice: &Voice, out: &mut dyn Write) -> io::Result<()> {
    let pick = |zh, en| voice.lang.pick(zh, en);
    write!(
        out,
        "{}\t{}\t{}\t{}",
        pick("字符", "chars"),
        pick("比特/字", "bits/char"),
        pick("困惑度", "perplexity"),
        pick("未登录‰", "unknown‰")
    )?;
    for len in 1..=order {
        write!(out, "\t{len}-gram%")?;
    }
    writeln!(out, "\t{}", pick("文件", "file"))?;
    for (name, sums) in rows {
        // The end of a paragraph is predicted like a character.
        let n = (sums.n_chars + sums.n_ends).max(1) as f64;
        let bits = sums.bits / n;
        write!(out, "{}\t{bits:.4}\t{:.2}\t{:.2}", sums.n_chars, bits.exp2(), 1000.0 * sums.n_unknown as f64 / n)?;
        for found in &sums.found[..order] {
            write!(out, "\t{:.1}", 100.0 * *found as f64 / n)?;
        }
        writeln!(out, "\t{name}")?;
    }
    Ok(())
}
