//! Any bytes, read in any encoding: nothing is lost and every place is valid.
#![no_main]

use jiaokan::encoding::{Encoding, decode, splice};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Some((&choice, bytes)) = data.split_first() else { return };
    let forced = Encoding::ALL.get(usize::from(choice) % (Encoding::ALL.len() + 1)).copied();
    let decoded = decode(bytes, forced);
    for undecodable in &decoded.undecodable {
        assert_eq!(undecodable.span().of(&decoded.text), "\u{fffd}");
        assert!(!undecodable.bytes.is_empty());
    }
    assert!(decoded.untouchable().windows(2).all(|pair| pair[0].end <= pair[1].start));
    let again = splice(bytes, &decoded, &[]).expect("no edit, no error");
    assert_eq!(again.bytes, bytes);
});
