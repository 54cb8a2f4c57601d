//! Takes a text back through the wrong decoding that made it: encode with the
//! encoding it was read as, decode with the one it was written in, and see
//! whether everyday Chinese comes out. Pure; judges nothing else.

use encoding_rs::{BIG5, Encoding, GB18030, WINDOWS_1252};

use super::common_han::{is_everyday, is_everyday_simplified};
use super::scan::is_chinese;
use crate::text::is_han;

/// One wrong decoding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mistake {
    Utf8AsGbk,
    Utf8AsBig5,
    Utf8AsLatin,
    GbkAsLatin,
    Big5AsLatin,
    GbkAsBig5,
    Big5AsGbk,
}

impl Mistake {
    /// Its name for readers: written in, read as.
    pub(super) fn names(self) -> (&'static str, &'static str) {
        match self {
            Mistake::Utf8AsGbk => ("UTF-8", "GBK"),
            Mistake::Utf8AsBig5 => ("UTF-8", "Big5"),
            Mistake::Utf8AsLatin => ("UTF-8", "Windows-1252"),
            Mistake::GbkAsLatin => ("GBK", "Windows-1252"),
            Mistake::Big5AsLatin => ("Big5", "Windows-1252"),
            Mistake::GbkAsBig5 => ("GBK", "Big5"),
            Mistake::Big5AsGbk => ("Big5", "GBK"),
        }
    }
}

/// A stretch read back.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Recoded {
    /// Bytes of the stretch, relative to the run it was found in.
    pub(super) start: usize,
    /// One past them.
    pub(super) end: usize,
    /// What it says.
    pub(super) text: String,
    /// The mistake undone.
    pub(super) mistake: Mistake,
    /// True when making the mistake again gives the stretch, byte for byte.
    pub(super) proven: bool,
}

/// How a text looks to a Chinese reader.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Plausibility {
    /// Han characters.
    pub(super) n_han: usize,
    /// Share of everyday characters and ordinary marks among all that is not
    /// ASCII, 0..=1; 0 for none.
    pub(super) everyday: f64,
}

impl Plausibility {
    /// Of `text`, which was `simplified` or of either script.
    pub(super) fn of(text: &str, script: Script) -> Self {
        let (mut n_han, mut n_good, mut n_all) = (0, 0, 0_usize);
        for c in text.chars().filter(|c| !c.is_ascii() && *c != '\u{feff}') {
            n_all += 1;
            n_han += usize::from(is_han(c));
            let good = match script {
                Script::Simplified => is_everyday_simplified(c),
                Script::Either => is_everyday(c),
            };
            n_good += usize::from(good || is_chinese(c) && !is_han(c));
        }
        Self { n_han, everyday: if n_all == 0 { 0.0 } else { n_good as f64 / n_all as f64 } }
    }
}

/// Which everyday characters count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Script {
    Simplified,
    Either,
}

/// The byte a character of Windows-1252 or Latin-1 was read from.
pub(super) fn latin_byte(c: char) -> Option<u8> {
    if let Ok(byte) = u8::try_from(u32::from(c)) {
        return Some(byte);
    }
    let mut buffer = [0; 4];
    let (bytes, _, unmappable) = WINDOWS_1252.encode(c.encode_utf8(&mut buffer));
    (!unmappable).then(|| bytes[0])
}

/// The longest stretch of `run` whose bytes, under `wrong`, are UTF-8 of more
/// than ASCII. Stretches begin and end between characters of `run`.
pub(super) fn utf8_stretch(run: &str, wrong: &'static Encoding, mistake: Mistake) -> Option<Recoded> {
    let mut buffer = [0; 4];
    let mut recoded = stretch(run, mistake, &CHINESE_LEADS, |c, bytes| {
        let (code, _, unmappable) = wrong.encode(c.encode_utf8(&mut buffer));
        // An invalid byte ends every stretch here.
        bytes.extend_from_slice(if unmappable { &[0xff] } else { &code });
    })?;
    let (again, malformed) = wrong.decode_without_bom_handling(recoded.text.as_bytes());
    recoded.proven = !malformed && again == run[recoded.start..recoded.end];
    Some(recoded)
}

