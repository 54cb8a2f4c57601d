//! Any edits of any bytes: what was written goes back to the original, through
//! the JSON of the patch.
#![no_main]

use jiaokan::apply::Script;
use jiaokan::encoding::{Encoding, decode, splice};
use jiaokan::finding::Edit;
use jiaokan::patch::Patch;
use jiaokan::text::{Span, floor_boundary};
use libfuzzer_sys::{arbitrary, fuzz_target};

#[derive(Debug, arbitrary::Arbitrary)]
struct Input<'a> {
    encoding: Option<u8>,
    edits: Vec<(u16, u8, &'a str)>,
    original: &'a [u8],
}

fuzz_target!(|input: Input| {
    let forced = input.encoding.map(|choice| Encoding::ALL[usize::from(choice) % Encoding::ALL.len()]);
    let decoded = decode(input.original, forced);
    let edits = input.edits.iter().map(|&(start, length, replacement)| {
        let start = floor_boundary(&decoded.text, usize::from(start).min(decoded.text.len()));
        let end = floor_boundary(&decoded.text, (start + usize::from(length)).min(decoded.text.len()));
        Edit { span: Span::new(start, end.max(start)), replacement: replacement.to_owned() }
    });
    let Ok(script) = Script::new(edits.collect()) else { return };
    let pairs: Vec<(Span, &str)> = script.edits().iter().map(|edit| (edit.span, edit.replacement.as_str())).collect();
    let Ok(spliced) = splice(input.original, &decoded, &pairs) else { return };
    let corrected = script.apply(&decoded.text);
    let patch = Patch::new("a.txt", input.original, &decoded, &script, &corrected, &spliced);
    let patch: Patch = serde_json::from_str(&serde_json::to_string(&patch).expect("a patch is JSON")).expect("the JSON is a patch");
    assert_eq!(patch.undo(&spliced.bytes).as_deref(), Ok(input.original));
});
