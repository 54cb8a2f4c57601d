use super::scan;
use super::{Context, Detector, DetectorMeta};
use crate::finding::{Class, ConfidenceOrigin, Edit, Evidence, Finding, Fix, Message, Phase, Safety};
use crate::lexicon::{Lexicon, MAX_WORD_CHARS, Script, Scripts};
use crate::text::is_han;

/// Finds traditional characters in simplified text and the reverse.
#[derive(Clone, Copy, Debug)]
pub struct MixedScript;

static META: DetectorMeta = DetectorMeta {
    id: "script/mixed",
    class: Class::MixedScript,
    phase: Phase::Characters,
    summary: ["简体文里的繁体字，或相反", "a traditional character in simplified text, or the reverse"],
    why: [
        "识别模型同时认得两种字形，偶尔选错一种；全文一贯用哪一种，版面自己说得清",
        "recognition models know both forms and now and then pick the wrong one; which one the page uses it shows itself",
    ],
    silent: [
        "全文繁简都不占绝对多数；成段的引文、题名（附近还有同一种字）；引号、书名号里的字；人名里的字；简体文也用的（乾隆、徵羽、瞭望）和繁体文也用的（公里、皇后、台）；民国报纸的俗字与异体",
        "Neither script prevails; passages and titles with more of the same script near; inside quotes and title marks; in names; forms that simplified text has too (乾隆, 徵羽, 瞭望) and traditional text has too (公里, 皇后, 台); popular and variant forms of Republican papers",
    ],
    trust: [
        "简体文里的繁体字，换成简体后与邻字成词的，建议；其余只标出。繁体文里的简体字一对多（发：發、髮），只标出并列出候选",
        "A traditional character that makes a word with its neighbors once simplified: suggested; the rest flagged. A simplified character may stand for several (发: 發, 髮): flagged with the candidates",
    ],
    sources: &[
        "OpenCC dictionaries (Apache-2.0)",
        "GB 2312-80 and Big5, as the characters each script's texts used",
        "the word list of the dictionary of jieba (MIT)",
    ],
    bad: &[
        (
            "市里召开經济工作会议，研究发展问题，部署今后的任务，要求各单位认真学习。",
            "市里召开经济工作会议，研究发展问题，部署今后的任务，要求各单位认真学习。",
        ),
        (
            "國民政府發表談話，稱將繼續與各國協商，並於下月举行會議，討論關稅問題。",
            "國民政府發表談話，稱將繼續與各國協商，並於下月举行會議，討論關稅問題。",
        ),
    ],
    good: &[
        "市里召开经济工作会议，研究发展问题，乾隆年间的瞭望台和宫商角徵羽。",
        "他在题词里写道：“實事求是，與時俱進”，大家认真学习，研究讨论，贯彻执行。",
        "國民政府發表談話，稱將繼續與各國協商，公里、皇后、台北、余某、范某。",
        "这两个网站一个说国语，一個說國語，繁簡並行，各有各的讀者和编辑。",
        "诗人徐志摩写《再別康橋》，研究者认为这首诗发表以后影响很大。",
    ],
};

/// Characters of one script alone that show a habit. A sentence has about ten.
const MIN_HABIT_CHARS: usize = 8;

/// How many times as frequent the prevailing script is.
const MIN_PREVALENCE: usize = 20;

/// The same for a single sentence, in which one character is a large share.
const MIN_PREVALENCE_SHORT: usize = 8;

/// Characters on either side in which a second one of the same script means a
/// passage rather than a slip.
const PASSAGE_CHARS: usize = 12;

/// Characters on either side for phrase conversion and words.
const REACH_CHARS: usize = MAX_WORD_CHARS - 1;

/// How common the word must be that the converted character makes.
const MIN_WORD_PER_MILLION: f64 = 1.0;