/// The same for a run of Latin letters and signs. A plain space counts as the
/// no-break space it once was where that makes the stretch longer; then
/// nothing is proven.
pub(super) fn latin_as_utf8(run: &str) -> Option<Recoded> {
    let encode = |space: u8| {
        stretch(run, Mistake::Utf8AsLatin, &ALL_LEADS, move |c, bytes| {
            bytes.push(if c == ' ' { space } else { latin_byte(c).unwrap_or(0xff) })
        })
        .filter(|recoded| !recoded.text.is_ascii())
    };
    let exact = encode(b' ').map(|recoded| Recoded { proven: true, ..recoded });
    let loose = encode(0xa0).filter(|loose| exact.as_ref().is_none_or(|exact| loose.end - loose.start > exact.end - exact.start));
    loose.or(exact)
}

/// First bytes of what Chinese text in UTF-8 consists of beside ASCII: the
/// middle dot, U+2000..U+9FFF, full-width forms and plane 2. Two bytes of GBK
/// are too easily some letter of Latin, Greek or Cyrillic.
const CHINESE_LEADS: [(u8, u8); 4] = [(0xc2, 0xc2), (0xe2, 0xe9), (0xef, 0xef), (0xf0, 0xf0)];

/// First bytes of all sequences of more than one byte.
const ALL_LEADS: [(u8, u8); 1] = [(0xc2, 0xf4)];

fn stretch(run: &str, mistake: Mistake, leads: &[(u8, u8)], mut encode: impl FnMut(char, &mut Vec<u8>)) -> Option<Recoded> {
    let mut bytes = Vec::with_capacity(run.len());
    // Offsets in `bytes` and `run` of every character, and of the end.
    let mut bounds = Vec::with_capacity(run.len() / 2 + 1);
    for (at, c) in run.char_indices() {
        bounds.push((bytes.len(), at));
        encode(c, &mut bytes);
    }
    bounds.push((bytes.len(), run.len()));
    let (from, to) = longest_utf8(&bytes, &bounds, leads)?;
    let text = std::str::from_utf8(&bytes[bounds[from].0..bounds[to].0]).ok()?.to_owned();
    Some(Recoded { start: bounds[from].1, end: bounds[to].1, text, mistake, proven: false })
}

/// Indexes into `bounds` of the longest stretch of whole sequences that starts
/// with more than ASCII.
fn longest_utf8(bytes: &[u8], bounds: &[(usize, usize)], leads: &[(u8, u8)]) -> Option<(usize, usize)> {
    let mut best: Option<(usize, usize)> = None;
    let mut from = 0;
    while from + 1 < bounds.len() {
        // Walk sequence by sequence; a stretch may end where a sequence and a
        // character of the run end together.
        let (mut at, mut next, mut to) = (bounds[from].0, from, from);
        while let Some(length) = sequence_at(bytes, at, leads).filter(|&length| length > 1 || at > bounds[from].0) {
            at += length;
            while bounds[next].0 < at && next + 1 < bounds.len() {
                next += 1;
            }
            if bounds[next].0 == at {
                to = next;
            }
            if at == bytes.len() {
                break;
            }
        }
        if to > from && best.is_none_or(|(a, b)| to - from > b - a) {
            best = Some((from, to));
        }
        from = to.max(from + 1);
    }
    best
}

/// Length of the UTF-8 sequence at `at`, when its first byte is ASCII or among
/// `leads` and it is well formed.
fn sequence_at(bytes: &[u8], at: usize, leads: &[(u8, u8)]) -> Option<usize> {
    let &lead = bytes.get(at)?;
    let length = match lead {
        0..=0x7f => return Some(1),
        _ if !leads.iter().any(|&(first, last)| (first..=last).contains(&lead)) => return None,
        0xc0..=0xdf => 2,
        0xe0..=0xef => 3,
        _ => 4,
    };
    std::str::from_utf8(bytes.get(at..at + length)?).is_ok().then_some(length)
}

