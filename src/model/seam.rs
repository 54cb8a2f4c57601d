//! What the language model says of a break: does the text run on?
//!
//! Three answers, kept apart because layout evidence weighs them differently:
//! does a paragraph end like this, does one begin like this, and do the
//! characters on both sides follow each other? It does not know lines, columns
//! or kinds; that is for `detect/join`.

use std::sync::LazyLock;

use crate::lexicon::simplified;
use crate::model::lm::{Id, LanguageModel, State};

/// Characters of context on either side.
pub const CONTEXT_CHARS: usize = 6;

/// Symbols after the break that are weighed.
const N_AFTER: usize = 6;

/// Evidence in bits, positive where the text runs on.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct SeamScore {
    /// Surprise of a paragraph's end after the characters before the break,
    /// beyond that of an end in running text; a full stop may have been lost.
    pub before: f32,
    /// How much more surprising the characters after it are at the beginning
    /// of a paragraph than anywhere.
    pub after: f32,
    /// How much less surprising they are behind those before it than anywhere.
    pub across: f32,
    /// The same when the likeliest character was lost between them.
    pub filled: f32,
    /// Surprise of the characters after it behind those before, in bits each.
    pub joined: f32,
    /// Surprise of a paragraph's end with nothing lost.
    pub end: f32,
}

impl SeamScore {
    /// All evidence together.
    #[must_use]
    pub fn total(self) -> f32 {
        self.before + self.after + self.across
    }
}

/// Characters that may have been lost, weighed with all of their context.
const N_FILLERS: usize = 6;

/// Bits of a full stop and the end of the paragraph where a clause is complete.
const USUAL_END: f32 = 5.0;

/// Scores breaks with the language model inside the program; another one would
/// not fit the scorers that learned with it.
#[derive(Clone, Copy, Debug)]
pub struct Seams {
    lm: &'static LanguageModel,
    full_stop: Id,
    beginning: State,
}

impl Seams {
    /// The scorer.
    #[must_use]
    pub fn embedded() -> &'static Seams {
        static SEAMS: LazyLock<Seams> = LazyLock::new(|| {
            let lm = LanguageModel::embedded();
            Seams { lm, full_stop: lm.id('。'), beginning: lm.start() }
        });
        &SEAMS
    }

    /// The score of a break between characters in reading order; those nearest
    /// to it count, white space does not. With nothing on a side there is no
    /// evidence from it.
    #[must_use]
    pub fn score(&self, before: &[char], after: &[char]) -> SeamScore {
        let lm = self.lm;
        let left: Vec<Id> = before.iter().filter(|c| !c.is_whitespace()).map(|&c| lm.id(c)).collect();
        let right: Vec<Id> = after.iter().filter(|c| !c.is_whitespace()).take(N_AFTER).map(|&c| lm.id(c)).collect();
        let context = lm.state(&left);
        let bits = |state: State| lm.score_all(state, right.iter().copied()).0;
        let mut score = SeamScore::default();
        if !left.is_empty() {
            let as_it_is = lm.surprise(context, Id::BOUNDARY);
            let (full_stop, stopped) = lm.score(context, self.full_stop);
            score.end = as_it_is;
            score.before = as_it_is.min(full_stop + lm.surprise(stopped, Id::BOUNDARY)) - USUAL_END;
        }
        if !right.is_empty() {
            let anywhere = bits(State::default());
            score.after = bits(self.beginning) - anywhere;
            if !left.is_empty() {
                let joined = bits(context);
                score.across = anywhere - joined;
                score.joined = joined / right.len() as f32;
                score.filled = anywhere - self.filled(&left, context, &right).min(joined);
            }
        }
        score
    }

    /// Surprise of the likeliest lost character and of what follows it.
    fn filled(&self, left: &[Id], context: State, right: &[Id]) -> f32 {
        let (lm, last, first) = (self.lm, left[left.len() - 1], right[0]);
        let gap = lm.neighbours(last, first);
        let bits = |id: Id| lm.score_all(context, std::iter::once(id).chain(right.iter().copied())).0;
        let mut likely: Vec<(f32, Id)> = gap.between().map(|id| (gap.after_left(id, lm.alone(id)) + gap.right_after(id), id)).collect();
        if likely.len() > N_FILLERS {
            likely.select_nth_unstable_by(N_FILLERS, |a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
            likely.truncate(N_FILLERS);
        }
        likely.into_iter().map(|(_, id)| bits(id)).fold(f32::INFINITY, f32::min)
    }
}

/// The form in which two readings of a character are one: digits are one, Latin letters
/// are one, half-width and full-width punctuation are one, a traditional
/// character and its simplified form are one.
#[must_use]
pub fn fold_char(c: char) -> char {
    // Han characters are most of any page.
    if matches!(c, '\u{3400}'..='\u{9fff}') {
        return simplified(c);
    }
    match c {
        '0'..='9' | '０'..='９' => '0',
        'a'..='z' | 'A'..='Z' | 'ａ'..='ｚ' | 'Ａ'..='Ｚ' => 'a',
        ',' | '，' => '，',
        '.' | '。' | '．' | '｡' | '°' => '。',
        ';' | '；' => '；',
        ':' | '：' => '：',
        '!' | '！' => '！',
        '?' | '？' => '？',
        '(' | '（' => '（',
        ')' | '）' => '）',
        '%' | '％' => '％',
        '"' | '”' | '“' | '」' | '「' | '『' | '』' | '＂' => '”',
        '\'' | '’' | '‘' => '’',
        '-' | '—' | '－' | '–' | '―' => '—',
        '〈' => '《',
        '〉' => '》',
        _ => simplified(c),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn score(before: &str, after: &str) -> SeamScore {
        let chars = |text: &str| text.chars().collect::<Vec<char>>();
        Seams::embedded().score(&chars(before), &chars(after))
    }

    #[test]
    fn what_runs_on_scores_higher_than_what_ends() {
        let cut = score("全市经济社会发", "展取得新成效");
        let ended = score("任务已经完成", "本报讯昨天上午");
        assert!(cut.across > 8.0 && cut.before > 4.0, "{cut:?}");
        assert!(ended.total() + 10.0 < cut.total(), "{ended:?} {cut:?}");
        assert!(score("今年全部完成。", "下一步，").before < 1.0);
    }

    #[test]
    fn no_side_gives_no_evidence() {
        assert_eq!(score("", ""), SeamScore::default());
        assert_eq!(score("", "今年").before, 0.0);
        assert_eq!(score("今年", "").across, 0.0);
    }

    #[test]
    fn forms_of_one_character_are_one() {
        for (a, b) in [('國', '国'), ('7', '３'), (',', '，'), ('Q', 'a'), ('「', '“')] {
            assert_eq!(fold_char(a), fold_char(b));
        }
    }
}
