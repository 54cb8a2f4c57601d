use encoding_rs::{BIG5, GB18030};
use memchr::memmem;

use super::common_han::everyday;
use super::recode::{self, Mistake, Plausibility, Recoded, Script};
use super::scan;
use super::{Context, Detector, DetectorMeta};
use crate::finding::{Class, ConfidenceOrigin, Edit, Evidence, Finding, Fix, Message, Phase, Safety};
use crate::text::{Span, is_han};

/// Finds text that was decoded with the wrong encoding.
#[derive(Clone, Copy, Debug)]
pub struct Mojibake;

static META: DetectorMeta = DetectorMeta {
    id: "encoding/mojibake",
    class: Class::Encoding,
    phase: Phase::Encoding,
    summary: ["乱码：用错误的编码读过", "mojibake: text decoded with the wrong encoding"],
    why: [
        "UTF-8、GBK、Big5、Windows-1252 互相误读，「你好」变成「浣犲ソ」「ä½\u{a0}å¥½」「ÄãºÃ」。误读多半可逆；锟斤拷、烫烫烫则是已丢失的内容",
        "UTF-8, GBK, Big5 and Windows-1252 read as one another turn 「你好」 into 「浣犲ソ」, 「ä½\u{a0}å¥½」 or 「ÄãºÃ」. Most of that can be undone; 锟斤拷 and 烫烫烫 are what is left of lost text",
    ],
    silent: [
        "生僻字连用（人名、地名、古文）、日文、西文重音字母：按误读的编码退回去不成通顺的常用字",
        "Rare characters in a row (names, classical text), Japanese, accented Latin letters: taken back through the wrong decoding they give no everyday text",
    ],
    trust: [
        "真的退回去重新解码，读得出常用字才报；整段可以原样再错一遍（往返一致）、读出至少三四个汉字且几乎全是常用字的，自动改；其余建议；丢了内容的只标出",
        "The text is really encoded back and decoded again, and reported only when everyday characters come out; automatic when making the mistake again gives the very run, with at least three or four Han characters of which nearly all are everyday ones; otherwise suggested; flagged where content is lost",
    ],
    sources: &[
        "WHATWG Encoding Standard, indexes gb18030, big5, windows-1252",
        "GB 2312-80 and Big5, first levels, as a measure of everyday characters",
    ],
    bad: &[
        ("他说浣犲ソ。", "他说你好。"),
        ("鎴戜滑鍦ㄥ煄甯備粖澶╁紑浼氫簡", "我们在城市今天开会了"),
        ("Title: ä½\u{a0}å¥½", "Title: 你好"),
        ("Title: ÄãºÃÊÀ½ç", "Title: 你好世界"),
        ("他说â€œ好â€\u{9d}", "他说“好”"),
        ("作者：Andrï¿½", "作者：Andrï¿½"),
        ("正文锟斤拷锟斤拷正文", "正文锟斤拷锟斤拷正文"),
        ("缓冲区烫烫烫烫", "缓冲区烫烫烫烫"),
    ],
    good: &[
        "我们的城市今天召开会议，部署工作。",
        "翀、玥、垚、喆、昇、堃诸君",
        "赣榆、鄄城、睢宁、浉河、濠江",
        "カタカナとひらがな",
        "Café Müller à Genève, Zürich, Ångström, naïveté",
        "气温25°C±3，面积3×4，§5·第二条",
        "夫君子之行，靜以修身，儉以養德",
        "水太烫，烫伤了",
    ],
};

/// What is left where the text itself is lost: U+FFFD in UTF-8 read as GBK and
/// as Latin-1, and the fill bytes 0xCC and 0xCD of debugging memory as GBK.
const REMAINS: [(&str, &str); 4] = [("锟斤拷", "锟斤拷"), ("ï¿½", "ï¿½"), ("烫烫烫", "烫"), ("屯屯屯", "屯")];

/// Ordinary characters that may stand between odd ones of one cluster: in
/// UTF-8 read as GBK about a third look ordinary.
const MAX_GAP_CHARS: usize = 3;

/// Odd Han characters that make a cluster worth decoding: two everyday
/// characters of UTF-8 are three of GBK. Of Latin letters one is enough (Ã©).
const MIN_ODD_HAN: usize = 2;

