//! 署名: `本报记者 某某`, `通讯员/某某`, `■记者 某某 某某 通讯员 某某`, `（某某 文/图）`.

use super::compact::{any_at, ends_with, has_at, keywords};
use super::names::{has_non_name_char, is_in_no_name, is_surname};

/// Characters, white space aside, of the longest line taken for a byline.
pub(super) const MAX_CHARS: usize = 48;

keywords! {
    /// Roles that names follow, longest first where one begins with another.
    ROLES = [
    "本报特派记者",
    "本报首席记者",
    "本报见习记者",
    "本报实习记者",
    "本报驻地记者",
    "本报全媒体记者",
    "全媒体记者",
    "融媒体记者",
    "本报通讯员",
    "本报评论员",
    "本报特约评论员",
    "特约评论员",
    "特约记者",
    "特约通讯员",
    "特派记者",
    "首席记者",
    "见习记者",
    "实习记者",
    "实习生",
    "本报记者",
    "本刊记者",
    "本台记者",
    "本社记者",
    "本网记者",
    "新华社记者",
    "中新社记者",
    "摄影记者",
    "文字记者",
    "摄影报道",
    "通讯员",
    "评论员",
    "记者",
    "作者",
    "撰稿",
    "撰文",
    "执笔",
    "文字",
    "摄影",
    "整理",
    "口述",
    "采写",
    "编译",
    "翻译",
    "供稿",
    "漫画",
    "插图",
    "制图",
    "文图",
    "图文",
    "文/图",
    "图/文",
    "文并摄",
    "文",
    "图",
]
}

keywords! {
    /// Words that may end a byline after the names.
    TAILS = [
    "摄影报道",
    "联合报道",
    "综合报道",
    "图文报道",
    "文并摄",
    "报道",
    "报导",
    "文/图",
    "图/文",
    "文图",
    "图文",
    "摄影",
    "摄",
    "文",
    "图",
    "供稿",
    "整理",
]
}

/// Reads the folded, space-free `chars` of a line as a byline.
pub(super) fn is_byline(chars: &[char]) -> bool {
    if chars.len() < 3 || chars.len() > MAX_CHARS {
        return false;
    }
    source_credit(chars) || roles_and_names(chars) || damaged_role(chars)
}

/// 来源：某报, （据新华社）.
fn source_credit(chars: &[char]) -> bool {
    let inner = without_brackets(chars);
    let bracketed = inner.len() < chars.len();
    if inner.len() > 16 || inner.iter().any(|&c| matches!(c, ',' | '。' | ';')) {
        return false;
    }
    (bracketed && has_at(inner, 0, "据") && ["社", "报", "网", "电", "台"].iter().any(|end| ends_with(inner, end)))
        || ((has_at(inner, 0, "来源:") || has_at(inner, 0, "作者:") || has_at(inner, 0, "原载")) && inner.len() > 3)
}

fn roles_and_names(chars: &[char]) -> bool {
    let inner = without_brackets(chars);
    let decorated = inner.len() < chars.len() || is_bullet(chars[0]);
    let start = inner.iter().take_while(|&&c| is_bullet(c)).count();
    let chars = trim_end(&inner[start..]);
    let Some(parsed) = parse(chars, start > 0 || decorated) else { return false };
    // 文 and 图 alone begin too many words to stand without a separator.
    parsed.n_name_chars >= 2 && (parsed.first_role_len >= 2 || parsed.separated)
}

struct Parsed {
    n_name_chars: usize,
    first_role_len: usize,
    separated: bool,
}

