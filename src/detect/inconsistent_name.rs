use super::characters::{Characters, Likeness};
use super::{Context, Detector, DetectorMeta, Resources};
use crate::document::{is_name, is_surname};
use crate::finding::{Class, ConfidenceOrigin, Edit, Evidence, Finding, Fix, Message, Phase, Safety};

/// Finds names that the page also has with a look-alike in the place of one
/// character.
#[derive(Clone, Copy, Debug)]
pub struct InconsistentName;

static META: DetectorMeta = DetectorMeta {
    id: "name/inconsistent",
    class: Class::InconsistentName,
    phase: Phase::Words,
    summary: ["同一个名字，全文别处差一个形近字", "a name that stands elsewhere on the page with a look-alike in it"],
    why: [
        "人名、机构名词表里没有，只有全文自己能证明：多处一样、一处差一个形近字，那一处多半是误认",
        "No list has the names of people and firms, only the page itself can prove one: where many places agree and one differs by a look-alike, that one was probably misread",
    ],
    silent: [
        "不形近的（常建军、常建国），同句并提的，两种写法都不止一处的，换字后成词的，数字",
        "Characters that do not look alike (brothers), names told together in a sentence, spellings that both recur, words, numerals",
    ],
    trust: [
        "三处以上一致、头衔相同、字形极近的建议改动；其余只标出。一再出现的名字从不改",
        "Suggested where three places agree, the title is the same and the shapes are close; else flagged. A spelling that recurs is never changed",
    ],
    sources: &["docs/damage.md: inconsistent names", "models/glyphs.md", "models/habits.md"],
    bad: &[
        (
            "城东新桥昨天通车。交通局局长逯晨光说，新桥能走大车。通车前，局长逯晨光带人走了三遍。晚上，局长逯晟光说，明年再修一座。",
            "城东新桥昨天通车。交通局局长逯晨光说，新桥能走大车。通车前，局长逯晨光带人走了三遍。晚上，局长逯晟光说，明年再修一座。",
        ),
        (
            "记者麻玉珊到村里住了一个月。村民说，记者麻玉珊什么活都干。临走那天，大家都来送记者麻玉珊。照片由记者麻玉姗拍摄。",
            "记者麻玉珊到村里住了一个月。村民说，记者麻玉珊什么活都干。临走那天，大家都来送记者麻玉珊。照片由记者麻玉姗拍摄。",
        ),
    ],
    good: &[
        "哥哥常建军开渔船，弟弟常建国修渔船。常建军出海的时候，常建国就站在码头上看天。",
        "选手李玉珍、李玉珠是姐妹。选手李玉珍先到终点，选手李玉珍说，妹妹随后就到。",
        "记者麻玉珊到村里住了一个月。村民说，记者麻玉珊什么活都干。照片由记者麻玉珊拍摄。",
    ],
};

/// Words before a name that say it is one.
const TITLES: [&str; 52] = [
    "记者",
    "通讯员",
    "书记",
    "市长",
    "县长",
    "区长",
    "镇长",
    "乡长",
    "局长",
    "厅长",
    "处长",
    "科长",
    "主任",
    "主席",
    "总理",
    "总统",
    "部长",
    "委员长",
    "议长",
    "大使",
    "院长",
    "校长",
    "所长",
    "站长",
    "队长",
    "厂长",
    "经理",
    "董事长",
    "总裁",
    "教授",
    "研究员",
    "工程师",
    "医生",
    "老师",
    "会长",
    "秘书长",
    "导演",
    "选手",
    "教练",
    "村民",
    "市民",
    "居民",
    "老人",
    "读者",
    "学生",
    "农民",
    "司机",
    "民警",
    "负责人",
    "院士",
    "作家",
    "委员",
];

/// Words behind a name that say it is one.
const BEHIND: [&str; 32] = [
    "说", "表示", "介绍", "告诉", "认为", "指出", "强调", "透露", "坦言", "出席", "会见", "主持", "致辞", "回忆", "担任", "来到", "宣布",
    "先生", "女士", "同志", "教授", "局长", "主任", "书记", "县长", "市长", "校长", "院长", "老师", "主席", "总理", "摄",
];

