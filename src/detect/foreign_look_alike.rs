use super::scan::{self, LeadBytes};
use super::{Context, Detector, DetectorMeta};
use crate::finding::{Class, ConfidenceOrigin, Edit, Finding, Fix, Message, Phase, Safety};
use crate::text::{CharClass, Span, char_class, is_han};

/// Finds letters of other scripts that stand where a Latin letter or a Han
/// character was printed.
#[derive(Clone, Copy, Debug)]
pub struct ForeignLookAlike;

static META: DetectorMeta = DetectorMeta {
    id: "encoding/foreign-look-alike",
    class: Class::Encoding,
    phase: Phase::Encoding,
    summary: ["别种文字的形近字母混入（西里尔 а、片假名 ロ）", "a look-alike of another script (Cyrillic а, katakana ロ)"],
    why: [
        "多语种 OCR 会把拉丁字母认成西里尔或希腊字母，把「口、力、工」认成片假名；看不出差别，却检索不到",
        "multilingual OCR reads Latin letters as Cyrillic or Greek ones and 口, 力, 工 as katakana; nobody sees the difference, and the word is not found",
    ],
    silent: [
        "整词整句的俄文、希腊文、日文、韩文、注音；公式和单位里的希腊字母（α射线、μm、kΩ、hν、ΔT）；店名里的「の」",
        "Whole Russian, Greek, Japanese, Korean words and sentences and bopomofo; Greek letters of formulas and units (α射线, μm, kΩ, hν, ΔT); の in shop names",
    ],
    trust: [
        "拉丁词里夹着的字母、汉字之间单个的假名有唯一同形字的，建议；同形字不止一个的和表意文字描述符，只标出",
        "Suggested where a letter inside a Latin word or one kana between Han characters has a single look-alike; with several look-alikes, and ideographic description characters, flagged",
    ],
    sources: &[
        "Unicode UTS #39, letters of Cyrillic and Greek that share their shape with Latin ones",
        "shapes of kana, bopomofo and jamo compared with Han characters",
    ],
    bad: &[
        ("采用\u{421}\u{41e}VID检测", "采用COVID检测"),
        ("人\u{30ed}普查", "人口普查"),
        ("全市\u{30a8}作会议", "全市工作会议"),
        ("打印\u{410}4纸", "打印A4纸"),
        ("第\u{3127}次会议", "第一次会议"),
        ("他叫\u{2ff0}王石明", "他叫\u{2ff0}王石明"),
        ("市长\u{30fc}行", "市长\u{30fc}行"),
    ],
    good: &[
        "他用俄语说：Москва слезам не верит",
        "α射线与β受体，波长10μm，电阻5kΩ，E=hν",
        "ロシア、カナダ",
        "東京ニュース",
        "店名“鲜の屋”",
        "ㄅㄆㄇ",
        "Ελλάδα",
        "人口普查",
        "「日本語のロ」",
    ],
};

/// Cyrillic and Greek letters with the Latin letter of the same shape. Greek
/// small letters that physics uses beside Latin ones (ν, ρ, α…) are left out.
#[rustfmt::skip]
const LATIN: [(char, char); 44] = [
    // Greek
    ('\u{391}', 'A'), ('\u{392}', 'B'), ('\u{395}', 'E'), ('\u{396}', 'Z'), ('\u{397}', 'H'), ('\u{399}', 'I'), ('\u{39a}', 'K'),
    ('\u{39c}', 'M'), ('\u{39d}', 'N'), ('\u{39f}', 'O'), ('\u{3a1}', 'P'), ('\u{3a4}', 'T'), ('\u{3a5}', 'Y'), ('\u{3a7}', 'X'),
    ('\u{3bf}', 'o'),
    // Cyrillic
    ('\u{405}', 'S'), ('\u{406}', 'I'), ('\u{408}', 'J'), ('\u{410}', 'A'), ('\u{412}', 'B'), ('\u{415}', 'E'), ('\u{41a}', 'K'),
    ('\u{41c}', 'M'), ('\u{41d}', 'H'), ('\u{41e}', 'O'), ('\u{420}', 'P'), ('\u{421}', 'C'), ('\u{422}', 'T'), ('\u{423}', 'Y'),
    ('\u{425}', 'X'), ('\u{430}', 'a'), ('\u{435}', 'e'), ('\u{43e}', 'o'), ('\u{440}', 'p'), ('\u{441}', 'c'), ('\u{443}', 'y'),
    ('\u{445}', 'x'), ('\u{455}', 's'), ('\u{456}', 'i'), ('\u{458}', 'j'), ('\u{4ae}', 'Y'), ('\u{4bb}', 'h'), ('\u{501}', 'd'),
    ('\u{51b}', 'q'),
];

