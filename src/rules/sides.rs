use std::ops::Range;
use std::sync::LazyLock;

use serde::Deserialize;
use toml::Spanned;

use super::error::RuleErrorKind;
use super::read::Problems;
use crate::document::is_name;
use crate::finding::Message;
use crate::lexicon::Gazetteer;
use crate::text::{CharClass, char_class};

/// What must, and what must not, stand directly left and right of a match.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sides {
    left: Vec<Side>,
    not_left: Vec<Side>,
    right: Vec<Side>,
    not_right: Vec<Side>,
}

/// One neighbor.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Side {
    /// These characters.
    Text(String),
    /// A character of this class.
    Class(CharClass),
    /// A digit or a Chinese numeral.
    Number,
    /// The name of a place.
    Place,
    /// What can be the name of a person: a surname and one or two characters.
    Name,
    /// One of these characters, which look alike.
    Alike(Vec<char>),
    /// The start (on the left) or end (on the right) of the line, white space
    /// aside.
    Edge,
}

/// The names of the neighbors that are not literal text.
const NAMED: [&str; 9] = ["<han>", "<digit>", "<number>", "<latin>", "<punct>", "<space>", "<edge>", "<place>", "<name>"];

static PLACES: LazyLock<Gazetteer> = LazyLock::new(Gazetteer::embedded);

/// Characters of the longest name of a place that is looked for.
const MAX_PLACE_CHARS: usize = 12;

/// The four lists as they are written.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawSides {
    pub left: Option<Vec<Spanned<String>>>,
    pub not_left: Option<Vec<Spanned<String>>>,
    pub right: Option<Vec<Spanned<String>>>,
    pub not_right: Option<Vec<Spanned<String>>>,
}

impl RawSides {
    /// These lists inside a rule that has the lists `shared`: what is required
    /// here takes the place of what is required there, what is forbidden adds
    /// up.
    pub fn within(&self, shared: &Self) -> Self {
        let both = |own: &Option<Vec<Spanned<String>>>, shared: &Option<Vec<Spanned<String>>>| {
            let all: Vec<Spanned<String>> = own.iter().chain(shared).flatten().cloned().collect();
            (!all.is_empty()).then_some(all)
        };
        Self {
            left: self.left.clone().or_else(|| shared.left.clone()),
            not_left: both(&self.not_left, &shared.not_left),
            right: self.right.clone().or_else(|| shared.right.clone()),
            not_right: both(&self.not_right, &shared.not_right),
        }
    }

    /// Checks the lists; `None` when something was wrong and has been told.
    pub fn check(&self, pattern: &str, span: Range<usize>, problems: &mut Problems<'_>) -> Option<Sides> {
        let before = problems.len();
        let sides = Sides {
            left: list(self.left.as_ref(), problems),
            not_left: list(self.not_left.as_ref(), problems),
            right: list(self.right.as_ref(), problems),
            not_right: list(self.not_right.as_ref(), problems),
        };
        let blocked = |required: &[Side], forbidden: &[Side], at_end: bool| {
            !required.is_empty() && required.iter().all(|side| forbidden.iter().any(|no| no.covers(side, at_end)))
        };
        if blocked(&sides.left, &sides.not_left, true) || blocked(&sides.right, &sides.not_right, false) {
            problems.push(
                span,
                RuleErrorKind::NeverFires {
                    pattern: pattern.to_owned(),
                    reason: Message::new("要求的语境全在禁止之列", "every context it requires is also forbidden"),
                    advice: Message::new("从 not_left / not_right 里去掉重合的", "take the common ones out of not_left or not_right"),
                },
            );
        }
        (problems.len() == before).then_some(sides)
    }
}

