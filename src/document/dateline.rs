//! 电头: `本报讯（记者…）`, `新华社北京9月1日电`, `某某日报讯` at the start of a
//! line. A line that begins with one begins a paragraph.

use super::compact::{Compact, any_at, has_at, keywords};
use crate::text::{Span, is_han};

/// Characters, white space aside, that are looked at.
const MAX_CHARS: usize = 64;
/// Characters before 讯 or 电 at most.
const MAX_HEAD_CHARS: usize = 22;

keywords! {
    /// What a paper calls itself at the end of its name.
    PAPERS = ["日报", "晚报", "晨报", "早报", "时报", "商报", "都市报", "周报", "快报", "新报", "导报", "青年报", "法治报", "新闻网", "融媒"]
}
keywords! {
    /// News agencies and what counts as one in a dateline.
    AGENCIES = [
    "据新华社",
    "新华社",
    "新华网",
    "中新社",
    "中新网",
    "中央社",
    "中国新闻社",
    "人民网",
    "央视",
    "国闻社",
    "路透社",
    "路透电",
    "法新社",
    "美联社",
    "合众社",
    "塔斯社",
    "电通社",
    "哈瓦斯",
    "本报",
    "本社",
    "本刊",
    "本台",
    "本网",
]
}

/// The dateline at the start of `line` (white space before it aside), with
/// the bracket of names after it; bytes of `line`.
#[must_use]
pub fn dateline_prefix(line: &str) -> Option<Span> {
    // Every dateline has 讯 or 电 among its first characters, or credits.
    let head = match line.char_indices().nth(2 * MAX_HEAD_CHARS) {
        Some((end, _)) => &line[..end],
        None => line,
    };
    if !head.contains(['讯', '訊', '电', '電', '记', '記']) {
        return None;
    }
    let compact = Compact::of(line, MAX_CHARS);
    let chars = &compact.chars;
    let start = chars.iter().take_while(|&&c| matches!(c, '(' | '[' | '【' | '■' | '▲' | '●' | '◆' | '□')).count();
    let end = own_report(chars, start).or_else(|| telegram(chars, start)).or_else(|| damaged_report(chars, start))?;
    // 【本报讯】 closes its bracket; （记者某某） opens one.
    let end = end + usize::from(start > 0 && matches!(chars.get(end), Some(']' | '】' | ')')));
    Some(compact.span(0, with_credits(chars, end)))
}

/// 本报讯, 某某日报讯, 本报综合讯, 某某讯: the index behind 讯.
fn own_report(chars: &[char], from: usize) -> Option<usize> {
    let end = (from + 2..chars.len().min(from + MAX_HEAD_CHARS)).find(|&at| chars[at] == '讯')? + 1;
    let head = &chars[from..end - 1];
    if !head.iter().all(|&c| is_han(c) || c.is_ascii_digit()) {
        return None;
    }
    let of_paper = PAPERS.at_end(head).is_some() && head.len() <= 9;
    let own = any_at(head, 0, &["本报", "本刊", "本台", "本网", "本社"]).is_some_and(|own| {
        let between = &head[own..];
        between.is_empty() || any_at(between, 0, &["综合", "专"]) == Some(between.len()) || ends_in_day(between)
    });
    let followed = matches!(chars.get(end), None | Some('(' | '[' | '《' | '【' | ']' | '】' | ':' | ',' | '记' | '通' | '〈' | '<' | '{'))
        || !is_function(chars.get(end));
    ((of_paper || own) && followed).then_some(end)
}

/// 新华社北京9月1日电, 本报北京3日电, 北京三日电: the index behind 电.
fn telegram(chars: &[char], from: usize) -> Option<usize> {
    let end = (from + 3..chars.len().min(from + MAX_HEAD_CHARS)).find(|&at| chars[at] == '电')? + 1;
    let head = &chars[from..end - 1];
    let agency = AGENCIES.at(head, 0);
    let place_and_day = &head[agency.unwrap_or(0)..];
    if !place_and_day.iter().all(|&c| is_han(c) || c.is_ascii_digit() || matches!(c, '·' | '/' | '(' | ')')) {
        return None;
    }
    let dated = ends_in_day(place_and_day) && place_and_day.len() <= 16;
    let bare = agency.is_some() && place_and_day.len() <= 4;
    let next = chars.get(end);
    let closes = next.is_some_and(|c| c.is_ascii_digit())
        || matches!(next, None | Some('(' | '[' | ':' | ',' | ']' | '】' | ')' | '、' | '《' | '〈'));
    (closes && (dated && (agency.is_some() || place_and_day.len() <= 9) || bare) || agency.is_some() && dated).then_some(end)
}