impl Detector for MixedScript {
    fn meta(&self) -> &'static DetectorMeta {
        &META
    }

    fn detect(&self, context: &Context<'_>, sink: &mut Vec<Finding>) {
        // The configuration checks the converter before the first text.
        let Ok(scripts) = Scripts::of(context.settings.converter) else { return };
        let text = context.text;
        let mut simplified = Seen::default();
        let mut traditional = Seen::default();
        for (at, c) in text.char_indices().filter(|(_, c)| matches!(c, '\u{3400}'..='\u{9fff}')) {
            match scripts.script(c) {
                Script::Shared => {}
                Script::Simplified => simplified.add(at),
                Script::Traditional => traditional.add(at),
            }
        }
        let (foreign, prevails) =
            if simplified.n_chars >= traditional.n_chars { (&traditional, simplified.n_chars) } else { (&simplified, traditional.n_chars) };
        let ratio = if prevails < MIN_HABIT_CHARS * MIN_PREVALENCE { MIN_PREVALENCE_SHORT } else { MIN_PREVALENCE };
        if foreign.n_chars == 0 || prevails < MIN_HABIT_CHARS || prevails < foreign.n_chars * ratio {
            return;
        }
        let is_simplified_text = simplified.n_chars >= traditional.n_chars;
        for (idx, &at) in foreign.places.iter().enumerate() {
            if foreign.is_passage(text, idx) || is_quoted(text, at) {
                continue;
            }
            sink.extend(if is_simplified_text {
                traditional_in_simplified(text, at, scripts, &context.resources.lexicon)
            } else {
                simplified_in_traditional(text, at, scripts)
            });
        }
    }
}

/// Where the characters of one script stand. Beyond a few thousand they are no
/// slips, and only counted.
#[derive(Default)]
struct Seen {
    n_chars: usize,
    places: Vec<usize>,
}

const MAX_PLACES: usize = 4096;

impl Seen {
    fn add(&mut self, at: usize) {
        self.n_chars += 1;
        if self.places.len() < MAX_PLACES {
            self.places.push(at);
        }
    }

    /// True when the neighbor before or after is near.
    fn is_passage(&self, text: &str, idx: usize) -> bool {
        let near = |a: usize, b: usize| b - a <= PASSAGE_CHARS * 3 && text[a..b].chars().count() <= PASSAGE_CHARS;
        idx > 0 && near(self.places[idx - 1], self.places[idx])
            || self.places.get(idx + 1).is_some_and(|&next| near(self.places[idx], next))
    }
}

/// True inside quotes or title marks that open and close near.
fn is_quoted(text: &str, at: usize) -> bool {
    const NEAR_CHARS: usize = 40;
    let opened =
        text[..at].chars().rev().take(NEAR_CHARS).find(|c| matches!(c, '“' | '”' | '《' | '》' | '「' | '」' | '『' | '』' | '\n'));
    matches!(opened, Some('“' | '《' | '「' | '『'))
}

fn traditional_in_simplified(text: &str, at: usize, scripts: &Scripts, lexicon: &Lexicon) -> Option<Finding> {
    let c = scan::after(text, at)?;
    let span = scan::char_span(at, c);
    let near = scan::window(text, span, REACH_CHARS);
    let n_before = text[near.start..at].chars().count();
    let converted = scripts.converter().simplify(near.of(text));
    // Phrase conversion keeps the number of characters; where it did not, the
    // character by itself has to do.
    let simple = if converted.chars().count() == near.of(text).chars().count() {
        converted.chars().nth(n_before)?
    } else {
        scripts.converter().simplify(span.of(text)).chars().next()?
    };
    let replaced = format!("{}{simple}{}", &text[near.start..at], &text[span.end..near.end]);
    // A name may well have this form; only the page can tell.
    let word = if is_name_form(c) { None } else { word_over(&replaced, at - near.start, lexicon) };
    let message = Message::new(
        format!("全文用简体，「{c}」是繁体；对照原版，应是「{simple}」"),
        format!("the text is simplified and 「{c}」 is traditional; compare with the page, it should be 「{simple}」"),
    );
    let finding = Finding::new(META.id, META.class, META.phase, text, span, message).with_fix(Fix::one(
        Message::new(format!("改为「{simple}」"), format!("Replace with 「{simple}」")),
        Edit::replacement(span, simple),
    ));
    Some(match word {
        Some(word) if simple != c => finding
            .with_evidence(Evidence::said("lexicon", format!("改后成词「{word}」"), format!("it then makes the word 「{word}」")))
            .with_trust(Safety::Suggested, 0.9, ConfidenceOrigin::Author),
        _ => finding.with_trust(Safety::Flagged, 0.5, ConfidenceOrigin::Author),
    })
}