fn list(raw: Option<&Vec<Spanned<String>>>, problems: &mut Problems<'_>) -> Vec<Side> {
    let mut sides = Vec::new();
    for text in raw.into_iter().flatten() {
        let mut chars = text.get_ref().chars();
        if let (Some('~'), Some(c), None) = (chars.next(), chars.next(), chars.next()) {
            sides.extend(problems.look_alikes_of(c, &text.span()).map(Side::Alike));
            continue;
        }
        match Side::parse(text.get_ref()) {
            Some(side) => sides.push(side),
            None if text.get_ref().is_empty() => problems.bad_value(
                text.span(),
                Message::new("语境是空串", "an empty context"),
                Message::new("写上相邻的字，或删去", "write the neighboring characters, or remove it"),
            ),
            None => problems.push(
                text.span(),
                RuleErrorKind::UnknownValue {
                    value: text.get_ref().clone(),
                    key: "left/right",
                    valid: NAMED.iter().map(|&name| name.to_owned()).collect(),
                },
            ),
        }
    }
    sides
}

impl Sides {
    /// True when nothing is asked of the neighbors.
    pub fn is_empty(&self) -> bool {
        self.left.is_empty() && self.not_left.is_empty() && self.right.is_empty() && self.not_right.is_empty()
    }

    /// True when some neighbor is required.
    pub fn requires(&self) -> bool {
        !self.left.is_empty() || !self.right.is_empty()
    }

    /// True when the neighbors of `text[start..end]` are as asked.
    pub fn allow(&self, text: &str, start: usize, end: usize) -> bool {
        let (before, after) = (&text[..start], &text[end..]);
        (self.left.is_empty() || self.left.iter().any(|side| side.ends(before)))
            && (self.right.is_empty() || self.right.iter().any(|side| side.starts(after)))
            && !self.not_left.iter().any(|side| side.ends(before))
            && !self.not_right.iter().any(|side| side.starts(after))
    }

    /// False where the neighbors are known not to be as asked: `before` and
    /// `after` are as much of them as is known, nothing when they are empty.
    pub fn may_allow(&self, before: &str, after: &str) -> bool {
        let may = |required: &[Side], known: &str, at_end: bool| {
            known.is_empty() || required.is_empty() || required.iter().any(|side| side.may_be(known, at_end))
        };
        may(&self.left, before, true)
            && may(&self.right, after, false)
            && (before.is_empty() || !self.not_left.iter().any(|side| side.ends(before)))
            && (after.is_empty() || !self.not_right.iter().any(|side| side.starts(after)))
    }

    /// A text in which `pattern` has the neighbors asked for, as an example.
    pub fn example(&self, pattern: &str) -> String {
        let left = self.left.first().map_or(String::new(), Side::example);
        let right = self.right.first().map_or(String::new(), Side::example);
        format!("{left}{pattern}{right}")
    }
}

impl Side {
    fn parse(text: &str) -> Option<Side> {
        Some(match text {
            "" => return None,
            "<han>" | "〈汉字〉" | r"\p{Han}" => Side::Class(CharClass::Han),
            "<place>" | "〈地名〉" => Side::Place,
            "<name>" | "〈姓名〉" => Side::Name,
            "<digit>" => Side::Class(CharClass::Digit),
            "<latin>" => Side::Class(CharClass::Latin),
            "<punct>" => Side::Class(CharClass::Punctuation),
            "<space>" => Side::Class(CharClass::Space),
            "<number>" | "〈数字〉" => Side::Number,
            "<edge>" => Side::Edge,
            _ if (text.starts_with('<') && text.ends_with('>')) || (text.starts_with('〈') && text.ends_with('〉')) => return None,
            _ => Side::Text(text.to_owned()),
        })
    }

    fn ends(&self, before: &str) -> bool {
        match self {
            Side::Text(text) => before.ends_with(text.as_str()),
            Side::Place => before.char_indices().rev().take(MAX_PLACE_CHARS).any(|(at, _)| PLACES.contains(&before[at..])),
            Side::Name => {
                let mut last: Vec<char> = before.chars().rev().take(3).collect();
                last.reverse();
                (2..=last.len()).any(|n| is_name(&last[last.len() - n..]))
            }
            Side::Edge => before.trim_end_matches([' ', '\t', '\u{3000}']).chars().next_back().is_none_or(|c| matches!(c, '\n' | '\r')),
            _ => before.chars().next_back().is_some_and(|c| self.holds(c)),
        }
    }

