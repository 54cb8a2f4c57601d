use super::duplicate::copy::Side;
use super::duplicate::judge::{Case, Pattern, Verdict};
use super::duplicate::passage::find;
use super::duplicate::reading::{Page, better_readings};
use super::duplicate::removal::deletions;
use super::duplicate::stream::Stream;
use super::{Context, Detector, DetectorMeta};
use crate::finding::{Class, ConfidenceOrigin, Edit, Evidence, Finding, Fix, Message, Phase, Safety};
use crate::text::Span;

/// Finds passages that stand twice in one text and says which copy is one too
/// many.
#[derive(Clone, Copy, Debug)]
pub struct DuplicateBlock;

static META: DetectorMeta = DetectorMeta {
    id: "structure/duplicate-block",
    class: Class::DuplicateBlock,
    phase: Phase::Structure,
    summary: ["同一段文字在一个文本里出现两次", "a passage stands twice in one text"],
    why: [
        "头版的导读印出文章开头，转版后全文又印一遍；版面切分有时也把一块文字交出两次。两份各有各的识别错误，都留着会重复计入、重复检索",
        "A front page prints the beginning of an article that stands whole on another page, and the layout step sometimes hands out one region twice. Each copy has misreadings of its own; both kept, the text counts twice and is found twice",
    ],
    silent: [
        "标题、导读标题、栏目名、口号、歌词副歌、引语、名单、表格、同一格式的启事，以及出现三次以上的文字；两份都看不出归属时也不动",
        "Headings, teaser headlines, standing heads, slogans, refrains, quotations, lists of names, tables, notices on one form, and whatever stands three times or more; also where nothing tells which copy is one too many",
    ],
    trust: [
        "一份之后有「下转」、或另一份之前有「上接」，且另一份有下文的，自动删去前者；只靠标题、下文或紧邻判断的，建议。校准：六十版实测版面，两种断行，四十五处自动删除全对。两份读法不同而另一份成词的，并入保留的一份：四十八处中四十七处更好；数字、人名不动",
        "Where 下转 follows one copy, or 上接 stands before the other, and the other goes on, the former is removed automatically; where only headings, what follows, or being next to each other tell: suggested. Calibrated on sixty measuring pages in two line layouts: all 45 automatic removals were right. Where the copies differ and the one that goes makes words, the other takes them over: better at 47 of 48 places; numbers and names stay",
    ],
    sources: &[
        "docs/damage.md: duplicated block",
        "Broder 1997, On the resemblance and containment of documents (shingles)",
        "Smith and Waterman 1981, Identification of common molecular subsequences (local alignment)",
    ],
    bad: &[(
        "老船闸重新开放\n\n停用多年的城西老船闸昨天重新开放，首批七条货船依次驶入闸室，两岸站满了看热闹的居民。\n\n（下转第三版）\n\n菜场冬储白菜上市\n\n东门菜场昨天运进冬储白菜二十车。\n\n老船闸重新开放\n\n（上接第一版）\n\n停用多年的城西老船闸昨天重新开放，首批七条货船依次驶入闸室，两岸站满了看热闸的居民。\n\n闸长老匡说，闸门是旧的，水泵和电路全是新的，过一次闸只要十二分钟。",
        "老船闸重新开放\n\n（下转第三版）\n\n菜场冬储白菜上市\n\n东门菜场昨天运进冬储白菜二十车。\n\n老船闸重新开放\n\n（上接第一版）\n\n停用多年的城西老船闸昨天重新开放，首批七条货船依次驶入闸室，两岸站满了看热闹的居民。\n\n闸长老匡说，闸门是旧的，水泵和电路全是新的，过一次闸只要十二分钟。",
    )],
    good: &[
        "今日导读\n\n老船闸重新开放\n\n冬储白菜上市\n\n老船闸重新开放\n\n停用多年的城西老船闸昨天重新开放，首批七条货船依次驶入闸室。",
        "开工那天他只说了一句：“水不清，我就不下船。”\n\n七年以后又问起，他想了想说：“水不清，我就不下船。”",
    ],
};

