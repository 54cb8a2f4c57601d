use std::sync::LazyLock;

use regex::Regex;

use super::{Context, Detector, DetectorMeta};
use crate::finding::{Class, ConfidenceOrigin, Edit, Evidence, Finding, Fix, Message, Phase, Safety};
use crate::text::Span;

/// Finds citations of articles that the law does not have, or that are no
/// numbers.
#[derive(Clone, Copy, Debug)]
pub struct LawArticle;

static META: DetectorMeta = DetectorMeta {
    id: "number/law-article",
    class: Class::Digits,
    phase: Phase::Marks,
    summary: ["法律条文的条号超出全文，或不成其为数", "an article that the law does not have, or whose number is none"],
    why: [
        "《……法》第……条：条数有定，条号有固定写法；超出或写法不通，是读错了一个字",
        "A law has so many articles, and their numbers are written in one way; what lies beyond or is no number was misread",
    ],
    silent: [
        "条数不在表内的法律、外国与台港澳的法律、解释和条例",
        "Laws that are not in the table, laws of other countries and of Taiwan, Hong Kong and Macau, interpretations and regulations",
    ],
    trust: [
        "超出条数的只标出；数字里夹着一个形近字、只有一个数字读得通的，建议改动",
        "An article beyond the last is flagged; where one look-alike stands in the number and one numeral alone makes it a number, that is suggested",
    ],
    sources: &["国家法律法规数据库: the highest number of articles that each law had in any version"],
    bad: &[
        ("依照《中华人民共和国劳动法》第一百五十八条的规定", "依照《中华人民共和国劳动法》第一百五十八条的规定"),
        ("依照《刑法》第二百六士四条的规定", "依照《刑法》第二百六十四条的规定"),
        ("根据《合同法》第五二十条", "根据《合同法》第五二十条"),
        ("违反《道路交通安全法》第191条", "违反《道路交通安全法》第191条"),
    ],
    good: &[
        "依照《中华人民共和国劳动法》第五十八条的规定",
        "依照《刑法》第二百六十四条、第一百三十三条之一",
        "根据《日本国刑法》第九百条",
        "根据《民法典》第一千零七十九条",
        "《城市房地产管理法》第N条",
    ],
};

/// Laws and the highest number of articles they had in any version.
const LAWS: [(&str, u32); 30] = [
    ("宪法", 143),
    ("民法典", 1260),
    ("刑法", 452),
    ("刑事诉讼法", 308),
    ("民事诉讼法", 306),
    ("行政诉讼法", 103),
    ("劳动法", 107),
    ("劳动合同法", 98),
    ("道路交通安全法", 124),
    ("食品安全法", 154),
    ("消费者权益保护法", 63),
    ("行政处罚法", 86),
    ("行政许可法", 83),
    ("土地管理法", 87),
    ("未成年人保护法", 132),
    ("个人信息保护法", 74),
    ("数据安全法", 55),
    ("安全生产法", 119),
    ("合同法", 428),
    ("物权法", 247),
    ("婚姻法", 51),
    ("继承法", 37),
    ("侵权责任法", 92),
    ("民法通则", 156),
    ("民法总则", 206),
    ("担保法", 96),
    ("义务教育法", 63),
    ("反家庭暴力法", 38),
    ("反间谍法", 71),
    ("公务员法", 113),
];

static CITATION: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"《([^《》\n]{1,24}?)》(?:（[^（）\n]{1,12}）)?的?第([^，。、；：《》“”\s第条]{1,9})条").expect("a test compiles it")
});

impl Detector for LawArticle {
    fn meta(&self) -> &'static DetectorMeta {
        &META
    }

    fn detect(&self, context: &Context<'_>, sink: &mut Vec<Finding>) {
        let text = context.text;
        for found in CITATION.captures_iter(text) {
            let (Some(name), Some(number)) = (found.get(1), found.get(2)) else { continue };
            let span = Span::new(number.start(), number.end());
            match numeral(number.as_str()) {
                Some(value) => sink.extend(beyond(text, name.as_str(), name.start(), span, value)),
                None => sink.extend(no_number(text, name.as_str(), span)),
            }
        }
    }
}

/// The value of an article's number, in digits or in the Chinese way that
/// laws are written: 一千零七十九, 一百二十, 十四.
fn numeral(written: &str) -> Option<u32> {
    if written.chars().all(|c| super::numbers::digit(c).is_some()) {
        return super::numbers::starting_at(written, 0).map(|number| number.value);
    }
    let chars: Vec<char> = written.chars().collect();
    let digit = |c: char| "一二三四五六七八九".chars().position(|known| known == c).map(|idx| idx as u32 + 1);
    let mut value = 0;
    let mut idx = 0;
    let mut last_unit = 10_000;
    let mut zero = false;
    while idx < chars.len() {
        if chars[idx] == '零' || chars[idx] == '〇' {
            if zero || idx == 0 || idx + 1 == chars.len() {
                return None;
            }
            zero = true;
            idx += 1;
            continue;
        }
        // 十四 begins without 一.
        let (count, unit_at) = match digit(chars[idx]) {
            Some(count) => (count, idx + 1),
            None if idx == 0 && chars[0] == '十' => (1, 0),
            None => return None,
        };
        let unit = match chars.get(unit_at) {
            Some('千') => 1000,
            Some('百') => 100,
            Some('十') => 10,
            _ => 1,
        };
        // Units fall one by one; what is passed over is said with 零.
        let skips = last_unit < 10_000 && unit * 10 < last_unit;
        if unit >= last_unit || skips != zero {
            return None;
        }
        value += count * unit;
        last_unit = unit;
        zero = false;
        idx = unit_at + usize::from(unit > 1);
    }
    (value > 0).then_some(value)
}