    fn starts(&self, after: &str) -> bool {
        match self {
            Side::Text(text) => after.starts_with(text.as_str()),
            Side::Place => !after.is_empty() && PLACES.names_starting_at(after, 0).next().is_some(),
            Side::Name => {
                let first: Vec<char> = after.chars().take(3).collect();
                (2..=first.len()).any(|n| is_name(&first[..n]))
            }
            Side::Edge => after.trim_start_matches([' ', '\t', '\u{3000}']).chars().next().is_none_or(|c| matches!(c, '\n' | '\r')),
            _ => after.chars().next().is_some_and(|c| self.holds(c)),
        }
    }

    /// False when a text that ends (or begins) with `known` cannot end (or
    /// begin) like this.
    fn may_be(&self, known: &str, at_end: bool) -> bool {
        match (self, at_end) {
            (Side::Text(text), true) => known.ends_with(text.as_str()) || text.ends_with(known),
            (Side::Text(text), false) => known.starts_with(text.as_str()) || text.starts_with(known),
            // They may be longer than what is known.
            (Side::Place | Side::Name, _) => true,
            (Side::Edge, _) => known.trim().is_empty(),
            (_, true) => self.ends(known),
            (_, false) => self.starts(known),
        }
    }

    fn holds(&self, c: char) -> bool {
        match self {
            Side::Class(class) => char_class(c) == *class,
            Side::Number => c.is_ascii_digit() || "０１２３４５６７８９〇零一二三四五六七八九十百千万亿两廿卅".contains(c),
            Side::Alike(chars) => chars.contains(&c),
            Side::Text(_) | Side::Edge | Side::Place | Side::Name => false,
        }
    }

    /// True when wherever `other` stands, `self` stands too.
    fn covers(&self, other: &Side, at_end: bool) -> bool {
        match (self, other) {
            (Side::Text(short), Side::Text(long)) => {
                if at_end {
                    long.ends_with(short)
                } else {
                    long.starts_with(short)
                }
            }
            (Side::Class(_) | Side::Number | Side::Alike(_), Side::Text(long)) => {
                let nearest = if at_end { long.chars().next_back() } else { long.chars().next() };
                nearest.is_some_and(|c| self.holds(c))
            }
            _ => self == other,
        }
    }

    fn example(&self) -> String {
        match self {
            Side::Text(text) => text.clone(),
            Side::Class(CharClass::Han) => "的".to_owned(),
            Side::Class(CharClass::Digit) => "3".to_owned(),
            Side::Number => "三".to_owned(),
            Side::Place => "石家庄".to_owned(),
            Side::Name => "王小明".to_owned(),
            Side::Alike(chars) => chars.iter().take(1).collect(),
            Side::Class(CharClass::Latin) => "A".to_owned(),
            Side::Class(CharClass::Punctuation) => "，".to_owned(),
            Side::Class(_) => " ".to_owned(),
            Side::Edge => String::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sides(left: &[&str], not_right: &[&str]) -> Sides {
        let parse = |list: &[&str]| list.iter().map(|text| Side::parse(text).unwrap()).collect();
        Sides { left: parse(left), not_right: parse(not_right), ..Sides::default() }
    }

    #[test]
    fn looks_at_the_direct_neighbors_only() {
        let text = "5月3曰报纸";
        let at = text.find('曰').unwrap();
        assert!(sides(&["<digit>"], &[]).allow(text, at, at + 3));
        assert!(!sides(&["月"], &[]).allow(text, at, at + 3));
        assert!(!sides(&["<digit>"], &["报"]).allow(text, at, at + 3));
    }

    #[test]
    fn the_edge_of_a_line_may_have_spaces() {
        let edge = sides(&["<edge>"], &[]);
        assert!(edge.allow("上文\n　　图力", 13, 19));
        assert!(edge.allow("图力", 0, 6));
        assert!(!edge.allow("如图力", 3, 9));
    }
}