impl Detector for Mojibake {
    fn meta(&self) -> &'static DetectorMeta {
        &META
    }

    fn detect(&self, context: &Context<'_>, sink: &mut Vec<Finding>) {
        let text = context.text;
        remains(text, sink);
        let mut done = 0;
        for cluster in clusters(text).iter().filter(|cluster| cluster.latin || cluster.n_odd >= MIN_ODD_HAN) {
            // The run found for one cluster may reach over the next ones.
            if cluster.span.start < done {
                continue;
            }
            if let Some(found) = if cluster.latin { latin(text, cluster.span) } else { han(text, cluster.span) } {
                done = found.span.end;
                sink.push(found);
            }
        }
    }
}

fn remains(text: &str, sink: &mut Vec<Finding>) {
    for (signature, unit) in REMAINS {
        let mut done = 0;
        for at in memmem::find_iter(text.as_bytes(), signature) {
            if at < done {
                continue;
            }
            let mut end = at;
            while text[end..].starts_with(unit) {
                end += unit.len();
            }
            done = end;
            let span = Span::new(at, end);
            let message = Message::new(
                format!("「{signature}」是误读留下的残余，原文已丢失；对照原版"),
                format!("「{signature}」 is what a wrong decoding left of lost text; restore from the page"),
            );
            sink.push(Finding::new(META.id, META.class, META.phase, text, span, message).with_trust(
                Safety::Flagged,
                0.95,
                ConfidenceOrigin::Author,
            ));
        }
    }
}

/// A stretch dense with odd characters, within one line.
struct Cluster {
    span: Span,
    n_odd: usize,
    latin: bool,
}

/// What a character says about a wrong decoding.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Plain,
    Break,
    OddHan,
    OddLatin,
}

fn clusters(text: &str) -> Vec<Cluster> {
    let everyday = everyday();
    let mut clusters = Vec::new();
    let mut open: Option<Cluster> = None;
    let mut gap = 0;
    for (at, c) in text.char_indices() {
        let kind = match c {
            '\u{4e00}'..='\u{9fff}' if everyday.contains(c) => Kind::Plain,
            '\n' | '\r' => Kind::Break,
            '\0'..='\u{7f}' => Kind::Plain,
            _ => kind_of(c),
        };
        match (kind, &mut open) {
            (Kind::Plain, None) => {}
            (Kind::Break, _) => clusters.extend(open.take()),
            (Kind::Plain, Some(cluster)) => {
                gap += 1;
                if gap > MAX_GAP_CHARS || cluster.latin && is_han(c) {
                    clusters.extend(open.take());
                }
            }
            (_, Some(cluster)) if cluster.latin == (kind == Kind::OddLatin) => {
                cluster.span.end = at + c.len_utf8();
                cluster.n_odd += 1;
                gap = 0;
            }
            _ => {
                clusters.extend(open.take());
                open = Some(Cluster { span: scan::char_span(at, c), n_odd: 1, latin: kind == Kind::OddLatin });
                gap = 0;
            }
        }
    }
    clusters.extend(open);
    clusters
}

/// For characters that are neither everyday Han nor ASCII.
fn kind_of(c: char) -> Kind {
    match c {
        // Signs of Latin-1 that Chinese text uses.
        '¢' | '£' | '¥' | '§' | '©' | '®' | '°' | '±' | '·' | '×' | '÷' | '\u{a0}' => Kind::Plain,
        '\u{80}'..='\u{ff}' | 'Œ' | 'œ' | 'Š' | 'š' | 'Ž' | 'ž' | 'Ÿ' | 'ƒ' | 'ˆ' | '˜' | '€' => Kind::OddLatin,
        '\u{100}'..='\u{24f}' | '\u{2000}'..='\u{206f}' | '\u{3000}'..='\u{303f}' | '\u{ff01}'..='\u{ff5e}' => Kind::Plain,
        '\u{2100}'..='\u{214f}' | '\u{2160}'..='\u{24ff}' | '\u{25a0}'..='\u{26ff}' | '\u{1f000}'..='\u{1faff}' => Kind::Plain,
        _ => Kind::OddHan,
    }
}