/// Reads all of `chars` as roles, names and separators, beginning with a role.
fn parse(chars: &[char], decorated: bool) -> Option<Parsed> {
    let first_role_len = ROLES.at(chars, 0)?;
    let trusted = decorated || has_at(chars, 0, "本报") || has_at(chars, 0, "本刊") || has_at(chars, 0, "通讯员");
    let mut parsed = Parsed { n_name_chars: 0, first_role_len, separated: chars.get(first_role_len).is_some_and(|&c| is_separator(c)) };
    let mut at = first_role_len;
    // 通讯员某某）近日: the bracket closes one that a line before opened, and
    // the sentence goes on.
    let close = chars.iter().position(|&c| c == ')');
    if close.is_some_and(|close| close + 1 < chars.len() && !chars[..close].contains(&'(')) {
        return None;
    }
    while at < chars.len() {
        if is_separator(chars[at]) {
            at += 1;
            continue;
        }
        if let Some(role) = ROLES.at(chars, at).filter(|&role| role > 1 || at + 1 == chars.len()) {
            at += role;
            continue;
        }
        let end = name_run_end(chars, at);
        let run = &chars[at..end];
        let rest = &chars[end..];
        let tail_in_run = if rest.is_empty() { TAILS.at_end(run).unwrap_or(0) } else { 0 };
        let names = &run[..run.len() - tail_in_run];
        if !names.is_empty() && !can_be_names(names, trusted || parsed.n_name_chars > 0) {
            return None;
        }
        parsed.n_name_chars += names.len();
        at = end.max(at + 1);
    }
    Some(parsed)
}

/// Where the names that begin at `from` end: at a separator or a role.
fn name_run_end(chars: &[char], from: usize) -> usize {
    (from + 1..chars.len()).find(|&at| is_separator(chars[at]) || ROLES.at(chars, at).is_some_and(|role| role > 1)).unwrap_or(chars.len())
}

/// `trusted`: the role before leaves no doubt that names follow, so that a
/// rare or damaged surname passes.
fn can_be_names(run: &[char], trusted: bool) -> bool {
    let n_chars = run.len();
    if n_chars > 18 || has_non_name_char(run) {
        return false;
    }
    is_surname(run[0]) && n_chars >= 2 || trusted && n_chars <= 7 && !is_in_no_name(run[0])
}

/// A role with one damaged character: `本援记者某某`, `本报记着某某`, a stray
/// mark read as a character before 记者. The rest must be names.
fn damaged_role(chars: &[char]) -> bool {
    let start = chars.iter().take_while(|&&c| is_bullet(c)).count();
    let chars = trim_end(&chars[start..]);
    let names_from = if has_at(chars, 0, "本") && has_at(chars, 2, "记者") {
        4
    } else if has_at(chars, 0, "本记者") {
        3
    } else if has_at(chars, 0, "本报记") || has_at(chars, 0, "本报") && chars.get(3) == Some(&'者') {
        4
    } else if has_at(chars, 1, "本报记者") {
        5
    } else if has_at(chars, 1, "记者") && matches!(chars[0], '国' | '图' | '回' | '口' | '日' | '田' | '曰' | '画' | '目') {
        // ■ and □ read as a character in a box.
        3
    } else {
        return false;
    };
    let names = &chars[names_from.min(chars.len())..];
    let until = name_run_end_or_all(names);
    (2..=9).contains(&until)
        && can_be_names(&names[..until], true)
        && (until == names.len() || parse(&names[until..], true).is_some() || is_separator(names[until]))
}

fn name_run_end_or_all(names: &[char]) -> usize {
    if names.is_empty() { 0 } else { name_run_end(names, 0) }
}

/// A byline too damaged to be told by itself: some of 本报记者 and a few
/// characters, no mark but bullets. The caller has seen a heading's shape
/// before it and running text after it.
pub(super) fn is_damaged_byline(chars: &[char]) -> bool {
    let start = chars.iter().take_while(|&&c| is_bullet(c)).count();
    let chars = trim_end(&chars[start..]);
    if !(4..=26).contains(&chars.len()) || chars.iter().any(|&c| matches!(c, '。' | ',' | '、' | ':' | '“' | '”' | ';')) {
        return false;
    }
    let head = &chars[..chars.len().min(6)];
    let role = (0..3).any(|at| has_at(head, at, "记者") || has_at(head, at, "报记"));
    let kept = [(0, '本'), (1, '报'), (2, '记'), (3, '者')].iter().filter(|&&(at, c)| head.get(at) == Some(&c)).count();
    let sentence = chars.iter().take(8).any(|&c| c == '讯')
        && !has_at(chars, 0, "通讯")
        && super::compact::position_of(&chars[..8.min(chars.len())], "报讯", 0).is_some()
        || any_at(chars, 2, &["从", "在", "了", "获", "今", "昨"]).is_some() && chars.len() > 12;
    (role || kept >= 2) && !sentence
}