/// An article beyond the last of a known law.
fn beyond(text: &str, name: &str, name_at: usize, span: Span, value: u32) -> Option<Finding> {
    let short = name.trim_start_matches("中华人民共和国");
    let &(law, last) = LAWS.iter().find(|(law, _)| *law == short)?;
    // 《民法典》 of France, 《刑法》 of Taiwan.
    let before = &text[super::scan::window(text, Span::empty(name_at), 14).start..name_at];
    let is_foreign = short == name && before.replace("我国", "").contains(['国', '洲', '港', '澳', '台', '臺', '旧', '日']);
    if value <= last || is_foreign {
        return None;
    }
    let message = Message::new(
        format!("《{law}》各版本都没有第 {value} 条（至多 {last} 条）；条号读错，或原版如此，请对照原版"),
        format!("no version of 《{law}》 has an article {value} (at most {last}); it was misread or misprinted, compare with the page"),
    );
    Some(
        Finding::new(META.id, META.class, META.phase, text, span, message)
            .with_evidence(Evidence::weighed(
                "articles",
                f64::from(last),
                "该法历次版本的最多条数",
                "the most articles the law had in any version",
            ))
            .with_trust(Safety::Flagged, 0.85, ConfidenceOrigin::Author),
    )
}

/// Characters that are read for numerals they look like.
const LIKE_NUMERALS: [(char, &[char]); 12] = [
    ('士', &['十']),
    ('土', &['十']),
    ('干', &['千', '十']),
    ('王', &['三', '五']),
    ('人', &['八']),
    ('入', &['八']),
    ('力', &['九']),
    ('丸', &['九']),
    ('白', &['百']),
    ('自', &['百']),
    ('匹', &['四']),
    ('大', &['六']),
];

/// A number that is none.
fn no_number(text: &str, name: &str, span: Span) -> Option<Finding> {
    let written = span.of(text);
    let is_numeral = |c: char| "零〇一二三四五六七八九十百千".contains(c);
    let strange: Vec<(usize, char)> = written.char_indices().filter(|&(_, c)| !is_numeral(c)).collect();
    let n_chars = written.chars().count();
    // 第某条, 第N条, 第12条之一 are no misreadings; nor are names that only end like laws.
    let is_law = name.ends_with(['法', '例', '典', '定', '则', '释', '章']);
    if !is_law || n_chars < 2 || strange.len() > 1 || n_chars == 2 && !strange.is_empty() {
        return None;
    }
    let message = Message::new(
        format!("条号「{written}」不成其为数，读错了一个字；请对照原版"),
        format!("the article 「{written}」 is no number, a character was misread; compare with the page"),
    );
    let finding =
        Finding::new(META.id, META.class, META.phase, text, span, message).with_trust(Safety::Flagged, 0.85, ConfidenceOrigin::Author);
    let Some(&(at, read)) = strange.first() else { return Some(finding) };
    let known = LIKE_NUMERALS.iter().find(|(like, _)| *like == read)?.1;
    let mut fitting = known
        .iter()
        .filter(|numeral_char| numeral(&format!("{}{numeral_char}{}", &written[..at], &written[at + read.len_utf8()..])).is_some());
    match (fitting.next(), fitting.next()) {
        (Some(printed), None) => {
            let place = Span::new(span.start + at, span.start + at + read.len_utf8());
            let title = Message::new(format!("改为「{printed}」"), format!("Change to 「{printed}」"));
            Some(
                finding
                    .with_fix(Fix::one(title, Edit::replacement(place, printed.to_string())))
                    .with_evidence(Evidence::said(
                        "numeral",
                        format!("「{read}」与「{printed}」形近，换上才成其为数"),
                        format!("「{read}」 and 「{printed}」 look alike, and with it this is a number"),
                    ))
                    .with_trust(Safety::Suggested, 0.9, ConfidenceOrigin::Author),
            )
        }
        _ => Some(finding),
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{keeps_its_examples, only_flags, silent};
    use super::*;

    #[test]
    fn examples() {
        keeps_its_examples(LawArticle);
    }

    #[test]
    fn reads_the_numbers_of_laws_and_no_others() {
        for (written, value) in [
            ("一", 1),
            ("十", 10),
            ("十四", 14),
            ("二十", 20),
            ("九十九", 99),
            ("一百", 100),
            ("一百零五", 105),
            ("一百一十", 110),
            ("二百六十四", 264),
            ("一千零七十九", 1079),
            ("一千二百六十", 1260),
            ("１２", 12),
        ] {
            assert_eq!(numeral(written), Some(value), "{written}");
        }
        for written in ["五二十", "百二", "二百十百", "一百五", "零一", "一百零", "二十零三", "某", "", "一千七十九"]
        {
            assert_eq!(numeral(written), None, "{written}");
        }
    }

    #[test]
    fn a_numeral_is_put_only_where_one_alone_fits() {
        only_flags(LawArticle, "依照《刑法》第二百六十王条的规定");
        only_flags(LawArticle, "依照《治安管理条例》第二百十十条的规定");
        silent(LawArticle, "依照《刑法》第某条的规定，并见《说岳全传》第五二十条");
        silent(LawArticle, "法国《民法典》第两千条、台湾地区《民法》第1300条");
        silent(LawArticle, "法国1804年《民法典》第2281条");
    }
}