/// Calibrated: 45 removals after a jump line on the measuring pages, all of
/// them right; by Laplace's rule of succession (45 + 1) / (45 + 2).
const AFTER_JUMP: f64 = 0.98;
/// The word of the author, not a calibration: the measuring pages have no
/// duplicates without jump lines.
const UNDER_HEADING: f64 = 0.85;
const BARE: f64 = 0.75;

impl Detector for DuplicateBlock {
    fn meta(&self) -> &'static DetectorMeta {
        &META
    }

    fn detect(&self, context: &Context<'_>, sink: &mut Vec<Finding>) {
        let Some(stream) = Stream::new(context.text) else { return };
        for passage in find(stream.letters()) {
            let Some(case) = Case::new(&passage, context.layout, &stream, context.text) else { continue };
            if let Some(verdict) = case.verdict(context.layout) {
                let page = Page { text: context.text, layout: context.layout, stream: &stream, lexicon: &context.resources.lexicon };
                sink.push(finding(context, &case, &verdict, better_readings(&passage, &case, verdict.leaves, &page)));
            }
        }
    }
}

/// `readings`: the edits that put what this copy reads better into the other.
fn finding(context: &Context<'_>, case: &Case, verdict: &Verdict, readings: Vec<Edit>) -> Finding {
    let lines = |side: Side| &case.bodies[side as usize].lines;
    let hull = |side: Side| -> Span {
        lines(side).iter().map(|&line| context.layout.lines[line].span).reduce(Span::hull).expect("both bodies have letters")
    };
    let (safety, confidence, origin) = match verdict.pattern {
        Pattern::Teaser | Pattern::Continued => (Safety::Automatic, AFTER_JUMP, ConfidenceOrigin::Calibrated),
        Pattern::Headed | Pattern::Adjacent => (Safety::Suggested, UNDER_HEADING, ConfidenceOrigin::Author),
        Pattern::Bare => (Safety::Suggested, BARE, ConfidenceOrigin::Author),
    };
    let reason = reason(verdict.pattern);
    let percent = (case.identity * 100.0).floor();
    let message = Message::new(
        format!("这段文字在本文中出现两次（{percent}% 的字相同）：{}；删去这一份，保留另一份", reason.zh),
        format!(
            "this passage stands twice in the text ({percent} % of the letters agree): {}; remove this copy and keep the other",
            reason.en
        ),
    );
    let title = Message::new("删去重复的一份", "Remove the copy that is one too many");
    let better = readings_taken(context.text, &readings);
    let mut edits = deletions(context.layout, lines(verdict.leaves));
    edits.extend(readings);
    let finding = Finding::new(META.id, META.class, META.phase, context.text, hull(verdict.leaves), message)
        .with_fix(Fix::many(title, edits))
        .with_related(hull(verdict.leaves.other()), "other-copy")
        .with_trust(safety, confidence, origin)
        .with_evidence(Evidence::weighed(
            "identity",
            case.identity,
            "两份中相同的字所占的比例",
            "share of the letters in which the two copies agree",
        ))
        .with_evidence(Evidence { kind: "surroundings".to_owned(), weight: None, text: reason });
    match better {
        Some(better) => finding.with_evidence(better),
        None => finding,
    }
}

/// What the copy that stays takes over, as it was and as it becomes.
fn readings_taken(text: &str, readings: &[Edit]) -> Option<Evidence> {
    const MAX_SHOWN: usize = 6;
    let shown: Vec<String> =
        readings.iter().take(MAX_SHOWN).map(|edit| format!("“{}”→“{}”", edit.span.of(text).trim(), edit.replacement.trim())).collect();
    let more = if readings.len() > MAX_SHOWN { "…" } else { "" };
    let list = shown.join(" ") + more;
    (!readings.is_empty()).then(|| Evidence {
        kind: "better-readings".to_owned(),
        weight: None,
        text: Message::new(
            format!("这一份读得更全、更通的 {} 处并入保留的一份：{list}", readings.len()),
            format!("{} places that this copy reads better go into the one that stays: {list}", readings.len()),
        ),
    })
}

