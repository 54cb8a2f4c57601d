use std::collections::BTreeMap;

use super::{Decision, SCHEMA_VERSION, Verdict};
use crate::finding::{Message, fingerprint_of};

/// A log that was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Log {
    /// Every decision once, by time; those of one time in the order of the
    /// text.
    pub decisions: Vec<Decision>,
    /// True when the last line was cut short, as after a power failure. What
    /// was acknowledged is before it.
    pub torn: bool,
}

/// A line that is no decision. Depends on the log only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogError {
    /// Counted from 1.
    pub line: usize,
    /// What is wrong and what to do.
    pub message: Message,
}

impl Log {
    /// Reads the text of a log. Two logs one behind the other are a log: the
    /// same line twice counts once. A last line without a newline that cannot
    /// be read was cut short and is passed over.
    ///
    /// # Errors
    /// On the first line that is no decision.
    pub fn read(text: &str) -> Result<Self, LogError> {
        let mut log = Self::default();
        let mut seen = std::collections::BTreeSet::new();
        let mut lines = text.split_inclusive('\n').enumerate().peekable();
        while let Some((idx, line)) = lines.next() {
            let is_cut = lines.peek().is_none() && !line.ends_with('\n');
            let line = line.trim();
            if line.is_empty() || !seen.insert(line) {
                continue;
            }
            match read_line(line) {
                Ok(decision) => log.decisions.push(decision),
                // What was acknowledged ends with a newline.
                Err(_) if is_cut => log.torn = true,
                Err(message) => return Err(LogError { line: idx + 1, message }),
            }
        }
        log.decisions.sort_by(|a, b| a.time.cmp(&b.time));
        Ok(log)
    }

    /// What holds: the last word of each reviewer on each place, by
    /// fingerprint. A place on which all words were taken back is absent.
    #[must_use]
    pub fn standing(&self) -> BTreeMap<&str, Vec<&Decision>> {
        let mut last: BTreeMap<(&str, &str), &Decision> = BTreeMap::new();
        for decision in &self.decisions {
            last.insert((&decision.fingerprint, &decision.reviewer), decision);
        }
        let mut standing: BTreeMap<&str, Vec<&Decision>> = BTreeMap::new();
        for ((fingerprint, _), decision) in last {
            if decision.decision != Verdict::Retract {
                standing.entry(fingerprint).or_default().push(decision);
            }
        }
        standing
    }

    /// The places on which the reviewers agree, each with its newest decision;
    /// a place on which they do not is left out, and so is one that somebody
    /// asks about.
    #[must_use]
    pub fn settled(&self) -> Vec<&Decision> {
        let settled = self
            .standing()
            .into_values()
            .filter(|words| words.iter().all(|word| word.printed().is_some() && word.printed() == words[0].printed()));
        let mut settled: Vec<&Decision> = settled.filter_map(|words| words.into_iter().max_by(|a, b| a.time.cmp(&b.time))).collect();
        settled.sort_by(|a, b| a.time.cmp(&b.time).then_with(|| a.fingerprint.cmp(&b.fingerprint)));
        settled
    }
}

fn read_line(line: &str) -> Result<Decision, Message> {
    let decision: Decision = serde_json::from_str(line).map_err(|error| {
        Message::new(
            format!("不是一条决定（{error}）；改正或删去这一行，格式见 docs/decisions.md"),
            format!("this is no decision ({error}); correct or remove the line, docs/decisions.md has the format"),
        )
    })?;
    if decision.schema_version != SCHEMA_VERSION {
        let found = decision.schema_version;
        return Err(Message::new(
            format!("schema_version 是 {found}，本程序读 {SCHEMA_VERSION}；请用写下它的版本导出"),
            format!("schema_version is {found}, this program reads {SCHEMA_VERSION}; export the log with the version that wrote it"),
        ));
    }
    let expected = fingerprint_of(&decision.rule, &decision.observed, &decision.before, &decision.after);
    if decision.fingerprint != expected {
        return Err(Message::new(
            format!("fingerprint 应为 {expected}：rule、observed、before、after 被改动过；决定不改，另写一行"),
            format!("the fingerprint should be {expected}: rule, observed, before or after was changed; write a new line instead"),
        ));
    }
    if decision.decision == Verdict::Custom && decision.replacement.is_none() {
        return Err(Message::new(
            "decision 是 custom，却没有 replacement：写上印的是什么",
            "custom without a replacement: write what was printed",
        ));
    }
    Ok(decision)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Span;

    fn decision(reviewer: &str, time: &str, verdict: Verdict) -> Decision {
        let text = "大家己经到了会场";
        Decision::about(text, Span::new(6, 9), "core/x", verdict).by(reviewer, time).with_replacement("已")
    }

    #[test]
    fn what_was_written_is_read_and_logs_can_be_put_together() {
        let (first, second) =
            (decision("甲", "2026-01-02T00:00:00Z", Verdict::Accept), decision("乙", "2026-01-01T00:00:00Z", Verdict::Accept));
        let (one, two) = (format!("{}{}", first.line(), second.line()), second.line());
        let log = Log::read(&format!("{one}{two}")).unwrap();
        assert_eq!(log.decisions, [second, first]);
        assert_eq!((log.settled().len(), log.torn), (1, false));
        assert_eq!(log.settled()[0].printed(), Some("已"));
    }

    #[test]
    fn the_last_word_holds_until_it_is_taken_back() {
        let words = [
            decision("甲", "2026-01-01T00:00:00Z", Verdict::Accept),
            decision("甲", "2026-01-02T00:00:00Z", Verdict::Reject),
            decision("乙", "2026-01-03T00:00:00Z", Verdict::Accept),
        ];
        let mut text: String = words.iter().map(Decision::line).collect();
        assert_eq!(Log::read(&text).unwrap().standing().values().map(Vec::len).sum::<usize>(), 2);
        assert!(Log::read(&text).unwrap().settled().is_empty());
        text += &decision("乙", "2026-01-04T00:00:00Z", Verdict::Retract).line();
        assert_eq!(Log::read(&text).unwrap().settled()[0].decision, Verdict::Reject);
    }

    #[test]
    fn a_line_cut_short_loses_nothing_before_it() {
        let line = decision("甲", "2026-01-01T00:00:00Z", Verdict::Keep).line();
        let log = Log::read(&format!("{line}{}", &line[..20])).unwrap();
        assert_eq!((log.decisions.len(), log.torn), (1, true));
        assert_eq!(Log::read(&format!("{{}}\n{line}")).unwrap_err().line, 1);
        assert_eq!(Log::read(&format!("{line}{}", line.replace("己", "巳"))).unwrap_err().line, 2);
    }
}