/// The longest word of two or more characters over byte `at`.
fn word_over<'t>(text: &'t str, at: usize, lexicon: &Lexicon) -> Option<&'t str> {
    let mut best: Option<&str> = None;
    let starts = text[..at].char_indices().rev().map(|(start, _)| start).take(REACH_CHARS);
    for start in std::iter::once(at).chain(starts) {
        if !scan::after(text, start).is_some_and(is_han) {
            break;
        }
        let reaching = lexicon
            .words_starting_at(text, start)
            .filter(|(n_bytes, frequency)| start + n_bytes > at && *n_bytes > 3 && frequency.per_million() >= MIN_WORD_PER_MILLION);
        for (n_bytes, _) in reaching {
            if best.is_none_or(|word| n_bytes > word.len()) {
                best = Some(&text[start..start + n_bytes]);
            }
        }
    }
    best
}

fn simplified_in_traditional(text: &str, at: usize, scripts: &Scripts) -> Option<Finding> {
    let c = scan::after(text, at)?;
    let forms = scripts.traditional_forms(c);
    if forms.is_empty() || is_popular_form(c) {
        return None;
    }
    let span = scan::char_span(at, c);
    let near = scan::window(text, span, REACH_CHARS);
    let converted = scripts.converter().traditionalize(near.of(text));
    let by_phrase = converted.chars().nth(text[near.start..at].chars().count()).filter(|form| forms.contains(form));
    let ranked: Vec<char> = by_phrase.into_iter().chain(forms.iter().copied().filter(|&form| Some(form) != by_phrase)).collect();
    let names: Vec<String> = ranked.iter().map(|form| format!("「{form}」")).collect();
    let message = Message::new(
        format!("全文用繁体，「{c}」是简体；对照原版，可能是{}", names.join("、")),
        format!("the text is traditional and 「{c}」 is simplified; compare with the page, it may be {}", names.join(", ")),
    );
    let mut finding = Finding::new(META.id, META.class, META.phase, text, span, message);
    for form in ranked {
        finding = finding
            .with_fix(Fix::one(Message::new(format!("改为「{form}」"), format!("Replace with 「{form}」")), Edit::replacement(span, form)));
    }
    Some(finding.with_trust(Safety::Flagged, 0.5, ConfidenceOrigin::Author))
}

/// Variants that the List of Standard Characters for General Use (2013, notes to
/// its table of variants) admits again in names of people and places.
fn is_name_form(c: char) -> bool {
    "仝吒堃喆昇氾淼澂犇甯砦祕絜耑脩蒐迺迳邨勣钜锺镕陞飏龢".contains(c)
}

/// Forms of handwriting and popular print long before 1956, which traditional
/// newspapers set beside the full ones.
fn is_popular_form(c: char) -> bool {
    "与万个礼无来尽体声宝灯双对刘边过还这实写号条归党铁断继变恋蛮湾弯点热会国区医双观欢劝难鸡权团园学觉参数楼独虫痴着么义仪处迁庄赵赶"
        .contains(c)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{keeps_its_examples, made, only_flags, silent};
    use super::*;

    #[test]
    fn examples() {
        keeps_its_examples(MixedScript);
    }

    const SIMPLIFIED: &str = "市里召开会议，研究发展问题，部署今后的任务，要求各单位认真学习，贯彻执行。";

    #[test]
    fn the_phrase_decides_what_is_put_in() {
        for (damaged, repaired) in [("改進作风", "改进作风"), ("技術革新", "技术革新"), ("环境保護", "环境保护")] {
            let made = made(Box::new(MixedScript), &format!("{SIMPLIFIED}{damaged}"), Safety::Suggested);
            assert_eq!(made.text, format!("{SIMPLIFIED}{repaired}"));
        }
        only_flags(MixedScript, &format!("{SIMPLIFIED}张偉说"));
    }

    #[test]
    fn passages_quotations_and_short_texts_stay() {
        silent(MixedScript, &format!("{SIMPLIFIED}碑文是天下為公世界大同萬國和平"));
        silent(MixedScript, &format!("{SIMPLIFIED}《紅楼梦》"));
        silent(MixedScript, "改進作风");
        silent(MixedScript, "國民政府發表談話，稱將繼續與各國協商，並於下月舉行會議，无礼，一个，万一");
    }
}
