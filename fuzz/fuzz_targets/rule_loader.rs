//! Any text as a rule file, a look-alike list and a protect list of a pack: an
//! error with its place, or rules that run.
#![no_main]

use jiaokan::document::Layout;
use jiaokan::finding::Phase;
use jiaokan::rules::{PackSource, RuleSet, SourceFile};
use libfuzzer_sys::fuzz_target;

const PAGE: &str = "本报讯（记者何俊）他己经来了，石\n庄市长说：“好。”\n\n（下转A2版②）\n\n図为新桥。赵敏 摄\n";

fuzz_target!(|data: &[u8]| {
    // Mutations cut characters in two; what is left of the text still counts.
    let text: &str = &data.utf8_chunks().map(|chunk| chunk.valid()).collect::<String>();
    // A form feed divides the files, so that one seed can hold several.
    let mut parts = text.split('\u{c}');
    let file = |path: &str, text: Option<&str>| SourceFile { path: format!("fuzz/{path}"), text: text.unwrap_or_default().to_owned() };
    let rules = file("rules.toml", parts.next());
    let pack = SourceFile {
        path: "fuzz/pack.toml".to_owned(),
        text: parts.next().unwrap_or("name = \"fuzz\"\nversion = \"1.0.0\"\nmessage = { zh = \"试\", en = \"trial\" }\n").to_owned(),
    };
    let files = vec![pack, rules, file("look-alikes.txt", parts.next()), file("protect.txt", parts.next())];
    match RuleSet::load(&[PackSource { origin: "fuzz".to_owned(), files }]) {
        Err(errors) => {
            assert!(!errors.is_empty());
            for error in errors {
                assert!(!error.render().is_empty());
            }
        }
        Ok(rules) => {
            let mut layout = Layout::new(PAGE);
            rules.classify(PAGE, &mut layout);
            for phase in Phase::ALL {
                for finding in rules.find(phase, PAGE, &layout) {
                    assert_eq!(finding.observed, finding.span.of(PAGE));
                }
            }
            for lint in rules.lint(|_| true) {
                assert!(!lint.kind.message().en.is_empty());
            }
        }
    }
});
