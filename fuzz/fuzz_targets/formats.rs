//! Any content as any format: places lie on boundaries, what is not changed
//! stays, and what is changed is read again as it was written.
#![no_main]

use jiaokan::apply::Script;
use jiaokan::finding::Edit;
use jiaokan::format::Format;
use jiaokan::text::Span;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let [choice, at, rest @ ..] = data else { return };
    let content = String::from_utf8_lossy(rest);
    let format = Format::ALL[usize::from(*choice) % Format::ALL.len()];
    let Ok(Some(page)) = format.read(&content) else { return };
    for source in page.sources(Span::new(0, page.text.len())) {
        let _ = source.of(&content);
    }
    assert!(page.write(&Script::default()).script.is_empty());
    let chars: Vec<(usize, char)> = page.text.char_indices().filter(|(_, c)| !c.is_whitespace()).collect();
    if chars.is_empty() {
        return;
    }
    let (start, c) = chars[usize::from(*at) % chars.len()];
    let script = Script::new(vec![Edit::replacement(Span::new(start, start + c.len_utf8()), "<字&\"")]).expect("one edit");
    let corrected = page.write(&script).script.apply(&content);
    let again = format.read(&corrected).expect("what was written is read").expect("a format with boxes");
    // The space between two words depends on the letters beside it.
    let bare = |text: &str| text.split_whitespace().collect::<String>();
    assert_eq!(bare(&again.text), bare(&script.apply(&page.text)));
});
