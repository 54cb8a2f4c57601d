use std::collections::BTreeMap;

use super::characters::{Characters, Likeness};
use super::{Context, Detector, DetectorMeta, Resources};
use crate::document::Kind;
use crate::finding::{Class, ConfidenceOrigin, Edit, Evidence, Finding, Fix, Message, Phase, Safety};
use crate::lexicon::Level;
use crate::text::{floor_boundary, is_han};

/// Finds characters that an engine reads wrongly throughout a page.
#[derive(Clone, Copy, Debug)]
pub struct SystematicConfusion;

static META: DetectorMeta = DetectorMeta {
    id: "character/systematic-confusion",
    class: Class::SystematicConfusion,
    phase: Phase::Words,
    summary: [
        "地名或成词证明是误认的字，在全文别处又出现",
        "a character that a place or a word proves to be misread, wherever it stands on the page",
    ],
    why: [
        "一个引擎在一页上把一个少见字次次读成同一个常见字，全文便自相一致；要靠地名表、词表证明其中一处，再推及别处",
        "One engine reads a rare character of a page as the same commoner one each time, and the page agrees with itself; a gazetteer or a lexicon proves one place, and that throws doubt on the others",
    ],
    silent: [
        "地名表、词表里有的写法；没有上级政区或同名在文中佐证的短地名；在别的词里成词的同一个字",
        "Forms that the lists have; short names of places that nothing on the page confirms; the same character where it makes a word",
    ],
    trust: [
        "有地名、词表证明的建议改动，只靠推及的标出；从不自动改",
        "Suggested where a place or a word proves it, flagged where it only follows; never automatic",
    ],
    sources: &["models/gazetteer.md", "models/lexicon.md", "models/glyphs.md", "models/habits.md", "models/news.lm.md"],
    bad: &[
        (
            "宣城市昨天发布通知，烃县的宣纸厂重新开工。烃县的纸工都是老师傅。",
            "宣城市昨天发布通知，泾县的宣纸厂重新开工。泾县的纸工都是老师傅。",
        ),
        (
            "沈阳市铁酉区的老厂房改成了展馆。铁西区的居民说，厂房有一百年了。",
            "沈阳市铁西区的老厂房改成了展馆。铁西区的居民说，厂房有一百年了。",
        ),
    ],
    good: &[
        "羊群翻过庄狼沟，天就黑了。庄狼沟里从前真有狼，如今只有风。",
        "泾县的宣纸和泾阳县的茯茶同台展出。泾县来了三位老师傅，泾阳县来了五位。",
        "烃类化合物的含量超标，烃基的反应很快。",
        "全县各区的乡镇都派人参加，本市、外省的客人也来了。",
    ],
};

/// Characters that end the full name of an administrative division.
const SUFFIXES: [char; 9] = ['县', '市', '区', '镇', '乡', '州', '旗', '省', '盟'];

/// Characters of such a name, the suffix among them.
const NAME_CHARS: std::ops::RangeInclusive<usize> = 2..=6;

/// Shapes looked at for one character.
const N_NEAREST: usize = 120;

/// Characters that stand beside a suffix without being part of a name.
const NEVER_IN_NAMES: &str = "全本我各每这那该此某哪几两一二三四五六七八九十百千万多数个的了在到从向往由和与及或是为给对把被让使将并但而又也都就才还再去来进出跨省市县区乡镇村州旗盟地";

impl Detector for SystematicConfusion {
    fn meta(&self) -> &'static DetectorMeta {
        &META
    }

    fn detect(&self, context: &Context<'_>, sink: &mut Vec<Finding>) {
        let page = Characters::of(context.text, context.layout);
        let proofs = Search::new(context, &page).proofs();
        let mut pairs: BTreeMap<(char, char), Vec<&Proof>> = BTreeMap::new();
        for proof in &proofs {
            pairs.entry((proof.read, proof.printed)).or_default().push(proof);
        }
        // Of two readings of one character the one with more proofs counts.
        let n_of = |read: char| pairs.iter().filter(move |((other, _), _)| *other == read).map(|(_, proofs)| proofs.len()).max();
        for (&(read, printed), proofs) in &pairs {
            if n_of(read) != Some(proofs.len()) {
                continue;
            }
            let others = suspects(context, &page, read, printed, proofs);
            for &proof in proofs {
                sink.push(proven(context, &page, proof, proofs.len(), others.len()));
            }
            sink.extend(others.iter().map(|suspect| follows(context, &page, proofs[0], proofs.len(), suspect)));
        }
    }
}

