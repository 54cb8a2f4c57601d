//! Round trips in every encoding.

use proptest::prelude::*;

use super::*;
use crate::text::Span;

/// Text of the kind that stands in newspapers, and some that does not.
fn text() -> impl Strategy<Value = String> {
    let char = prop_oneof![
        6 => prop::sample::select("的一是了不在人有我他这中大来上国报讯记者，。、“”《》　石家庄市①１Ａ".chars().collect::<Vec<_>>()),
        2 => prop::char::range('\u{4e00}', '\u{9fff}'),
        1 => prop::sample::select("\r\n \tabc019".chars().collect::<Vec<_>>()),
        1 => any::<char>(),
    ];
    prop::collection::vec(char, 0..60).prop_map(String::from_iter)
}

fn encoding() -> impl Strategy<Value = Encoding> {
    prop::sample::select(Encoding::ALL.to_vec())
}

/// Disjoint sorted edits of `text` from arbitrary numbers.
fn edits_of(text: &str, seeds: &[(usize, usize)]) -> Vec<Span> {
    let bounds: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
    let mut spans: Vec<Span> = Vec::new();
    let mut from = 0;
    for &(skip, length) in seeds {
        let start = from + skip;
        let end = start + length;
        if end >= bounds.len() {
            break;
        }
        spans.push(Span::new(bounds[start], bounds[end]));
        from = end + 1;
    }
    spans
}

proptest! {
    #[test]
    fn what_can_be_encoded_is_decoded_again(text in text(), encoding in encoding()) {
        if let Ok(bytes) = encode_str(encoding, &text) {
            let decoded = decode(&bytes, Some(encoding));
            prop_assert!(decoded.undecodable.is_empty());
            let expected = if decoded.bom { text.strip_prefix('\u{feff}').unwrap() } else { &text };
            prop_assert_eq!(decoded.text, expected);
        }
    }

    #[test]
    fn any_bytes_survive_where_nothing_is_edited(bytes in prop::collection::vec(any::<u8>(), 0..200), encoding in encoding()) {
        let decoded = decode(&bytes, Some(encoding));
        let spliced = splice(&bytes, &decoded, &[]).unwrap();
        prop_assert_eq!(&spliced.bytes, &bytes);
        for run in &decoded.undecodable {
            prop_assert_eq!(run.span().of(&decoded.text), "\u{fffd}");
        }
    }

    /// Deleting everything but the undecodable runs leaves exactly their bytes
    /// (and the mark): the map from text to bytes is right at every offset.
    #[test]
    fn text_offsets_map_to_byte_offsets(bytes in prop::collection::vec(prop_oneof![any::<u8>(), 0x81_u8..=0xfe, 0x30_u8..=0x7e], 0..200), encoding in encoding()) {
        let decoded = decode(&bytes, Some(encoding));
        let mut edits: Vec<(Span, &str)> = Vec::new();
        let mut at = 0;
        for run in decoded.untouchable().into_iter().chain([Span::empty(decoded.text.len())]) {
            for (i, c) in decoded.text[at..run.start].char_indices() {
                let span = Span::new(at + i, at + i + c.len_utf8());
                match edits.last_mut() {
                    // Some Big5 sequences are a letter and its accent.
                    Some((last, _)) if encoding == Encoding::Big5 && matches!(c, '\u{304}' | '\u{30c}') => *last = last.hull(span),
                    _ => edits.push((span, "")),
                }
            }
            at = run.end;
        }
        let left: Vec<u8> = bytes[..decoded.bom_len()].iter().copied().chain(decoded.undecodable.iter().flat_map(|run| run.bytes.clone())).collect();
        prop_assert_eq!(splice(&bytes, &decoded, &edits).unwrap().bytes, left);
    }

    #[test]
    fn edits_land_where_they_belong(text in text(), new in "[a-z中文]{0,3}", seeds in prop::collection::vec((0_usize..6, 0_usize..4), 0..8), encoding in encoding()) {
        let Ok(bytes) = encode_str(encoding, &text) else { return Ok(()) };
        let decoded = decode(&bytes, Some(encoding));
        let spans = edits_of(&decoded.text, &seeds);
        let edits: Vec<(Span, &str)> = spans.iter().map(|&span| (span, new.as_str())).collect();
        let spliced = splice(&bytes, &decoded, &edits).unwrap();
        let mut expected = decoded.text.clone();
        for &(span, new) in edits.iter().rev() {
            expected.replace_range(span.start..span.end, new);
        }
        let again = decode(&spliced.bytes, Some(encoding));
        let again_text = if again.bom && !decoded.bom { format!("\u{feff}{}", again.text) } else { again.text };
        prop_assert_eq!(again_text, expected);
        for (edit, byte_edit) in edits.iter().zip(&spliced.edits).rev() {
            prop_assert!(byte_edit.original.len() <= 4 * edit.0.len());
        }
        let mut back = spliced.bytes.clone();
        for edit in spliced.edits.iter().rev() {
            back.splice(edit.corrected.start..edit.corrected.end, bytes[edit.original.start..edit.original.end].iter().copied());
        }
        prop_assert_eq!(back, bytes);
    }

    #[test]
    fn deciding_the_encoding_never_fails(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let decoded = decode(&bytes, None);
        prop_assert_eq!(splice(&bytes, &decoded, &[]).unwrap().bytes, bytes);
    }
}

