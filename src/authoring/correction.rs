use crate::eval::{Tag, align};
use crate::lexicon::{Lexicon, MAX_WORD_CHARS};
use crate::text::Span;

/// Characters on either side that count as one misreading at most; more is a
/// passage that was written anew, of which no rule can be made.
const MAX_LOCAL_CHARS: usize = 4;
/// Characters of a sentence shown as an example, on either side.
const SENTENCE_CHARS: usize = 24;

/// One local correction that somebody made to a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Correction {
    /// The changed characters in the old text; empty for what was added.
    pub span: Span,
    /// The changed characters in the new text; empty for what was taken out.
    pub printed_span: Span,
    /// The text at `span`.
    pub observed: String,
    /// The text at `printed_span`.
    pub printed: String,
}

/// The local corrections between two versions of a text, in order. White space
/// does not count; neither does what goes over a line or is longer than a few
/// characters.
#[must_use]
pub fn corrections(old: &str, new: &str) -> Vec<Correction> {
    let (old_text, new_text) = (Located::new(old), Located::new(new));
    let mut corrections = Vec::new();
    // Runs that touch are one correction.
    let mut open: Option<(Span, Span)> = None;
    for run in align(&old_text.chars, &new_text.chars) {
        if run.tag == Tag::Equal {
            corrections.extend(open.take().and_then(|(left, right)| correction(old, new, left, right)));
            continue;
        }
        let (left, right) = (old_text.span(run.left_start, run.left_end), new_text.span(run.right_start, run.right_end));
        open = Some(match open {
            Some((a, b)) => (join(a, left), join(b, right)),
            None => (left, right),
        });
    }
    corrections.extend(open.and_then(|(left, right)| correction(old, new, left, right)));
    corrections
}

/// The same with every misread character by itself, which is what recurs:
/// beside another error it is the same error.
pub(super) fn single_corrections(old: &str, new: &str) -> Vec<Correction> {
    let (old_text, new_text) = (Located::new(old), Located::new(new));
    let mut corrections = Vec::new();
    for run in align(&old_text.chars, &new_text.chars) {
        match run.tag {
            Tag::Equal => {}
            Tag::Replace => corrections.extend((0..run.left_len()).filter_map(|offset| {
                let (left, right) = (run.left_start + offset, run.right_start + offset);
                correction(old, new, old_text.span(left, left + 1), new_text.span(right, right + 1))
            })),
            Tag::Delete | Tag::Insert => {
                let (left, right) = (old_text.span(run.left_start, run.left_end), new_text.span(run.right_start, run.right_end));
                corrections.extend(correction(old, new, left, right));
            }
        }
    }
    corrections
}

/// The characters of a text without white space, each with its byte.
struct Located {
    chars: Vec<char>,
    /// Bytes, and the length at the end.
    at: Vec<usize>,
}

impl Located {
    fn new(text: &str) -> Self {
        let (chars, mut at): (Vec<char>, Vec<usize>) =
            text.char_indices().filter(|(_, c)| !c.is_whitespace()).map(|(at, c)| (c, at)).unzip();
        at.push(text.len());
        Self { chars, at }
    }

    /// The bytes of the characters `start..end`: up to the end of the last one,
    /// not to the start of the next.
    fn span(&self, start: usize, end: usize) -> Span {
        let from = self.at[start];
        Span::new(from, if end > start { self.at[end - 1] + self.chars[end - 1].len_utf8() } else { from })
    }
}

/// The hull of two spans in order, of which either may be empty.
fn join(a: Span, b: Span) -> Span {
    match (a.is_empty(), b.is_empty()) {
        (true, _) => b,
        (_, true) => a,
        _ => a.hull(b),
    }
}

fn correction(old: &str, new: &str, span: Span, printed_span: Span) -> Option<Correction> {
    let (observed, printed) = (span.of(old), printed_span.of(new));
    let is_local = |text: &str| text.chars().count() <= MAX_LOCAL_CHARS && !text.contains(['\n', '\r']);
    (observed != printed && is_local(observed) && is_local(printed)).then(|| Correction {
        span,
        printed_span,
        observed: observed.to_owned(),
        printed: printed.to_owned(),
    })
}

impl Correction {
    /// The correction as a misread word and the word: the shortest word of the
    /// list that holds the characters, else the characters with a neighbor.
    #[must_use]
    pub fn as_words(&self, new: &str, lexicon: &Lexicon) -> (String, String) {
        let word = word_around(new, self.printed_span, lexicon).unwrap_or_else(|| with_neighbor(new, self.printed_span));
        let left = &new[word.start..self.printed_span.start];
        let right = &new[self.printed_span.end..word.end];
        (format!("{left}{}{right}", self.observed), word.of(new).to_owned())
    }

