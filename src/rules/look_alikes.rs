use std::collections::BTreeSet;

use super::error::RuleErrorKind;
use super::read::Problems;

/// Pairs of characters that look alike in print, from the packs'
/// `look-alikes.txt`: one group per line, every two of a group are a pair.
#[derive(Clone, Debug, Default)]
pub(crate) struct LookAlikes {
    pairs: BTreeSet<(char, char)>,
}

impl LookAlikes {
    /// True when the two look alike.
    pub fn holds(&self, a: char, b: char) -> bool {
        self.pairs.contains(&(a.min(b), a.max(b)))
    }

    /// `c` and everything that looks like it, in order.
    pub fn group(&self, c: char) -> Vec<char> {
        let mut group: Vec<char> =
            self.pairs.iter().filter(|(a, b)| *a == c || *b == c).map(|&(a, b)| if a == c { b } else { a }).chain([c]).collect();
        group.sort_unstable();
        group.dedup();
        group
    }

    /// Adds the groups of one file. `#` starts a comment.
    pub fn read(&mut self, problems: &mut Problems<'_>) {
        let text = problems.file().text.as_str();
        for (line_start, line) in lines_of(text) {
            let group: Vec<char> = line.chars().collect();
            if group.len() < 2 || group.iter().any(|c| c.is_whitespace()) {
                problems.push(
                    line_start..line_start + line.len(),
                    RuleErrorKind::BadValue {
                        message: crate::finding::Message::new(
                            "一行应是两个以上相似的字，中间不空格",
                            "a line is two or more characters that look alike, without spaces",
                        ),
                        advice: crate::finding::Message::new("每组一行，例如「己已巳」", "write one group a line, for example 己已巳"),
                    },
                );
            }
            for (idx, &a) in group.iter().enumerate() {
                self.pairs.extend(group[idx + 1..].iter().map(|&b| (a.min(b), a.max(b))));
            }
        }
    }
}

/// The entries of a plain list: trimmed, without `#` comments and empty lines,
/// each with its byte offset.
pub(crate) fn lines_of(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.lines().filter_map(move |line| {
        let entry = line.split('#').next().unwrap_or_default().trim();
        // The entry is a slice of the text, so its place is its address.
        (!entry.is_empty()).then(|| (entry.as_ptr() as usize - text.as_ptr() as usize, entry))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::SourceFile;

    #[test]
    fn every_two_of_a_group_are_a_pair() {
        let file = SourceFile { path: "p/look-alikes.txt".into(), text: "# 形近\n己已巳  # 三个\n\n末未\n".into() };
        let mut look_alikes = LookAlikes::default();
        let mut problems = Problems::new(&file);
        look_alikes.read(&mut problems);
        assert_eq!(problems.len(), 0);
        assert!(look_alikes.holds('巳', '己') && look_alikes.holds('未', '末') && !look_alikes.holds('己', '末'));
    }
}
