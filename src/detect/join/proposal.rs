//! What is proposed for a cut: joining it, and with it the character that was
//! lost there, when it is clear which one.

use super::features::index;
use super::{Cut, LostCandidate, META, Row, WholeElsewhere, is_even, lost_candidates, threshold};
use crate::detect::Resources;
use crate::finding::{Class, ConfidenceOrigin, Edit, Evidence, Finding, Fix, Message, Phase, Safety};
use crate::text::{CharClass, Span, char_class};

/// From these probabilities on a lost character is restored with the join: one
/// that completes a place, and any other. At 0.95 a sixth of the lost ones come
/// back, and one cut in 5,000 that lost nothing gets a character
/// (`models/join.md`).
const RESTORED_PLACE: f64 = 0.8;
const RESTORED_WORD: f64 = 0.95;

/// From this probability on a candidate is worth a reviewer's look.
const SHOWN: f64 = 0.15;

/// Candidates shown beside the plain join.
const MAX_SHOWN: usize = 5;

/// The finding for one break that probably cuts a paragraph.
pub(super) fn of_cut(text: &str, cut: &Cut, whole: &WholeElsewhere, resources: &Resources) -> Finding {
    let gap = cut.gap.span;
    let mut candidates = lost_candidates(text[..gap.start].trim_end(), text[gap.end..].trim_start(), whole, resources);
    candidates.retain(|candidate| candidate.probability() >= SHOWN);
    candidates.truncate(MAX_SHOWN);
    let clear = candidates.first().filter(|candidate| is_clear(candidate)).map(LostCandidate::probability);
    let known = candidates.first().is_some_and(|lost| is_clear(lost) && (lost.place.is_some() || lost.page_count > 0));
    let joins = if known { likelier(cut.probability, KNOWN_NAME_ODDS) } else { cut.probability };
    let probability = joins * clear.unwrap_or(1.0);
    let suggested = if cut.by_boxes { threshold::SUGGESTED_BOXES } else { threshold::SUGGESTED };
    let automatic = match (cut.by_boxes, is_wrapped(cut)) {
        (true, _) => threshold::AUTOMATIC_BOXES,
        (false, true) => threshold::AUTOMATIC_WRAPPED,
        (false, false) => threshold::AUTOMATIC,
    };
    let safety = match probability {
        p if p >= automatic => Safety::Automatic,
        p if p >= suggested => Safety::Suggested,
        _ => Safety::Flagged,
    };
    let safety = safety.min(cut.at_most);
    let (class, message) = match (&candidates[..], clear) {
        ([lost, ..], Some(_)) => (Class::LostAtJoin, lost_message(lost)),
        _ => plain_message(cut),
    };
    let joined = joint(text, gap);
    let join = if joined.is_empty() { Edit::deletion(gap) } else { Edit::replacement(gap, joined) };
    let join = Fix::one(Message::new("接排", "join"), join);
    let mut restorations = candidates.iter().map(|candidate| restoration(gap, candidate));
    let mut finding =
        Finding::new(META.id, class, Phase::Structure, text, gap, message).with_trust(safety, probability, ConfidenceOrigin::Calibrated);
    if clear.is_some() {
        finding.fixes.extend(restorations.next());
    }
    finding.fixes.push(join);
    finding.fixes.extend(restorations);
    finding.evidence = evidence(&cut.row);
    if cut.by_boxes {
        finding.evidence.push(Evidence::said(
            "boxes",
            "版面坐标（缩进、行末、栏边、字高）已计入",
            "the boxes of the lines (indent, line end, column edges, height) are weighed",
        ));
    }
    finding.evidence.extend(candidates.iter().map(lost_evidence));
    finding
}

/// How much likelier a cut is where it goes through a name of the gazetteer or
/// of the page that misses one character: two paragraphs meet like that by
/// chance once in some tens of thousands of breaks.
const KNOWN_NAME_ODDS: f64 = 10.0;

/// A probability with its odds multiplied.
fn likelier(probability: f64, times: f64) -> f64 {
    let odds = times * probability / (1.0 - probability).max(1e-9);
    odds / (1.0 + odds)
}

fn is_clear(candidate: &LostCandidate) -> bool {
    candidate.probability() >= if candidate.place.is_some() { RESTORED_PLACE } else { RESTORED_WORD }
}

/// True between lines that follow each other in a column of even width.
fn is_wrapped(cut: &Cut) -> bool {
    !cut.gap.blank && is_even(&cut.row)
}