    /// The sentence around the place, as it was and as it became.
    #[must_use]
    pub fn sentences(&self, old: &str, new: &str) -> (String, String) {
        let printed = sentence(new, self.printed_span);
        let (left, right) = (&new[printed.start..self.printed_span.start], &new[self.printed_span.end..printed.end]);
        // Other corrections of the sentence are no business of this rule.
        debug_assert!(self.span.end <= old.len());
        (format!("{left}{}{right}", self.observed), printed.of(new).to_owned())
    }
}

/// The shortest word of the list that holds `core` and more; of several, the
/// most frequent.
fn word_around(text: &str, core: Span, lexicon: &Lexicon) -> Option<Span> {
    let starts = text[..core.start].char_indices().rev().take(MAX_WORD_CHARS).map(|(at, _)| at).chain([core.start]);
    let words = starts.flat_map(|start| {
        lexicon.words_starting_at(text, start).map(move |(length, frequency)| (Span::new(start, start + length), frequency.bits()))
    });
    words
        .filter(|(word, _)| word.contains(core) && word.len() > core.len() && word.of(text).chars().count() > 1)
        .min_by(|(a, a_bits), (b, b_bits)| a.len().cmp(&b.len()).then_with(|| a_bits.total_cmp(b_bits)))
        .map(|(word, _)| word)
}

/// The characters with one neighbor on either side, where that is Chinese.
fn with_neighbor(text: &str, core: Span) -> Span {
    let is_good = |c: char| !c.is_whitespace();
    let left = text[..core.start].chars().next_back().filter(|&c| is_good(c)).map_or(0, char::len_utf8);
    let right = text[core.end..].chars().next().filter(|&c| is_good(c)).map_or(0, char::len_utf8);
    Span::new(core.start - left, core.end + right)
}

/// The sentence around `core` in its line, cut to a readable length.
fn sentence(text: &str, core: Span) -> Span {
    let is_end = |c: char| matches!(c, '。' | '！' | '？' | '\n' | '\r');
    let start = text[..core.start].char_indices().rev().take(SENTENCE_CHARS).take_while(|&(_, c)| !is_end(c)).last();
    let mut end = core.end;
    for (at, c) in text[core.end..].char_indices().take(SENTENCE_CHARS) {
        if matches!(c, '\n' | '\r') {
            break;
        }
        end = core.end + at + c.len_utf8();
        if is_end(c) {
            break;
        }
    }
    Span::new(start.map_or(core.start, |(at, _)| at), end)
}

/// `span` with so many characters on either side, as far as there are any.
pub(super) fn widened(text: &str, span: Span, n_chars: usize) -> Span {
    let start = text[..span.start].char_indices().rev().take(n_chars).last().map_or(span.start, |(at, _)| at);
    let end = text[span.end..].char_indices().take(n_chars).last().map_or(span.end, |(at, c)| span.end + at + c.len_utf8());
    Span::new(start, end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn local_changes_are_corrections_and_passages_are_not() {
        let old = "他们己经到了\n会场。木报讯，昨天下雨。";
        let new = "他们已经到了会场。本报讯，昨天下雨，于是大家都没有出门。";
        let found: Vec<(String, String)> = corrections(old, new).into_iter().map(|one| (one.observed, one.printed)).collect();
        assert_eq!(found, [("己".to_owned(), "已".to_owned()), ("木".to_owned(), "本".to_owned())]);
        assert!(corrections(old, old).is_empty());
        let lost = corrections("石庄市", "石家庄市");
        assert_eq!((lost[0].observed.as_str(), lost[0].printed.as_str()), ("", "家"));
    }

    #[test]
    fn a_correction_is_told_as_a_word_with_its_sentence() {
        let lexicon = Lexicon::embedded();
        let (old, new) = ("前一句。他们己经到了会场。后一句。", "前一句。他们已经到了会场。后一句。");
        let one = &corrections(old, new)[0];
        assert_eq!(one.as_words(new, &lexicon), ("己经".to_owned(), "已经".to_owned()));
        let (old_office, new_office) = ("县改府负责人", "县政府负责人");
        let office = &corrections(old_office, new_office)[0];
        assert_eq!(office.as_words(new_office, &lexicon), ("改府".to_owned(), "政府".to_owned()));
        assert_eq!(one.sentences(old, new), ("他们己经到了会场。".to_owned(), "他们已经到了会场。".to_owned()));
    }
}
