use super::guess::{self, Decision};
use super::name::Encoding;
use crate::text::Span;

/// The placeholder of a run of undecodable bytes.
pub(super) const PLACEHOLDER: char = '\u{fffd}';

/// A run of bytes that is no text in the file's encoding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Undecodable {
    /// Byte offset of its placeholder U+FFFD in the decoded text.
    pub at: usize,
    /// The bytes as found; never empty.
    pub bytes: Vec<u8>,
}

impl Undecodable {
    /// The placeholder's span in the decoded text.
    #[must_use]
    pub fn span(&self) -> Span {
        Span::new(self.at, self.at + PLACEHOLDER.len_utf8())
    }
}

/// A decoded file.
///
/// Relies on the original bytes for writing back; see [`super::splice`].
#[derive(Clone, Debug, PartialEq)]
pub struct Decoded {
    /// The text, without a byte order mark, newlines as found.
    pub text: String,
    /// What the bytes were read as.
    pub encoding: Encoding,
    /// True when the file starts with the encoding's byte order mark.
    pub bom: bool,
    /// How the encoding was decided.
    pub decision: Decision,
    /// Runs of bytes that are no text, in order. Other U+FFFD of the text are
    /// characters that stand in the file.
    pub undecodable: Vec<Undecodable>,
}

impl Decoded {
    /// Sorted disjoint spans of the text that must survive as they are.
    #[must_use]
    pub fn untouchable(&self) -> Vec<Span> {
        self.undecodable.iter().map(Undecodable::span).collect()
    }

    /// True for what is more likely a picture or a program than a text: NUL
    /// characters in what is doubtful anyway, or in more than one place of a
    /// hundred. A single NUL in a text is damage like any other.
    #[must_use]
    pub fn looks_binary(&self) -> bool {
        let n_nul = memchr::memchr_iter(0, self.text.as_bytes()).count();
        n_nul > 0 && (self.decision.is_doubtful() || n_nul * 100 > self.text.len())
    }

    /// Length in bytes of the byte order mark that was found.
    #[must_use]
    pub fn bom_len(&self) -> usize {
        if self.bom { self.encoding.bom().len() } else { 0 }
    }
}

/// Decodes a file; never fails: what is no text becomes placeholders.
///
/// `forced` overrides the decision from the bytes. A byte order mark of the
/// forced encoding is still recognized.
#[must_use]
pub fn decode(bytes: &[u8], forced: Option<Encoding>) -> Decoded {
    let (encoding, decision) = match forced {
        Some(encoding) => (encoding, Decision::Forced),
        None => guess::guess(bytes),
    };
    let mark = encoding.bom();
    let bom = !mark.is_empty() && bytes.starts_with(mark);
    let content = if bom { &bytes[mark.len()..] } else { bytes };
    let mut sink = Sink::default();
    match encoding {
        Encoding::Utf8 => utf8(content, &mut sink),
        Encoding::Utf16Le => utf16(content, u16::from_le_bytes, &mut sink),
        Encoding::Utf16Be => utf16(content, u16::from_be_bytes, &mut sink),
        Encoding::Gb2312 | Encoding::Gbk | Encoding::Gb18030 | Encoding::Big5 => multibyte(encoding, content, &mut sink),
    }
    let Sink { text, undecodable, .. } = sink;
    Decoded { text, encoding, bom, decision, undecodable }
}

/// Collects text and undecodable runs; adjacent bad bytes are one run.
#[derive(Default)]
struct Sink {
    text: String,
    undecodable: Vec<Undecodable>,
    /// Length of the text just after the last placeholder.
    open_run_end: Option<usize>,
}

impl Sink {
    fn good(&mut self, text: &str) {
        self.text.push_str(text);
    }

    fn bad(&mut self, bytes: &[u8]) {
        match self.undecodable.last_mut() {
            Some(run) if self.open_run_end == Some(self.text.len()) => run.bytes.extend_from_slice(bytes),
            _ => {
                self.undecodable.push(Undecodable { at: self.text.len(), bytes: bytes.to_vec() });
                self.text.push(PLACEHOLDER);
                self.open_run_end = Some(self.text.len());
            }
        }
    }
}

fn utf8(mut bytes: &[u8], sink: &mut Sink) {
    loop {
        match std::str::from_utf8(bytes) {
            Ok(text) => return sink.good(text),
            Err(error) => {
                let (good, rest) = bytes.split_at(error.valid_up_to());
                sink.good(std::str::from_utf8(good).expect("checked up to here"));
                let (bad, rest) = rest.split_at(error.error_len().unwrap_or(rest.len()));
                sink.bad(bad);
                bytes = rest;
            }
        }
    }
}

fn utf16(bytes: &[u8], unit_of: fn([u8; 2]) -> u16, sink: &mut Sink) {
    sink.text.reserve(bytes.len() + bytes.len() / 2);
    let (pairs, odd) = bytes.as_chunks::<2>();
    for unit in char::decode_utf16(pairs.iter().map(|&pair| unit_of(pair))) {
        match unit {
            Ok(c) => sink.text.push(c),
            Err(lone) => {
                let unit = lone.unpaired_surrogate();
                let raw = if unit_of([0, 1]) == 1 { unit.to_be_bytes() } else { unit.to_le_bytes() };
                sink.bad(&raw);
            }
        }
    }
    if !odd.is_empty() {
        sink.bad(odd);
    }
}