/// The run of characters that satisfy `accept` around `span`.
fn grown(text: &str, span: Span, accept: impl Fn(char) -> bool) -> Span {
    let left: usize = text[..span.start].chars().rev().take_while(|&c| accept(c)).map(char::len_utf8).sum();
    let right: usize = text[span.end..].chars().take_while(|&c| accept(c)).map(char::len_utf8).sum();
    Span::new(span.start - left, span.end + right)
}

fn n_chars(text: &str, span: Span) -> usize {
    span.of(text).chars().count()
}

/// A cluster of rare Han characters, kana, private-use characters…
fn han(text: &str, cluster: Span) -> Option<Finding> {
    // One ordinary character at either end may hold the first or last bytes.
    let near = scan::window(text, cluster, MAX_GAP_CHARS);
    let run = Span::new(cluster.start.min(last_ascii(text, near.start, cluster.start)), first_ascii(text, cluster.end, near.end));
    let best = [(GB18030, Mistake::Utf8AsGbk), (BIG5, Mistake::Utf8AsBig5)]
        .into_iter()
        .filter_map(|(wrong, mistake)| recode::utf8_stretch(run.of(text), wrong, mistake))
        .filter(|recoded| is_gain(&run.of(text)[recoded.start..recoded.end], recoded, 2, 0.85))
        .max_by_key(|recoded| (recoded.end - recoded.start, recoded.mistake == Mistake::Utf8AsGbk));
    if let Some(recoded) = best {
        let whole = run.start + recoded.start <= cluster.start && cluster.end <= run.start + recoded.end;
        let certain = whole && is_gain(&run.of(text)[recoded.start..recoded.end], &recoded, 3, 0.9);
        return Some(finding(text, run, &recoded, certain));
    }
    // Two-byte encodings read as one another: only whole runs between ASCII
    // can be told, since every pair of bytes is some character.
    let run = grown(text, cluster, |c| !c.is_ascii() && c != '\u{3000}');
    if n_chars(text, cluster) * 2 < n_chars(text, run) || !is_mixed_up(run.of(text)) {
        return None;
    }
    let is_plain = |recoded: &Recoded, script, min_han, min_everyday| {
        Plausibility::of(run.of(text), script).everyday <= 0.45
            && Plausibility::of(&recoded.text, script).everyday >= min_everyday
            && is_gain(run.of(text), recoded, min_han, min_everyday)
    };
    if let Some(recoded) =
        recode::double_byte(run.of(text), Mistake::GbkAsBig5).filter(|recoded| is_plain(recoded, Script::Simplified, 6, 0.95))
    {
        let certain = is_plain(&recoded, Script::Simplified, 10, 0.98);
        return Some(finding(text, run, &recoded, certain));
    }
    // The everyday set of Big5 is wide, so this direction is never certain; and
    // Japanese looks the same but for the private-use characters, which GBK has
    // where Big5 has many of its everyday ones.
    if !run.of(text).contains(|c| matches!(c, '\u{e000}'..='\u{f8ff}')) {
        return None;
    }
    let recoded = recode::double_byte(run.of(text), Mistake::Big5AsGbk).filter(|recoded| is_plain(recoded, Script::Either, 6, 0.95))?;
    Some(finding(text, run, &recoded, false))
}

/// True for a run mostly of Han characters and kana. Words in Greek or
/// Cyrillic and rules of tables are regular bytes, which come out as regular
/// characters of the other encoding.
fn is_mixed_up(run: &str) -> bool {
    let (mut n_text, mut n_all) = (0, 0);
    for c in run.chars().filter(|c| !c.is_ascii()) {
        n_all += 1;
        n_text += usize::from(is_han(c) || scan::is_kana_or_hangul(c) || matches!(c, '\u{e000}'..='\u{f8ff}'));
    }
    n_text * 10 >= n_all * 7 && !run.contains(|c| matches!(c, '\u{2500}'..='\u{259f}'))
}

/// The end of the last ASCII character in `from..to`, or `from`.
fn last_ascii(text: &str, from: usize, to: usize) -> usize {
    from + text.as_bytes()[from..to].iter().rposition(u8::is_ascii).map_or(0, |at| at + 1)
}