/// A compound that the lists prove wrong.
#[derive(Clone, Debug)]
struct Proof {
    /// The character in question.
    at: usize,
    /// Where the compound begins, and its length.
    start: usize,
    n_chars: usize,
    read: char,
    printed: char,
    /// The compound as it was printed.
    name: String,
    /// Where the place lies, in full.
    path: String,
    /// What on the page speaks for it, and how often it stands there.
    witness: Option<(String, usize)>,
    likeness: Likeness,
}

/// Looks for proofs on one page.
struct Search<'a> {
    text: &'a str,
    page: &'a Characters,
    resources: &'a Resources,
    /// Look-alikes of characters that were asked for.
    nearest: BTreeMap<char, Vec<(char, Likeness)>>,
}

impl<'a> Search<'a> {
    fn new(context: &'a Context<'_>, page: &'a Characters) -> Self {
        Self { text: context.text, page, resources: context.resources, nearest: BTreeMap::new() }
    }

    /// The compounds that the gazetteer proves wrong, in order.
    fn proofs(&mut self) -> Vec<Proof> {
        let mut found: Vec<Proof> = Vec::new();
        for end in 0..self.page.chars.len() {
            if SUFFIXES.contains(&self.page.chars[end]) && !self.is_known(end) {
                // The longest name, the best confirmed one first.
                let mut best = NAME_CHARS.rev().filter_map(|n_chars| self.proof(end, n_chars)).collect::<Vec<_>>();
                best.sort_by_key(|proof| std::cmp::Reverse((proof.witness.is_some(), proof.n_chars)));
                found.extend(best.into_iter().next());
            }
        }
        found
    }

    /// True when a place or a word of the lists ends with the suffix at `end`,
    /// or goes on over it.
    fn is_known(&self, end: usize) -> bool {
        let (gazetteer, lexicon) = (&self.resources.gazetteer, &self.resources.lexicon);
        let before = end.checked_sub(1).map(|before| self.page.chars[before]);
        if before.is_none_or(|c| !is_han(c) || NEVER_IN_NAMES.contains(c)) {
            return true;
        }
        NAME_CHARS.filter(|&n| n <= end + 1).any(|n| {
            let word = self.page.text(end + 1 - n, n);
            gazetteer.contains(&word) || lexicon.contains(&word)
        }) || self.page.word_over(self.resources, end, self.page.chars[end]) >= 2
    }

    /// The proof that the `n_chars` up to the suffix at `end` are a place with
    /// one look-alike in it.
    fn proof(&mut self, end: usize, n_chars: usize) -> Option<Proof> {
        let start = (end + 1).checked_sub(n_chars).filter(|&start| self.page.is_han(start, n_chars))?;
        let window: Vec<char> = self.page.chars[start..=end].to_vec();
        let stem: String = window[..n_chars - 1].iter().collect();
        if window[..n_chars - 1].iter().any(|&c| "的了在和与及是".contains(c))
            || stem.chars().count() >= 2 && self.resources.lexicon.contains(&stem)
        {
            return None;
        }
        let mut found: Vec<Proof> = Vec::new();
        for place in 0..n_chars - 1 {
            let (at, read) = (start + place, window[place]);
            // A character that is at home in another word is no misreading.
            if self.page.word_over(self.resources, at, read) >= 2 {
                continue;
            }
            for &(printed, likeness) in self.look_alikes(read).to_vec().iter() {
                let name: String = window.iter().enumerate().map(|(idx, &c)| if idx == place { printed } else { c }).collect();
                let Some((path, witness)) = self.confirm(&name, start, likeness) else { continue };
                found.push(Proof { at, start, n_chars, read, printed, name, path, witness, likeness });
            }
        }
        found.sort_by(|a, b| b.witness.is_some().cmp(&a.witness.is_some()).then(b.likeness.similarity.total_cmp(&a.likeness.similarity)));
        let n_witnessed = found.iter().filter(|proof| proof.witness.is_some()).count();
        // One that the page confirms, or one alone.
        (n_witnessed == 1 || found.len() == 1).then(|| found.swap_remove(0))
    }

