use std::collections::{BTreeMap, HashMap};

use super::item::{Item, Line};
use super::pattern::Pattern;
use crate::decision::{Book, Decision, Standing, Verdict};
use crate::finding::Severity;

/// What is known of a finding's place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// Nobody decided.
    Open,
    /// Decided, and nobody disagrees.
    Settled(Verdict),
    /// A colleague is asked.
    Asked,
    /// Reviewers disagree.
    Conflict,
    /// Somebody decided on an earlier reading of the page, whose surroundings
    /// differ: it holds until somebody says otherwise, and is shown as such.
    Carried(Verdict),
}

impl State {
    /// The stable name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Settled(verdict) => verdict.name(),
            Self::Asked => "ask",
            Self::Conflict => "conflict",
            Self::Carried(_) => "carried",
        }
    }
}

/// What a reviewer says about findings.
#[derive(Clone, Debug)]
pub struct Word<'w> {
    /// The verdict.
    pub verdict: Verdict,
    /// What was printed, in the place of the finding's own proposal.
    pub printed: Option<&'w str>,
    /// A word to others.
    pub note: Option<&'w str>,
    /// Who.
    pub reviewer: &'w str,
    /// When, in UTC.
    pub time: &'w str,
}

/// Why nothing was decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refused {
    /// The text no longer has the place: index of the finding.
    Outdated(u32),
    /// There is nothing to accept: index of the finding.
    NoProposal(u32),
}

/// Findings and what was said about them.
#[derive(Debug, Default)]
pub struct Desk {
    /// In the order of the report.
    pub items: Vec<Item>,
    /// Files by index.
    pub files: Vec<String>,
    /// Rule ids by index.
    pub rules: Vec<String>,
    /// Patterns by index, each with the number of its findings.
    pub patterns: Vec<(Pattern, usize)>,
    states: Vec<State>,
    book: Book,
    of_place: HashMap<u128, Vec<u32>>,
    /// Decisions on earlier readings, by finding.
    carried: BTreeMap<u32, Vec<Decision>>,
    /// Findings whose state changed, oldest first.
    changes: Vec<u32>,
}

fn state(standing: Standing<'_>) -> State {
    match standing {
        Standing::Open => State::Open,
        Standing::Settled(word) => State::Settled(word.decision),
        Standing::Asked(_) => State::Asked,
        Standing::Conflict(_) => State::Conflict,
    }
}

/// Takes the lines of a report.
#[derive(Debug, Default)]
pub struct DeskBuilder {
    desk: Desk,
    files: HashMap<String, u32>,
    rules: HashMap<String, u32>,
    patterns: HashMap<Pattern, u32>,
}

fn index<K: std::hash::Hash + Eq>(known: &mut HashMap<K, u32>, key: K) -> (u32, bool) {
    let next = u32::try_from(known.len()).unwrap_or(u32::MAX);
    let idx = *known.entry(key).or_insert(next);
    (idx, idx == next)
}

impl DeskBuilder {
    /// A builder with the findings of a desk, of which nothing was said.
    #[must_use]
    pub fn anew(desk: Desk) -> Self {
        let desk = Desk { book: Book::default(), states: Vec::new(), carried: BTreeMap::new(), changes: Vec::new(), ..desk };
        Self { desk, ..Self::default() }
    }

    /// Takes a line that stands at byte `at` and has `len` bytes. What is mere
    /// information is nothing to decide.
    pub fn add(&mut self, line: &Line<'_>, item: Item) {
        if line.severity == Severity::Information {
            return;
        }
        let mut item = item;
        let desk = &mut self.desk;
        let (file, is_new) = match self.files.get(line.file.as_ref()) {
            Some(&file) => (file, false),
            None => index(&mut self.files, line.file.clone().into_owned()),
        };
        if is_new {
            desk.files.push(line.file.clone().into_owned());
        }
        let (rule, is_new) = match self.rules.get(line.rule.as_ref()) {
            Some(&rule) => (rule, false),
            None => index(&mut self.rules, line.rule.clone().into_owned()),
        };
        if is_new {
            desk.rules.push(line.rule.clone().into_owned());
        }
        let pattern = Pattern::of(line);
        let (pattern_idx, is_new) = match self.patterns.get(&pattern) {
            Some(&idx) => (idx, false),
            None => index(&mut self.patterns, pattern.clone()),
        };
        if is_new {
            desk.patterns.push((pattern, 0));
        }
        desk.patterns[pattern_idx as usize].1 += 1;
        (item.file, item.rule, item.pattern) = (file, rule, pattern_idx);
        let idx = u32::try_from(desk.items.len()).unwrap_or(u32::MAX);
        desk.of_place.entry(item.fingerprint).or_default().push(idx);
        desk.items.push(item);
    }

    /// The desk, with what was said so far.
    #[must_use]
    pub fn build(mut self, book: Book) -> Desk {
        let n = self.desk.items.len();
        self.desk.states = vec![State::Open; n];
        self.desk.book = book;
        let places: Vec<u128> = self.desk.book.places().filter_map(|place| u128::from_str_radix(place, 16).ok()).collect();
        for place in places {
            self.desk.judge(place);
        }
        self.desk.changes.clear();
        self.desk
    }
}