/// The start of the first ASCII character in `from..to`, or `to`.
fn first_ascii(text: &str, from: usize, to: usize) -> usize {
    text.as_bytes()[from..to].iter().position(u8::is_ascii).map_or(to, |at| from + at)
}

/// True when everyday Chinese came out of something that was not.
fn is_gain(before: &str, recoded: &Recoded, min_han: usize, min_everyday: f64) -> bool {
    let was = Plausibility::of(before, Script::Either);
    let is = Plausibility::of(&recoded.text, Script::Either);
    !recoded.text.contains(is_debris) && is.n_han >= min_han && is.everyday >= min_everyday && was.everyday <= 0.6
}

fn is_debris(c: char) -> bool {
    c == '\u{fffd}' || c.is_control() || matches!(c, '\u{e000}'..='\u{f8ff}')
}

/// A cluster of accented letters and Latin signs.
fn latin(text: &str, cluster: Span) -> Option<Finding> {
    let is_high = |c: char| !c.is_ascii() && recode::latin_byte(c).is_some();
    let run = grown(text, cluster, |c| is_high(c) || c == ' ');
    let n_high = run.of(text).chars().filter(|&c| is_high(c)).count();
    // A few bytes of another encoding may happen to be UTF-8; most of the run
    // is not.
    let covers = |recoded: &Recoded| run.of(text)[recoded.start..recoded.end].chars().filter(|&c| is_high(c)).count() * 2 > n_high;
    if let Some(recoded) = recode::latin_as_utf8(run.of(text)).filter(|recoded| covers(recoded) && !recoded.text.contains(is_debris)) {
        return latin_utf8(text, run, &recoded);
    }
    let run = grown(text, cluster, is_high);
    let beside_letter = [scan::before(text, run.start), scan::after(text, run.end)].into_iter().flatten().any(|c| c.is_ascii_alphabetic());
    if beside_letter || n_chars(text, run) < 4 {
        return None;
    }
    if let Some(recoded) = recode::latin_as_double_byte(run.of(text), GB18030, Mistake::GbkAsLatin) {
        let is = Plausibility::of(&recoded.text, Script::Simplified);
        if is.n_han >= 2 && is.everyday >= 0.9 && !recoded.text.contains(is_debris) {
            return Some(finding(text, run, &recoded, is.n_han >= 4 && is.everyday >= 0.95));
        }
    }
    // Second bytes of Big5 may be ASCII, so the run goes on over it.
    let run = grown(text, cluster, |c| matches!(c, '@'..='~') || is_high(c));
    let recoded = recode::latin_as_double_byte(run.of(text), BIG5, Mistake::Big5AsLatin)?;
    let is = Plausibility::of(&recoded.text, Script::Either);
    (is.n_han >= 4 && is.everyday >= 0.95 && !recoded.text.contains(is_debris)).then(|| finding(text, run, &recoded, false))
}

/// What UTF-8 read as Latin turned out to be: Chinese, marks, or accented
/// letters, which are short and therefore only suggested.
fn latin_utf8(text: &str, run: Span, recoded: &Recoded) -> Option<Finding> {
    let is = Plausibility::of(&recoded.text, Script::Either);
    let all = |accept: fn(char) -> bool| recoded.text.chars().all(|c| c == ' ' || accept(c));
    let marks_only = all(|c| matches!(c, '\u{2010}'..='\u{203a}' | '\u{3001}'..='\u{301f}' | '\u{ff01}'..='\u{ff5e}'));
    let letters_only = all(|c| matches!(c, '\u{a0}'..='\u{24f}'));
    match (marks_only || is.n_han >= 1 && is.everyday >= 0.8, letters_only) {
        (true, _) => Some(finding(text, run, recoded, true)),
        (false, true) => Some(finding(text, run, recoded, false)),
        (false, false) => None,
    }
}

