use unicode_normalization::char::decompose_canonical;

use super::scan::{self, LeadBytes};
use super::{Context, Detector, DetectorMeta};
use crate::finding::{Class, ConfidenceOrigin, Edit, Evidence, Finding, Fix, Message, Phase, Safety};

/// Finds CJK compatibility ideographs: second code points of ordinary
/// characters.
#[derive(Clone, Copy, Debug)]
pub struct CompatibilityIdeograph;

static META: DetectorMeta = DetectorMeta {
    id: "encoding/compatibility-ideograph",
    class: Class::Encoding,
    phase: Phase::Encoding,
    summary: ["兼容汉字：与通用汉字同形而码位不同", "a compatibility ideograph: an ordinary character under a second code point"],
    why: [
        "兼容区的字（U+F900 起）只为与韩、日、台旧编码来回转换而设，与统一汉字同形；用它写的词检索不到",
        "the characters from U+F900 on exist only to convert old Korean, Japanese and Taiwanese encodings there and back; they look like the unified ones, and a word written with them is not found",
    ],
    silent: [
        "兼容区里的十二个统一汉字（如 﨑、﨎）；附近有假名或谚文的日文、韩文段落",
        "The twelve unified ideographs inside the block (such as U+FA11); Japanese and Korean passages, where kana or hangul are near",
    ],
    trust: ["自动改为标准等价字（Unicode 规范分解，一一对应）", "Replaced automatically by the canonical equivalent, one for one"],
    sources: &["Unicode Character Database, canonical decomposition of the CJK Compatibility Ideographs"],
    bad: &[("市\u{f9dc}重开会", "市隆重开会"), ("\u{f914}山", "樂山")],
    good: &["隆重开会", "\u{fa11}玉", "\u{fa19}社へ行く"],
};

/// First bytes of U+F000..U+FFFF and of plane 2.
static LEADS: LeadBytes = LeadBytes::of(&[(0xef, 0xf0)]);

/// Characters on either side searched for kana or hangul: a clause or two.
const SCRIPT_WINDOW_CHARS: usize = 12;

impl Detector for CompatibilityIdeograph {
    fn meta(&self) -> &'static DetectorMeta {
        &META
    }

    fn detect(&self, context: &Context<'_>, sink: &mut Vec<Finding>) {
        let text = context.text;
        for (at, c) in LEADS.chars(text) {
            let Some(unified) = unified(c) else { continue };
            let span = scan::char_span(at, c);
            if scan::window(text, span, SCRIPT_WINDOW_CHARS).of(text).chars().any(scan::is_kana_or_hangul) {
                continue;
            }
            let message = Message::new(
                format!("兼容汉字 {} 与「{unified}」（{}）同形；改为后者才检索得到", scan::code_point(c), scan::code_point(unified)),
                format!(
                    "{} is a second code point of 「{unified}」 ({}); replace it so that the word is found",
                    scan::code_point(c),
                    scan::code_point(unified)
                ),
            );
            sink.push(
                Finding::new(META.id, META.class, META.phase, text, span, message)
                    .with_fix(Fix::one(
                        Message::new(format!("改为「{unified}」"), format!("Replace with 「{unified}」")),
                        Edit::replacement(span, unified),
                    ))
                    .with_evidence(Evidence::said("unicode", "Unicode 规范等价", "canonical equivalence in Unicode"))
                    .with_trust(Safety::Automatic, 0.99, ConfidenceOrigin::Author),
            );
        }
    }
}

/// The unified ideograph a compatibility ideograph stands for.
fn unified(c: char) -> Option<char> {
    if !matches!(c, '\u{f900}'..='\u{fad9}' | '\u{2f800}'..='\u{2fa1d}') {
        return None;
    }
    let mut unified = c;
    decompose_canonical(c, |part| unified = part);
    (unified != c).then_some(unified)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{automatic, keeps_its_examples};
    use super::*;

    #[test]
    fn examples() {
        keeps_its_examples(CompatibilityIdeograph);
    }

    #[test]
    fn exactly_the_twelve_unified_ones_of_the_block_stay() {
        let unassigned = ['\u{fa6e}', '\u{fa6f}'];
        let stay: Vec<char> = ('\u{f900}'..='\u{fad9}').filter(|&c| unified(c).is_none() && !unassigned.contains(&c)).collect();
        assert_eq!(
            stay,
            [
                '\u{fa0e}', '\u{fa0f}', '\u{fa11}', '\u{fa13}', '\u{fa14}', '\u{fa1f}', '\u{fa21}', '\u{fa23}', '\u{fa24}', '\u{fa27}',
                '\u{fa28}', '\u{fa29}'
            ]
        );
    }

    #[test]
    fn nothing_else_is_normalized_on_the_way() {
        automatic(CompatibilityIdeograph, "Ａ１e\u{301}，\u{f914}", "Ａ１e\u{301}，樂");
    }
}