/// Characters that are counted, not named.
const NUMERALS: &str = "一二三四五六七八九十百千万亿两零〇第几";

/// Characters that set one term against another: 上集, 下集.
const OPPOSITES: &str = "上下左右东西南北大小多少前后内外新旧正副男女中";

impl Detector for InconsistentName {
    fn meta(&self) -> &'static DetectorMeta {
        &META
    }

    fn detect(&self, context: &Context<'_>, sink: &mut Vec<Finding>) {
        let page = Characters::of(context.text, context.layout);
        let mut variants: Vec<Variant> = Vec::new();
        for window in [Window::Person, Window::Term] {
            for place in 0..window.n_chars() {
                collect(&page, context.resources, window, place, &mut variants);
            }
        }
        // The same character may be found through several windows.
        variants.sort_by_key(|variant| (variant.at, std::cmp::Reverse(variant.count), variant.window as u8, variant.place));
        variants.dedup_by_key(|variant| variant.at);
        for variant in &variants {
            if !context.is_garbled(page.span(variant.at, 1)) {
                sink.push(finding(context, &page, variant));
            }
        }
    }
}

/// What is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Window {
    /// A name of three characters with a title.
    Person = 0,
    /// Four characters of a longer name.
    Term = 1,
}

impl Window {
    fn n_chars(self) -> usize {
        match self {
            Window::Person => 3,
            Window::Term => 4,
        }
    }
}

/// One place that differs from others.
#[derive(Clone, Copy, Debug)]
struct Variant {
    /// The character in question.
    at: usize,
    window: Window,
    /// Its place in the window.
    place: usize,
    /// Where the other spelling stands first.
    other: usize,
    /// How often it stands.
    count: usize,
    likeness: Likeness,
    /// The title that both have.
    title: Option<&'static str>,
}

/// Characters of a text that are compared at once, and the most parts there are.
const PART_CHARS: usize = 1 << 18;
const MAX_PARTS: usize = 16;

/// Spreads keys over the parts: the bits of a character are not evenly used.
fn spread(key: u64) -> u64 {
    key.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32
}

/// Adds the variants that differ in character `place` of `window`.
fn collect(page: &Characters, resources: &Resources, window: Window, place: usize, variants: &mut Vec<Variant>) {
    let n = window.n_chars();
    // A long text has many windows: they are compared in so many parts, each
    // with keys of its own, that not all have to be kept at once.
    let n_parts = (page.chars.len() / PART_CHARS + 1).min(MAX_PARTS) as u64;
    for part in 0..n_parts {
        let starts = (0..page.chars.len().saturating_sub(n - 1)).filter(|&at| page.is_han(at, n));
        let mut keys: Vec<(u64, usize)> =
            starts.map(|at| (key(&page.chars[at..at + n], place), at)).filter(|(key, _)| spread(*key) % n_parts == part).collect();
        keys.sort_unstable();
        compare(page, resources, window, place, &keys, variants);
    }
}

/// The same for windows with their keys, in order.
fn compare(page: &Characters, resources: &Resources, window: Window, place: usize, keys: &[(u64, usize)], variants: &mut Vec<Variant>) {
    for group in keys.chunk_by(|a, b| a.0 == b.0).filter(|group| group.len() >= 3) {
        let mut spellings: Vec<(char, Vec<usize>)> = Vec::new();
        for &(_, at) in group {
            let c = page.chars[at + place];
            match spellings.iter_mut().find(|(known, _)| *known == c) {
                Some((_, places)) => places.push(at),
                None => spellings.push((c, vec![at])),
            }
        }
        spellings.sort_by(|a, b| b.1.len().cmp(&a.1.len()).then(a.1[0].cmp(&b.1[0])));
        let Some(((_, usual), others)) = spellings.split_first() else { continue };
        for (_, rare) in others {
            // A spelling that recurs is as good as the other one.
            if usual.len() >= 2 && rare.len() == 1 {
                variants.extend(judge(page, resources, window, place, usual, rare[0]));
            }
        }
    }
}