/// Kana, bopomofo and jamo with the Han characters of the same shape, likeliest
/// first.
#[rustfmt::skip]
const HAN: [(char, &[char]); 28] = [
    ('\u{30a8}', &['工']), ('\u{30aa}', &['才']), ('\u{30ab}', &['力']), ('\u{30bf}', &['夕']), ('\u{30c1}', &['千']), ('\u{30c8}', &['卜']),
    ('\u{30cb}', &['二']), ('\u{30ce}', &['丿']), ('\u{30cf}', &['八']), ('\u{30d2}', &['匕']), ('\u{30df}', &['三', '彡']), ('\u{30e1}', &['乂', '〆']),
    ('\u{30e8}', &['彐']), ('\u{30eb}', &['儿']), ('\u{30ed}', &['口']), ('\u{30fc}', &['一', '—']),
    ('\u{3127}', &['一']), ('\u{311a}', &['丫']), ('\u{3126}', &['儿']), ('\u{310f}', &['厂']), ('\u{3120}', &['幺']), ('\u{3116}', &['日']),
    ('\u{3128}', &['乂', '×']), ('\u{3112}', &['丁', '下']),
    ('\u{3161}', &['一']), ('\u{3141}', &['口']), ('\u{3147}', &['〇']), ('\u{3163}', &['丨', '1']),
];

/// First bytes of Greek and Cyrillic, and of U+2000..U+3FFF.
static LEADS: LeadBytes = LeadBytes::of(&[(0xcd, 0xcf), (0xd0, 0xd4), (0xe2, 0xe3)]);

/// Characters on either side searched for more of the same script: about a
/// printed line, so that a Japanese or Russian sentence vouches for itself.
const SCRIPT_WINDOW_CHARS: usize = 24;

/// Letters of one run that are looked at; longer runs are whole foreign words.
const MAX_RUN_CHARS: usize = 40;

impl Detector for ForeignLookAlike {
    fn meta(&self) -> &'static DetectorMeta {
        &META
    }

    fn detect(&self, context: &Context<'_>, sink: &mut Vec<Finding>) {
        let text = context.text;
        let mut done = 0;
        for (at, c) in LEADS.chars(text) {
            if at < done {
                continue;
            }
            let found = match c {
                '\u{370}'..='\u{52f}' => {
                    let run = letter_run(text, at);
                    done = run.end;
                    among_latin(text, run)
                }
                '\u{2ff0}'..='\u{2fff}' | '\u{31ef}' => {
                    let found = description(text, at);
                    done = found.span.end;
                    Some(found)
                }
                '\u{3041}'..='\u{312f}' | '\u{3131}'..='\u{318e}' | '\u{31f0}'..='\u{31ff}' => among_han(text, at, c),
                _ => None,
            };
            sink.extend(found);
        }
    }
}

fn is_greek_or_cyrillic(c: char) -> bool {
    matches!(c, '\u{370}'..='\u{52f}' | '\u{1c80}'..='\u{1c8f}' | '\u{1f00}'..='\u{1fff}')
}

fn is_latin(c: char) -> bool {
    char_class(c) == CharClass::Latin
}

