use std::borrow::Cow;
use std::sync::LazyLock;

/// Pairs `(traditional, simplified)`, sorted by the first; both of one UTF-8
/// length.
static PAIRS: LazyLock<Vec<(char, char)>> = LazyLock::new(|| {
    include_str!("../../models/simplify.tsv")
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| {
            let mut chars = line.chars();
            Some((chars.next()?, chars.nth(1)?))
        })
        .collect()
});

/// The usual simplified form of one character; the character itself when it
/// has none. One form for each, whatever the word: a fold for lookups, never
/// for writing.
#[must_use]
pub fn simplified(c: char) -> char {
    if !('\u{3400}'..='\u{fa6d}').contains(&c) {
        return c;
    }
    PAIRS.binary_search_by_key(&c, |&(traditional, _)| traditional).map_or(c, |idx| PAIRS[idx].1)
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
        assert!(PAIRS.len() > 2000, "{} pairs", PAIRS.len());
        assert!(PAIRS.windows(2).all(|pair| pair[0].0 < pair[1].0));
        assert!(PAIRS.iter().all(|(from, to)| from != to && from.len_utf8() == to.len_utf8()));
    }

    #[test]
    fn folds_traditional_text_and_borrows_simplified_text() {
        assert_eq!(simplify("國民政府發表談話"), "国民政府发表谈话");
        assert!(matches!(simplify("石家庄市第8中学"), Cow::Borrowed(_)));
    }
}
