//! 图说: `图为…`, `[图说]…`, `▲…`, `… 某某 摄`, `…新华社发`.

use super::compact::{any_at, ends_with, has_at, keywords};
use super::names::{has_non_name_char, is_surname};

/// Characters, white space aside, of the longest line taken for a caption.
pub(super) const MAX_CHARS: usize = 160;

/// Characters at either end of a line that are looked at.
pub(super) const EDGE_CHARS: usize = 14;

keywords! {
    /// Credits that end a caption and nothing else.
    CREDITS = [
    "新华社发",
    "新华社稿",
    "中新社发",
    "新华社图",
    "新华社照片",
    "资料图片",
    "资料照片",
    "资料图",
    "资料片",
    "供图",
    "本报图片",
    "视觉中国",
    "图片来源网络",
    "图片由受访者提供",
    "受访者提供",
    "网络图片",
    "网络截图",
    "视频截图",
    "监控截图",
    "效果图",
    "摄影报道",
    "图/新华",
]
}

keywords! {
    /// What a caption calls its picture.
    PICTURES = [
        "上图", "下图", "左图", "右图", "题图", "小图", "大图", "中图", "图1", "图2", "图3", "图一", "图二", "图三", "图①", "图②", "图③", "图",
    ]
}

/// True when the folded, space-free `head` of a line says that a picture is
/// explained; `head` is the whole line or its first [`EDGE_CHARS`] characters.
pub(super) fn starts_caption(head: &[char]) -> bool {
    let start = head
        .iter()
        .take_while(|&&c| matches!(c, '(' | '[' | '【' | '〔' | '▲' | '△' | '▼' | '◀' | '▶' | '↑' | '↓' | '←' | '→' | '●'))
        .count();
    let arrow = head[..start].iter().any(|&c| matches!(c, '↑' | '↓' | '←' | '→' | '▲' | '△' | '▼' | '◀' | '▶'));
    let bracket = head[..start].iter().any(|&c| matches!(c, '[' | '【' | '〔' | '('));
    let rest = &head[start..];
    if has_at(rest, 0, "图为") {
        return rest.get(2).is_some_and(|&c| !matches!(c, '的' | '了' | '。'));
    }
    if let Some(length) = any_at(rest, 0, &["图片说明", "图片新闻", "图说", "图注"]) {
        return matches!(rest.get(length), Some(':' | ']' | '】' | '〕' | ')' | '/'));
    }
    if let Some(length) = PICTURES.at(rest, 0) {
        return matches!(rest.get(length), Some(':' | '为'))
            || (bracket || arrow) && matches!(rest.get(length), Some(')' | ']' | '】' | ','));
    }
    arrow && matches!(head[0], '↑' | '↓') && rest.len() >= 4
}

/// True when the last character of `line` (a closing bracket or a stop
/// aside) can end a credit; saves reading the end of every line.
pub(super) fn may_end_in_credit(line: &str) -> bool {
    let mut chars = line.chars().rev().filter(|c| !matches!(c, ')' | '）' | ']' | '】' | '。' | '.' | ',' | '，' | ' ' | '\u{3000}'));
    chars.next().is_some_and(|c| "发發稿图圖片照供者国國络絡截道道华華摄攝报報捍损担揖撮揭抠援撼振搔".contains(c))
}

/// True when the folded, space-free `tail` of a line, its last [`EDGE_CHARS`]
/// characters or all of it, is a picture credit.
pub(super) fn ends_in_credit(tail: &[char]) -> bool {
    let tail = match tail {
        [inner @ .., ')' | ']' | '】'] => inner,
        _ => tail,
    };
    let tail = match tail {
        [inner @ .., '。' | '.' | ','] => inner,
        _ => tail,
    };
    if CREDITS.at_end(tail).is_some() {
        return true;
    }
    let Some((&last, before)) = tail.split_last() else { return false };
    // The last character of small type suffers most: 摄 is read as 报, 捍…
    match last {
        '摄' => photographer(before, 2),
        '报' | '捍' | '损' | '担' | '揖' | '撮' | '揭' | '抠' | '援' | '撼' | '振' | '搔' => {
            role_before_name(before) && after_sentence(before)
        }
        _ => false,
    }
}

/// A name (or a role and a name) that ends `before`, which 摄 follows.
fn photographer(before: &[char], min_chars: usize) -> bool {
    if before.last().is_some_and(|&c| "拍航跟偷补监抢实统兼勾抓统街".contains(c)) {
        return false;
    }
    if role_before_name(before) {
        return true;
    }
    let start = before.iter().rposition(|&c| !crate::text::is_han(c)).map_or(0, |at| at + 1);
    let name = &before[start..];
    let separated = start > 0;
    separated && (min_chars..=4).contains(&name.len()) && is_surname(name[0]) && !has_non_name_char(name)
}

/// 记者 or 通讯员 with 1 to 8 characters of names after it at the end.
fn role_before_name(before: &[char]) -> bool {
    (1..=8).any(|n_name| {
        let Some(at) = before.len().checked_sub(n_name) else { return false };
        let name = &before[at..];
        let role = ends_with(&before[..at], "记者") || ends_with(&before[..at], "通讯员") || ends_with(&before[..at], "特约摄影");
        role && !has_non_name_char(name)
    })
}

/// True when a sentence ends right before the role.
fn after_sentence(before: &[char]) -> bool {
    before.iter().rev().take(13).any(|&c| matches!(c, '。' | '!' | '?' | ':' | '.' | ','))
}

/// True when the last characters are a sentence end and a reporter's name:
/// the 摄 after it was lost. Only for a line that stands alone.
pub(super) fn ends_in_reporter(tail: &[char]) -> bool {
    role_before_name(tail) && tail.iter().any(|&c| matches!(c, '。' | '!' | '?'))
}

#[cfg(test)]
mod tests {
    use super::super::compact::Compact;
    use super::*;

    fn caption(line: &str) -> bool {
        let chars = Compact::of(line, 200).chars;
        starts_caption(&chars) || ends_in_credit(&chars[chars.len().saturating_sub(EDGE_CHARS)..])
    }

    #[test]
    fn recognizes_captions() {
        for line in [
            "图为：村民在晒谷场上翻晒稻谷。记者 何俊 摄",
            "图为新桥通车现场",
            "[图说]孩子们在新操场上奔跑",
            "【图说】老街夜景",
            "（上图为修缮后的祠堂）",
            "左图：采茶",
            "↑志愿者为老人理发",
            "村民在翻晒稻谷。通讯员 赵敏 摄",
            "渔民出海归来。本报记者何俊报",
            "老街夜景。 孙珊珊摄",
            "（资料图片）",
            "航天员出舱。新华社发",
            "果园丰收在望（受访者供图）",
        ] {
            assert!(caption(line), "{line}");
        }
    }

    #[test]
    fn leaves_text_alone() {
        for line in [
            "图书馆昨天开放",
            "图为了省事",
            "上图书馆借书",
            "图们市是边境城市",
            "他喜欢拍摄",
            "这部片子由他拍摄",
            "无人机航摄",
            "图谋不轨",
            "下图谋利的人不少",
            "题图书法展",
            "图中的老人",
            "有关部门正在调查此事。记者从市局了解到",
            "新华社发表评论员文章",
            "↑",
        ] {
            assert!(!caption(line), "{line}");
        }
    }
}
