//! `jiaokan lm`: the language model, its making and its measure.

mod build;
mod eval;
mod fold;
mod import;
mod info;
mod map;
mod text;

use std::path::{Path, PathBuf};

use clap::Subcommand;

use super::args::Global;
use super::exit::{Exit, Trouble};
use super::settings;
use super::voice::Voice;
use super::write;
use crate::finding::Message;
use crate::model::lm::{LanguageModel, LanguageModelError};

#[derive(Debug, clap::Args)]
pub(crate) struct LmArgs {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// 由文本训练模型 · Make a model from text
    Build(build::BuildArgs),
    /// 说明模型文件的内容与来历 · Say what is in a model and how it was made
    Info(info::InfoArgs),
    /// 以文本衡量模型：每字比特数、未登录字 · Measure a model with text: bits per character, unknown characters
    Eval(eval::EvalArgs),
    /// 转换别的工具训练的 ARPA 模型 · Read a model of another tool, in the ARPA format
    Import(import::ImportArgs),
    /// 输出归并后的字符，供别的工具训练 · Print folded characters, for other tools to train on
    Fold(fold::FoldArgs),
}

/// `jiaokan lm`.
pub(super) fn lm(args: &LmArgs, global: &Global, voice: &Voice) -> Result<Exit, Trouble> {
    let settings = settings::load(global, None)?;
    let voice = &voice.with_config(&settings.config);
    match &args.verb {
        Verb::Build(args) => build::build(args, voice),
        Verb::Info(args) => info::info(args, voice),
        Verb::Eval(args) => eval::eval(args, voice),
        Verb::Import(args) => import::import(args, voice),
        Verb::Fold(args) => fold::fold(args),
    }
}

/// A model that was asked for: a file, or the one inside the program.
enum Model {
    Embedded(&'static LanguageModel),
    File(Box<LanguageModel>),
}

impl std::ops::Deref for Model {
    type Target = LanguageModel;
    fn deref(&self) -> &LanguageModel {
        match self {
            Model::Embedded(model) => model,
            Model::File(model) => model,
        }
    }
}

/// The model in a file, for as long as the program runs.
///
/// # Errors
/// When it cannot be read, or is no whole model.
pub(super) fn load(path: &Path) -> Result<&'static LanguageModel, Trouble> {
    let map = map::map(path).map_err(|error| Trouble::io(&path.display().to_string(), &error))?;
    LanguageModel::from_map(map).map(|model| &*Box::leak(Box::new(model))).map_err(|error| refused(path, &error))
}

fn open(path: Option<&PathBuf>) -> Result<Model, Trouble> {
    let Some(path) = path else { return Ok(Model::Embedded(LanguageModel::embedded())) };
    let map = map::map(path).map_err(|error| Trouble::io(&path.display().to_string(), &error))?;
    LanguageModel::from_map(map).map(|model| Model::File(Box::new(model))).map_err(|error| refused(path, &error))
}

/// Puts a model in place in one step, and says so.
fn write(path: &Path, bytes: &[u8], voice: &Voice) -> Result<Exit, Trouble> {
    write::atomically(path, bytes, &write::Mode::New).map_err(Trouble)?;
    let (shown, n) = (path.display(), bytes.len());
    voice.note(&Message::new(format!("已写 {shown}，{n} 字节"), format!("wrote {shown}, {n} bytes")));
    Ok(Exit::Done)
}

fn refused(path: &Path, error: &LanguageModelError) -> Trouble {
    let shown = path.display();
    let zh = match error {
        LanguageModelError::Format { .. } => "不是 jiaokan 的语言模型；可用 jiaokan lm build 训练，或用 jiaokan lm import 转换".to_owned(),
        LanguageModelError::Version { found } => format!("语言模型的格式版本为 {found}，本程序不能读；请用本程序重新训练"),
        LanguageModelError::Length { expected, found } => format!("语言模型应有 {expected} 字节，实有 {found} 字节；请重新复制"),
        LanguageModelError::Checksum { expected, found } => {
            format!("语言模型已损坏：校验和应为 {expected:016x}，实为 {found:016x}；请重新复制或训练")
        }
        LanguageModelError::Structure(what) => format!("语言模型的内容自相矛盾（{what}）；请重新训练"),
    };
    Trouble::new(format!("{shown}：{zh}"), format!("{shown}: {error}"))
}