/// A run of Latin letters and signs read back as a two-byte encoding.
pub(super) fn latin_as_double_byte(run: &str, right: &'static Encoding, mistake: Mistake) -> Option<Recoded> {
    let bytes: Option<Vec<u8>> = run.chars().map(latin_byte).collect();
    let bytes = bytes?;
    let (text, malformed) = right.decode_without_bom_handling(&bytes);
    if malformed {
        return None;
    }
    let (again, _, unmappable) = right.encode(&text);
    let proven = !unmappable && again[..] == bytes[..];
    Some(Recoded { start: 0, end: run.len(), text: text.into_owned(), mistake, proven })
}

/// A run read back from one two-byte encoding as the other.
pub(super) fn double_byte(run: &str, mistake: Mistake) -> Option<Recoded> {
    let (wrong, right) = match mistake {
        Mistake::GbkAsBig5 => (BIG5, GB18030),
        Mistake::Big5AsGbk => (GB18030, BIG5),
        _ => return None,
    };
    let (bytes, _, unmappable) = wrong.encode(run);
    if unmappable {
        return None;
    }
    let (text, malformed) = right.decode_without_bom_handling(&bytes);
    if malformed {
        return None;
    }
    let (back, _, unmappable) = right.encode(&text);
    let (again, malformed) = wrong.decode_without_bom_handling(&back);
    let proven = !unmappable && !malformed && again == run;
    Some(Recoded { start: 0, end: run.len(), text: text.into_owned(), mistake, proven })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn misread(text: &str, right: &'static Encoding, wrong: &'static Encoding) -> String {
        let (bytes, _, unmappable) = right.encode(text);
        assert!(!unmappable);
        wrong.decode_without_bom_handling(&bytes).0.into_owned()
    }

    #[test]
    fn a_stretch_of_utf8_is_found_inside_right_text() {
        let run = format!("他说{}。", "浣犲ソ");
        let recoded = utf8_stretch(&run, GB18030, Mistake::Utf8AsGbk).unwrap();
        assert_eq!((recoded.text.as_str(), &run[recoded.start..recoded.end], recoded.proven), ("你好", "浣犲ソ", true));
        assert_eq!(utf8_stretch("他说你好。", GB18030, Mistake::Utf8AsGbk), None);
    }

    #[test]
    fn each_mistake_is_undone() {
        let text = "我们的城市今天召开工作会议";
        let latin = misread(text, encoding_rs::UTF_8, WINDOWS_1252);
        assert_eq!(latin_as_utf8(&latin).unwrap().text, text);
        let latin = misread(text, GB18030, WINDOWS_1252);
        assert_eq!(latin_as_double_byte(&latin, GB18030, Mistake::GbkAsLatin).unwrap().text, text);
        let big5 = misread(text, GB18030, BIG5);
        let recoded = double_byte(&big5, Mistake::GbkAsBig5).unwrap();
        assert!(recoded.proven);
        assert_eq!(recoded.text, text);
    }

    #[test]
    fn a_plain_space_stands_for_the_lost_no_break_space() {
        let recoded = latin_as_utf8("ä½ å¥½").unwrap();
        assert_eq!((recoded.text.as_str(), recoded.proven), ("你好", false));
        assert!(latin_as_utf8("ä½\u{a0}å¥½").unwrap().proven);
        assert_eq!(latin_as_utf8("café"), None);
    }

    #[test]
    fn plausibility_tells_everyday_text_from_the_rest() {
        assert!(Plausibility::of("我们的城市，今天", Script::Simplified).everyday > 0.99);
        assert!(Plausibility::of("我們的城市，今天", Script::Either).everyday > 0.99);
        assert!(Plausibility::of("鎴戜滑鐨勫煄甯備粖澶", Script::Either).everyday < 0.6);
    }
}
