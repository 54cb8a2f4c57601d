use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};

use super::decode::unit_len;
use super::name::Encoding;

/// Bytes looked at when several encodings are possible. A quarter megabyte of
/// newspaper text has some 80,000 characters; a few hundred decide already.
const SAMPLE_LEN_BYTES: usize = 1 << 18;

/// Below this share of plausible text in the best reading, the decision is
/// called doubtful. Running text scores above 0.9 in its own encoding and
/// below 0.65 in any other (`tests::each_encoding_is_told_from_the_others`).
const DOUBTFUL_BELOW: f64 = 0.75;

/// Readings whose scores lie closer than this are told apart by chardetng's
/// character statistics.
const CLOSE: f64 = 0.1;

/// Units below which UTF-16 needs a NUL to be believed.
const UTF16_LEN_MIN: usize = 6;

/// How the encoding of a file was decided.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Decision {
    /// By the user.
    Forced,
    /// By a byte order mark.
    Mark,
    /// All bytes are ASCII; every encoding but UTF-16 would read the same.
    Ascii,
    /// The bytes are valid UTF-8, which no other Chinese text is by accident.
    ValidUtf8,
    /// The reading with the largest share of plausible text, 0..=1.
    Score(f64),
}

impl Decision {
    /// The decision in Chinese, for a report.
    #[must_use]
    pub fn zh(self) -> String {
        match self {
            Decision::Forced => "由用户指定".to_owned(),
            Decision::Mark => "据文件开头的字节顺序标记（BOM）".to_owned(),
            Decision::Ascii => "全部字节为 ASCII".to_owned(),
            Decision::ValidUtf8 => "全部字节是合法的 UTF-8".to_owned(),
            Decision::Score(share) if share < DOUBTFUL_BELOW => {
                format!("据字节推断，把握不大（合理文字占 {:.0}%），可用 --encoding 指定", share.max(0.0) * 100.0)
            }
            Decision::Score(share) => format!("据字节推断（合理文字占 {:.0}%）", share * 100.0),
        }
    }

    /// The decision in English, for a report.
    #[must_use]
    pub fn en(self) -> String {
        match self {
            Decision::Forced => "as asked for".to_owned(),
            Decision::Mark => "by its byte order mark".to_owned(),
            Decision::Ascii => "all bytes are ASCII".to_owned(),
            Decision::ValidUtf8 => "all bytes are valid UTF-8".to_owned(),
            Decision::Score(share) if share < DOUBTFUL_BELOW => {
                format!("guessed from the bytes, doubtful ({:.0} % plausible text); --encoding overrides it", share.max(0.0) * 100.0)
            }
            Decision::Score(share) => format!("guessed from the bytes ({:.0} % plausible text)", share * 100.0),
        }
    }

    /// True when a person should look whether the guess is right.
    #[must_use]
    pub fn is_doubtful(self) -> bool {
        matches!(self, Decision::Score(share) if share < DOUBTFUL_BELOW)
    }
}

/// Decides the encoding of `bytes`.
pub(super) fn guess(bytes: &[u8]) -> (Encoding, Decision) {
    // UTF-8 first: its mark cannot be confused, and GB18030's is four bytes.
    for encoding in [Encoding::Utf8, Encoding::Gb18030, Encoding::Utf16Le, Encoding::Utf16Be] {
        if bytes.starts_with(encoding.bom()) {
            return (encoding, Decision::Mark);
        }
    }
    if std::str::from_utf8(bytes).is_ok() {
        return match nul_pattern(bytes) {
            Some(encoding) => (encoding, Decision::Score(1.0)),
            None if bytes.is_ascii() => (Encoding::Utf8, Decision::Ascii),
            None => (Encoding::Utf8, Decision::ValidUtf8),
        };
    }
    let sample = &bytes[..bytes.len().min(SAMPLE_LEN_BYTES)];
    let (encoding, score) = best_reading(sample);
    let encoding = if encoding == Encoding::Gb18030 && !has_four_byte_sequence(bytes) { Encoding::Gbk } else { encoding };
    (encoding, Decision::Score(score))
}

