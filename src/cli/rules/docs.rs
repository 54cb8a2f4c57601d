use std::io::Write;
use std::path::PathBuf;

use super::super::exit::{Exit, Trouble};
use super::super::packs;
use super::super::settings::Settings;
use super::super::voice::Voice;
use super::super::write::{self, Mode};
use crate::authoring::reference;
use crate::detect;
use crate::finding::Message;
use crate::report::Lang;

#[derive(Debug, clap::Args)]
pub(super) struct DocsArgs {
    /// 写入文件，- 为标准输出 · The file to write; - is standard output
    #[arg(long, value_name = "FILE", default_value = "rules.html")]
    out: PathBuf,
}

/// Writes the reference of all rules as one page.
pub(super) fn docs(args: &DocsArgs, settings: &Settings, voice: &Voice, out: &mut dyn Write) -> Result<Exit, Trouble> {
    let set = packs::load(&settings.pack_folders()?)?;
    let detectors = detect::registry();
    let metas: Vec<_> = detectors.iter().map(|detector| detector.meta()).collect();
    let page = reference(&set, &metas, voice.lang == Lang::Zh);
    if args.out.as_os_str() == "-" {
        out.write_all(page.as_bytes()).map_err(|error| Trouble::io("", &error))?;
        return Ok(Exit::Done);
    }
    write::atomically(&args.out, page.as_bytes(), &Mode::New).map_err(Trouble)?;
    let shown = args.out.display();
    voice.note(&Message::new(format!("写入 {shown}"), format!("wrote {shown}")));
    Ok(Exit::Done)
}