    fn look_alikes(&mut self, read: char) -> &[(char, Likeness)] {
        let resources = self.resources;
        self.nearest.entry(read).or_insert_with(|| {
            let channel = resources.channel;
            let shapes = channel.glyphs().nearest(read, N_NEAREST).into_iter().map(|(c, _)| c);
            let mut all: Vec<char> = shapes.chain(channel.seen(read)).filter(|&c| is_han(c) && c != read).collect();
            all.sort_unstable();
            all.dedup();
            all.into_iter()
                .map(|c| (c, Likeness::of(resources, read, c)))
                .filter(|(_, likeness)| likeness.similarity >= 0.45 || likeness.bits <= 14.0)
                .collect()
        })
    }

    /// The text around a character, as far as one page goes.
    fn around(&self, idx: usize) -> &'a str {
        const PAGE_BYTES: usize = 12_000;
        let at = self.page.span(idx, 1).start;
        let (from, to) = (at.saturating_sub(PAGE_BYTES), (at + PAGE_BYTES).min(self.text.len()));
        &self.text[floor_boundary(self.text, from)..floor_boundary(self.text, to)]
    }

    /// Where the place `name` lies and what the page has that speaks for it;
    /// `None` when there is no such place or nothing speaks for it.
    fn confirm(&self, name: &str, start: usize, likeness: Likeness) -> Option<(String, Option<(String, usize)>)> {
        let n_chars = name.chars().count();
        let places: Vec<_> = self.resources.gazetteer.places(name).collect();
        let first = places.first()?;
        let path = first.full_path();
        let near = self.around(start);
        let count = |word: &str| near.matches(word).count();
        let itself = count(name);
        // 靖州 is short for a longer name, 泾县 is a whole one; of a town of two
        // characters nothing is sure.
        let is_short = n_chars == 2 && (first.level() == Level::Town || first.name() != name) && !likeness.is_close();
        if is_short && itself < 2 {
            return None;
        }
        if itself > 0 {
            return Some((path, Some((name.to_owned(), itself))));
        }
        for place in &places {
            for parent in place.chain().skip(1) {
                let full = parent.name();
                let short: String = full.chars().take(full.chars().count() - 1).collect();
                let is_near = parent.level() != Level::Province;
                let word = if short.chars().count() >= 2 && self.resources.gazetteer.contains(&short) { &short } else { &full };
                let n = count(word);
                // A province is named on many pages: the shape must be close and the name long.
                if n > 0 && (is_near || likeness.is_close() && n_chars >= 3 && place.level() != Level::Town) {
                    return Some((place.full_path(), Some((word.clone(), n))));
                }
            }
        }
        // A long name stands alone. A town of that name may have gone.
        let is_long = n_chars >= 4 && likeness.is_close() && first.level() != Level::Town && !self.page.ends_with(start, "的");
        is_long.then_some((path, None))
    }
}

/// Another place of a character that was proven wrong.
#[derive(Clone, Debug)]
struct Suspect {
    at: usize,
    /// Bits the language model saves.
    gain: f32,
    /// What proves this place too: the bare name, or a word with the character
    /// and none without it.
    by_itself: Option<String>,
}

