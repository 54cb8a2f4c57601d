use std::borrow::Cow;
use std::sync::LazyLock;

/// Pairs `(traditional, simplified)`, sorted by the first; both three bytes
/// long.
fn pairs() -> impl Iterator<Item = (char, char)> {
    include_str!("../../models/simplify.tsv").lines().filter(|line| !line.starts_with('#')).filter_map(|line| {
        let mut chars = line.chars();
        Some((chars.next()?, chars.nth(1)?))
    })
}

/// First and last character that may have a simplified form.
const FIRST: u32 = 0x3400;
const LAST: u32 = 0xfa6d;

/// The simplified form of every character from [`FIRST`] to [`LAST`]: pages are
/// folded character by character, and a search for each would be the larger
/// part of the work.
static FORMS: LazyLock<Vec<u16>> = LazyLock::new(|| {
    let mut forms: Vec<u16> = (FIRST..=LAST).map(|code| code as u16).collect();
    for (traditional, simplified) in pairs() {
        forms[(u32::from(traditional) - FIRST) as usize] = u32::from(simplified) as u16;
    }
    forms
});

/// The usual simplified form of one character; the character itself when it
/// has none. One form for each, whatever the word: a fold for lookups, never
/// for writing.
#[must_use]
pub fn simplified(c: char) -> char {
    let code = u32::from(c);
    if !(FIRST..=LAST).contains(&code) {
        return c;
    }
    char::from_u32(u32::from(FORMS[(code - FIRST) as usize])).unwrap_or(c)
}

/// `text` with every character folded by [`simplified`]. Every character keeps
/// its byte offset, so spans of the one are spans of the other.
#[must_use]
pub fn simplify(text: &str) -> Cow<'_, str> {
    if text.chars().all(|c| simplified(c) == c) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.chars().map(simplified).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted_and_keeps_lengths() {
        let pairs: Vec<(char, char)> = pairs().collect();
        assert!(pairs.len() > 2000, "{} pairs", pairs.len());
        assert!(pairs.windows(2).all(|pair| pair[0].0 < pair[1].0));
        for (from, to) in pairs {
            assert!(from != to && from.len_utf8() == 3 && to.len_utf8() == 3, "{from}{to}");
            assert!((FIRST..=LAST).contains(&u32::from(from)) && simplified(from) == to, "{from}{to}");
        }
    }

    #[test]
    fn folds_traditional_text_and_borrows_simplified_text() {
        assert_eq!(simplify("國民政府發表談話"), "国民政府发表谈话");
        assert!(matches!(simplify("石家庄市第8中学"), Cow::Borrowed(_)));
    }
}