/// The characters of a window but one, as one number. Han characters take at
/// most 18 bits.
fn key(chars: &[char], place: usize) -> u64 {
    chars.iter().enumerate().filter(|&(idx, _)| idx != place).fold(0, |key, (_, &c)| key << 18 | u64::from(u32::from(c)))
}

/// Whether the window at `rare` is a misreading of those at `usual`.
fn judge(page: &Characters, resources: &Resources, window: Window, place: usize, usual: &[usize], rare: usize) -> Option<Variant> {
    let (at, n) = (rare + place, window.n_chars());
    let (read, printed) = (page.chars[at], page.chars[usual[0] + place]);
    let is_any = |list: &str| list.contains(read) || list.contains(printed);
    if is_any(NUMERALS) || window == Window::Term && is_any(OPPOSITES) {
        return None;
    }
    let likeness = Likeness::of(resources, read, printed);
    // Told together, they are two.
    if !likeness.is_near() || usual.iter().any(|&other| page.share_sentence(other, rare)) {
        return None;
    }
    let title = match window {
        Window::Person => {
            // 许多人 begins like a name.
            let is_word = page.word_over(resources, usual[0], page.chars[usual[0]]) == 2;
            let is_person = is_name(&page.chars[usual[0]..usual[0] + n]) && !is_word;
            if !is_person || !usual.iter().any(|&other| has_title(page, other, n)) {
                return None;
            }
            shared_title(page, usual, rare, n)
        }
        Window::Term => None,
    };
    // A word of the language explains itself; so does what the lists know of the usual form.
    let is_word = |idx: usize, c: char| page.word_over(resources, idx, c) >= 2;
    if is_word(at, read) || window == Window::Term && (is_word(usual[0] + place, printed) || !is_long(page, usual, rare, place)) {
        return None;
    }
    if page.gain(resources, at, printed) < 0.0 {
        return None;
    }
    Some(Variant { at, window, place, other: usual[0], count: usual.len(), likeness, title })
}

/// True when a title stands before or behind the name at `at`.
fn has_title(page: &Characters, at: usize, n: usize) -> bool {
    TITLES.iter().any(|title| page.ends_with(at, title)) || BEHIND.iter().any(|word| page.starts_with(at + n, word))
}

/// The title that stands before the name at `rare` and before one at `usual`,
/// or the word that stands behind both.
fn shared_title(page: &Characters, usual: &[usize], rare: usize, n: usize) -> Option<&'static str> {
    let before = TITLES.iter().find(|title| page.ends_with(rare, title) && usual.iter().any(|&other| page.ends_with(other, title)));
    let behind =
        || BEHIND.iter().find(|word| page.starts_with(rare + n, word) && usual.iter().any(|&other| page.starts_with(other + n, word)));
    before.or_else(behind).copied()
}

/// True when both forms agree in six characters around the one they differ in:
/// four may be an accident.
fn is_long(page: &Characters, usual: &[usize], rare: usize, place: usize) -> bool {
    const MIN_SHARED: usize = 5;
    let at = rare + place;
    usual.iter().any(|&other| {
        let other = other + place;
        let same = |a: usize, b: usize| page.chars.get(a).filter(|&&c| crate::text::is_han(c)) == page.chars.get(b);
        let left = (1..=8).take_while(|&n| n <= at && n <= other && same(at - n, other - n)).count();
        let right = (1..=8).take_while(|&n| at + n < page.chars.len() && same(at + n, other + n)).count();
        left + right >= MIN_SHARED
    })
}

