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
    /// Byte offsets in the line; empty unless read with spans.
    bounds: Vec<(u32, u32)>,
}

impl Compact {
    /// Reads at most `max_chars` characters of `line`; `false` when there are
    /// more. No spans.
    pub fn read(&mut self, line: &str, max_chars: usize) -> bool {
        self.chars.clear();
        self.bounds.clear();
        for c in line.chars().filter(|&c| !is_space(c)) {
            if self.chars.len() == max_chars {
                return false;
            }
            self.chars.push(fold(c));
        }
        true
    }

    /// Reads the last `max_chars` characters of `line` instead. No spans.
    pub fn read_tail(&mut self, line: &str, max_chars: usize) {
        self.chars.clear();
        self.bounds.clear();
        for c in line.chars().rev().filter(|&c| !is_space(c)).take(max_chars) {
            self.chars.push(fold(c));
        }
        self.chars.reverse();
    }

    /// Reads like [`Compact::read`] and keeps where every character stands.
    pub fn read_with_spans(&mut self, line: &str, max_chars: usize) {
        self.chars.clear();
        self.bounds.clear();
        let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        for (at, c) in line.char_indices().filter(|&(_, c)| !is_space(c)).take(max_chars) {
            self.chars.push(fold(c));
            self.bounds.push((offset(at), offset(at + c.len_utf8())));
        }
    }

    /// A buffer with spans for `line`, as far as `max_chars` characters.
    pub fn of(line: &str, max_chars: usize) -> Self {
        let mut compact = Compact::default();
        compact.read_with_spans(line, max_chars);
        compact
    }

    /// The bytes of the line under characters `from..to`, `from < to`.
    pub fn span(&self, from: usize, to: usize) -> Span {
        Span::new(self.bounds[from].0 as usize, self.bounds[to - 1].1 as usize)
    }
}

fn is_space(c: char) -> bool {
    // Han characters make up the bulk; the table of white space is slow.
    c < '\u{3001}' && c.is_whitespace()
}

/// Traditional and variant forms of characters that keywords use, sorted, and
/// the form the keywords are written in. This is no conversion of text.
#[rustfmt::skip]
const FOLDS: [(char, char); 63] = [
    ('來', '来'), ('價', '价'), ('員', '员'), ('國', '国'), ('圖', '图'), ('報', '报'), ('審', '审'), ('寫', '写'),
    ('專', '专'), ('對', '对'), ('廣', '广'), ('張', '张'), ('採', '采'), ('據', '据'), ('攝', '摄'), ('時', '时'),
    ('曆', '历'), ('書', '书'), ('東', '东'), ('條', '条'), ('檢', '检'), ('歷', '历'), ('為', '为'), ('熱', '热'),
    ('爲', '为'), ('畫', '画'), ('發', '发'), ('約', '约'), ('網', '网'), ('緊', '紧'), ('線', '线'), ('編', '编'),
    ('總', '总'), ('續', '续'), ('聞', '闻'), ('華', '华'), ('號', '号'), ('見', '见'), ('視', '视'), ('覺', '觉'),
    ('訂', '订'), ('訊', '讯'), ('記', '记'), ('訪', '访'), ('評', '评'), ('話', '话'), ('詳', '详'), ('說', '说'),
    ('説', '说'), ('論', '论'), ('譯', '译'), ('讀', '读'), ('責', '责'), ('資', '资'), ('載', '载'), ('輯', '辑'),
    ('轉', '转'), ('農', '农'), ('連', '连'), ('遠', '远'), ('郵', '邮'), ('電', '电'), ('題', '题'),
];

/// One bit for every character of the basic plane that [`FOLDS`] holds.
static FOLDABLE: [u64; 1024] = {
    let mut bits = [0; 1024];
    let mut idx = 0;
    while idx < FOLDS.len() {
        let code = FOLDS[idx].0 as usize;
        bits[code / 64] |= 1 << (code % 64);
        idx += 1;
    }
    bits
};

/// Folds full-width ASCII and the forms in [`FOLDS`].
pub(super) fn fold(c: char) -> char {
    let code = c as usize;
    match c {
        '！'..='～' => char::from_u32(c as u32 - 0xfee0).unwrap_or(c),
        '\u{4e00}'..='\u{9fff}' if FOLDABLE[code / 64] & (1 << (code % 64)) != 0 => {
            FOLDS.binary_search_by_key(&c, |pair| pair.0).map_or(c, |at| FOLDS[at].1)
        }
        _ => c,
    }
}

/// A fixed set of keywords that is looked up at a position: one bit test
/// rejects almost every character.
pub(super) struct Keywords {
    first: Box<[u64; 1024]>,
    /// Sorted by first character, the longest first, so that a keyword that
    /// begins with another one wins.
    words: Vec<Vec<char>>,
    longest: usize,
}

impl Keywords {
    /// A set of non-empty keywords of the basic plane.
    pub fn new(keywords: &[&str]) -> Self {
        let mut words: Vec<Vec<char>> = keywords.iter().map(|keyword| keyword.chars().collect()).collect();
        words.sort_by(|a, b| a[0].cmp(&b[0]).then(b.len().cmp(&a.len())).then(a.cmp(b)));
        let mut first = Box::new([0u64; 1024]);
        for word in &words {
            let code = word[0] as usize & 0xffff;
            first[code / 64] |= 1 << (code % 64);
        }
        let longest = words.iter().map(Vec::len).max().unwrap_or(0);
        Self { first, words, longest }
    }

    /// The length in characters of the longest keyword that stands at `at`.
    pub fn at(&self, chars: &[char], at: usize) -> Option<usize> {
        let &c = chars.get(at)?;
        let code = c as usize & 0xffff;
        if self.first[code / 64] & (1 << (code % 64)) == 0 {
            return None;
        }
        let from = self.words.partition_point(|word| word[0] < c);
        self.words[from..].iter().take_while(|word| word[0] == c).find(|word| chars[at..].starts_with(word)).map(Vec::len)
    }

    /// The length in characters of the longest keyword that `chars` ends with.
    pub fn at_end(&self, chars: &[char]) -> Option<usize> {
        (0..chars.len())
            .skip(chars.len().saturating_sub(self.longest))
            .find(|&at| self.at(chars, at) == Some(chars.len() - at))
            .map(|at| chars.len() - at)
    }

    /// True when `chars` is one of the keywords.
    pub fn is(&self, chars: &[char]) -> bool {
        self.at(chars, 0) == Some(chars.len())
    }
}

/// Declares a lazily built [`Keywords`] table.
macro_rules! keywords {
    ($(#[$doc:meta])* $vis:vis $name:ident = [$($word:expr),* $(,)?]) => {
        $(#[$doc])*
        $vis static $name: std::sync::LazyLock<crate::document::compact::Keywords> =
            std::sync::LazyLock::new(|| crate::document::compact::Keywords::new(&[$($word),*]));
    };
}
pub(super) use keywords;

/// True when `chars` continues with `keyword` at `at`.
pub(super) fn has_at(chars: &[char], at: usize, keyword: &str) -> bool {
    keyword.chars().zip(at..).all(|(c, idx)| chars.get(idx) == Some(&c))
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
    fn the_table_of_forms_is_sorted() {
        assert!(FOLDS.windows(2).all(|pair| pair[0].0 < pair[1].0));
        assert_eq!((fold('轉'), fold('爲'), fold('Ａ'), fold('桥')), ('转', '为', 'A', '桥'));
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
