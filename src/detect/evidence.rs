//! What the files of a run say about each other.
//!
//! Only fingerprints of passages are kept, no text, so that a run over a whole
//! archive stays small: about five bytes for every Han character.

use std::collections::BTreeMap;
use std::sync::Arc;

use sha2::{Digest, Sha256};

use crate::text::{Span, is_han};

/// Han characters in one fingerprint. Six in a row are rarely equal by
/// accident, and of two readings that differ in a tenth of their characters
/// every second run of six is still equal.
const GRAM_CHARS: usize = 6;
/// One fingerprint in so many is kept, chosen by its value, so that both
/// copies of a passage keep the same ones.
const SAMPLE: u64 = 3;
/// A fingerprint that stands in more places than this is a formula of the
/// paper, not a passage.
const PLACES_MAX: usize = 12;
/// How far apart two matches of one passage may be, and how much further in
/// one file than in the other, in bytes (a Han character has three).
const GAP_MAX_BYTES: usize = 600;
const DRIFT_MAX_BYTES: usize = 90;
/// The least that is a passage: matches, and bytes of text.
const MATCHES_MIN: usize = 6;
const PASSAGE_MIN_BYTES: usize = 180;
/// Share of a passage's fingerprints that must stand in the other file: copies
/// that agree in two thirds of their characters still have this many.
const SHARE_MIN: f64 = 0.08;

/// The fingerprints of one file.
#[derive(Clone, Debug, Default)]
pub struct FileMarks(Vec<Mark>);

#[derive(Clone, Copy, Debug)]
struct Mark {
    gram: u64,
    /// First byte of the first and one past the last of its characters.
    span: Span,
}

impl FileMarks {
    /// The fingerprints of `text`: of its Han characters alone, since spaces,
    /// newlines and punctuation differ most between two readings.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let mut window: [(u64, usize, usize); GRAM_CHARS] = [(0, 0, 0); GRAM_CHARS];
        let mut marks = Vec::new();
        for (n, (at, c)) in text.char_indices().filter(|&(_, c)| is_han(c)).enumerate() {
            window.rotate_left(1);
            window[GRAM_CHARS - 1] = (u64::from(c), at, at + c.len_utf8());
            if n + 1 < GRAM_CHARS {
                continue;
            }
            let gram = window.iter().fold(0, |sum, &(c, ..)| mix(sum ^ c));
            if gram.is_multiple_of(SAMPLE) {
                marks.push(Mark { gram, span: Span::new(window[0].1, window[GRAM_CHARS - 1].2) });
            }
        }
        Self(marks)
    }
}

/// One step of a 64-bit multiplicative hash.
fn mix(value: u64) -> u64 {
    let value = value.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    value ^ (value >> 29)
}

/// All files of a run.
#[derive(Debug)]
struct Archive {
    files: Vec<String>,
    /// Sorted by gram, then file, then place.
    places: Vec<(u64, u32, u32)>,
}

/// Evidence from the other files of a run; empty unless it was asked for.
#[derive(Clone, Debug, Default)]
pub struct RunEvidence {
    archive: Option<Arc<Archive>>,
    /// Index of the file that looks.
    this: usize,
    /// True when the later copy of a passage is to be removed.
    pub drop_copies: bool,
}

/// A passage that stands in another file as well.
#[derive(Clone, Debug, PartialEq)]
pub struct CrossCopy<'e> {
    /// The passage in the text that looks, from the first to the last match.
    pub here: Span,
    /// The other file.
    pub file: &'e str,
    /// The passage in that file's decoded original.
    pub there: Span,
    /// True when the other file comes first in the run.
    pub is_later: bool,
    /// Estimated share of equal characters, 0..=1.
    pub identity: f64,
}

impl RunEvidence {
    /// The evidence of `files`, named and in path order.
    #[must_use]
    pub fn new(files: Vec<(String, FileMarks)>, drop_copies: bool) -> Self {
        let mut places = Vec::new();
        let mut names = Vec::with_capacity(files.len());
        for (file_idx, (name, marks)) in files.into_iter().enumerate() {
            // Places beyond four gigabytes of one text are left out.
            let place = |mark: Mark| Some((mark.gram, u32::try_from(file_idx).ok()?, u32::try_from(mark.span.start).ok()?));
            places.extend(marks.0.into_iter().filter_map(place));
            names.push(name);
        }
        places.sort_unstable();
        Self { archive: Some(Arc::new(Archive { files: names, places })), this: 0, drop_copies }
    }

    /// The same evidence as seen by the file `file_idx` of [`RunEvidence::new`].
    #[must_use]
    pub fn for_file(&self, file_idx: usize) -> Self {
        Self { this: file_idx, ..self.clone() }
    }

    /// True when the evidence of a run was asked for.
    #[must_use]
    pub fn is_any(&self) -> bool {
        self.archive.is_some()
    }

    /// A digest of all that the files of the run say, SHA-256; equal for equal
    /// evidence, whichever file looks.
    #[must_use]
    pub fn digest(&self) -> [u8; 32] {
        let mut all = Sha256::new();
        all.update([u8::from(self.is_any()), u8::from(self.drop_copies)]);
        if let Some(archive) = &self.archive {
            for file in &archive.files {
                all.update((file.len() as u64).to_le_bytes());
                all.update(file.as_bytes());
            }
            for &(gram, file, at) in &archive.places {
                all.update(gram.to_le_bytes());
                all.update(file.to_le_bytes());
                all.update(at.to_le_bytes());
            }
        }
        all.finalize().into()
    }

