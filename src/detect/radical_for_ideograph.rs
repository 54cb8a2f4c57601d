use unicode_normalization::char::decompose_compatible;

use super::common_han::is_everyday;
use super::scan::{self, LeadBytes};
use super::{Context, Detector, DetectorMeta};
use crate::finding::{Class, ConfidenceOrigin, Edit, Evidence, Finding, Fix, Message, Phase, Safety};
use crate::text::is_han;

/// Finds radicals and strokes of the dictionary blocks used as characters.
#[derive(Clone, Copy, Debug)]
pub struct RadicalForIdeograph;

static META: DetectorMeta = DetectorMeta {
    id: "encoding/radical-for-ideograph",
    class: Class::Encoding,
    phase: Phase::Encoding,
    summary: ["部首符号冒充汉字（⼈ 不是 人）", "a radical sign in the place of a character (⼈ is not 人)"],
    why: [
        "康熙部首（U+2F00 起）、部首补充（U+2E80 起）和笔画（U+31C0 起）是字典里的符号，与汉字同形；PDF 取字常把正文里的字换成它们，这些词就检索不到了",
        "the Kangxi radicals (from U+2F00), the radicals supplement (from U+2E80) and the strokes (from U+31C0) are signs of dictionaries that look like characters; PDF extraction often puts them into running text, where the word is no longer found",
    ],
    silent: [
        "没有部首符号的文字；统一汉字里的偏旁（亻、氵、讠）；叠字符 ⺀",
        "Text without radical signs; components that are unified characters themselves (亻, 氵, 讠); the repeat sign U+2E80",
    ],
    trust: [
        "正文里（一侧是汉字）而对应字是常用字的自动改；讲部首的地方（后接「部」「旁」「字头」「字底」，或在「部首」「偏旁」之后）、单独出现的和生僻的只建议",
        "Automatic in running text (a Han character beside it) for everyday characters; where radicals are the subject (before 部, 旁, 字头, 字底, after 部首, 偏旁), standing alone, or rare: suggested",
    ],
    sources: &["Unicode Character Database, EquivalentUnifiedIdeograph.txt and the compatibility decompositions of the Kangxi Radicals"],
    bad: &[
        ("全市\u{2f2f}作会议", "全市工作会议"),
        ("出\u{2f08}\u{2f1d}普查", "出人口普查"),
        ("校\u{2ed3}讲话", "校长讲话"),
        ("查\u{2f3f}部", "查手部"),
    ],
    good: &["全市工作会议", "亻旁与氵旁", "⺀"],
};

/// Radicals of the supplement with the ideograph that Unicode names as their
/// equivalent.
#[rustfmt::skip]
const SUPPLEMENT: [(char, char); 114] = [
    ('\u{2e81}', '厂'), ('\u{2e82}', '乛'), ('\u{2e83}', '乚'), ('\u{2e84}', '乙'), ('\u{2e85}', '亻'),
    ('\u{2e86}', '冂'), ('\u{2e87}', '𠘨'), ('\u{2e88}', '刀'), ('\u{2e89}', '刂'), ('\u{2e8a}', '卜'),
    ('\u{2e8b}', '㔾'), ('\u{2e8c}', '小'), ('\u{2e8d}', '小'), ('\u{2e8e}', '兀'), ('\u{2e8f}', '尣'),
    ('\u{2e90}', '尢'), ('\u{2e91}', '𡯂'), ('\u{2e92}', '巳'), ('\u{2e93}', '幺'), ('\u{2e94}', '彑'),
    ('\u{2e95}', '𫜹'), ('\u{2e96}', '忄'), ('\u{2e97}', '心'), ('\u{2e98}', '扌'), ('\u{2e99}', '攵'),
    ('\u{2e9b}', '旡'), ('\u{2e9c}', '日'), ('\u{2e9d}', '月'), ('\u{2e9e}', '歺'), ('\u{2e9f}', '母'),
    ('\u{2ea0}', '民'), ('\u{2ea1}', '氵'), ('\u{2ea2}', '氺'), ('\u{2ea3}', '灬'), ('\u{2ea4}', '爫'),
    ('\u{2ea5}', '爫'), ('\u{2ea6}', '丬'), ('\u{2ea7}', '牛'), ('\u{2ea8}', '犭'), ('\u{2ea9}', '王'),
    ('\u{2eaa}', '𤴔'), ('\u{2eab}', '目'), ('\u{2eac}', '示'), ('\u{2ead}', '礻'), ('\u{2eae}', '𥫗'),
    ('\u{2eaf}', '糹'), ('\u{2eb0}', '纟'), ('\u{2eb1}', '罓'), ('\u{2eb2}', '罒'), ('\u{2eb3}', '㓁'),
    ('\u{2eb4}', '冗'), ('\u{2eb5}', '𦉫'), ('\u{2eb6}', '羊'), ('\u{2eb7}', '𦍌'), ('\u{2eb8}', '𦍋'),
    ('\u{2eb9}', '耂'), ('\u{2eba}', '肀'), ('\u{2ebb}', '聿'), ('\u{2ebc}', '肉'), ('\u{2ebd}', '𦥑'),
    ('\u{2ebe}', '艹'), ('\u{2ebf}', '艹'), ('\u{2ec0}', '艹'), ('\u{2ec1}', '虎'), ('\u{2ec2}', '衤'),
    ('\u{2ec3}', '覀'), ('\u{2ec4}', '西'), ('\u{2ec5}', '见'), ('\u{2ec6}', '角'), ('\u{2ec7}', '𧢲'),
    ('\u{2ec8}', '讠'), ('\u{2ec9}', '贝'), ('\u{2eca}', '𧾷'), ('\u{2ecb}', '车'), ('\u{2ecc}', '辶'),
    ('\u{2ecd}', '辶'), ('\u{2ece}', '辶'), ('\u{2ecf}', '邑'), ('\u{2ed0}', '钅'), ('\u{2ed1}', '長'),
    ('\u{2ed2}', '镸'), ('\u{2ed3}', '长'), ('\u{2ed4}', '门'), ('\u{2ed5}', '𨸏'), ('\u{2ed6}', '阝'),
    ('\u{2ed7}', '雨'), ('\u{2ed8}', '青'), ('\u{2ed9}', '韦'), ('\u{2eda}', '页'), ('\u{2edb}', '风'),
    ('\u{2edc}', '飞'), ('\u{2edd}', '食'), ('\u{2ede}', '𩙿'), ('\u{2edf}', '飠'), ('\u{2ee0}', '饣'),
    ('\u{2ee1}', '𩠐'), ('\u{2ee2}', '马'), ('\u{2ee3}', '骨'), ('\u{2ee4}', '鬼'), ('\u{2ee5}', '鱼'),
    ('\u{2ee6}', '鸟'), ('\u{2ee7}', '卤'), ('\u{2ee8}', '麦'), ('\u{2ee9}', '黄'), ('\u{2eea}', '黾'),
    ('\u{2eeb}', '斉'), ('\u{2eec}', '齐'), ('\u{2eed}', '歯'), ('\u{2eee}', '齿'), ('\u{2eef}', '竜'),
    ('\u{2ef0}', '龙'), ('\u{2ef1}', '龜'), ('\u{2ef2}', '亀'), ('\u{2ef3}', '龟'),
];

