use jiaokan::encoding::{Encoding, decode, encode_str, splice};
use jiaokan::text::Span;
use proptest::prelude::*;

use super::{AUTOMATIC, RunEvidence, configured, pages};

fn encodings() -> impl Strategy<Value = Encoding> {
    prop::sample::select(Encoding::ALL.to_vec())
}

/// The text with what the encoding cannot hold left out, and its bytes.
fn encoded(encoding: Encoding, text: &str) -> Vec<u8> {
    let mut holds = |c: &char| encode_str(encoding, c.encode_utf8(&mut [0; 4])).is_ok();
    let text: String = text.chars().filter(&mut holds).collect();
    encode_str(encoding, &text).unwrap()
}

proptest! {
    #![proptest_config(configured())]

    // 6
    #[test]
    fn unchanged_texts_keep_every_byte(text in pages(), encoding in encodings(), forced in any::<bool>(), bom in any::<bool>()) {
        let mut bytes = if bom { encoding.bom().to_vec() } else { Vec::new() };
        bytes.extend(encoded(encoding, &text));
        let decoded = decode(&bytes, forced.then_some(encoding));
        prop_assert_eq!(splice(&bytes, &decoded, &[]).unwrap().bytes, bytes);
    }

    // 6
    #[test]
    fn any_bytes_are_kept(bytes in prop::collection::vec(any::<u8>(), 0..300), encoding in encodings(), forced in any::<bool>()) {
        let decoded = decode(&bytes, forced.then_some(encoding));
        prop_assert_eq!(splice(&bytes, &decoded, &[]).unwrap().bytes, bytes);
    }

    // 6, 10
    #[test]
    fn a_repaired_file_reads_as_the_corrected_text(text in pages(), encoding in encodings()) {
        let bytes = encoded(encoding, &text);
        let decoded = decode(&bytes, Some(encoding));
        let run = AUTOMATIC.run(&decoded.text, &decoded.untouchable(), &RunEvidence::default());
        let edits: Vec<(Span, &str)> = run.script.edits().iter().map(|edit| (edit.span, edit.replacement.as_str())).collect();
        // A correction may need a character that the encoding lacks; that is an
        // error with a place, tested elsewhere.
        if let Ok(spliced) = splice(&bytes, &decoded, &edits) {
            prop_assert_eq!(decode(&spliced.bytes, Some(encoding)).text, run.corrected);
        }
    }
}
