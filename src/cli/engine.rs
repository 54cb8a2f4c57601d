use std::collections::BTreeMap;
use std::sync::Arc;

use super::exit::Trouble;
use super::models::Models;
use crate::config::{Config, Converter, Scope};
use crate::detect;
use crate::finding::Message;
use crate::lexicon::{ConverterKind, Scripts};
use crate::pipeline::Engine;
use crate::resolve::{Policy, Selection};
use crate::rules::RuleSet;

/// The engine that the settings describe.
///
/// # Errors
/// On a rule or pack that does not exist, or a converter this program was
/// built without.
pub(super) fn build(config: &Config, rule_files: &Arc<RuleSet>, models: &Models) -> Result<Engine, Trouble> {
    let engine = with_rules(config, rule_files, models)?;
    check_names(&engine, rule_files)?;
    Ok(engine)
}

/// The same with some packs left out, which the settings may name all the
/// same.
///
/// # Errors
/// As [`build`], names aside.
pub(super) fn with_rules(config: &Config, rule_files: &Arc<RuleSet>, models: &Models) -> Result<Engine, Trouble> {
    let converter = converter(config.converter)?;
    if config.drop_cross_file && config.scope == Scope::File {
        return Err(Trouble::new(
            "--drop-cross-file 须与 --context run 同用：只看一个文件，不知道别处有没有副本",
            "--drop-cross-file needs --context run: a file alone does not know of copies elsewhere",
        ));
    }
    let mut detectors = detect::registry();
    detectors.extend(rule_files.detectors());
    let engine = Engine {
        detectors,
        settings: detect::Settings {
            keep_lines: config.keep_lines,
            jump_lines: config.jump_lines,
            furniture: config.furniture,
            converter,
            trust: models.trust,
        },
        selection: Selection { select: config.select.clone(), ignore: config.ignore.clone(), suppressed: Vec::new() },
        policy: Policy { level: config.level, min_confidence: config.min_confidence },
        resources: models.resources,
    };
    Ok(engine)
}

/// The converter of the settings, opened once to see that it can be.
fn converter(wanted: Converter) -> Result<ConverterKind, Trouble> {
    let kind = match wanted {
        Converter::Ferrous => ConverterKind::Ferrous,
        #[cfg(feature = "opencc")]
        Converter::Opencc => ConverterKind::Opencc,
        #[cfg(not(feature = "opencc"))]
        Converter::Opencc => {
            return Err(Trouble::new(
                "本程序编译时没有启用 opencc；请用 cargo build --features opencc 重新编译，或改用 --converter ferrous",
                "this program was built without opencc; build it with --features opencc, or use --converter ferrous",
            ));
        }
    };
    match wanted {
        // The built-in one opens whenever it is first needed.
        Converter::Ferrous => {}
        Converter::Opencc => {
            Scripts::of(kind).map_err(|error| Trouble::new(format!("打不开转换器 {}：{}", error.name, error.reason), error.to_string()))?;
        }
    }
    Ok(kind)
}

/// What each rule finds, by id.
pub(super) fn rules(engine: &Engine, rule_files: &RuleSet) -> BTreeMap<String, Message> {
    // The detectors that run rule files are no rules themselves.
    let detectors = engine.detectors.iter().map(|detector| detector.meta()).filter(|meta| !meta.id.starts_with("rules/"));
    let detectors = detectors.map(|meta| (meta.id.to_owned(), meta.message()));
    let rules = rule_files.rules().iter().map(|rule| (rule.head.id.clone(), rule.head.summary()));
    detectors.chain(rules).collect()
}

/// Refuses a selection that names what is neither a rule nor a pack.
fn check_names(engine: &Engine, rule_files: &RuleSet) -> Result<(), Trouble> {
    let rules = rules(engine, rule_files);
    let packs: Vec<&str> = rules.keys().filter_map(|id| id.split_once('/')).map(|(pack, _)| pack).collect();
    let known = || rules.keys().map(String::as_str).chain(packs.iter().copied());
    for name in engine.selection.select.iter().chain(&engine.selection.ignore) {
        if known().any(|known| known == name) {
            continue;
        }
        let hint = match crate::config::nearest(name, known()) {
            Some(nearest) => (format!("，是否为「{nearest}」？"), format!("; did you mean \"{nearest}\"?")),
            None => ("；jiaokan rules list 列出全部规则".to_owned(), "; jiaokan rules list shows all rules".to_owned()),
        };
        return Err(Trouble::new(format!("没有规则或规则包「{name}」{}", hint.0), format!("no rule or pack \"{name}\"{}", hint.1)));
    }
    Ok(())
}
