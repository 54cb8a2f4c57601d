//! What a list of words says about a fixed string: the damaged form of one
//! word may stand across two others that are right. 「残疾入」 is no word, and
//! in 残疾 + 入学 nothing is damaged.

use std::sync::LazyLock;

use crate::finding::Edit;
use crate::lexicon::{Lexicon, MAX_WORD_CHARS, simplify};
use crate::text::Span;

static WORDS: LazyLock<Lexicon> = LazyLock::new(Lexicon::embedded);

/// Code points on either side of the form that are read with it: enough for
/// the words that touch it, and few enough that others do not matter.
const CONTEXT_CHARS: usize = 4;
/// Surprise in bits of a character that is no word by itself; the rarest words
/// of the list have 30.
const UNKNOWN_BITS: f64 = 30.0;
/// The repaired text must be read with this much less surprise: a thousand
/// times as likely, where the damaged text has words of its own.
const MARGIN_BITS: f64 = 10.0;

/// True when the text may well be right as it stands: a word holds characters
/// that `edit` changes together with some outside `form`, the string that the
/// rule knows, and with the edit the text does not read much better. `form` is
/// a part of `text`, and the edit lies inside it.
pub(super) fn speaks_against(text: &str, form: Span, edit: &Edit) -> bool {
    if !is_in_crossing_word(text, form, edit.span) {
        return false;
    }
    let start = text[..form.start].char_indices().rev().take(CONTEXT_CHARS).last().map_or(form.start, |(at, _)| at);
    let end = text[form.end..].char_indices().nth(CONTEXT_CHARS).map_or(text.len(), |(at, _)| form.end + at);
    let repaired = format!("{}{}{}", &text[start..edit.span.start], edit.replacement, &text[edit.span.end..end]);
    surprise(&text[start..end]) - surprise(&repaired) < MARGIN_BITS
}

/// True when a word of the list holds some of `core` and leaves `form`.
fn is_in_crossing_word(text: &str, form: Span, core: Span) -> bool {
    let n_core = text[core.start..core.end].chars().count();
    let starts = text[..core.end].char_indices().rev().take(MAX_WORD_CHARS - 1 + n_core).map(|(at, _)| at);
    n_core > 0
        && starts.into_iter().any(|start| {
            WORDS.words_starting_at(text, start).any(|(length, _)| {
                let end = start + length;
                start < core.end && end > core.start && (start < form.start || end > form.end)
            })
        })
}

/// Bits of the likeliest division of `text` into words.
fn surprise(text: &str) -> f64 {
    let text = simplify(text);
    let text = text.as_ref();
    let mut best = vec![f64::INFINITY; text.len() + 1];
    best[0] = 0.0;
    for (at, c) in text.char_indices() {
        let here = best[at];
        let next = at + c.len_utf8();
        best[next] = best[next].min(here + UNKNOWN_BITS);
        for (length, frequency) in WORDS.words_starting_at(text, at) {
            best[at + length] = best[at + length].min(here + frequency.bits());
        }
    }
    best[text.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn speaks(text: &str, form: &str, from: &str, to: &str) -> bool {
        let start = text.find(form).unwrap();
        let at = start + form.find(from).unwrap();
        let edit = Edit { span: Span::new(at, at + from.len()), replacement: to.to_owned() };
        speaks_against(text, Span::new(start, start + form.len()), &edit)
    }

    #[test]
    fn a_word_that_leaves_the_form_speaks_for_the_text() {
        assert!(speaks("残疾入学的孩子", "残疾入", "入", "人"));
        assert!(speaks("她服侍别人", "侍别", "侍", "特"));
        assert!(speaks("警犬陆续出发", "犬陆", "犬", "大"));
        assert!(speaks("雾凇江城", "凇江", "凇", "淞"));
    }

    #[test]
    fn other_words_beside_the_form_do_not() {
        assert!(!speaks("人民政冶制度", "政冶", "冶", "治"));
        assert!(!speaks("残疾入都来了", "残疾入", "入", "人"));
    }

    #[test]
    fn a_word_by_chance_does_not_speak_against_a_text_that_reads_well() {
        // 房间 and 休要 are words.
        assert!(!speaks("解决住房间题。", "间题", "间", "问"));
        assert!(!speaks("具休要求如下", "具休", "休", "体"));
    }
}
