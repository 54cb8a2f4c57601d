use std::ops::Range;
use std::sync::{Arc, OnceLock};

use toml::Spanned;

use super::conflict;
use super::error::{RuleError, RuleErrorKind};
use super::host::Means;
use super::kind::{About, KINDS, place};
use super::look_alikes::{LookAlikes, lines_of};
use super::measured::{self, Measured};
use super::pack::{self, is_slug, required};
use super::raw::{RawDefaults, RawHead, RawMessage};
use super::read::{Problems, Table};
use super::rule::{Example, Exception, Head, Rule, Status, body_digest, digest_of};
use super::word_list;
use super::{Pack, PackSource, SourceFile};
use crate::finding::{Class, Message, Phase, Safety};

/// Bytes a rule file may have; a larger one is no rule file.
const MAX_FILE_BYTES: usize = 4 * 1024 * 1024;

/// What a pack consists of after checking.
#[derive(Default)]
pub(super) struct Loaded {
    pub packs: Vec<Pack>,
    pub rules: Vec<Rule>,
    pub protected: Vec<String>,
    /// Records of measurements whose rule is not there or was changed since.
    pub stale: Vec<Measured>,
}

/// What one file of a pack holds, with the byte ranges of the rules.
#[derive(Default)]
struct FileRead {
    rules: Vec<(Rule, Range<usize>)>,
    protected: Vec<String>,
    measured: Vec<Measured>,
    errors: Vec<RuleError>,
}

/// Checks all packs; every error of every file at once. Files are read in any
/// order, and what they hold is put together in theirs.
pub(super) fn load(sources: &[PackSource], means: Means<'_>) -> Result<Loaded, Vec<RuleError>> {
    let mut errors = Vec::new();
    let look_alikes = Arc::new(read_look_alikes(sources, &mut errors));
    let mut loaded = Loaded::default();
    let mut jobs = Vec::new();
    // How many files were asked for when a pack was told to be wrong.
    let mut of_packs = Vec::new();
    for source in sources {
        let mut told = Vec::new();
        let pack = pack::read(source, &loaded.packs, &mut told);
        of_packs.push((jobs.len(), told));
        let Some(pack) = pack else { continue };
        jobs.extend(sorted(source).into_iter().map(|file| (loaded.packs.len(), source, file)));
        loaded.packs.push(pack);
    }
    let read: Vec<OnceLock<FileRead>> = jobs.iter().map(|_| OnceLock::new()).collect();
    means.host.each(jobs.len(), &|idx| {
        let (pack_idx, source, file) = jobs[idx];
        read[idx].get_or_init(|| read_file(&loaded.packs[pack_idx], source, file, &look_alikes, means));
    });
    // Byte ranges of the rules in their files, for the checks across rules.
    let mut places = Vec::new();
    let mut measured = Vec::new();
    let mut of_packs = of_packs.into_iter().peekable();
    let mut protected: Vec<Vec<String>> = loaded.packs.iter().map(|pack| pack.protect.clone()).collect();
    for (idx, (read, &(pack_idx, _, file))) in read.into_iter().zip(&jobs).enumerate() {
        while let Some((_, told)) = of_packs.next_if(|(at, _)| *at <= idx) {
            errors.extend(told);
        }
        let read = read.into_inner().unwrap_or_default();
        protected[pack_idx].extend(read.protected);
        measured.extend(read.measured);
        errors.extend(read.errors);
        for (rule, span) in read.rules {
            loaded.rules.push(rule);
            places.push((file, span));
        }
    }
    errors.extend(of_packs.flat_map(|(_, told)| told));
    loaded.protected = protected.into_iter().flatten().collect();
    pack::check_requirements(&loaded.packs, sources, &mut errors);
    let dropped = pack::overridden(&loaded.packs, &loaded.rules, sources, &mut errors);
    let mut keep = loaded.rules.iter().map(|rule| !dropped.contains(&rule.head.id)).collect::<Vec<_>>().into_iter();
    places.retain(|_| keep.next() == Some(true));
    loaded.rules.retain(|rule| !dropped.contains(&rule.head.id));
    conflict::check(&loaded.rules, &places, means, &mut errors);
    loaded.stale = measured::attach(measured, &mut loaded.rules);
    if errors.is_empty() { Ok(loaded) } else { Err(errors) }
}