#[test]
fn bytes_that_decode_to_the_same_character_stay_apart() {
    // GBK 0x80 and GB18030 A2 E3 are both the euro sign.
    let bytes = b"\xa2\xe3\x80\xca\xaf\x80\xa2\xe3";
    let decoded = decode(bytes, Some(Encoding::Gb18030));
    assert_eq!(decoded.text, "€€石€€");
    let spliced = splice(bytes, &decoded, &[(Span::new(6, 9), "市")]).unwrap();
    assert_eq!(spliced.bytes, b"\xa2\xe3\x80\xca\xd0\x80\xa2\xe3");
}

#[test]
fn an_edit_that_restates_its_surroundings_leaves_their_bytes() {
    let bytes = b"\x80\xca\xaf\x80";
    let decoded = decode(bytes, Some(Encoding::Gb18030));
    let spliced = splice(bytes, &decoded, &[(Span::new(0, decoded.text.len()), "€市€")]).unwrap();
    assert_eq!(spliced.bytes, b"\x80\xca\xd0\x80");
}

#[test]
fn big5_sequences_of_two_code_points_are_walked_over() {
    let bytes = b"\x88\x62\xa5\xab\x88\xa3\xa5\xab";
    let decoded = decode(bytes, Some(Encoding::Big5));
    assert_eq!(decoded.text, "\u{ca}\u{304}市\u{ea}\u{304}市");
    let spliced = splice(bytes, &decoded, &[(Span::new(11, 14), "石")]).unwrap();
    assert_eq!(spliced.bytes, b"\x88\x62\xa5\xab\x88\xa3\xa5\xdb");
    let error = splice(bytes, &decoded, &[(Span::new(7, 9), "石")]).unwrap_err();
    assert!(matches!(error, EncodeError::Unencodable { c: '\u{ea}', .. }), "{error:?}");
}

#[test]
fn a_character_the_encoding_lacks_is_named_with_its_place() {
    let bytes = b"\xa5\xdb\xa5\xab";
    let decoded = decode(bytes, Some(Encoding::Big5));
    let error = splice(bytes, &decoded, &[(Span::new(3, 6), "国")]).unwrap_err();
    assert_eq!(error, EncodeError::Unencodable { at: 3, c: '国', encoding: Encoding::Big5 });
    for (encoding, text, bad) in [
        (Encoding::Gb2312, "朱镕基", '镕'),
        (Encoding::Gbk, "a\u{20000}", '\u{20000}'),
        (Encoding::Gb2312, "⒈ⅰ", 'ⅰ'),
        (Encoding::Big5, "\u{e000}", '\u{e000}'),
    ] {
        assert_eq!(encode_str(encoding, text), Err(bad));
    }
}

#[test]
fn undecodable_bytes_cannot_be_edited_away() {
    let bytes = b"a\xffb";
    let decoded = decode(bytes, Some(Encoding::Utf8));
    assert_eq!(splice(bytes, &decoded, &[(Span::new(0, 5), "x")]).unwrap_err(), EncodeError::Untouchable { at: 1 });
    assert_eq!(splice(bytes, &decoded, &[(Span::new(4, 5), "x")]).unwrap().bytes, b"a\xffx");
}
