//! List items, table rows and verse.

use super::compact::any_at;
use crate::text::{CharClass, char_class, is_han};

/// The length in characters of a list marker at the start of folded,
/// space-free `chars`: `1.`, `（一）`, `三、`, `①`, `第五条`, `●`.
pub(super) fn list_marker(chars: &[char]) -> Option<usize> {
    let numeral = |from: usize| {
        let digits = chars[from.min(chars.len())..].iter().take_while(|c| c.is_ascii_digit()).count();
        if digits > 0 {
            digits
        } else {
            chars[from.min(chars.len())..].iter().take_while(|c| "一二三四五六七八九十百".contains(**c)).count()
        }
    };
    match chars.first()? {
        '①'..='⑳' | '❶'..='❿' | '⑴'..='⒇' | '⒈'..='⒛' => Some(1),
        '●' | '•' | '■' | '◆' | '□' | '◇' | '○' | '★' | '▲' | '△' | '▪' | '※' | '◎' => Some(1),
        '(' | '[' => {
            let length = numeral(1);
            ((1..=3).contains(&length) && matches!(chars.get(1 + length), Some(')' | ']'))).then_some(length + 2)
        }
        '第' => {
            let length = numeral(1);
            ((1..=4).contains(&length) && any_at(chars, 1 + length, &["条", "款", "章", "节"]).is_some()).then_some(length + 2)
        }
        _ => {
            let length = numeral(0);
            let end = chars.get(length);
            let ascii = chars[0].is_ascii_digit();
            let dotted = ascii && matches!(end, Some('.' | '．')) && !chars.get(length + 1).is_some_and(char::is_ascii_digit);
            ((1..=3).contains(&length) && (matches!(end, Some('、')) || dotted || ascii && length <= 2 && matches!(end, Some(')'))))
                .then_some(length + 1)
        }
    }
}

/// True when `line` is made of cells: at least two wide gaps, tabs or bars
/// between them. A single space is no gap, for some engines set one between
/// every two characters.
pub(super) fn is_table_row(line: &str) -> bool {
    let mut n_gaps = 0;
    let mut n_chars = 0;
    let mut spaces = 0;
    let mut in_cell = false;
    for c in line.chars() {
        match c {
            '\t' | '|' | '｜' | '│' | '┃' => {
                n_gaps += usize::from(in_cell);
                in_cell = false;
                spaces = 0;
            }
            _ if c.is_whitespace() => spaces += if c == '\u{3000}' { 2 } else { 1 },
            '。' | '！' | '？' | '；' => return false,
            _ => {
                n_gaps += usize::from(in_cell && spaces >= 3);
                spaces = 0;
                in_cell = true;
                n_chars += 1;
            }
        }
    }
    n_gaps >= 2 && n_chars >= 4 && n_chars >= 2 * n_gaps
}

/// True when `line` is words and numbers set apart by single spaces, at least
/// half of three or more of them numbers. Only two such lines in a row are a
/// table.
pub(super) fn is_number_row(line: &str) -> bool {
    let mut n_words = 0;
    let mut n_numbers = 0;
    for word in line.split_whitespace() {
        n_words += 1;
        let numeric = word.chars().all(|c| c.is_ascii_digit() || ".,%％-+—–/:℃".contains(c));
        n_numbers += usize::from(numeric && word.chars().any(|c| c.is_ascii_digit()));
        if word.ends_with(['。', '，', '；', '、']) {
            return false;
        }
    }
    n_words >= 3 && 2 * n_numbers >= n_words
}

/// The meter of a line of classical verse: characters per half-line, when the
/// line is one or two half-lines of 4, 5 or 7 Han characters, each closed by
/// a mark.
pub(super) fn meter(chars: &[char]) -> Option<usize> {
    let first = chars.iter().take_while(|&&c| is_han(c)).count();
    if !matches!(first, 4 | 5 | 7) {
        return None;
    }
    let closed = |c: Option<&char>| c.is_some_and(|&c| char_class(c) == CharClass::Punctuation);
    let two = chars.len() == 2 * (first + 1)
        && closed(chars.get(first))
        && chars[first + 1..2 * first + 1].iter().all(|&c| is_han(c))
        && closed(chars.last());
    let one = chars.len() == first + 1 && closed(chars.last());
    (one || two).then_some(first)
}

#[cfg(test)]
mod tests {
    use super::super::compact::Compact;
    use super::*;

    #[test]
    fn markers() {
        for (line, length) in [
            ("1.抓好春耕", 2),
            ("（一）总体要求", 3),
            ("三、主要任务", 2),
            ("①选种", 1),
            ("第十二条　本办法", 4),
            ("● 要点", 1),
            ("12、附则", 3),
            ("2）其他", 2),
        ] {
            assert_eq!(list_marker(&Compact::of(line, 40).chars), Some(length), "{line}");
        }
        for line in [
            "1.5亿元",
            "一场雨",
            "十年树木",
            "2024年",
            "（何俊）",
            "第三版",
            "第五次会议",
            "百年老店",
            "3月1日",
            "100米",
            "1990、1991两年",
            "一是抓落实",
        ] {
            assert_eq!(list_marker(&Compact::of(line, 40).chars), None, "{line}");
        }
    }

    #[test]
    fn rows() {
        assert!(is_table_row("甲镇　　120　　35.6"));
        assert!(is_table_row("品种 | 产量 | 单价"));
        assert!(is_number_row("甲镇 120 35.6 18%"));
        for line in ["元 旦 、 春 节 临 近", "何俊　　赵敏", "　　正文的第一句话", "他说：|", "全年完成 120 万元，增长 8%。", "好 的"]
        {
            assert!(!is_table_row(line), "{line}");
            assert!(!is_number_row(line), "{line}");
        }
    }

    #[test]
    fn meters() {
        let meter_of = |line: &str| meter(&Compact::of(line, 40).chars);
        assert_eq!(meter_of("江上数峰青，"), Some(5));
        assert_eq!(meter_of("春风又过江南岸，細雨初晴燕子飛。"), Some(7));
        for line in ["他今天来了", "会议指出，要抓好落实。", "好。", "1995年，"] {
            assert_eq!(meter_of(line), None, "{line}");
        }
    }
}