fn read_file(pack: &Pack, source: &PackSource, file: &SourceFile, look_alikes: &Arc<LookAlikes>, means: Means<'_>) -> FileRead {
    let mut read = FileRead::default();
    let mut problems = Problems::new(file).with_look_alikes(look_alikes).with_means(means);
    match file.name() {
        "pack.toml" | "look-alikes.txt" => {}
        "protect.txt" => read.protected = lines_of(&file.text).map(|(_, entry)| entry.to_owned()).collect(),
        word_list::NAME => read.rules = word_list::read(pack, &mut problems).into_iter().map(|rule| (rule, 0..0)).collect(),
        name if name.ends_with(".toml") && file.text.len() > MAX_FILE_BYTES => pack::too_large(MAX_FILE_BYTES, &mut problems),
        measured::NAME => read.measured = measured::read(&mut problems),
        name if name.ends_with(".toml") => {
            let mut reader = Reader { pack: &pack.name, files: &source.files, look_alikes, problems: &mut problems };
            read.rules = reader.file();
        }
        _ => {}
    }
    read.errors = problems.into_errors();
    read
}

fn sorted(source: &PackSource) -> Vec<&SourceFile> {
    let mut files: Vec<&SourceFile> = source.files.iter().collect();
    files.sort_by(|a, b| a.path.cmp(&b.path));
    files
}

fn read_look_alikes(sources: &[PackSource], errors: &mut Vec<RuleError>) -> LookAlikes {
    let mut look_alikes = LookAlikes::default();
    for file in sources.iter().flat_map(sorted).filter(|file| file.name() == "look-alikes.txt") {
        let mut problems = Problems::new(file);
        look_alikes.read(&mut problems);
        errors.extend(problems.into_errors());
    }
    look_alikes
}

/// Reads the rules of one file.
struct Reader<'r, 'f> {
    pack: &'r str,
    files: &'r [SourceFile],
    look_alikes: &'r Arc<LookAlikes>,
    problems: &'r mut Problems<'f>,
}