/// The run of Latin, Greek and Cyrillic letters around the letter at `at`.
fn letter_run(text: &str, at: usize) -> Span {
    let is_letter = |c: &char| is_latin(*c) || is_greek_or_cyrillic(*c);
    let left: usize = text[..at].chars().rev().take(MAX_RUN_CHARS).take_while(is_letter).map(char::len_utf8).sum();
    let right: usize = text[at..].chars().take_while(is_letter).map(char::len_utf8).sum();
    Span::new(at - left, at + right)
}

/// A run with Latin letters in it, or one capital beside a digit or a Han
/// character, all of whose other letters look Latin.
fn among_latin(text: &str, run: Span) -> Option<Finding> {
    let word = run.of(text);
    let mut latin = String::with_capacity(word.len());
    let (mut n_latin, mut n_foreign) = (0, 0);
    for c in word.chars() {
        if is_greek_or_cyrillic(c) {
            latin.push(LATIN.iter().find(|(foreign, _)| *foreign == c)?.1);
            n_foreign += 1;
        } else {
            latin.push(c);
            n_latin += 1;
        }
    }
    let single = n_latin == 0 && n_foreign == 1 && is_label(text, run, &latin);
    if !(n_latin >= 2 || single) || has_foreign_words(text, run) {
        return None;
    }
    let message = Message::new(
        format!("「{word}」里有西里尔或希腊字母，形似拉丁字母；改为「{latin}」"),
        format!("「{word}」 has Cyrillic or Greek letters that look like Latin ones; replace with 「{latin}」"),
    );
    Some(
        Finding::new(META.id, META.class, META.phase, text, run, message)
            .with_fix(Fix::one(
                Message::new(format!("改为「{latin}」"), format!("Replace with 「{latin}」")),
                Edit::replacement(run, latin),
            ))
            .with_trust(Safety::Suggested, if single { 0.8 } else { 0.95 }, ConfidenceOrigin::Author),
    )
}

/// One capital as in A4, B超: a digit follows, or a word that such letters
/// stand before.
fn is_label(text: &str, run: Span, latin: &str) -> bool {
    const LABELED: [char; 16] = ['超', '型', '级', '級', '座', '组', '組', '股', '区', '區', '馆', '栋', '类', '班', '轮', '面'];
    latin.starts_with(|c: char| c.is_ascii_uppercase())
        && scan::after(text, run.end).is_some_and(|c| c.is_ascii_digit() || LABELED.contains(&c))
}

/// True when whole words of the foreign script stand near: then the letter may
/// well be one of theirs.
fn has_foreign_words(text: &str, run: Span) -> bool {
    let near = scan::window(text, run, SCRIPT_WINDOW_CHARS);
    let outside = [Span::new(near.start, run.start), Span::new(run.end, near.end)];
    outside.iter().any(|part| part.of(text).chars().any(is_greek_or_cyrillic))
}

/// One kana, bopomofo or jamo with Han on both sides and no more of its script
/// near.
fn among_han(text: &str, at: usize, c: char) -> Option<Finding> {
    let span = scan::char_span(at, c);
    let (_, shapes) = HAN.iter().find(|(foreign, _)| *foreign == c)?;
    let left = scan::before(text, at)?;
    let right = scan::after(text, span.end)?;
    let is_context = |n: char| is_han(n) || n.is_ascii_digit();
    // A Han character directly before is what makes a lone kana suspicious; a
    // mark may follow it, since it may be the last of its clause.
    if !(is_context(left) && (is_context(right) || scan::is_chinese(right))) {
        return None;
    }
    let near = scan::window(text, span, SCRIPT_WINDOW_CHARS);
    let outside = [Span::new(near.start, span.start), Span::new(span.end, near.end)];
    if outside.iter().any(|part| part.of(text).chars().any(is_phonetic)) {
        return None;
    }
    let names: Vec<String> = shapes.iter().map(|shape| format!("「{shape}」")).collect();
    let message = Message::new(
        format!("汉字间的「{c}」（{}）不是汉字，形似{}；对照原版", scan::code_point(c), names.join("、")),
        format!(
            "「{c}」 ({}) between Han characters is not one; it looks like {}; compare with the page",
            scan::code_point(c),
            names.join(", ")
        ),
    );
    let mut finding = Finding::new(META.id, META.class, META.phase, text, span, message);
    for shape in *shapes {
        finding = finding.with_fix(Fix::one(
            Message::new(format!("改为「{shape}」"), format!("Replace with 「{shape}」")),
            Edit::replacement(span, *shape),
        ));
    }
    Some(match shapes.len() {
        1 => finding.with_trust(Safety::Suggested, 0.9, ConfidenceOrigin::Author),
        _ => finding.with_trust(Safety::Flagged, 0.6, ConfidenceOrigin::Author),
    })
}

