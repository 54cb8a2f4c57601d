//! `jiaokan review`: the desk in a browser or in the terminal.
//!
//! `load` opens a folder with its report and log, `texts` reads its texts. For
//! the browser, `server` answers, `guard` says to whom, `api` does what is
//! asked and `show` says what is seen, `scan` where that is on the scan; the page itself is in `assets`: plain
//! modules of script, of which `app.js` is the first.

mod api;
mod guard;
pub(super) mod load;
mod scan;
mod server;
mod show;
mod terminal;
pub(super) mod texts;

use std::net::{IpAddr, Ipv4Addr};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::args::{Global, RunArgs};
use super::exit::{Exit, Trouble};
use super::patches::FOLDER;
use super::settings::{self, Settings};
use super::voice::Voice;
use super::{decisions, run};
use crate::finding::Message;
use load::Room;

#[derive(Debug, clap::Args)]
pub(super) struct ReviewArgs {
    /// 检查过或修复过的文件夹 · A folder that was checked or fixed
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// 报告所在的文件夹，默认 DIR/.jiaokan/report 或 DIR/report，没有就先检查
    /// · The folder of its report; without one, the texts are checked first
    #[arg(long, value_name = "DIR")]
    report: Option<PathBuf>,
    /// 审校人，默认为登录名 · Who decides; the login when not given
    #[arg(long, value_name = "NAME")]
    reviewer: Option<String>,
    /// 在终端里审，不开浏览器 · In the terminal, without a browser
    #[arg(long, conflicts_with_all = ["open", "host", "port"])]
    terminal: bool,
    /// 打开浏览器 · Open the browser
    #[arg(long)]
    open: bool,
    /// 在哪个地址上等候，默认只限本机 · The address to listen at; this machine alone when not given
    #[arg(long, value_name = "IP", default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST))]
    host: IpAddr,
    /// 端口，默认任选 · The port; any free one when not given
    #[arg(long, value_name = "PORT", default_value_t = 0)]
    port: u16,
}

/// `jiaokan review`.
pub(super) fn review(args: &ReviewArgs, global: &Global, voice: &Voice) -> Result<Exit, Trouble> {
    let settings = settings::load(global, None)?;
    let voice = &voice.with_config(&settings.config);
    let room = open(args, &settings, global, voice)?;
    let reviewer = decisions::reviewer(args.reviewer.as_deref());
    if args.terminal {
        terminal::run(room, reviewer, voice.lang)?;
        return Ok(Exit::Done);
    }
    let server = server::Server::bind(args.host, args.port)?;
    let address = server.address();
    voice.say_out(&Message::new(format!("审校台：{address}"), format!("the desk is at {address}")));
    if !args.host.is_loopback() {
        voice.note(&Message::new(
            "这个地址别的机器也能连：知道网址的人都能改动决定，且传输不加密",
            "other machines can reach this address: whoever knows it can decide, and nothing is encrypted",
        ));
    }
    if args.open {
        browse(&address, voice);
    }
    server.run(api::Office::new(room, reviewer, settings.config.encoding))?;
    Ok(Exit::Done)
}

/// Opens the folder; one without a report is checked first.
fn open(args: &ReviewArgs, settings: &Settings, global: &Global, voice: &Voice) -> Result<Room, Trouble> {
    let folder = &args.folder;
    if !folder.is_dir() {
        let shown = folder.display();
        return Err(Trouble::new(format!("{shown}：没有这个文件夹"), format!("{shown}: no such folder")));
    }
    let report = match load::report_of(folder, args.report.as_deref())? {
        Some(report) => report,
        None => checked(folder, global, voice)?,
    };
    Room::open(folder, &report, settings.config.encoding)
}

fn checked(folder: &Path, global: &Global, voice: &Voice) -> Result<PathBuf, Trouble> {
    let report = folder.join(FOLDER).join("report");
    let shown = folder.display();
    voice.note(&Message::new(format!("还没有报告，先检查 {shown}"), format!("there is no report yet: checking {shown}")));
    run::check_for_review(&RunArgs { paths: vec![folder.to_owned()], ..RunArgs::default() }, &report, global, voice)?;
    Ok(report)
}

/// Opens the browser; it is no error when there is none.
fn browse(address: &str, voice: &Voice) {
    let (program, before): (&str, &[&str]) = if cfg!(target_os = "macos") {
        ("open", &[])
    } else if cfg!(windows) {
        ("rundll32", &["url.dll,FileProtocolHandler"])
    } else {
        ("xdg-open", &[])
    };
    let mut command = Command::new(program);
    command.args(before).arg(address).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    if command.spawn().is_err() {
        voice.note(&Message::new("没能打开浏览器，请自行打开上面的网址", "no browser could be opened; open the address above"));
    }
}
