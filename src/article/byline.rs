//! The people a byline or the bracket behind a dateline names, each with a role.

use serde::Serialize;

use crate::document::segment_names;
use crate::text::is_han;

/// One person named as having made a text or a picture.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Credit {
    /// The name, as printed.
    pub name: String,
    /// What the paper calls them: 记者, 通讯员, 摄影, 编译, 文, 图 …; empty
    /// when it calls them nothing.
    pub role: String,
}

/// What stands before names; longer ones first where one ends like another.
/// What the paper adds (本报, 见习, 首席, 新华社) belongs to the role.
const ROLES: [&str; 22] = [
    "通讯员",
    "实习生",
    "评论员",
    "记者",
    "作者",
    "撰稿",
    "撰文",
    "执笔",
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
    "文字",
    "图片",
    "摄",
    "文",
];

/// What may stand before 记者 and its like as part of the role.
const BEFORE_ROLE: [&str; 16] = [
    "本报",
    "本社",
    "本刊",
    "本台",
    "本网",
    "新华社",
    "中新社",
    "特约",
    "特派",
    "首席",
    "见习",
    "实习",
    "全媒体",
    "融媒体",
    "驻地",
    "摄影",
];

/// Roles that stand behind a name: 王小明 摄.
const BEHIND: [&str; 8] = ["摄影报道", "文/图", "图/文", "摄影", "摄", "文", "图", "绘"];

/// Reads the names of a byline: `本报记者 王小明 李娜 通讯员 赵敏`,
/// `（记者王小明李娜）`, `■记者/王小明`, `王小明 摄`. Names that run together
/// are taken apart where there is one way to do so, else kept as one.
#[must_use]
pub fn credits(line: &str) -> Vec<Credit> {
    let mut found: Vec<Credit> = Vec::new();
    let mut role = String::new();
    let mut word = String::new();
    let mut chars = line.chars().peekable();
    loop {
        let c = chars.next();
        if let Some(c) = c.filter(|&c| is_han(c) || c == '·') {
            word.push(c);
            continue;
        }
        take_word(&std::mem::take(&mut word), &mut role, &mut found);
        if c.is_none() {
            return found;
        }
    }
}

/// A run of Han characters: roles, names, or both.
fn take_word(word: &str, role: &mut String, found: &mut Vec<Credit>) {
    let mut rest = word;
    while !rest.is_empty() {
        if BEHIND.contains(&rest) && !found.is_empty() && role.is_empty() {
            for credit in found.iter_mut().filter(|credit| credit.role.is_empty()) {
                rest.clone_into(&mut credit.role);
            }
            return;
        }
        // Where the next role begins, its additions taken in.
        let next =
            ROLES.iter().filter_map(|word| rest.find(word).map(|at| (at, at + word.len()))).min_by_key(|&(at, end)| (at, usize::MAX - end));
        let Some((at, end)) = next.filter(|&(at, end)| !(end - at == "摄".len() && at + (end - at) == rest.len() && at > 0)) else {
            // 王小明摄: the role stands behind the name, whatever stands before it.
            let name = rest.strip_suffix('摄').filter(|name| name.chars().count() >= 2);
            names(name.unwrap_or(rest), if role.is_empty() && name.is_some() { "摄" } else { role }, found);
            return;
        };
        let mut start = at;
        while let Some(addition) = BEFORE_ROLE.iter().find(|addition| rest[..start].ends_with(**addition)) {
            start -= addition.len();
        }
        names(&rest[..start], role, found);
        rest[start..end].clone_into(role);
        rest = &rest[end..];
    }
}

fn names(run: &str, role: &str, found: &mut Vec<Credit>) {
    let chars: Vec<char> = run.chars().collect();
    if chars.len() < 2 {
        return;
    }
    let lengths = if run.contains('·') { None } else { segment_names(&chars) };
    let mut at = 0;
    for length in lengths.unwrap_or_else(|| vec![chars.len()]) {
        found.push(Credit { name: chars[at..at + length].iter().collect(), role: role.to_owned() });
        at += length;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Vec<String> {
        credits(line).into_iter().map(|credit| format!("{}:{}", credit.role, credit.name)).collect()
    }

    #[test]
    fn names_come_apart_with_their_roles() {
        assert_eq!(read("本报记者 王小明 李娜 通讯员 赵敏"), ["本报记者:王小明", "本报记者:李娜", "通讯员:赵敏"]);
        assert_eq!(read("（记者陈晓蕾何俊）"), ["记者:陈晓蕾", "记者:何俊"]);
        assert_eq!(read("■记者/王小明"), ["记者:王小明"]);
        assert_eq!(read("王小明 摄"), ["摄:王小明"]);
        assert_eq!(read("新华社记者欧阳建新摄"), ["新华社记者:欧阳建新"]);
        assert_eq!(read("＊＊＊"), Vec::<String>::new());
    }

    #[test]
    fn names_that_may_be_read_in_two_ways_stay_together() {
        let together = read("通讯员 卡尔·马克思");
        assert_eq!(together, ["通讯员:卡尔·马克思"]);
    }
}