/// Why just this copy is one too many.
fn reason(pattern: Pattern) -> Message {
    match pattern {
        Pattern::Teaser => Message::new(
            "这一份之后是转版提示，文章在另一处有下文",
            "a jump line follows this copy, and the article goes on at the other place",
        ),
        Pattern::Continued => Message::new(
            "另一份之前有「上接」，之后有下文，这一份到此为止",
            "上接 stands before the other copy, which goes on; this one ends here",
        ),
        Pattern::Headed => Message::new("两份标题相同，另一份有下文", "both stand under the same heading, and the other one goes on"),
        Pattern::Adjacent => Message::new("两份紧挨着，是同一块文字读了两次", "one stands right below the other: one region read twice"),
        Pattern::Bare => {
            Message::new("另一份之后是它的下文，这一份之后是别的文章", "the other copy goes on, and something else follows this one")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{automatic, keeps_its_examples, made, silent};
    use super::*;

    const BEGINNING: &str = "停用多年的城西老船闸昨天重新开放，首批七条货船依次驶入闸室，两岸站满了看热闹的居民。\n\n闸室里的水位在六分钟内升高三米，船工们解开缆绳，跟着引航员的哨声慢慢驶向上游。";
    const REST: &str = "闸长老匡说，闸门是旧的，水泵和电路全是新的，过一次闸只要十二分钟。";
    const OTHER: &str = "菜场冬储白菜上市\n\n东门菜场昨天运进冬储白菜二十车，每斤二角八分，比去年便宜三分。";

    #[test]
    fn examples() {
        keeps_its_examples(DuplicateBlock);
    }

    /// Every `nth` Han character misread, always in the same way.
    fn misread(text: &str, nth: usize) -> String {
        let shapes = ['口', '曰', '田', '目', '丰', '卜'];
        let wrong = |n: usize, c: char| if crate::text::is_han(c) && n % nth == nth - 1 { shapes[n % shapes.len()] } else { c };
        text.chars().enumerate().map(|(n, c)| wrong(n, c)).collect()
    }

    #[test]
    fn the_copy_that_jumps_goes_wherever_it_stands() {
        let copy = misread(BEGINNING, 7);
        let article = format!("老船闸重新开放\n\n（上接第一版）\n\n{BEGINNING}\n\n{REST}");
        let teaser = format!("老船闸重新开放\n\n{copy}\n\n（下转第三版）");
        let bare = "老船闸重新开放\n\n（下转第三版）";
        automatic(DuplicateBlock, &format!("{teaser}\n\n{OTHER}\n\n{article}\n"), &format!("{bare}\n\n{OTHER}\n\n{article}\n"));
        automatic(DuplicateBlock, &format!("{article}\n\n{OTHER}\n\n{teaser}\n"), &format!("{article}\n\n{OTHER}\n\n{bare}\n"));
    }

    #[test]
    fn copies_with_three_wrong_letters_in_ten_between_them_are_found() {
        let (first, second) = (misread(BEGINNING, 6), misread(BEGINNING, 7));
        let made = made(Box::new(DuplicateBlock), &page(&first, &second), Safety::Automatic);
        let rest = made.text.strip_prefix(&format!("老船闸重新开放\n\n（下转第三版）\n\n{OTHER}\n\n老船闸重新开放\n\n"));
        let stays = rest.and_then(|rest| rest.strip_suffix(&format!("\n\n{REST}\n"))).expect("one copy stays, with all around it");
        let n_wrong = |copy: &str| copy.chars().zip(BEGINNING.chars()).filter(|(read, printed)| read != printed).count();
        assert!(n_wrong(stays) < n_wrong(&second), "{stays}");
    }

    #[test]
    fn a_finding_names_its_partner_exactly() {
        let text = format!("老船闸重新开放\n\n{BEGINNING}\n\n（下转第三版）\n\n{OTHER}\n\n老船闸重新开放\n\n{BEGINNING}\n\n{REST}\n");
        let made = made(Box::new(DuplicateBlock), &text, Safety::Automatic);
        assert_eq!(made.problems.len(), 1);
        let finding = &made.problems[0];
        assert_eq!(finding.observed, BEGINNING);
        assert_eq!(finding.related[0].role, "other-copy");
        assert_eq!(finding.related[0].span.of(&text), BEGINNING);
        assert_eq!(finding.related[0].span.start, text.rfind("停用多年").unwrap());
    }

    #[test]
    fn a_caption_in_the_removed_copy_stays() {
        let (first, second) = BEGINNING.split_once("\n\n").unwrap();
        let caption = "图为货船驶入闸室。殷小满 摄";
        let text = format!(
            "老船闸重新开放\n\n{first}\n\n{caption}\n\n{second}\n\n（下转第三版）\n\n{OTHER}\n\n老船闸重新开放\n\n{BEGINNING}\n\n{REST}\n"
        );
        let expected = format!("老船闸重新开放\n\n{caption}\n\n（下转第三版）\n\n{OTHER}\n\n老船闸重新开放\n\n{BEGINNING}\n\n{REST}\n");
        automatic(DuplicateBlock, &text, &expected);
    }

    #[test]
    fn without_jump_lines_a_copy_is_only_proposed() {
        let text = format!("老船闸重新开放\n\n{BEGINNING}\n\n{OTHER}\n\n老船闸重新开放\n\n{BEGINNING}\n\n{REST}\n");
        automatic(DuplicateBlock, &text, &text);
        let made = made(Box::new(DuplicateBlock), &text, Safety::Suggested);
        assert_eq!(made.text, format!("老船闸重新开放\n\n{OTHER}\n\n老船闸重新开放\n\n{BEGINNING}\n\n{REST}\n"));
    }

    #[test]
    fn a_region_read_twice_goes_once_and_forms_stay() {
        let line = "停用多年的城西老船闸昨天重新开放，首批七条货船依次驶入闸室，两岸站满了看热闹的居民。";
        let made = made(Box::new(DuplicateBlock), &format!("{line}\n\n{line}\n\n{REST}\n"), Safety::Suggested);
        assert_eq!(made.text, format!("{line}\n\n{REST}\n"));
        let other = line.replace('七', "九");
        silent(DuplicateBlock, &format!("{line}\n\n{other}\n\n{REST}\n"));
    }

    #[test]
    fn a_heading_before_a_jump_line_stays_even_when_it_was_read_as_text() {
        let heading = "城西老船闸停用多年之后昨天重新开放货船依次驶入";
        silent(DuplicateBlock, &format!("{heading}E\n\n（下转第三版）\n\n{OTHER}\n\n{heading}\n\n（上接第一版）\n\n{REST}\n"));
    }

    #[test]
    fn what_stands_three_times_is_no_copy() {
        let text = format!("{BEGINNING}\n\n（下转第三版）\n\n{OTHER}\n\n{BEGINNING}\n\n{REST}\n\n甲乙丙。\n\n{BEGINNING}\n");
        silent(DuplicateBlock, &text);
    }

    /// A page with a teaser and the article, in two readings.
    fn page(teaser: &str, article: &str) -> String {
        format!("老船闸重新开放\n\n{teaser}\n\n（下转第三版）\n\n{OTHER}\n\n老船闸重新开放\n\n{article}\n\n{REST}\n")
    }

    fn kept(article: &str) -> String {
        format!("老船闸重新开放\n\n（下转第三版）\n\n{OTHER}\n\n老船闸重新开放\n\n{article}\n\n{REST}\n")
    }

    #[test]
    fn what_only_the_copy_that_goes_has_is_not_lost() {
        let whole = format!("本报讯（记者 管平）{BEGINNING}");
        let lossy = whole.replace("本报讯（记者 管平）", "衣").replace("昨天重新开放，首批七条货船", "小").replace("，跟着", "跟着");
        automatic(DuplicateBlock, &page(&whole, &lossy), &kept(&whole));
    }

    #[test]
    fn the_better_reading_of_a_word_wins() {
        let teaser = BEGINNING.replace("货船", "贸船").replace("解开", "觧升");
        let article = BEGINNING.replace("居民", "屈民").replace("水位", "水泣").replace("两岸", "丙岸");
        let expected = BEGINNING.replace("两岸", "丙岸");
        // 丙 stands for a numeral: which number was printed no word list knows.
        automatic(DuplicateBlock, &page(&teaser, &article), &kept(&expected));
    }

    #[test]
    fn numbers_and_names_stay_as_they_were_read() {
        let whole = format!("本报讯（记者 管平平 通讯员 邰舟）{BEGINNING}");
        let teaser = whole.replace("邰舟", "台州").replace("七条", "九条");
        automatic(DuplicateBlock, &page(&teaser, &whole), &kept(&whole));
    }
}