fn multibyte(encoding: Encoding, bytes: &[u8], sink: &mut Sink) {
    let table = encoding.table().expect("called for table encodings only");
    if let Some(text) = table.decode_without_bom_handling_and_without_replacement(bytes) {
        sink.text = text.into_owned();
        return;
    }
    let mut at = 0;
    while at < bytes.len() {
        let rest = &bytes[at..];
        let n_ascii = rest.iter().take_while(|byte| byte.is_ascii()).count();
        if n_ascii > 0 {
            sink.good(std::str::from_utf8(&rest[..n_ascii]).expect("ASCII is UTF-8"));
            at += n_ascii;
            continue;
        }
        let length = unit_len(encoding, rest);
        match table.decode_without_bom_handling_and_without_replacement(&rest[..length]) {
            Some(text) => {
                sink.good(&text);
                at += length;
            }
            None => {
                // An ASCII byte after a stray lead byte is text of its own.
                let bad_len = if length == 2 && rest[1].is_ascii() { 1 } else { length };
                sink.bad(&rest[..bad_len]);
                at += bad_len;
            }
        }
    }
}

/// Length in bytes of the sequence that `bytes` starts with, by its structure;
/// 1 for a byte that starts none. `bytes` is not empty.
pub(super) fn unit_len(encoding: Encoding, bytes: &[u8]) -> usize {
    let lead = bytes[0];
    match encoding {
        Encoding::Utf8 => match lead {
            0xf0.. => 4,
            0xe0.. => 3,
            0xc0.. => 2,
            _ => 1,
        },
        Encoding::Utf16Le | Encoding::Utf16Be => {
            let high = if encoding == Encoding::Utf16Le { bytes.get(1).copied().unwrap_or(0) } else { lead };
            if (0xd8..0xdc).contains(&high) { 4 } else { 2 }
        }
        Encoding::Gb2312 | Encoding::Gbk | Encoding::Gb18030 => match (lead, bytes.get(1)) {
            (0x81..=0xfe, Some(0x30..=0x39)) => match (bytes.get(2), bytes.get(3)) {
                (Some(0x81..=0xfe), Some(0x30..=0x39)) => 4,
                _ => 1,
            },
            (0x81..=0xfe, Some(0x40..=0x7e | 0x80..=0xfe)) => 2,
            _ => 1,
        },
        Encoding::Big5 => match (lead, bytes.get(1)) {
            (0x81..=0xfe, Some(0x40..=0x7e | 0xa1..=0xfe)) => 2,
            _ => 1,
        },
    }
}

/// Code points that a valid sequence stands for: 1, but for the four Big5
/// sequences with a combining mark.
pub(super) fn unit_chars(encoding: Encoding, unit: &[u8]) -> usize {
    if encoding == Encoding::Big5 && matches!(unit, [0x88, 0x62 | 0x64 | 0xa3 | 0xa5]) { 2 } else { 1 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn runs(decoded: &Decoded) -> Vec<(usize, &[u8])> {
        decoded.undecodable.iter().map(|run| (run.at, run.bytes.as_slice())).collect()
    }

    #[test]
    fn adjacent_bad_bytes_are_one_run_and_real_replacement_characters_are_text() {
        let bytes = ["石\u{fffd}".as_bytes(), b"\xff\xfea\xe4\xb8"].concat();
        let decoded = decode(&bytes, Some(Encoding::Utf8));
        assert_eq!(decoded.text, "石\u{fffd}\u{fffd}a\u{fffd}");
        assert_eq!(runs(&decoded), [(6, &[0xff, 0xfe][..]), (10, &[0xe4, 0xb8][..])]);
    }

    #[test]
    fn a_stray_lead_byte_does_not_swallow_the_newline_after_it() {
        let decoded = decode(b"\xb1\xea\xcc\xe2\xc4\n\xb1\xea", Some(Encoding::Gbk));
        assert_eq!(decoded.text, "标题\u{fffd}\n标");
        assert_eq!(runs(&decoded), [(6, &[0xc4][..])]);
    }

    #[test]
    fn lone_surrogates_and_an_odd_last_byte_keep_their_bytes() {
        let decoded = decode(b"\xff\xfe\x2d\x4e\x00\xd8\x0a\x00\x41", None);
        assert_eq!((decoded.text.as_str(), decoded.bom), ("中\u{fffd}\n\u{fffd}", true));
        assert_eq!(runs(&decoded), [(3, &[0x00, 0xd8][..]), (7, &[0x41][..])]);
    }

    #[test]
    fn a_mark_is_dropped_and_remembered() {
        for encoding in [Encoding::Utf8, Encoding::Gb18030, Encoding::Utf16Le, Encoding::Utf16Be] {
            let decoded = decode(encoding.bom(), None);
            assert_eq!((decoded.encoding, decoded.bom, decoded.text.as_str()), (encoding, true, ""));
        }
    }

    #[test]
    fn pictures_and_programs_are_told_from_texts() {
        let picture: Vec<u8> = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".iter().copied().chain((0..=255).cycle().take(2000)).collect();
        let program: Vec<u8> = b"ELF\0\0\0".repeat(40);
        for bytes in [&picture, &program] {
            assert!(decode(bytes, None).looks_binary());
        }
        let page = "昨天上午，新桥\0通车，两岸居民都来观看，十分热闹。馆长说，往后周末也不闭馆，晚上开到九点，借书还书都不用排队。";
        for encoding in [Encoding::Utf8, Encoding::Gb18030, Encoding::Utf16Le] {
            let bytes = crate::encoding::encode_str(encoding, page).unwrap();
            assert!(!decode(&bytes, None).looks_binary(), "{}", encoding.name());
        }
        assert!(!decode(b"", None).looks_binary());
    }
}