fn plain_message(cut: &Cut) -> (Class, Message) {
    if is_wrapped(cut) {
        (Class::HardWrap, Message::new("印刷行末的换行，应与下行接排", "a printed line ends here, not a paragraph; join it with the next"))
    } else {
        (Class::BrokenJoin, Message::new("段落在此处被切断，应与下文接排", "a paragraph is cut here; join it with the text that follows"))
    }
}

fn lost_message(lost: &LostCandidate) -> Message {
    let what = lost.completes.as_deref().unwrap_or_default();
    let of = |zh: bool| match (what, zh) {
        ("", _) => String::new(),
        (what, true) => format!("（{what}）"),
        (what, false) => format!(" ({what})"),
    };
    Message::new(
        format!("段落在此处被切断，接缝处丢了“{}”字{}，应补上并接排", lost.missing, of(true)),
        format!("a paragraph is cut here and {} was lost at the join{}; restore it and join", lost.missing, of(false)),
    )
}

fn restoration(gap: Span, lost: &LostCandidate) -> Fix {
    let title = Message::new(format!("补“{}”接排", lost.missing), format!("restore {} and join", lost.missing));
    Fix::one(title, Edit::replacement(gap, lost.missing))
}

/// Why a character may be the lost one.
fn lost_evidence(lost: &LostCandidate) -> Evidence {
    let probability = lost.probability();
    let percent = (probability * 100.0).round();
    let (zh, en) = match (&lost.place, &lost.completes) {
        (Some(place), _) => (format!("补上即地名{place}"), format!("makes the place {place}")),
        (None, Some(word)) => (format!("补上即成词“{word}”"), format!("makes the word {word}")),
        (None, None) => {
            (format!("本文别处完整出现 {} 次", lost.page_count), format!("stands whole elsewhere in the text, {} times", lost.page_count))
        }
    };
    Evidence::weighed(
        "lost-candidate",
        (probability * 100.0).round() / 100.0,
        format!("可能丢了“{}”：{zh}（{percent}%）", lost.missing),
        format!("{} may have been lost: {en} ({percent} %)", lost.missing),
    )
}

/// What stands between two halves of a paragraph once they are joined: a space
/// between Latin words, nothing otherwise.
pub(in crate::detect) fn joint(text: &str, gap: Span) -> &'static str {
    let latin = |c: Option<char>| c.is_some_and(|c| char_class(c) == CharClass::Latin);
    let before = text[..gap.start].chars().next_back();
    let after = text[gap.end..].chars().next();
    let english_mark =
        before.is_some_and(|c| matches!(c, ',' | '.' | ';' | ':' | '!' | '?')) && latin(text[..gap.start].chars().rev().nth(1));
    if latin(after) && (latin(before) || english_mark) { " " } else { "" }
}

/// The reasons in words, strongest first.
fn evidence(row: &Row) -> Vec<Evidence> {
    let bits = f64::from(row[index::TOTAL]) / std::f64::consts::LN_2;
    let mut reasons = vec![Evidence::weighed(
        "context-bits",
        (bits * 10.0).round() / 10.0,
        format!("断点两侧的字相连的可能：{bits:+.1} 比特"),
        format!("the characters on both sides run on: {bits:+.1} bits"),
    )];
    let fill = f64::from(row[index::FILL_LEFT]);
    if row[index::EVENNESS] >= 0.4 {
        let percent = (fill * 100.0).round();
        reasons.push(Evidence::weighed(
            "line-fill",
            percent,
            format!("本行占栏宽 {percent}%"),
            format!("the line fills {percent} % of its column"),
        ));
    }
    if row[index::WORD_BITS] > 0.0 {
        reasons.push(Evidence::said("word-across", "词语跨在断点两侧", "a word lies across the break"));
    }
    if row[index::ELSEWHERE_JOINED] > 0.0 {
        reasons.push(Evidence::said(
            "whole-elsewhere",
            "同样的字在本文别处连在一起",
            "the same characters stand together elsewhere on the page",
        ));
    }
    if row[index::OPEN_LEFT] > 0.0 {
        reasons.push(Evidence::said(
            "left-open",
            "断点前有未关闭的引号、括号或书名号",
            "a quote, bracket or title mark is open before the break",
        ));
    }
    reasons
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn latin_words_keep_a_space_and_han_does_not() {
        let joint_of = |text: &str| joint(text, Span::new(text.find('\n').unwrap(), text.rfind('\n').unwrap() + 1));
        assert_eq!(joint_of("the United\nNations"), " ");
        assert_eq!(joint_of("联合\n国"), "");
        assert_eq!(joint_of("9月2\n3日"), "");
        assert_eq!(joint_of("使用GPS\n定位"), "");
    }
}