/// 本报讯 with a damaged character, told by the bracket of credits after it:
/// `本报谍（记者某某）`, `报讯(记者某某)`.
fn damaged_report(chars: &[char], from: usize) -> Option<usize> {
    let bracket = (from + 1..chars.len().min(from + 9)).find(|&at| matches!(chars[at], '(' | '[' | '《' | '〈' | '【' | '{' | '<'))?;
    let credited = any_at(chars, bracket + 1, &["记者", "通讯员", "本报记者", "见习记者"]).is_some();
    let head = &chars[from..bracket];
    let last_is_report = matches!(chars[bracket - 1], '讯' | '谍' | '计' | '机' | '读' | '迅' | '汛' | '损' | '训');
    let of_paper = chars[bracket - 1] == '讯' || head.contains(&'报');
    (credited && last_is_report && of_paper && head.iter().all(|&c| is_han(c))).then_some(bracket)
}

fn ends_in_day(chars: &[char]) -> bool {
    let Some((&last, before)) = chars.split_last() else { return false };
    last == '日' && before.last().is_some_and(|c| c.is_ascii_digit() || "一二三四五六七八九十".contains(*c))
}

/// 讯 is also the first half of words (讯问, 讯号) and the second of others;
/// what follows a dateline is no particle.
fn is_function(c: Option<&char>) -> bool {
    c.is_some_and(|c| "的号问息是在和与及了室网".contains(*c))
}

/// The index behind a bracket of credits right after the dateline.
fn with_credits(chars: &[char], end: usize) -> usize {
    if !matches!(chars.get(end), Some('(' | '[' | '《' | '〈' | '【' | '{' | '<')) {
        return end;
    }
    let credited = any_at(chars, end + 1, &["记者", "本报记者", "通讯员", "见习记者", "实习", "特约", "首席", "全媒体"]).is_some()
        || has_at(chars, end + 1, "见习");
    let close = (end + 1..chars.len().min(end + 40)).find(|&at| matches!(chars[at], ')' | ']' | '》' | '〉' | '】' | '}' | '>'));
    match close {
        Some(close) if credited => close + 1,
        _ => end,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prefix(line: &str) -> Option<&str> {
        dateline_prefix(line).map(|span| span.of(line))
    }

    #[test]
    fn finds_datelines() {
        for (line, expected) in [
            ("本报讯（记者 何俊）昨天，城东新桥通车。", "本报讯（记者 何俊）"),
            ("本报讯 记者何俊报道：昨天", "本报讯"),
            ("江城晚报讯(记者赵敏通讯员孙珊)昨天", "江城晚报讯(记者赵敏通讯员孙珊)"),
            ("新华社北京9月1日电（记者 周明）国务院", "新华社北京9月1日电（记者 周明）"),
            ("据新华社电 9月1日", "据新华社电"),
            ("本报上海3日电 今天", "本报上海3日电"),
            ("【本报讯】昨日下午", "【本报讯】"),
            ("北京十二日電、昨午", "北京十二日電"),
            ("本 报 讯 （ 记 者 何 俊 ） 昨 天", "本 报 讯 （ 记 者 何 俊 ）"),
            ("本報訊：昨日", "本報訊"),
            ("本报谍（记者何俊）昨天", "本报谍（记者何俊）"),
        ] {
            assert_eq!(prefix(line), Some(expected), "{line}");
        }
    }

    #[test]
    fn prose_has_none() {
        for line in [
            "本报记者昨天获悉",
            "本报通讯员队伍不断壮大",
            "资讯传播很快",
            "日报讯息量大",
            "9月1日电影院开门",
            "3日电力供应恢复",
            "本报的电话是多少",
            "新华社的电讯稿",
            "家里停电",
            "有关部门（记者何俊）",
            "这台计算机（记者注）",
            "他从电视上看到",
            "本报讯问了有关部门",
            "",
            "讯",
        ] {
            assert_eq!(prefix(line), None, "{line}");
        }
    }
}