/// A pen name in brackets or before 著/撰 alone on the line under a heading:
/// `（晚晴）`, `某某著`. Only the place makes it one; the caller looks there.
pub(super) fn is_pen_name(chars: &[char]) -> bool {
    let inner = without_brackets(chars);
    let all_han = !inner.is_empty() && inner.iter().all(|&c| crate::text::is_han(c));
    let bracketed = inner.len() + 2 == chars.len();
    (bracketed
        && all_han
        && inner.len() <= 6
        && !matches!(inner[0], '见' | '参' | '注' | '附' | '按' | '据' | '图')
        && !is_continuation_note(inner))
        || (all_han
            && (3..=10).contains(&inner.len())
            && ["著", "撰", "译", "述", "口述", "投稿", "来稿"].iter().any(|end| ends_with(inner, end)))
        || (all_han && inner.len() <= 10 && ends_with(inner, "著禁止转载"))
}

fn is_continuation_note(inner: &[char]) -> bool {
    ["未完", "待续", "待續", "完", "续", "上", "下", "中", "续完"]
        .iter()
        .any(|note| inner.len() == note.chars().count() && has_at(inner, 0, note))
        || inner.iter().all(|&c| "一二三四五六七八九十〇".contains(c))
}

fn without_brackets(chars: &[char]) -> &[char] {
    match chars {
        ['(' | '[' | '【' | '〔' | '［', inner @ .., ')' | ']' | '】' | '〕' | '］'] => inner,
        _ => chars,
    }
}

fn trim_end(chars: &[char]) -> &[char] {
    let n_stray = chars.iter().rev().take_while(|&&c| matches!(c, '。' | '.' | ',' | '·' | '_' | '-' | '|' | '\'' | '"')).count();
    &chars[..chars.len() - n_stray.min(2)]
}

fn is_separator(c: char) -> bool {
    matches!(c, '/' | ':' | '、' | ',' | '|' | '·' | '(' | ')' | '&' | '+' | ';' | '.')
}

fn is_bullet(c: char) -> bool {
    ('\u{25a0}'..='\u{25ff}').contains(&c) || matches!(c, '★' | '☆' | '●' | '·' | '•' | '*' | '|')
}

#[cfg(test)]
mod tests {
    use super::super::compact::Compact;
    use super::*;

    fn byline(line: &str) -> bool {
        is_byline(&Compact::of(line, 80).chars)
    }

    #[test]
    fn recognizes_bylines() {
        for line in [
            "本报记者 陈晓蕾",
            "本报记者陈晓蕾何俊",
            "■记者 赵敏 通讯员 孙珊",
            "□本报记者 冼婉",
            "通讯员/周明",
            "记者 王小川 通讯员 李雨 摄影报道",
            "（本报记者 徐 静）",
            "文/图 记者 沈一鸣",
            "文/郭亮",
            "作者：林深",
            "本 报 记 者 罗 敏",
            "本报见习记者 高扬 实习生 田甜",
            "新华社记者 朱明 谢天",
            "本报评论员 宋史",
            "（据新华社）",
            "來源：大公報",
            "国记者陈晓蕾",
            "本援记者何俊",
            "本报记著赵敏",
        ] {
            assert!(byline(line), "{line}");
        }
    }

    #[test]
    fn leaves_sentences_and_headings_alone() {
        for line in [
            "记者从市交通局获悉",
            "记者在现场看到",
            "记者节里话担当",
            "本报记者走基层",
            "记者招待会在京举行",
            "通讯员培训班开班",
            "本报记者获评先进",
            "图书馆",
            "文化广场",
            "图穷匕见",
            "文明之花",
            "作者简介",
            "作者座谈会在我市召开",
            "本报讯",
            "本报记者昨日从有关部门了解到，这条路年底通车。",
            "记者了解到",
            "摄影展开幕",
            "整理书房",
            "记者",
            "据说如此",
            "国记者大会",
            "本报社记者",
        ] {
            assert!(!byline(line), "{line}");
        }
    }

    #[test]
    fn pen_names() {
        let pen_name = |line: &str| is_pen_name(&Compact::of(line, 80).chars);
        for line in ["（晚晴）", "(知 白)", "秋水著", "沈半山著禁止轉載"] {
            assert!(pen_name(line), "{line}");
        }
        for line in ["（未完）", "（一）", "（三）", "（待續）", "论著", "（见上文第三段）", "名著", "（A座）"]
        {
            assert!(!pen_name(line), "{line}");
        }
    }
}
