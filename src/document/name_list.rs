//! Where the names of people stand: in lists and in bylines.

use super::names::{is_in_no_name, is_name};
use crate::text::is_han;

/// Longest name of a person in characters.
const MAX_NAME: usize = 4;

/// Most characters of a byline's names.
const MAX_BYLINE: usize = 12;

/// What stands before names in a byline.
const ROLES: [&str; 10] = ["记者", "通讯员", "实习生", "摄影", "编辑", "责编", "校对", "美编", "版式", "特约"];

/// True when the Han character at `idx` of `chars`, a text without white space,
/// is part of a name: in a list of names, behind the
/// role of a byline, and behind 姓.
#[must_use]
pub fn is_in_names(chars: &[char], idx: usize) -> bool {
    if chars.get(idx).is_none_or(|&c| !is_han(c)) {
        return false;
    }
    // 那人姓聂
    if idx.checked_sub(1).is_some_and(|before| chars[before] == '姓') {
        return true;
    }
    let start = chars[..idx].iter().rposition(|&c| !is_han(c)).map_or(0, |at| at + 1);
    let end = chars[idx..].iter().position(|&c| !is_han(c)).map_or(chars.len(), |len| idx + len);
    is_in_list(chars, start, end) || is_in_byline(&chars[start..end], idx - start)
}

/// True when the run of Han characters is one name among others.
fn is_in_list(chars: &[char], start: usize, end: usize) -> bool {
    let may_be_name = |run: &[char]| run.len() <= MAX_NAME && is_name(run);
    let before = || {
        let stop = start.checked_sub(1).filter(|&at| chars[at] == '、')?;
        let from = chars[..stop].iter().rposition(|&c| !is_han(c)).map_or(0, |at| at + 1);
        Some(may_be_name(&chars[from..stop]))
    };
    let after = || {
        let from = chars.get(end).filter(|&&c| c == '、').map(|_| end + 1)?;
        let len = chars[from..].iter().position(|&c| !is_han(c)).unwrap_or(chars.len() - from);
        Some(may_be_name(&chars[from..from + len]))
    };
    may_be_name(&chars[start..end]) && (before() == Some(true) || after() == Some(true))
}

/// True when the place `at` of a run of Han characters is behind a role, and
/// nothing there says that a sentence goes on.
fn is_in_byline(run: &[char], at: usize) -> bool {
    let roles = || ROLES.iter().map(|role| role.chars().collect::<Vec<char>>());
    let begin = roles().filter_map(|role| run[..at].windows(role.len()).rposition(|window| *window == *role).map(|from| from + role.len()));
    let Some(begin) = begin.max() else { return false };
    let end = roles().filter_map(|role| run[at..].windows(role.len()).position(|window| *window == *role));
    let names = &run[begin..at + end.min().unwrap_or(run.len() - at)];
    names.len() <= MAX_BYLINE && names.iter().enumerate().all(|(nth, &c)| begin + nth == at || !is_in_no_name(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str, c: char) -> bool {
        let chars: Vec<char> = text.chars().collect();
        is_in_names(&chars, chars.iter().position(|&other| other == c).unwrap())
    }

    #[test]
    fn names_stand_in_lists_and_bylines() {
        assert!(names("出席会议的有陈国、李晓岭、周宁等", '岭'));
        assert!(names("本报讯（记者郝静林通讯员", '林'));
        assert!(names("那人姓聂，是镇上人", '聂'));
        assert!(!names("苹果、香焦、葡萄都已上市", '焦'));
        assert!(!names("记者从市气象局获悉，明天有大雪", '象'));
        assert!(!names("全市经济运行总休平稳", '休'));
    }
}