/// Strokes that are characters of running text as well.
const STROKES: [(char, char); 2] = [('\u{31d0}', '一'), ('\u{31e0}', '乙')];

/// First bytes of U+2000..U+3FFF.
static LEADS: LeadBytes = LeadBytes::of(&[(0xe2, 0xe3)]);

impl Detector for RadicalForIdeograph {
    fn meta(&self) -> &'static DetectorMeta {
        &META
    }

    fn detect(&self, context: &Context<'_>, sink: &mut Vec<Finding>) {
        let text = context.text;
        for (at, c) in LEADS.chars(text) {
            let Some(ideograph) = ideograph(c) else { continue };
            let span = scan::char_span(at, c);
            let (left, right) = (&text[..span.start], &text[span.end..]);
            let in_text =
                [left.chars().next_back(), right.chars().next()].into_iter().flatten().any(|n| is_han(n) || self::ideograph(n).is_some());
            let is_subject = ["部", "旁", "字旁", "字头", "字底"].iter().any(|word| right.starts_with(word))
                || ["部首", "偏旁", "部首：", "偏旁："].iter().any(|word| left.ends_with(word));
            let (safety, confidence) =
                if in_text && !is_subject && is_everyday(ideograph) { (Safety::Automatic, 0.99) } else { (Safety::Suggested, 0.8) };
            let message = Message::new(
                format!("部首符号 {} 与「{ideograph}」（{}）同形；正文里应是后者", scan::code_point(c), scan::code_point(ideograph)),
                format!(
                    "{} is a radical sign that looks like 「{ideograph}」 ({}); running text has the latter",
                    scan::code_point(c),
                    scan::code_point(ideograph)
                ),
            );
            sink.push(
                Finding::new(META.id, META.class, META.phase, text, span, message)
                    .with_fix(Fix::one(
                        Message::new(format!("改为「{ideograph}」"), format!("Replace with 「{ideograph}」")),
                        Edit::replacement(span, ideograph),
                    ))
                    .with_evidence(Evidence::said("unicode", "Unicode 列为同形字", "listed by Unicode as its equivalent"))
                    .with_trust(safety, confidence, ConfidenceOrigin::Author),
            );
        }
    }
}

/// The ideograph that looks like the radical or stroke `c`.
fn ideograph(c: char) -> Option<char> {
    match c {
        '\u{2e80}'..='\u{2ef3}' => {
            let idx = SUPPLEMENT.binary_search_by_key(&c, |&(radical, _)| radical).ok()?;
            Some(SUPPLEMENT[idx].1)
        }
        '\u{2f00}'..='\u{2fd5}' => {
            let mut ideograph = c;
            decompose_compatible(c, |part| ideograph = part);
            Some(ideograph)
        }
        '\u{31c0}'..='\u{31e3}' => STROKES.iter().find(|(stroke, _)| *stroke == c).map(|&(_, ideograph)| ideograph),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{automatic, keeps_its_examples, silent};
    use super::*;

    #[test]
    fn examples() {
        keeps_its_examples(RadicalForIdeograph);
    }

    #[test]
    fn every_radical_but_the_repeat_sign_has_one_ideograph() {
        assert!(SUPPLEMENT.is_sorted());
        for c in ('\u{2e81}'..='\u{2ef3}').filter(|&c| c != '\u{2e9a}').chain('\u{2f00}'..='\u{2fd5}') {
            assert!(ideograph(c).is_some_and(is_han), "{c:?}");
        }
        assert_eq!(ideograph('\u{2f00}'), Some('一'));
        assert_eq!(ideograph('\u{2fd5}'), Some('龠'));
    }

    #[test]
    fn running_text_is_repaired_unattended_and_a_dictionary_is_not() {
        automatic(RadicalForIdeograph, "\u{2f24}\u{2f12}发展，\u{2ed3}江\u{2f54}位", "大力发展，长江水位");
        automatic(RadicalForIdeograph, "部首\u{2f54}", "部首\u{2f54}");
        automatic(RadicalForIdeograph, "\u{2f54}字旁", "\u{2f54}字旁");
        silent(RadicalForIdeograph, "，。“”《》—…①②③⿰〇々");
    }
}