impl<'f> Reader<'_, 'f> {
    fn file(&mut self) -> Vec<(Rule, Range<usize>)> {
        let Some(mut table) = Table::parse(self.problems) else { return Vec::new() };
        let place = Message::new("规则文件", "a rule file");
        let defaults = match table.take_table("defaults", self.problems) {
            Some(defaults) => {
                let place = Message::new("[defaults]", "[defaults]");
                if defaults.check_keys::<RawDefaults>(&[], &place, self.problems) {
                    defaults.read(&place, self.problems).unwrap_or_default()
                } else {
                    RawDefaults::default()
                }
            }
            None => RawDefaults::default(),
        };
        let rules = table.take_tables("rule", self.problems);
        for key in table.items.keys() {
            let valid = vec!["defaults".to_owned(), "rule".to_owned()];
            self.problems.push(key.span(), RuleErrorKind::UnknownKey { key: key.get_ref().to_string(), place: place.clone(), valid });
        }
        rules
            .into_iter()
            .filter_map(|rule| {
                let span = rule.span.clone();
                self.rule(rule, &defaults).map(|rule| (rule, span))
            })
            .collect()
    }

    fn rule(&mut self, table: Table<'_>, defaults: &RawDefaults) -> Option<Rule> {
        let span = table.span.clone();
        let (head, body) = table.split::<RawHead>();
        let raw: RawHead = head.read(&Message::new("规则", "a rule"), self.problems)?;
        let before = self.problems.len();
        let kind_name = required(raw.kind.clone().or_else(|| defaults.kind.clone()), "kind", span.clone(), self.problems);
        let kind = kind_name.and_then(|name| {
            let names: Vec<(&str, usize)> = KINDS.iter().enumerate().map(|(idx, kind)| (kind.name, idx)).collect();
            self.one_of(&name, "kind", &names).map(|idx| &KINDS[idx])
        });
        let head = self.head(&raw, defaults, kind.map_or("", |kind| kind.name), &span);
        let examples = self.examples(&raw, &span);
        let exceptions = self.exceptions(&raw);
        // A misspelled key of the head stands among those of the body: it is
        // told together with the key that is missing for it.
        if kind.is_none() {
            self.check_keys_of_no_kind(&body);
        }
        let kind = kind.filter(|kind| self.check_body_keys(kind, &body));
        let (kind, mut head) = (kind?, head?);
        head.body = body_digest(&head, &body, &exceptions);
        let about = About { safety: head.safety, look_alikes: self.look_alikes, files: self.files };
        let matcher = (kind.check)(body, &about, self.problems)?;
        if let Some(digest) = matcher.list_digest() {
            head.body = digest_of([Some(head.body.as_str()), Some(digest.as_str())]);
        }
        (self.problems.len() == before).then_some(Rule { head, examples, exceptions, measured: None, matcher })
    }

    /// Without a kind, only keys that belong to none are wrong: most likely
    /// `kind` itself is misspelled.
    fn check_keys_of_no_kind(&mut self, body: &Table<'_>) {
        let head = super::raw::fields_of::<RawHead>();
        let known = |key: &str| KINDS.iter().any(|kind| (kind.keys)().contains(&key));
        for key in body.items.keys().filter(|key| !known(key.get_ref().as_ref())) {
            let valid = head.iter().map(|&key| key.to_owned()).collect();
            let place = Message::new("规则", "a rule");
            self.problems.push(key.span(), RuleErrorKind::UnknownKey { key: key.get_ref().to_string(), place, valid });
        }
    }

    fn check_body_keys(&mut self, kind: &super::kind::Kind, body: &Table<'_>) -> bool {
        let before = self.problems.len();
        let keys = (kind.keys)();
        for key in body.items.keys().filter(|key| !keys.contains(&key.get_ref().as_ref())) {
            let valid = keys.iter().chain(super::raw::fields_of::<RawHead>()).map(|&key| key.to_owned()).collect();
            self.problems.push(key.span(), RuleErrorKind::UnknownKey { key: key.get_ref().to_string(), place: place(kind.name), valid });
        }
        self.problems.len() == before
    }

    fn head(&mut self, raw: &RawHead, defaults: &RawDefaults, kind: &'static str, span: &Range<usize>) -> Option<Head> {
        let id = required(raw.id.as_ref(), "id", span.clone(), self.problems);
        let class = self.either(&raw.class, &defaults.class, "class", span);
        let phase = self.either(&raw.phase, &defaults.phase, "phase", span);
        let safety = self.either(&raw.safety, &defaults.safety, "safety", span);
        let message = self.either(&raw.message, &defaults.message, "message", span).and_then(|message| self.message(&message));
        let why = self.either(&raw.why, &defaults.why, "why", span).and_then(|why| self.message(&why));
        let source = self.either(&raw.source, &defaults.source, "source", span);
        let confidence = self.either(&raw.confidence, &defaults.confidence, "confidence", span);
        let class = class.and_then(|name| self.one_of(&name, "class", &Class::ALL.map(|class| (class.name(), class))));
        let phase = phase.and_then(|name| self.one_of(&name, "phase", &Phase::ALL.map(|phase| (phase.name(), phase))));
        let tiers = [("automatic", Safety::Automatic), ("suggested", Safety::Suggested), ("flagged", Safety::Flagged)];
        let safety = safety.and_then(|name| self.one_of(&name, "safety", &tiers));
        let confidence = confidence.and_then(|confidence| self.confidence(&confidence));
        let states = Status::ALL.map(|status| (status.name(), status));
        let status = match raw.status.as_ref().or(defaults.status.as_ref()) {
            Some(name) => self.one_of(name, "status", &states),
            None => Some(Status::Active),
        };
        let id = id.filter(|id| self.check_id(id))?;
        let file = self.problems.file();
        Some(Head {
            id: id.get_ref().clone(),
            kind,
            class: class?,
            phase: phase?,
            message: message?,
            why: why?,
            source: source?.into_inner(),
            safety: safety?,
            confidence: confidence?,
            status: status?,
            elsewhere: raw.elsewhere.as_ref().map_or(0, |n| *n.get_ref()),
            on_page: raw.on_page.iter().flatten().map(|text| text.get_ref().clone()).collect(),
            body: String::new(),
            path: file.path.clone(),
            line: self.problems.line(id.span().start),
        })
    }

    fn check_id(&mut self, id: &Spanned<String>) -> bool {
        let defect = id.get_ref().strip_prefix(self.pack).and_then(|rest| rest.strip_prefix('/'));
        let good = defect.is_some_and(is_slug);
        if !good {
            self.problems.push(id.span(), RuleErrorKind::BadId { id: id.get_ref().clone(), pack: self.pack.to_owned() });
        }
        good
    }

    fn either<T: Clone>(&mut self, own: &Option<T>, default: &Option<T>, key: &'static str, span: &Range<usize>) -> Option<T> {
        required(own.clone().or_else(|| default.clone()), key, span.clone(), self.problems)
    }

    fn one_of<T: Copy>(&mut self, name: &Spanned<String>, key: &'static str, table: &[(&str, T)]) -> Option<T> {
        let found = table.iter().find(|(known, _)| known == name.get_ref()).map(|&(_, value)| value);
        if found.is_none() {
            let valid = table.iter().map(|&(known, _)| known.to_owned()).collect();
            self.problems.push(name.span(), RuleErrorKind::UnknownValue { value: name.get_ref().clone(), key, valid });
        }
        found
    }

    fn message(&mut self, raw: &Spanned<RawMessage>) -> Option<Message> {
        let RawMessage { zh, en } = raw.get_ref();
        let placeholders = [zh, en].into_iter().flat_map(|text| text.split('{').skip(1)).map(|rest| rest.split('}').next().unwrap_or(rest));
        let unknown = placeholders.into_iter().find(|name| !["observed", "fixed"].contains(name));
        if let Some(name) = unknown {
            let valid = vec!["observed".to_owned(), "fixed".to_owned()];
            self.problems.push(raw.span(), RuleErrorKind::UnknownValue { value: name.to_owned(), key: "{…}", valid });
        } else if zh.trim().is_empty() || en.trim().is_empty() {
            self.problems.bad_value(
                raw.span(),
                Message::new("说明缺了一种文字", "a text is empty in one of the languages"),
                Message::new("中文 zh、英文 en 都要写", "write both zh and en"),
            );
        } else {
            return Some(Message::new(zh, en));
        }
        None
    }

    fn confidence(&mut self, confidence: &Spanned<f64>) -> Option<f64> {
        let value = *confidence.get_ref();
        if (0.0..=1.0).contains(&value) {
            return Some(value);
        }
        self.problems.bad_value(
            confidence.span(),
            Message::new(format!("confidence 是 {value}，应在 0 到 1 之间"), format!("confidence is {value}, expected 0 to 1")),
            Message::new("写改对的概率，例如 0.98", "write the probability of being right, for example 0.98"),
        );
        None
    }

    fn examples(&mut self, raw: &RawHead, span: &Range<usize>) -> Vec<Example> {
        let mut examples = Vec::new();
        match raw.bad.as_ref().filter(|bad| !bad.get_ref().is_empty()) {
            None => self.problems.push(raw.bad.as_ref().map_or(span.clone(), Spanned::span), RuleErrorKind::MissingKey { key: "bad" }),
            Some(bad) => examples.extend(bad.get_ref().iter().map(|pair| {
                let (text, fixed) = pair.get_ref().clone();
                Example { text, fixed: Some(fixed), line: self.problems.line(pair.span().start) }
            })),
        }
        match raw.good.as_ref().filter(|good| !good.get_ref().is_empty()) {
            None => self.problems.push(raw.good.as_ref().map_or(span.clone(), Spanned::span), RuleErrorKind::MissingKey { key: "good" }),
            Some(good) => examples.extend(good.get_ref().iter().map(|text| Example {
                text: text.get_ref().clone(),
                fixed: None,
                line: self.problems.line(text.span().start),
            })),
        }
        examples
    }

    fn exceptions(&mut self, raw: &RawHead) -> Vec<Exception> {
        let mut exceptions = Vec::new();
        for exception in raw.exceptions.iter().flatten() {
            let one = exception.get_ref();
            if one.text.is_empty() || one.reason.trim().is_empty() {
                self.problems.bad_value(
                    exception.span(),
                    Message::new("例外缺少文字或理由", "an exception without a text or a reason"),
                    Message::new("text 写不许改的文字，reason 写为什么", "write the text to leave alone, and why"),
                );
            } else {
                exceptions.push(Exception { text: one.text.clone(), reason: one.reason.clone() });
            }
        }
        exceptions
    }
}
