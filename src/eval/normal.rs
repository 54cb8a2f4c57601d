use unicode_normalization::UnicodeNormalization;

/// What counts as a difference. `docs/measuring.md` has the definitions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Measure {
    /// Every character but white space.
    Strict,
    /// As strict, after compatibility folding (NFKC) and with one shape for
    /// quotes, dashes and middle dots: what a reader would call the same.
    Folded,
    /// Letters, digits and Han characters only, after NFKC.
    HanOnly,
}

impl Measure {
    /// All measures, in the order of reports.
    pub const ALL: [Measure; 3] = [Measure::Strict, Measure::Folded, Measure::HanOnly];

    /// The stable name used in reports.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Measure::Strict => "strict",
            Measure::Folded => "folded",
            Measure::HanOnly => "han_only",
        }
    }

    /// The characters of `text` that count.
    #[must_use]
    pub fn chars(self, text: &str) -> Vec<char> {
        match self {
            Measure::Strict => text.chars().filter(|c| !c.is_whitespace()).collect(),
            Measure::Folded => text.chars().map(one_shape).nfkc().map(one_shape).filter(|c| !c.is_whitespace()).collect(),
            Measure::HanOnly => text.nfkc().filter(|c| c.is_alphanumeric()).collect(),
        }
    }
}

/// One shape for marks that differ by typeface or engine, not by meaning.
fn one_shape(c: char) -> char {
    match c {
        // Left and right double quotation marks, low and prime forms, corner brackets.
        '\u{201c}' | '\u{201d}' | '\u{201e}' | '\u{2033}' | '\u{ff02}' | '\u{300c}' | '\u{300d}' => '"',
        // Single quotation marks, prime, grave accent.
        '\u{2018}' | '\u{2019}' | '\u{2032}' | '`' => '\'',
        // Em dash, en dash, full-width hyphen-minus, horizontal bar.
        '\u{2014}' | '\u{2013}' | '\u{ff0d}' | '\u{2015}' => '-',
        // Full-width tilde.
        '\u{ff5e}' => '~',
        // Middle dot, bullet, katakana middle dot.
        '\u{b7}' | '\u{2022}' | '\u{30fb}' => '.',
        // Ideographic number zero; many typefaces print it as a circle.
        '\u{3007}' => '\u{25cb}',
        _ => c,
    }
}

/// A text without white space, and where its line breaks were.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Broken {
    /// The characters that are not white space.
    pub chars: Vec<char>,
    /// Places (0 < place < length) before which a run of white space with a
    /// newline stood.
    pub breaks: Vec<usize>,
}

impl Broken {
    pub(super) fn new(text: &str) -> Self {
        let mut broken = Self::default();
        let mut newline = false;
        for c in text.chars() {
            if c.is_whitespace() {
                newline |= c == '\n' || c == '\r';
                continue;
            }
            if newline && !broken.chars.is_empty() {
                broken.breaks.push(broken.chars.len());
            }
            newline = false;
            broken.chars.push(c);
        }
        broken
    }

    /// True when a break stands within `tolerance` characters of `place`.
    pub(super) fn has_break_near(&self, place: usize, tolerance: usize) -> bool {
        let from = self.breaks.partition_point(|&at| at + tolerance < place);
        self.breaks.get(from).is_some_and(|&at| at <= place + tolerance)
    }
}

/// The characters of `text` with every run of white space that holds a newline
/// as one newline, and other white space gone.
pub(super) fn paragraphs(text: &str) -> Vec<char> {
    let broken = Broken::new(text);
    let mut out = Vec::with_capacity(broken.chars.len() + broken.breaks.len());
    let mut breaks = broken.breaks.iter().peekable();
    for (idx, &c) in broken.chars.iter().enumerate() {
        if breaks.next_if(|&&at| at == idx).is_some() {
            out.push('\n');
        }
        out.push(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(measure: Measure, text: &str) -> String {
        measure.chars(text).into_iter().collect()
    }

    #[test]
    fn what_each_measure_leaves_out() {
        let printed = "“第８版”——  ①\n二〇二〇年·完。";
        assert_eq!(text(Measure::Strict, printed), "“第８版”——①二〇二〇年·完。");
        assert_eq!(text(Measure::Folded, printed), "\"第8版\"--1二○二○年.完。");
        assert_eq!(text(Measure::HanOnly, printed), "第8版1二〇二〇年完");
    }

    #[test]
    fn breaks_are_counted_between_characters() {
        let broken = Broken::new("\n甲 乙\r\n\r\n　丙\n");
        assert_eq!(broken.chars, ['甲', '乙', '丙']);
        assert_eq!(broken.breaks, [2]);
        assert!(broken.has_break_near(0, 2) && !broken.has_break_near(0, 1));
        assert_eq!(paragraphs("甲\n\n乙 丙"), ['甲', '\n', '乙', '丙']);
    }
}