impl Desk {
    /// What was said.
    #[must_use]
    pub fn book(&self) -> &Book {
        &self.book
    }

    /// What is known of a finding.
    #[must_use]
    pub fn state(&self, idx: u32) -> State {
        self.states[idx as usize]
    }

    /// The finding with an id.
    #[must_use]
    pub fn find(&self, id: &str) -> Option<u32> {
        let id = u64::from_str_radix(id, 16).ok()?;
        self.items.iter().position(|item| item.id == id).and_then(|idx| u32::try_from(idx).ok())
    }

    /// The findings at places that read alike, of one rule: decided at once.
    #[must_use]
    pub fn twins(&self, idx: u32) -> &[u32] {
        self.of_place.get(&self.items[idx as usize].fingerprint).map_or(&[], Vec::as_slice)
    }

    /// What was said on an earlier reading of the page, which `idx` inherits.
    #[must_use]
    pub fn inherited(&self, idx: u32) -> &[Decision] {
        self.carried.get(&idx).map_or(&[], Vec::as_slice)
    }

    /// Places in the log that no finding of the report has, by fingerprint.
    pub fn without_finding(&self) -> impl Iterator<Item = &str> {
        let is_absent = |place: &&str| u128::from_str_radix(place, 16).is_ok_and(|place| !self.of_place.contains_key(&place));
        self.book.places().filter(is_absent)
    }

    /// Says that `idx` is the place of an earlier reading that `words` are
    /// about.
    pub fn carry(&mut self, idx: u32, words: Vec<Decision>) {
        self.carried.insert(idx, words);
        self.judge(self.items[idx as usize].fingerprint);
    }

    /// How often the state of a finding changed.
    #[must_use]
    pub fn n_changes(&self) -> usize {
        self.changes.len()
    }

    /// The findings whose state changed after the first `seen` changes.
    #[must_use]
    pub fn changed_since(&self, seen: usize) -> Vec<u32> {
        let mut changed = self.changes.get(seen..).unwrap_or(&self.changes).to_vec();
        changed.sort_unstable();
        changed.dedup();
        changed
    }

    /// Takes in a line of the log.
    pub fn take(&mut self, decision: Decision) {
        let place = u128::from_str_radix(&decision.fingerprint, 16).ok();
        self.book.add(decision);
        if let Some(place) = place {
            self.judge(place);
        }
    }

    fn judge(&mut self, place: u128) {
        let Some(places) = self.of_place.get(&place) else { return };
        let standing = state(self.book.standing(&format!("{place:032x}")));
        for &idx in places {
            let inherited = || {
                let earlier = self.carried.get(&idx)?.first()?.fingerprint.clone();
                match state(self.book.standing(&earlier)) {
                    State::Settled(verdict) => Some(State::Carried(verdict)),
                    other => Some(other),
                }
            };
            let state = if standing == State::Open { inherited().unwrap_or(State::Open) } else { standing };
            if self.states[idx as usize] != state || state == State::Conflict {
                self.changes.push(idx);
            }
            self.states[idx as usize] = state;
        }
    }

    /// The lines of the log that say `word` about findings; places that read
    /// alike get one. `text_of` gives the decoded original of a file and
    /// `proposal_of` what the fix makes of the whole place.
    ///
    /// # Errors
    /// On the first finding that cannot be decided so; nothing is decided
    /// then.
    pub fn say(
        &self,
        word: &Word<'_>,
        findings: &[u32],
        mut text_of: impl FnMut(u32) -> Option<std::sync::Arc<str>>,
        mut proposal_of: impl FnMut(u32) -> Option<String>,
    ) -> Result<Vec<Decision>, Refused> {
        let mut order = findings.to_vec();
        order.sort_by_key(|&idx| (self.items[idx as usize].file, idx));
        let mut said: BTreeMap<u128, Decision> = BTreeMap::new();
        for idx in order {
            let item = &self.items[idx as usize];
            if said.contains_key(&item.fingerprint) {
                continue;
            }
            let text = text_of(item.file).ok_or(Refused::Outdated(idx))?;
            if text.get(item.span.start..item.span.end).is_none() {
                return Err(Refused::Outdated(idx));
            }
            let rule = &self.rules[item.rule as usize];
            let mut decision =
                Decision::about(&text, item.span, rule, word.verdict).by(word.reviewer, word.time).in_file(&self.files[item.file as usize]);
            if decision.fingerprint != item.fingerprint() {
                return Err(Refused::Outdated(idx));
            }
            if word.verdict == Verdict::Accept && word.printed.is_none() && !item.has_fix {
                return Err(Refused::NoProposal(idx));
            }
            decision.finding = Some(item.id());
            decision.note = word.note.map(str::to_owned);
            decision.replacement = match (word.printed, word.verdict) {
                (Some(printed), _) => Some(printed.to_owned()),
                (None, Verdict::Retract) => None,
                (None, _) => proposal_of(idx),
            };
            said.insert(item.fingerprint, decision);
        }
        Ok(said.into_values().collect())
    }
}