fn finding(context: &Context<'_>, page: &Characters, variant: &Variant) -> Finding {
    let Variant { at, window, place, other, count, likeness, title } = *variant;
    let n = window.n_chars();
    let (read, printed) = (page.chars[at], page.chars[other + place]);
    let (rare, usual) = (page.text(at - place, n), page.text(other, n));
    let kept_surname = place > 0 || is_surname(read);
    let is_clear = window == Window::Person && count >= 3 && title.is_some() && likeness.is_close() && kept_surname;
    let message = Message::new(
        format!("「{rare}」在全文别处作「{usual}」（{count} 处），疑为同一名字的误认；对照原版"),
        format!("「{rare}」 is 「{usual}」 elsewhere on the page ({count} times), probably one name; compare with the page"),
    );
    let edit = Edit::replacement(page.span(at, 1), printed.to_string());
    let similarity = f64::from((likeness.similarity * 100.0).round() / 100.0);
    let mut finding = Finding::new(META.id, META.class, META.phase, context.text, page.span(at - place, n), message)
        .with_fix(Fix::one(Message::new(format!("改为「{usual}」"), format!("Change to 「{usual}」")), edit))
        .with_evidence(Evidence::weighed(
            "whole-elsewhere",
            count as f64,
            format!("「{usual}」{count} 处，「{rare}」只此 1 处，不在同一句"),
            format!("「{usual}」 stands {count} times, 「{rare}」 once, in other sentences"),
        ))
        .with_evidence(Evidence::weighed(
            "look-alike",
            similarity,
            format!("「{read}」「{printed}」字形相近（{similarity:.2}）"),
            format!("「{read}」 and 「{printed}」 look alike ({similarity:.2})"),
        ))
        .with_related(page.span(other, n), "evidence");
    if let Some(title) = title {
        finding = finding.with_evidence(Evidence::said("title", format!("都与「{title}」连用"), format!("both stand beside 「{title}」")));
    }
    let (safety, confidence) = if is_clear { (Safety::Suggested, 0.85) } else { (Safety::Flagged, 0.7) };
    finding.with_trust(safety, confidence, ConfidenceOrigin::Author)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{keeps_its_examples, made, only_flags, silent};
    use super::*;

    #[test]
    fn examples() {
        keeps_its_examples(InconsistentName);
    }

    #[test]
    fn three_places_with_the_same_title_and_a_close_shape_are_reconciled() {
        let text =
            "村支书逯晨光来得早。书记逯晨光说，水渠要修。书记逯晨光说，路也要修。夜里书记逯晨光还在渠上。第二天，书记逯晟光说，工钱照发。";
        let made = made(Box::new(InconsistentName), text, Safety::Suggested);
        assert_eq!(made.text, text.replace('晟', "晨"));
        assert_eq!(made.problems[0].observed, "逯晟光");
        assert!(made.problems[0].evidence.iter().any(|reason| reason.text.zh.contains("书记")));
    }

    #[test]
    fn long_names_are_compared_as_well() {
        let text = "邻国总统塔瑟列夫昨天到访。塔瑟列夫的专机在中午降落。随后塔瑟列夫参观了新桥。傍晚，塔瑟列夫乘船游河。";
        silent(InconsistentName, text);
        silent(InconsistentName, "许多人来了，老师说许多人没有来。许多人还在路上。老师看见许多大人。");
        only_flags(InconsistentName, "赛会今年由缙晨轩文化公司承办。缙晨轩文化公司连办三年。据缙晟轩文化公司介绍，报名的人比往年多。");
    }

    #[test]
    fn two_people_stay_two() {
        for text in [
            // Told together.
            "局长逯晨光和局长逯晟光是兄弟。局长逯晨光管水，局长逯晨光说，河要清。局长逯晨光天天上堤。",
            // Both recur.
            "局长逯晨光说，河要清。局长逯晨光说，堤要修。局长逯晨光上堤。局长逯晟光管桥。局长逯晟光说，桥要修。",
            // Not alike.
            "局长逯晨光说，河要清。局长逯晨光说，堤要修。局长逯晨光上堤。局长逯海光管桥。",
        ] {
            silent(InconsistentName, text);
        }
    }
}
