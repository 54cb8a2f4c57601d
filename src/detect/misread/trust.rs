//! How far a change may be trusted whatever its probability: what the models
//! cannot know because it is true of papers, not of sentences.

use super::page::Setting;
use crate::document::{self, Kind};
use crate::finding::Safety;
use crate::model::lattice::{Change, PageScript, Passage, Proposal, Recurrence};
use crate::text::{is_han, is_opening};

/// The most that a change may be trusted.
///
/// What the page has elsewhere in the same surroundings was printed so; what
/// stops above a jump line goes on elsewhere; a person may be called anything;
/// a bracket that has its partner was read right; what stands above a quotation
/// may introduce it; two copies that end alike were printed so. The scorer
/// learned on simplified pages: on traditional ones, with their variants, its
/// word is worth a look, no more.
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
    let is_before_quotation = proposal.idx == ids.len() && setting.next.trim_start().starts_with(is_opening);
    let ends_twice = proposal.idx == ids.len() && matches!(ids[..], [.., a, b, c] if page.triple(a, b, c) > 1);
    match (is_doubtful, is_before_quotation || ends_twice) {
        (true, _) => Safety::Flagged,
        (false, true) => Safety::Suggested,
        (false, false) => Safety::Automatic,
    }
}

/// True when a Han character of a name would change: in a list of names, and
/// behind the role of a byline.
fn is_in_names(chars: &[char], proposal: &Proposal) -> bool {
    !proposal.change.put().any(|c| !is_han(c)) && document::is_in_names(chars, proposal.idx)
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
    use crate::model::lm::LanguageModel;

    /// How far a full stop at the end of the first line is trusted, of a page
    /// with these lines.
    fn trust_in_full_stop(lines: [&str; 2]) -> Safety {
        let lm = LanguageModel::embedded();
        let passages = lines.map(|line| {
            let mut passage = Passage::default();
            passage.push(lm, line, 0);
            passage
        });
        let page = Recurrence::of(passages.iter().map(|passage| passage.ids.as_slice()));
        let setting = Setting { kind: Kind::Body, next_kind: Some(Kind::Body), next: lines[1] };
        let end = proposal(passages[0].len(), Change::Insert('。'));
        at_most(&passages[0], &page, PageScript::Simplified, &end, &setting)
    }

    #[test]
    fn a_full_stop_is_not_put_unasked_where_the_page_speaks_against_it() {
        assert_eq!(trust_in_full_stop(["村里的路今年全部修好了", "下一步要装路灯"]), Safety::Automatic);
        assert_eq!(trust_in_full_stop(["老人头一回听见还以为听错了", "“电话是机器打来的"]), Safety::Suggested);
        assert_eq!(trust_in_full_stop(["老人头一回听见还以为听错了", "他说头一回听见还以为听错了"]), Safety::Suggested);
    }

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

    #[test]
    fn a_mark_may_stand_among_names() {
        let chars: Vec<char> = "出席会议的有陈国、李晓岭、周宁等".chars().collect();
        let idx = chars.iter().position(|&c| c == '岭').unwrap();
        assert!(is_in_names(&chars, &proposal(idx, Change::Substitute('玲'))));
        assert!(!is_in_names(&chars, &proposal(idx, Change::Insert('、'))));
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