/// The other places of `read` where `printed` reads better.
fn suspects(context: &Context<'_>, page: &Characters, read: char, printed: char, proofs: &[&Proof]) -> Vec<Suspect> {
    let resources = context.resources;
    let mut found = Vec::new();
    for at in (0..page.chars.len()).filter(|&at| page.chars[at] == read) {
        let is_proven = proofs.iter().any(|proof| (proof.start..proof.start + proof.n_chars).contains(&at));
        if is_proven || context.is_garbled(page.span(at, 1)) {
            continue;
        }
        let (word_read, word_new) = (page.word_over(resources, at, read), page.word_over(resources, at, printed));
        let bare = proofs.iter().find_map(|proof| bare_name(page, at, proof));
        let gain = page.gain(resources, at, printed);
        let by_itself = bare.or_else(|| (word_new >= 2 && word_read < 2).then(|| word_around(page, at, printed)));
        // Where the character is at home in a word, a longer one must take its place.
        let is_at_home = word_read >= 2 && word_new <= word_read;
        if !is_at_home && (by_itself.is_some() && gain > 0.0 || gain >= MIN_GAIN) {
            found.push(Suspect { at, gain, by_itself });
        }
    }
    found
}

/// Bits from which on the language model alone carries a suspicion on: most of
/// the places it is asked about read better the one way or the other by two.
const MIN_GAIN: f32 = 5.0;

/// The name of `proof` without its suffix, when it stands around `at`.
fn bare_name(page: &Characters, at: usize, proof: &Proof) -> Option<String> {
    let stem: Vec<char> = proof.name.chars().take(proof.n_chars - 1).collect();
    let place = proof.at - proof.start;
    let start = at.checked_sub(place).filter(|_| stem.len() >= 2)?;
    let there = page.chars.get(start..start + stem.len())?;
    let agrees = there.iter().zip(&stem).enumerate().all(|(idx, (a, b))| idx == place || a == b);
    agrees.then(|| stem.iter().collect())
}

/// The character with its neighbors, `printed` in its place, for the reader.
fn word_around(page: &Characters, at: usize, printed: char) -> String {
    let is_near = |idx: &usize| page.chars.get(*idx).is_some_and(|&c| is_han(c));
    let before: String = at.checked_sub(1).filter(is_near).map(|idx| page.chars[idx]).into_iter().collect();
    let after: String = Some(at + 1).filter(is_near).map(|idx| page.chars[idx]).into_iter().collect();
    format!("{before}{printed}{after}")
}

/// The finding for a compound.
fn proven(context: &Context<'_>, page: &Characters, proof: &Proof, n_proofs: usize, n_others: usize) -> Finding {
    let span = page.span(proof.start, proof.n_chars);
    let (observed, name) = (span.of(context.text), &proof.name);
    let message = Message::new(
        format!("没有「{observed}」这个地方，疑为「{name}」之误；对照原版"),
        format!("there is no place 「{observed}」, probably 「{name}」 was printed; compare with the page"),
    );
    let title = Message::new(format!("改为「{name}」"), format!("Change to 「{name}」"));
    let edit = Edit::replacement(page.span(proof.at, 1), proof.printed.to_string());
    let mut finding = Finding::new(META.id, META.class, META.phase, context.text, span, message).with_fix(Fix::one(title, edit));
    for reason in reasons(proof) {
        finding = finding.with_evidence(reason);
    }
    if n_proofs + n_others > 1 {
        finding = finding.with_evidence(Evidence::weighed(
            "same-confusion",
            (n_proofs + n_others) as f64,
            format!("此页「{}」读作「{}」共 {} 处，其中 {n_proofs} 处有地名为证", proof.printed, proof.read, n_proofs + n_others),
            format!(
                "「{}」 reads 「{}」 in {} places of the page, {n_proofs} of them proven by a place",
                proof.printed,
                proof.read,
                n_proofs + n_others
            ),
        ));
    }
    let is_body = context.layout.line_at(span.start).is_some_and(|idx| context.layout.lines[idx].kind != Kind::Furniture);
    let (safety, confidence) = if proof.witness.is_some() && is_body { (Safety::Suggested, 0.85) } else { (Safety::Flagged, 0.7) };
    finding.with_trust(safety, confidence, ConfidenceOrigin::Author)
}

