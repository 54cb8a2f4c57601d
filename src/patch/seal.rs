//! A running check sum over code points, twelve bits of it stored for each.
//!
//! A hash of the whole text says that something changed, not where; a second
//! copy of the text would say it exactly at three bytes a character. Twelve
//! bits name the very character in all but one of 4096 cases and one of the
//! next characters in the rest.

/// Symbols of six bits: those of base64url.
const SYMBOLS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// The seal of `text`: two symbols for each code point.
pub(super) fn of(text: &str) -> String {
    let mut sum = START;
    let mut seal = String::with_capacity(2 * text.chars().count());
    for c in text.chars() {
        sum = next(sum, c);
        let [high, low] = symbols(sum);
        seal.push(char::from(high));
        seal.push(char::from(low));
    }
    seal
}

/// Byte offset in `text` of the first code point that `seal` does not allow;
/// the end of the text when some are missing there. `None` when all fit.
pub(super) fn first_difference(seal: &str, text: &str) -> Option<usize> {
    let (expected, _) = seal.as_bytes().as_chunks::<2>();
    let mut expected = expected.iter();
    let mut sum = START;
    for (at, c) in text.char_indices() {
        sum = next(sum, c);
        if expected.next() != Some(&symbols(sum)) {
            return Some(at);
        }
    }
    expected.next().map(|_| text.len())
}

/// Offset basis of the 64-bit FNV hash.
const START: u64 = 0xcbf2_9ce4_8422_2325;

/// One step of FNV-1a with a code point in the place of a byte, and a fold, so
/// that the bits taken depend on all that came before.
fn next(sum: u64, c: char) -> u64 {
    let mixed = (sum ^ u64::from(c)).wrapping_mul(0x0000_0100_0000_01b3);
    mixed ^ (mixed >> 29)
}

fn symbols(sum: u64) -> [u8; 2] {
    let bits = (sum.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 52) as usize;
    [SYMBOLS[bits >> 6], SYMBOLS[bits & 63]]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_single_replacement_is_found_where_it_is() {
        let text: Vec<char> = "本报讯（记者 林晓）昨日上午，两座粮仓正式启用。\n".repeat(4).chars().collect();
        let seal = of(&text.iter().collect::<String>());
        for idx in 0..text.len() {
            let mut edited = text.clone();
            edited[idx] = '龘';
            let at: usize = text[..idx].iter().map(|c| c.len_utf8()).sum();
            assert_eq!(first_difference(&seal, &edited.iter().collect::<String>()), Some(at));
        }
    }

    #[test]
    fn the_same_text_fits_and_a_cut_one_ends_too_early() {
        let seal = of("甲乙");
        assert_eq!(first_difference(&seal, "甲乙"), None);
        assert_eq!(first_difference(&seal, "甲"), Some(3));
        assert_eq!(first_difference(&seal, "甲乙丙"), Some(6));
        assert_eq!(first_difference(&of(""), ""), None);
    }
}