/// Kana, hangul and bopomofo: more than one of them is a passage.
fn is_phonetic(c: char) -> bool {
    scan::is_kana_or_hangul(c) || matches!(c, '\u{3105}'..='\u{312f}')
}

/// An ideographic description: the operator and the characters it describes.
fn description(text: &str, at: usize) -> Finding {
    let mut end = at;
    // Operands still to come; each character is one and may ask for more.
    let mut n_open = 1_usize;
    for c in text[at..].chars().take(MAX_RUN_CHARS) {
        let n_operands = match c {
            '\u{2ff2}' | '\u{2ff3}' => 3,
            '\u{2ff0}' | '\u{2ff1}' | '\u{2ff4}'..='\u{2ffd}' | '\u{31ef}' => 2,
            '\u{2ffe}' | '\u{2fff}' => 1,
            _ if is_han(c) || matches!(c, '\u{2e80}'..='\u{2fd5}' | '\u{31c0}'..='\u{31e3}') => 0,
            _ => break,
        };
        end += c.len_utf8();
        n_open = n_open + n_operands - 1;
        if n_open == 0 {
            break;
        }
    }
    let span = Span::new(at, end);
    let message = Message::new(
        format!("「{}」是用描述符拆写的一个字；对照原版补上那个字", span.of(text)),
        format!("「{}」 describes one character by its parts; put in that character from the page", span.of(text)),
    );
    Finding::new(META.id, META.class, META.phase, text, span, message).with_trust(Safety::Flagged, 0.9, ConfidenceOrigin::Author)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{keeps_its_examples, made, only_flags, silent};
    use super::*;

    #[test]
    fn examples() {
        keeps_its_examples(ForeignLookAlike);
    }

    #[test]
    fn a_description_is_taken_whole() {
        for (text, expected) in [("他叫⿰王石明", "⿰王石"), ("⿱艹⿰氵工好", "⿱艹⿰氵工"), ("⿲彳山攵好", "⿲彳山攵"), ("见⿰", "⿰")]
        {
            let problems = made(Box::new(ForeignLookAlike), text, Safety::Suggested).problems;
            assert_eq!(problems.iter().map(|finding| finding.observed.as_str()).collect::<Vec<_>>(), [expected]);
        }
    }

    #[test]
    fn passages_of_the_other_script_vouch_for_themselves() {
        silent(ForeignLookAlike, "電車カー車と車カ庫");
        silent(ForeignLookAlike, "型号为「Т-34」，俄文作 Танк");
        silent(ForeignLookAlike, "学ㄅ、ㄆ、学ㄧ学");
        silent(ForeignLookAlike, "显著性检验用Χ²");
        silent(ForeignLookAlike, "升温ΔT，折射率nλ，密度ρg");
    }

    #[test]
    fn several_look_alikes_are_left_to_the_reader() {
        only_flags(ForeignLookAlike, "市长ー行来访");
        only_flags(ForeignLookAlike, "共ミ人");
    }
}