    /// Passages of `text` that stand in other files too, by place.
    #[must_use]
    pub fn copies(&self, text: &str) -> Vec<CrossCopy<'_>> {
        let Some(archive) = &self.archive else { return Vec::new() };
        let marks = FileMarks::of(text).0;
        let mut by_file: BTreeMap<u32, Vec<Chain>> = BTreeMap::new();
        for mark in &marks {
            let places = archive.places_of(mark.gram);
            if places.len() > PLACES_MAX {
                continue;
            }
            for &(_, file, at) in places.iter().filter(|place| place.1 as usize != self.this) {
                add(by_file.entry(file).or_default(), mark.span, at as usize);
            }
        }
        let mut copies = Vec::new();
        for (file, chains) in by_file {
            for chain in chains.into_iter().filter(|chain| chain.n >= MATCHES_MIN && chain.here.len() >= PASSAGE_MIN_BYTES) {
                let from = marks.partition_point(|mark| mark.span.start < chain.here.start);
                let n_marks = marks[from..].iter().take_while(|mark| mark.span.end <= chain.here.end).count();
                let share = chain.n as f64 / n_marks.max(1) as f64;
                if share >= SHARE_MIN {
                    copies.push(CrossCopy {
                        here: chain.here,
                        file: &archive.files[file as usize],
                        there: chain.there,
                        is_later: (file as usize) < self.this,
                        identity: share.min(1.0).powf(1.0 / GRAM_CHARS as f64),
                    });
                }
            }
        }
        copies.sort_by(|a, b| (a.here, a.file, a.there).cmp(&(b.here, b.file, b.there)));
        copies
    }
}

impl Archive {
    fn places_of(&self, gram: u64) -> &[(u64, u32, u32)] {
        let from = self.places.partition_point(|place| place.0 < gram);
        let n = self.places[from..].iter().take(PLACES_MAX + 1).take_while(|place| place.0 == gram).count();
        &self.places[from..from + n]
    }
}

/// Matches that follow each other in both files.
struct Chain {
    here: Span,
    there: Span,
    n: usize,
}

/// Adds a match to the chain it continues, or starts one.
fn add(chains: &mut Vec<Chain>, here: Span, there: usize) {
    let continues = |chain: &Chain| {
        let (ahead, behind) = (here.end.checked_sub(chain.here.end), (there + here.len()).checked_sub(chain.there.end));
        matches!((ahead, behind), (Some(a), Some(b)) if 0 < a && a <= GAP_MAX_BYTES && 0 < b && a.abs_diff(b) <= DRIFT_MAX_BYTES)
    };
    // Only chains that end nearby can go on, and those are the last ones.
    let recent = chains.iter_mut().rev().take(4 * PLACES_MAX);
    match recent.filter(|chain| continues(chain)).max_by_key(|chain| chain.n) {
        Some(chain) => {
            chain.here.end = here.end;
            chain.there.end = there + here.len();
            chain.n += 1;
        }
        None => chains.push(Chain { here, there: Span::new(there, there + here.len()), n: 1 }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Composed here; long enough to be a passage.
    const PASSAGE: &str = "入冬以来，城北旧厂区的改造工程进展顺利，三座高炉已改建为展厅，\n原先堆放矿石的空场铺上了草皮。附近居民每天傍晚到这里散步，老工人带着孙辈辨认当年的炉门和吊车，\n说起当年夜班出铁的情形仍然兴奋不已，园区还准备开设炼钢史陈列室，向全市征集旧物。";

    fn evidence(texts: &[&str]) -> RunEvidence {
        RunEvidence::new(texts.iter().enumerate().map(|(idx, text)| (format!("{idx}.txt"), FileMarks::of(text))).collect(), false)
    }

    #[test]
    fn a_passage_is_found_in_another_file_in_spite_of_damage() {
        let first = format!("头版要闻\n{PASSAGE}\n（下转第三版）\n");
        let damaged: String = PASSAGE.chars().enumerate().map(|(idx, c)| if idx % 13 == 5 { '口' } else { c }).collect();
        let second = format!("上接第一版\n{damaged}\n此外，园区将免费开放。\n");
        let evidence = evidence(&[&first, &second]);
        let later = evidence.for_file(1);
        let copies = later.copies(&second);
        assert_eq!(copies.len(), 1, "{copies:?}");
        assert_eq!((copies[0].file, copies[0].is_later), ("0.txt", true));
        assert!(copies[0].here.len() > PASSAGE.len() * 8 / 10);
        assert!((0.8..0.99).contains(&copies[0].identity), "{}", copies[0].identity);
        assert!(!evidence.for_file(0).copies(&first)[0].is_later);
    }

    #[test]
    fn nothing_is_found_without_other_files_or_in_formulas_of_the_paper() {
        assert!(RunEvidence::default().copies(PASSAGE).is_empty());
        assert!(evidence(&[PASSAGE]).copies(PASSAGE).is_empty());
        let everywhere = vec![PASSAGE; PLACES_MAX + 1];
        assert!(evidence(&everywhere).for_file(3).copies(PASSAGE).is_empty());
        let short = "本报地址：城北路三号　邮政编码零五零零零零　广告经营许可证第六号";
        assert!(evidence(&[short, short]).copies(short).is_empty());
    }
}