fn finding(text: &str, run: Span, recoded: &Recoded, certain: bool) -> Finding {
    let span = Span::new(run.start + recoded.start, run.start + recoded.end);
    let repaired = recoded.text.replace('\u{feff}', "");
    let (written, read) = recoded.mistake.names();
    let message = Message::new(
        format!("乱码：{written} 文字被当作 {read} 读了；退回重读得「{repaired}」"),
        format!("mojibake: {written} read as {read}; read back it says 「{repaired}」"),
    );
    let (safety, confidence) = if certain && recoded.proven { (Safety::Automatic, 0.995) } else { (Safety::Suggested, 0.9) };
    let proof = if recoded.proven {
        Evidence::said("round-trip", "再错一遍得到的正是这段乱码", "making the mistake again gives this very run")
    } else {
        Evidence::said("round-trip", "再错一遍与这段乱码不完全相同", "making the mistake again does not give exactly this run")
    };
    let plausibility = Plausibility::of(&repaired, Script::Either).everyday;
    Finding::new(META.id, META.class, META.phase, text, span, message)
        .with_fix(Fix::one(
            Message::new(format!("改为「{repaired}」"), format!("Replace with 「{repaired}」")),
            Edit { span, replacement: repaired },
        ))
        .with_evidence(proof)
        .with_evidence(Evidence::weighed(
            "everyday-share",
            plausibility,
            "读回后常用字的比例",
            "share of everyday characters after reading back",
        ))
        .with_trust(safety, confidence, ConfidenceOrigin::Author)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{automatic, keeps_its_examples, made, silent};
    use super::*;

    #[test]
    fn examples() {
        keeps_its_examples(Mojibake);
    }

    const TEXT: &str = "全市经济工作会议昨天上午在市会议中心召开，市长作了报告。";

    fn misread(text: &str, right: &'static encoding_rs::Encoding, wrong: &'static encoding_rs::Encoding) -> Option<String> {
        let (bytes, _, _) = right.encode(text);
        let (wrong_text, malformed) = wrong.decode_without_bom_handling(&bytes);
        (!malformed).then(|| wrong_text.into_owned())
    }

    #[test]
    fn whole_lines_come_back_unattended() {
        let mut n_told = 0;
        for (right, wrong) in
            [(encoding_rs::UTF_8, GB18030), (encoding_rs::UTF_8, encoding_rs::WINDOWS_1252), (GB18030, encoding_rs::WINDOWS_1252)]
        {
            if let Some(damaged) = misread(TEXT, right, wrong) {
                automatic(Mojibake, &format!("好的一行\n{damaged}\n下一行"), &format!("好的一行\n{TEXT}\n下一行"));
                n_told += 1;
            }
        }
        assert!(n_told >= 2, "the sample text is lost by the mistakes it is meant to show");
    }

    #[test]
    fn two_byte_encodings_read_as_one_another() {
        let text = "我们的城市今天召开工作会议";
        let damaged = misread(text, GB18030, BIG5).unwrap();
        automatic(Mojibake, &damaged, text);
        let text = "我們的城市今天開會";
        if let Some(damaged) = misread(text, BIG5, GB18030) {
            assert_eq!(made(Box::new(Mojibake), &damaged, Safety::Suggested).text, text);
        }
    }

    #[test]
    fn a_lost_no_break_space_makes_it_a_suggestion() {
        automatic(Mojibake, "ä½ å¥½", "ä½ å¥½");
        assert_eq!(made(Box::new(Mojibake), "ä½ å¥½", Safety::Suggested).text, "你好");
        assert_eq!(made(Box::new(Mojibake), "他在cafÃ©里", Safety::Suggested).text, "他在café里");
    }

    #[test]
    fn rare_characters_and_foreign_text_stay() {
        for text in [
            "饕餮、魑魅魍魉、囹圄、龃龉、踟蹰、氤氲",
            "䶮、㙍、𠮷、犇、骉、淼、焱、垚",
            "Đà Nẵng, Łódź, São Paulo, Ø, ÆØÅ, ÄÖÜ",
            "ÀÉÎÔÛ éèêë",
            "「人民」『日報』卽將爲羣衆",
            "Москва, Ελλάδα, 서울",
            "┌──┐│表│└──┘",
            "克拉斯诺达尔（Краснодар）和ГОСТ钢",
            "ρ(ω)和φ(ω)均为有界函数，由此得λ＝Δ",
        ] {
            silent(Mojibake, text);
        }
    }
}