/// The encoding of Latin text in UTF-16, whose bytes are also valid UTF-8: a
/// NUL in at least three of ten units, always on the same side.
fn nul_pattern(bytes: &[u8]) -> Option<Encoding> {
    if bytes.len() < 2 || memchr::memchr(0, bytes).is_none() {
        return None;
    }
    let (pairs, _) = bytes.as_chunks::<2>();
    let n_first = pairs.iter().filter(|pair| pair[0] == 0).count();
    let n_second = pairs.iter().filter(|pair| pair[1] == 0).count();
    match (n_first, n_second) {
        (0, n) if 10 * n >= 3 * pairs.len() => Some(Encoding::Utf16Le),
        (n, 0) if 10 * n >= 3 * pairs.len() => Some(Encoding::Utf16Be),
        _ => None,
    }
}

fn best_reading(sample: &[u8]) -> (Encoding, f64) {
    let readings = [
        (Encoding::Utf8, utf8_score(sample)),
        (Encoding::Gb18030, table_score(Encoding::Gb18030, sample)),
        (Encoding::Big5, table_score(Encoding::Big5, sample)),
        (Encoding::Utf16Le, utf16_score(sample, u16::from_le_bytes)),
        (Encoding::Utf16Be, utf16_score(sample, u16::from_be_bytes)),
    ];
    // The first of equals wins: UTF-8, then GB18030.
    let mut best = readings[0];
    for reading in &readings[1..] {
        if reading.1 > best.1 {
            best = *reading;
        }
    }
    let [_, gb, big5, ..] = readings;
    let in_doubt = [gb.0, big5.0].contains(&best.0) && (gb.1 - big5.1).abs() < CLOSE;
    if in_doubt {
        let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
        detector.feed(sample, true);
        match detector.guess(None, Utf8Detection::Deny).name() {
            "Big5" => best = big5,
            "GBK" | "gb18030" => best = gb,
            _ => {}
        }
    }
    best
}

/// Share of the non-ASCII bytes that form valid UTF-8.
fn utf8_score(sample: &[u8]) -> f64 {
    let (mut good, mut bad) = (0, 0);
    for chunk in sample.utf8_chunks() {
        good += chunk.valid().bytes().filter(|byte| !byte.is_ascii()).count();
        bad += chunk.invalid().len();
    }
    share(good as f64 - bad as f64, good + bad).max(0.0)
}

/// Weighted share of the non-ASCII sequences that are usual characters of the
/// encoding; undecodable bytes count against it.
fn table_score(encoding: Encoding, sample: &[u8]) -> f64 {
    let (mut points, mut n_units, mut at) = (0.0, 0, 0);
    while at < sample.len() {
        if sample[at].is_ascii() {
            at += 1;
            continue;
        }
        let unit = &sample[at..at + unit_len(encoding, &sample[at..])];
        points += if encoding == Encoding::Big5 { big5_weight(unit) } else { gb_weight(unit) };
        n_units += 1;
        at += unit.len();
    }
    share(points, n_units)
}

/// How usual a sequence is in GB text: GB2312 orders its characters by use
/// (rows 16-55 the 3755 common ones, 56-87 the rest); GBK added what was left.
fn gb_weight(unit: &[u8]) -> f64 {
    match *unit {
        [0xb0..=0xd7, 0xa1..=0xfe] => 1.0,
        [0xa1..=0xa3, 0xa1..=0xfe] => 1.0,
        [0xd8..=0xf7, 0xa1..=0xfe] => 0.7,
        [0xa4..=0xa9, 0xa1..=0xfe] => 0.3,
        [0x81..=0xa0, _] | [0xaa..=0xfe, 0x40..=0xa0] => 0.4,
        [_, _, _, _] => 0.4,
        [_, _] => 0.0,
        _ => -1.0,
    }
}

/// How usual a sequence is in Big5 text: rows A4-C6 hold the 5401 common
/// characters, C9-F9 the rest, A1-A3 symbols.
fn big5_weight(unit: &[u8]) -> f64 {
    match *unit {
        [0xa4..=0xc6, _] => 1.0,
        [0xa1..=0xa2, _] => 1.0,
        [0xc9..=0xf9, _] => 0.5,
        [0xa3, _] => 0.3,
        [_, _] => 0.1,
        _ => -1.0,
    }
}

