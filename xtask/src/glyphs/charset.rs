//! Which characters the descriptor table holds: all that a Chinese newspaper
//! prints, and what engines print in their place.

use std::collections::BTreeSet;
use std::path::Path;

use encoding_rs::{BIG5, GBK};

use super::unihan;
use crate::Failure;

/// Marks that newspapers print beside those of ASCII and of the two national
/// sets: dashes, quotes, brackets, bullets, list numbers, boxes.
const MARKS: &str = "、。〃々〆〇〈〉《》「」『』【】〔〕〖〗—–―…‥·•・‘’“”′″※☆★○●◎◇◆□■△▲▽▼▷▶◁◀→←↑↓〓§№℃‰×÷±≤≥≈＝";

/// All characters of the table, in order.
pub fn characters(unicode_data: &Path) -> Result<Vec<char>, Failure> {
    let mut all: BTreeSet<char> = ('!'..='~').chain('！'..='～').chain(MARKS.chars()).collect();
    all.extend(['￥', '¥', '°', '％']);
    all.extend(('①'..='⑳').chain('Ⅰ'..='Ⅻ').chain('㈠'..='㈩'));
    all.extend(two_bytes(GBK, 0xb0..=0xf7, 0xa1..=0xfe));
    all.extend(two_bytes(BIG5, 0xa4..=0xc6, 0x40..=0xfe).filter(|c| !('\u{2460}'..='\u{33ff}').contains(c)));
    all.extend(unihan::general_standard(unicode_data)?);
    for (traditional, simplified) in pairs()? {
        if all.contains(&simplified) {
            all.insert(traditional);
        }
    }
    all.retain(|c| !('\u{e000}'..='\u{f8ff}').contains(c) && !('\u{f900}'..='\u{fadf}').contains(c));
    Ok(all.into_iter().collect())
}

/// What a part of a legacy code of two bytes decodes to.
fn two_bytes(
    encoding: &'static encoding_rs::Encoding,
    lead: std::ops::RangeInclusive<u8>,
    trail: std::ops::RangeInclusive<u8>,
) -> impl Iterator<Item = char> {
    lead.flat_map(move |lead| trail.clone().map(move |trail| [lead, trail])).filter_map(move |bytes| {
        let text = encoding.decode_without_bom_handling_and_without_replacement(&bytes)?;
        let mut chars = text.chars();
        chars.next().filter(|_| chars.next().is_none())
    })
}

/// The pairs of `models/simplify.tsv`.
fn pairs() -> Result<Vec<(char, char)>, Failure> {
    let table = std::fs::read_to_string("models/simplify.tsv")?;
    let pair = |line: &str| {
        let mut chars = line.chars();
        Some((chars.next()?, chars.nth(1)?))
    };
    Ok(table.lines().filter(|line| !line.starts_with('#')).filter_map(pair).collect())
}
