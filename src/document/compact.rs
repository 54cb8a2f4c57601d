use crate::text::Span;

/// The first characters of one line without white space, full-width forms and
/// the traditional forms of the recognizers' keywords folded, each with the
/// byte offset it has in the line.
///
/// Recognizers match keywords against this: an OCR engine that sets a space
/// between every two characters, a half-width bracket and a traditional page
/// all look the same here. One buffer serves a whole text.
#[derive(Debug, Default)]
pub(super) struct Compact {
    /// Folded characters.
    pub chars: Vec<char>,
    starts: Vec<usize>,
    ends: Vec<usize>,
}

impl Compact {
    /// Reads at most `max_chars` characters of `line`; `false` when there are
    /// more.
    pub fn read(&mut self, line: &str, max_chars: usize) -> bool {
        self.chars.clear();
        self.starts.clear();
        self.ends.clear();
        for (offset, c) in line.char_indices().filter(|(_, c)| !c.is_whitespace()) {
            if self.chars.len() == max_chars {
                return false;
            }
            self.chars.push(fold(c));
            self.starts.push(offset);
            self.ends.push(offset + c.len_utf8());
        }
        true
    }

    /// Reads the last `max_chars` characters of `line` instead; the buffer has
    /// no spans then.
    pub fn read_tail(&mut self, line: &str, max_chars: usize) {
        self.chars.clear();
        self.starts.clear();
        self.ends.clear();
        self.chars.extend(line.chars().rev().filter(|c| !c.is_whitespace()).take(max_chars).map(fold));
        self.chars.reverse();
    }

    /// A buffer of its own for `line`, as far as `max_chars` characters.
    pub fn of(line: &str, max_chars: usize) -> Self {
        let mut compact = Compact::default();
        compact.read(line, max_chars);
        compact
    }

    /// The bytes of the line under characters `from..to`, `from < to`.
    pub fn span(&self, from: usize, to: usize) -> Span {
        Span::new(self.starts[from], self.ends[to - 1])
    }
}

/// Folds full-width ASCII and the traditional or variant forms of keyword
/// characters to one form. Only characters that keywords use are here: this is
/// no conversion of text.
pub(super) fn fold(c: char) -> char {
    match c {
        '！'..='～' => char::from_u32(c as u32 - 0xfee0).unwrap_or(c),
        '轉' => '转',
        '來' => '来',
        '據' => '据',
        '採' => '采',
        '緊' => '紧',
        '續' => '续',
        '詳' => '详',
        '見' => '见',
        '報' => '报',
        '訊' => '讯',
        '員' => '员',
        '電' => '电',
        '記' => '记',
        '圖' => '图',
        '攝' => '摄',
        '為' | '爲' => '为',
        '責' => '责',
        '編' => '编',
        '發' => '发',
        '說' | '説' => '说',
        '號' => '号',
        '農' => '农',
        '曆' | '歷' => '历',
        '總' => '总',
        '熱' => '热',
        '線' => '线',
        '話' => '话',
        '郵' => '邮',
        '廣' => '广',
        '資' => '资',
        '華' => '华',
        '聞' => '闻',
        '時' => '时',
        '約' => '约',
        '評' => '评',
        '論' => '论',
        '譯' => '译',
        '連' => '连',
        '載' => '载',
        '訂' => '订',
        '價' => '价',
        '張' => '张',
        '東' => '东',
        '專' => '专',
        '訪' => '访',
        '寫' => '写',
        '畫' => '画',
        '網' => '网',
        '檢' => '检',
        '對' => '对',
        '審' => '审',
        '讀' => '读',
        '視' => '视',
        '覺' => '觉',
        '輯' => '辑',
        '書' => '书',
        '題' => '题',
        '國' => '国',
        '條' => '条',
        '遠' => '远',
        _ => c,
    }
}

/// True when `chars` continues with `keyword` at `at`.
pub(super) fn has_at(chars: &[char], at: usize, keyword: &str) -> bool {
    let mut idx = at;
    for c in keyword.chars() {
        if chars.get(idx) != Some(&c) {
            return false;
        }
        idx += 1;
    }
    true
}

/// The length in characters of the first of `keywords` that stands at `at`.
pub(super) fn any_at(chars: &[char], at: usize, keywords: &[&str]) -> Option<usize> {
    keywords.iter().find(|keyword| has_at(chars, at, keyword)).map(|keyword| keyword.chars().count())
}

/// True when `chars` ends with `keyword`.
pub(super) fn ends_with(chars: &[char], keyword: &str) -> bool {
    let length = keyword.chars().count();
    chars.len() >= length && has_at(chars, chars.len() - length, keyword)
}

/// Where `keyword` stands first at or after `from`.
pub(super) fn position_of(chars: &[char], keyword: &str, from: usize) -> Option<usize> {
    (from..chars.len()).find(|&at| has_at(chars, at, keyword))
}

/// The value of a numeral of ASCII or Chinese digits, 0..=99; `None` for
/// anything else or longer.
pub(super) fn numeral(chars: &[char]) -> Option<u8> {
    if chars.is_empty() || chars.len() > 3 {
        return None;
    }
    if chars.iter().all(char::is_ascii_digit) {
        let value = chars.iter().fold(0u32, |sum, c| sum * 10 + c.to_digit(10).unwrap_or(0));
        return u8::try_from(value).ok().filter(|&value| value <= 99);
    }
    match chars {
        ['十'] => Some(10),
        ['十', unit] => Some(10 + chinese_digit(*unit)?),
        [ten, '十'] => Some(10 * chinese_digit(*ten)?),
        [ten, '十', unit] => Some(10 * chinese_digit(*ten)? + chinese_digit(*unit)?),
        [digit] => chinese_digit(*digit),
        _ => None,
    }
}

fn chinese_digit(c: char) -> Option<u8> {
    "零一二三四五六七八九".chars().position(|digit| digit == c).and_then(|value| u8::try_from(value).ok())
}

/// The value of a circled or parenthesized number ①–⑳, ❶–❿, ⑴–⒇, 1..=20.
pub(super) fn circled(c: char) -> Option<u8> {
    let (first, last) = match c {
        '①'..='⑳' => ('①', '⑳'),
        '⑴'..='⒇' => ('⑴', '⒇'),
        '❶'..='❿' => ('❶', '❿'),
        '➀'..='➉' => ('➀', '➉'),
        _ => return None,
    };
    debug_assert!(c <= last, "the range was matched above");
    u8::try_from(c as u32 - first as u32 + 1).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folds_and_drops_spaces_but_remembers_offsets() {
        let line = "（下 轉第３版）";
        let compact = Compact::of(line, 20);
        assert_eq!(compact.chars.iter().collect::<String>(), "(下转第3版)");
        assert_eq!(compact.span(1, 3).of(line), "下 轉");
    }

    #[test]
    fn numerals() {
        for (text, value) in
            [("3", Some(3)), ("03", Some(3)), ("十二", Some(12)), ("二十一", Some(21)), ("百", None), ("", None), ("100", None)]
        {
            assert_eq!(numeral(&text.chars().collect::<Vec<_>>()), value, "{text}");
        }
        assert_eq!(circled('⑳'), Some(20));
        assert_eq!(circled('0'), None);
    }
}