/// Share of the units that are Han, CJK punctuation, full-width or ASCII. Two
/// ASCII bytes read as one unit look Han as well, so a sample made mostly of
/// such pairs is no UTF-16, nor is a short one without any NUL: every newline,
/// digit and space of UTF-16 has one.
fn utf16_score(sample: &[u8], unit_of: fn([u8; 2]) -> u16) -> f64 {
    let (pairs, _) = sample.as_chunks::<2>();
    let printable = |byte: u8| matches!(byte, 0x20..=0x7e);
    let n_printable_pairs = pairs.iter().filter(|pair| printable(pair[0]) && printable(pair[1])).count();
    let short = pairs.len() < UTF16_LEN_MIN && memchr::memchr(0, sample).is_none();
    if short || 2 * n_printable_pairs > pairs.len() {
        return 0.0;
    }
    let n_plausible = pairs
        .iter()
        .filter(|&&pair| {
            matches!(unit_of(pair), 0x4e00..=0x9fff | 0x20..=0x7e | 0x3000..=0x303f | 0xff00..=0xffef | 0x2010..=0x2030 | 0x09 | 0x0a | 0x0d)
        })
        .count();
    share(n_plausible as f64, pairs.len())
}

fn share(points: f64, of: usize) -> f64 {
    if of == 0 { 0.0 } else { points / of as f64 }
}

/// True when some sequence needs GB18030 rather than GBK.
fn has_four_byte_sequence(bytes: &[u8]) -> bool {
    let mut at = 0;
    while at < bytes.len() {
        let length = unit_len(Encoding::Gb18030, &bytes[at..]);
        if length == 4 {
            return true;
        }
        at += length;
    }
    false
}

#[cfg(test)]
mod tests {
    use super::super::encode_str;
    use super::*;

    /// Written for these tests; a date, a dateline, a sentence, a caption.
    const SIMPLIFIED: &str = "本报讯（记者 林晓）昨日上午，城东新建的两座粮仓正式启用，可储粮八千余吨。\r\n“往年这时候最怕下雨，”老仓管员说，“如今心里踏实了。”\r\n图为：工人在检查传送带。\r\n1998年9月3日 星期四\r\n";
    const TRADITIONAL: &str = "本報訊（記者 林曉）昨日上午，城東新建的兩座糧倉正式啟用，可儲糧八千餘噸。\r\n「往年這時候最怕下雨，」老倉管員說，「如今心裡踏實了。」\r\n圖為：工人在檢查傳送帶。\r\n1998年9月3日 星期四\r\n";

    #[test]
    fn each_encoding_is_told_from_the_others() {
        for (text, encodings) in [
            (SIMPLIFIED, &[Encoding::Utf8, Encoding::Gbk, Encoding::Utf16Le, Encoding::Utf16Be][..]),
            (TRADITIONAL, &[Encoding::Utf8, Encoding::Gbk, Encoding::Big5, Encoding::Utf16Le, Encoding::Utf16Be][..]),
        ] {
            for &encoding in encodings {
                for line in text.lines().chain([text]) {
                    let bytes = encode_str(encoding, line).unwrap();
                    assert_eq!(guess(&bytes).0, encoding, "{line}");
                }
            }
        }
    }

    #[test]
    fn a_damaged_byte_does_not_change_the_encoding() {
        for encoding in [Encoding::Utf8, Encoding::Gbk, Encoding::Utf16Le] {
            let mut bytes = encode_str(encoding, SIMPLIFIED).unwrap();
            let at = bytes.len() / 2 / 2 * 2;
            bytes[at] = 0xff;
            bytes[at + 1] = 0xdf;
            let (found, decision) = guess(&bytes);
            assert_eq!(found, encoding);
            assert!(!decision.is_doubtful(), "{decision:?}");
        }
    }

    #[test]
    fn a_stray_nul_in_a_latin_text_is_no_utf16() {
        assert_eq!(guess(b"plain text with one \0 in it\n").0, Encoding::Utf8);
        assert_eq!(guess(b"p\0l\0a\0i\0n\0").0, Encoding::Utf16Le);
        assert_eq!(guess(b"\x2d\x4e\x0a\x00").0, Encoding::Utf16Le);
    }

    #[test]
    fn a_four_byte_sequence_makes_it_gb18030() {
        let mut bytes = encode_str(Encoding::Gbk, SIMPLIFIED).unwrap();
        assert_eq!(guess(&bytes).0, Encoding::Gbk);
        bytes.extend(encode_str(Encoding::Gb18030, "\u{2070e}").unwrap());
        assert_eq!(guess(&bytes).0, Encoding::Gb18030);
    }

    #[test]
    fn bytes_that_are_no_chinese_text_are_doubtful() {
        assert!(guess(b"caf\xe9 \xe0 la carte, d\xe9j\xe0 vu\n").1.is_doubtful());
        assert!(guess(b"caf\xe9").1.is_doubtful());
    }
}