/// The chain of evidence for a compound.
fn reasons(proof: &Proof) -> Vec<Evidence> {
    let Proof { read, printed, name, path, .. } = proof;
    let similarity = f64::from((proof.likeness.similarity * 100.0).round() / 100.0);
    let mut reasons = vec![
        Evidence::weighed(
            "look-alike",
            similarity,
            format!("「{read}」「{printed}」字形相近（{similarity:.2}）"),
            format!("「{read}」 and 「{printed}」 look alike ({similarity:.2})"),
        ),
        Evidence::said("place", format!("「{name}」即{path}"), format!("「{name}」 is {path}")),
    ];
    if let Some((word, n)) = &proof.witness {
        reasons.push(Evidence::weighed(
            "witness",
            *n as f64,
            format!("此页提到「{word}」{n} 处"),
            format!("the page names 「{word}」 {n} times"),
        ));
    }
    reasons
}

/// The finding for a place that follows from a proven one.
fn follows(context: &Context<'_>, page: &Characters, proof: &Proof, n_proofs: usize, suspect: &Suspect) -> Finding {
    let span = page.span(suspect.at, 1);
    let (read, printed, name) = (proof.read, proof.printed, &proof.name);
    let message = Message::new(
        format!("此页的「{name}」误作「{read}」，这里的「{read}」也疑为「{printed}」；对照原版"),
        format!(
            "「{name}」 is misread with 「{read}」 on this page, so here 「{printed}」 may have been printed as well; compare with the page"
        ),
    );
    let title = Message::new(format!("改为「{printed}」"), format!("Change to 「{printed}」"));
    let gain = f64::from((suspect.gain * 10.0).round() / 10.0);
    let mut finding = Finding::new(META.id, META.class, META.phase, context.text, span, message)
        .with_fix(Fix::one(title, Edit::replacement(span, printed.to_string())))
        .with_evidence(Evidence::weighed(
            "same-confusion",
            n_proofs as f64,
            format!("同一个误认在此页有 {n_proofs} 处为地名所证，如「{name}」（{}）", proof.path),
            format!("the same misreading is proven in {n_proofs} places of this page, by 「{name}」 ({})", proof.path),
        ))
        .with_evidence(Evidence::weighed(
            "context-bits",
            gain,
            format!("改后上下文更通顺：{gain:+.1} 比特"),
            format!("the context reads better with it: {gain:+.1} bits"),
        ))
        .with_related(page.span(proof.start, proof.n_chars), "evidence");
    let Some(word) = &suspect.by_itself else { return finding.with_trust(Safety::Flagged, 0.6, ConfidenceOrigin::Author) };
    finding = finding.with_evidence(Evidence::said(
        "word",
        format!("改后成词：「{word}」"),
        format!("with it a word or name stands here: 「{word}」"),
    ));
    let safety = if proof.witness.is_some() { Safety::Suggested } else { Safety::Flagged };
    finding.with_trust(safety, 0.8, ConfidenceOrigin::Author)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{keeps_its_examples, made, silent};
    use super::*;

    #[test]
    fn examples() {
        keeps_its_examples(SystematicConfusion);
    }

    #[test]
    fn the_finding_spreads_with_its_chain_of_evidence() {
        let text = "沈阳市铁酉区的老厂房改成了展馆。从铁酉广场走过去只要十分钟。酉时开馆。";
        let made = made(Box::new(SystematicConfusion), text, Safety::Suggested);
        assert_eq!(made.text, "沈阳市铁西区的老厂房改成了展馆。从铁西广场走过去只要十分钟。酉时开馆。");
        let spread = made.problems.iter().find(|finding| finding.observed == "酉").expect("the other place");
        let words: String = spread.evidence.iter().map(|reason| reason.text.zh.as_str()).collect();
        assert!(words.contains("铁西区") && words.contains("此页"), "{words}");
    }

    #[test]
    fn nothing_follows_without_a_witness() {
        silent(SystematicConfusion, "烃县的宣纸厂重新开工。");
        silent(SystematicConfusion, "沈阳市的客人昨天到了红星区和幸福镇。");
        silent(SystematicConfusion, "他从市区来到县城，穿过开发区、居民区和保税区，各省、各州的人都有。");
    }
}
