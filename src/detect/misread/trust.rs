//! How far a change may be trusted whatever its probability: what the models
//! cannot know because it is true of papers, not of sentences.

use super::page::Setting;
use crate::document::{Kind, is_in_no_name, is_name};
use crate::finding::Safety;
use crate::model::lattice::{Change, PageScript, Passage, Proposal, Recurrence};
use crate::text::is_han;

/// The most that a change may be trusted.
///
/// What the page has elsewhere in the same surroundings was printed so; what
/// stops above a jump line goes on elsewhere; a person may be called anything;
/// a bracket that has its partner was read right. The scorer learned on
/// simplified pages: on traditional ones, with their variants, its word is worth
/// a look, no more.
pub(super) fn at_most(passage: &Passage, page: &Recurrence, script: PageScript, proposal: &Proposal, setting: &Setting<'_>) -> Safety {
    let ids = &passage.ids;
    let recurs = proposal.change.n_taken() == 1
        && proposal
            .idx
            .checked_sub(1)
            .zip(ids.get(proposal.idx + 1))
            .is_some_and(|(before, &after)| page.triple(ids[before], ids[proposal.idx], after) > 1);
    let goes_on_elsewhere = proposal.idx == ids.len() && setting.next_kind == Some(Kind::JumpLine);
    let is_doubtful = recurs
        || goes_on_elsewhere
        || script == PageScript::Traditional
        || is_in_names(&passage.chars, proposal)
        || has_partner(&passage.chars, proposal);
    if is_doubtful { Safety::Flagged } else { Safety::Automatic }
}

/// Longest name of a person in characters.
const MAX_NAME: usize = 4;

/// Most characters of a byline's names.
const MAX_BYLINE: usize = 12;

/// What stands before names in a byline.
const ROLES: [&str; 10] = ["记者", "通讯员", "实习生", "摄影", "编辑", "责编", "校对", "美编", "版式", "特约"];

/// True when a Han character of a name would change: in a list of names, and
/// behind the role of a byline.
fn is_in_names(chars: &[char], proposal: &Proposal) -> bool {
    let idx = proposal.idx;
    let puts_mark = proposal.change.put().any(|c| !is_han(c));
    if puts_mark || chars.get(idx).is_none_or(|&c| !is_han(c)) {
        return false;
    }
    let start = chars[..idx].iter().rposition(|&c| !is_han(c)).map_or(0, |at| at + 1);
    let end = chars[idx..].iter().position(|&c| !is_han(c)).map_or(chars.len(), |len| idx + len);
    is_in_list(chars, start, end) || is_in_byline(&chars[start..end], idx - start)
}

/// True when the run of Han characters is one name among others.
fn is_in_list(chars: &[char], start: usize, end: usize) -> bool {
    let may_be_name = |run: &[char]| run.len() <= MAX_NAME && is_name(run);
    let before = || {
        let stop = start.checked_sub(1).filter(|&at| chars[at] == '、')?;
        let from = chars[..stop].iter().rposition(|&c| !is_han(c)).map_or(0, |at| at + 1);
        Some(may_be_name(&chars[from..stop]))
    };
    let after = || {
        let from = chars.get(end).filter(|&&c| c == '、').map(|_| end + 1)?;
        let len = chars[from..].iter().position(|&c| !is_han(c)).unwrap_or(chars.len() - from);
        Some(may_be_name(&chars[from..from + len]))
    };
    may_be_name(&chars[start..end]) && (before() == Some(true) || after() == Some(true))
}

/// True when the place `at` of a run of Han characters is behind a role, and
/// nothing there says that a sentence goes on.
fn is_in_byline(run: &[char], at: usize) -> bool {
    let roles = || ROLES.iter().map(|role| role.chars().collect::<Vec<char>>());
    let begin = roles().filter_map(|role| run[..at].windows(role.len()).rposition(|window| *window == *role).map(|from| from + role.len()));
    let Some(begin) = begin.max() else { return false };
    let end = roles().filter_map(|role| run[at..].windows(role.len()).position(|window| *window == *role));
    let names = &run[begin..at + end.min().unwrap_or(run.len() - at)];
    names.len() <= MAX_BYLINE && names.iter().enumerate().all(|(nth, &c)| begin + nth == at || !is_in_no_name(c))
}

/// Marks that come in pairs.
const PAIRS: [(&[char], &[char]); 4] = [
    (&['（', '('], &['）', ')']),
    (&['《', '〈', '<'], &['》', '〉', '>']),
    (&['“', '‘', '「', '『'], &['”', '’', '」', '』']),
    (&['【', '['], &['】', ']']),
];

/// True when a mark would go that has its partner on its side.
fn has_partner(chars: &[char], proposal: &Proposal) -> bool {
    let (Change::Substitute(_) | Change::Delete) = proposal.change else { return false };
    let Some(&read) = chars.get(proposal.idx) else { return false };
    let goes = |family: &[char]| family.contains(&read) && !proposal.change.put().any(|c| family.contains(&c));
    PAIRS.iter().any(|(openers, closers)| {
        let ahead = || chars[proposal.idx + 1..].iter().find(|c| openers.contains(c) || closers.contains(c));
        let behind = || chars[..proposal.idx].iter().rev().find(|c| openers.contains(c) || closers.contains(c));
        goes(openers) && ahead().is_some_and(|c| closers.contains(c)) || goes(closers) && behind().is_some_and(|c| openers.contains(c))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proposal(idx: usize, change: Change) -> Proposal {
        Proposal {
            idx,
            change,
            share: 1.0,
            share_kept: 0.0,
            share_next: 0.0,
            margin_kept: 9.0,
            margin_next: 9.0,
            channel_bits: 9.0,
            n_open: 1,
        }
    }

    fn names(text: &str, c: char) -> bool {
        let chars: Vec<char> = text.chars().collect();
        let idx = chars.iter().position(|&other| other == c).unwrap();
        is_in_names(&chars, &proposal(idx, Change::Substitute('甲')))
    }

    #[test]
    fn names_of_lists_and_bylines_are_left_to_a_reader() {
        assert!(names("出席会议的有陈国、李晓岭、周宁等", '岭'));
        assert!(names("本报讯（记者郝静林通讯员", '林'));
        assert!(!names("苹果、香焦、葡萄都已上市", '焦'));
        assert!(!names("记者从市气象局获悉，明天有大雪", '象'));
        assert!(!names("全市经济运行总休平稳", '休'));
    }

    #[test]
    fn a_bracket_with_its_partner_stays() {
        let chars: Vec<char> = "会见外宾。(据新华社)近日".chars().collect();
        let at = |c: char| chars.iter().position(|&other| other == c).unwrap();
        assert!(has_partner(&chars, &proposal(at('('), Change::Substitute('。'))));
        assert!(has_partner(&chars, &proposal(at(')'), Change::Delete)));
        assert!(!has_partner(&chars, &proposal(at('('), Change::Substitute('（'))));
        assert!(!has_partner(&chars[..at(')')], &proposal(at('('), Change::Substitute('，'))));
    }
}
