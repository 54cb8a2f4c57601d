//! The characters of a page in one row, for the detectors that compare places
//! of it with each other.

use super::Resources;
use crate::document::{Kind, Layout};
use crate::lexicon::simplify;
use crate::text::{Span, is_han};

/// The characters of the lines of a page; a line end stands between lines.
#[derive(Debug, Default)]
pub(super) struct Characters {
    pub(super) chars: Vec<char>,
    /// The byte each begins at.
    at: Vec<usize>,
    /// Number of the sentence each stands in.
    sentence: Vec<u32>,
}

impl Characters {
    /// The lines that are text; printed lines of one paragraph run on.
    pub(super) fn of(text: &str, layout: &Layout) -> Self {
        let mut page = Self::default();
        let mut n_sentences = 0;
        for (idx, line) in layout.lines.iter().enumerate() {
            if matches!(line.kind, Kind::TableRow | Kind::Verse) {
                continue;
            }
            for (offset, c) in line.span.of(text).char_indices() {
                page.push(c, line.span.start + offset, n_sentences);
                n_sentences += u32::from(matches!(c, '。' | '！' | '？' | '；'));
            }
            if !layout.fills_column(idx) {
                n_sentences += 1;
                page.push('\n', line.span.end, n_sentences);
            }
        }
        page
    }

    fn push(&mut self, c: char, at: usize, sentence: u32) {
        self.chars.push(c);
        self.at.push(at);
        self.sentence.push(sentence);
    }

    /// The place of the `n` characters from `idx` on.
    pub(super) fn span(&self, idx: usize, n: usize) -> Span {
        let last = idx + n - 1;
        Span::new(self.at[idx], self.at[last] + self.chars[last].len_utf8())
    }

    /// True when both characters stand in one sentence.
    pub(super) fn share_sentence(&self, a: usize, b: usize) -> bool {
        self.sentence[a] == self.sentence[b]
    }

    /// The characters from `idx` on, `n` at most, as a string.
    pub(super) fn text(&self, idx: usize, n: usize) -> String {
        self.chars[idx..(idx + n).min(self.chars.len())].iter().collect()
    }

    /// True when the `n` characters from `idx` on are all Han.
    pub(super) fn is_han(&self, idx: usize, n: usize) -> bool {
        self.chars.get(idx..idx + n).is_some_and(|chars| chars.iter().all(|&c| is_han(c)))
    }

    /// True when the characters that end before `idx` are `word`.
    pub(super) fn ends_with(&self, idx: usize, word: &str) -> bool {
        self.chars[..idx].iter().rev().copied().take(word.chars().count()).eq(word.chars().rev())
    }

    /// True when the characters from `idx` on begin with `word`.
    pub(super) fn starts_with(&self, idx: usize, word: &str) -> bool {
        self.chars[idx.min(self.chars.len())..].iter().copied().take(word.chars().count()).eq(word.chars())
    }

    /// The length of the longest word or place of two and more characters over
    /// the character at `idx` if it were `c`; 0 where there is none.
    pub(super) fn word_over(&self, resources: &Resources, idx: usize, c: char) -> usize {
        const REACH: usize = 7;
        let (from, to) = (idx.saturating_sub(REACH), (idx + REACH + 1).min(self.chars.len()));
        let window: String = (from..to).map(|at| if at == idx { c } else { self.chars[at] }).collect();
        let window = simplify(&window);
        let starts: Vec<usize> = window.char_indices().map(|(at, _)| at).chain([window.len()]).collect();
        let (own, own_end) = (starts[idx - from], starts[idx - from + 1]);
        let mut longest = 0;
        for &start in starts.iter().take_while(|&&start| start <= own) {
            let words = resources.lexicon.words_starting_at(&window, start).map(|(n_bytes, _)| n_bytes);
            let places = resources.gazetteer.names_starting_at(&window, start);
            for n_bytes in words.chain(places).filter(|&n_bytes| start + n_bytes >= own_end) {
                longest = longest.max(window[start..start + n_bytes].chars().count());
            }
        }
        if longest >= 2 { longest } else { 0 }
    }

    /// Bits that the language model saves when the character at `idx` is `c`.
    pub(super) fn gain(&self, resources: &Resources, idx: usize, c: char) -> f32 {
        const BEFORE: usize = 6;
        const BEHIND: usize = 4;
        let lm = resources.lm;
        let from = self.chars[..idx].iter().rposition(|&c| c == '\n').map_or(0, |at| at + 1).max(idx.saturating_sub(BEFORE));
        let to = self.chars[idx..].iter().position(|&c| c == '\n').map_or(self.chars.len(), |n| idx + n).min(idx + 1 + BEHIND);
        let before: Vec<_> = self.chars[from..idx].iter().map(|&c| lm.id(c)).collect();
        let state = lm.state(&before);
        let bits = |c: char| lm.score_all(state, std::iter::once(c).chain(self.chars[idx + 1..to].iter().copied()).map(|c| lm.id(c))).0;
        bits(self.chars[idx]) - bits(c)
    }
}

/// How alike an engine finds two characters.
#[derive(Clone, Copy, Debug)]
pub(super) struct Likeness {
    /// Likeness of the glyphs, 0 to 1.
    pub(super) similarity: f32,
    /// Bits that the channel asks for the misreading.
    pub(super) bits: f32,
}

impl Likeness {
    /// Of reading `read` for `printed`.
    pub(super) fn of(resources: &Resources, read: char, printed: char) -> Self {
        let channel = resources.channel;
        Self { similarity: channel.glyphs().similarity(read, printed), bits: channel.cost(read, printed) }
    }

    /// The two are confused now and then.
    pub(super) fn is_near(self) -> bool {
        self.similarity >= 0.55 || self.bits <= 12.5
    }

    /// The two are hard to tell apart.
    pub(super) fn is_close(self) -> bool {
        self.similarity >= 0.75 || self.bits <= 11.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_keep_their_places_and_sentences() {
        let text = "甲乙。丙\n\n丁";
        let page = Characters::of(text, &Layout::new(text));
        assert_eq!(page.chars, ['甲', '乙', '。', '丙', '\n', '丁', '\n']);
        assert_eq!(page.span(3, 1).of(text), "丙");
        assert_eq!(page.span(5, 1).of(text), "丁");
        assert!(page.share_sentence(0, 1) && !page.share_sentence(1, 3) && !page.share_sentence(3, 5));
        assert!(page.ends_with(2, "甲乙") && page.starts_with(3, "丙") && !page.starts_with(5, "丁戊"));
        assert!(page.is_han(0, 2) && !page.is_han(1, 2) && !page.is_han(5, 9));
    }

    #[test]
    fn words_and_the_model_speak_for_a_character() {
        let text = "会议要求认真黄彻落实。";
        let page = Characters::of(text, &Layout::new(text));
        let idx = page.chars.iter().position(|&c| c == '黄').unwrap();
        let resources = Resources::embedded();
        assert!(page.word_over(resources, idx, '贯') >= 2);
        assert!(page.gain(resources, idx, '贯') > 5.0);
        assert!(Likeness::of(resources, '未', '末').is_close());
        assert!(!Likeness::of(resources, '军', '国').is_near());
    }
}
