//! `models/gazetteer.bin` from the files of the package `china-division`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::Failure;

/// Division names that stand for "no division here".
const PSEUDO_NAMES: [&str; 4] = ["市辖区", "县", "省直辖县级行政区划", "自治区直辖县级行政区划"];

/// What a full name ends in and a short name leaves out; longest first.
const SUFFIXES: [&str; 15] =
    ["特别行政区", "自治区", "自治州", "自治县", "自治旗", "地区", "林区", "特区", "新区", "矿区", "省", "市", "县", "区", "盟"];

/// Peoples in the names of autonomous divisions, which short names leave out.
const PEOPLES: [&str; 48] = [
    "保安族",
    "布依族",
    "布朗族",
    "朝鲜族",
    "达斡尔族",
    "傣族",
    "德昂族",
    "东乡族",
    "侗族",
    "独龙族",
    "鄂伦春族",
    "鄂温克族",
    "哈尼族",
    "哈萨克",
    "哈萨克族",
    "回族",
    "柯尔克孜",
    "柯尔克孜族",
    "拉祜族",
    "黎族",
    "傈僳族",
    "满族",
    "毛南族",
    "蒙古",
    "蒙古族",
    "苗族",
    "仫佬族",
    "纳西族",
    "怒族",
    "普米族",
    "羌族",
    "撒拉族",
    "畲族",
    "水族",
    "塔吉克",
    "土家族",
    "土族",
    "佤族",
    "维吾尔",
    "锡伯",
    "瑶族",
    "彝族",
    "裕固族",
    "藏族",
    "壮族",
    "各族",
    "仡佬族",
    "景颇族",
];

/// Longest name kept, in code points; longer ones are development zones with
/// their full titles, which no newspaper prints.
const MAX_NAME_CHARS: usize = jiaokan::lexicon::MAX_PLACE_CHARS;

#[derive(clap::Args)]
pub struct Arguments {
    /// The folder `dist` of the package china-division.
    #[arg(long)]
    divisions: PathBuf,
    /// The file to write.
    #[arg(long, default_value = "models/gazetteer.bin")]
    out: PathBuf,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Row {
    code: String,
    name: String,
    province_code: Option<String>,
    city_code: Option<String>,
    area_code: Option<String>,
}

/// A place before numbering.
struct Entry {
    name: String,
    parent: Option<usize>,
}

pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let (entries, bounds) = read_places(&arguments.divisions)?;
    let mut postings: BTreeMap<String, Vec<u16>> = BTreeMap::new();
    for (idx, entry) in entries.iter().enumerate() {
        let number = u16::try_from(idx).map_err(|_| "more places than 16 bits can number")?;
        postings.entry(entry.name.clone()).or_default().push(number);
        if let Some(short) = short_name(&entry.name).filter(|_| idx < bounds[2]) {
            postings.entry(short).or_default().push(number);
        }
    }
    let bytes = pack(&entries, bounds, &postings)?;
    std::fs::write(&arguments.out, &bytes)?;
    println!("{} places, {} names, {} bytes in {}", entries.len(), postings.len(), bytes.len(), arguments.out.display());
    let written = jiaokan::lexicon::Gazetteer::from_bytes(bytes.into())?;
    Ok(written.verify()?)
}

/// All places, parents before children, and where each level ends.
fn read_places(dist: &Path) -> Result<(Vec<Entry>, [usize; 4]), Failure> {
    let mut entries: Vec<Entry> = Vec::new();
    let mut by_code: BTreeMap<String, usize> = BTreeMap::new();
    let mut bounds = [0; 4];
    let regions: BTreeMap<String, BTreeMap<String, Vec<String>>> = read_json(&dist.join("HK-MO-TW.json"))?;
    for (level, file) in ["provinces.json", "cities.json", "areas.json", "streets.json"].into_iter().enumerate() {
        let rows: Vec<Row> = read_json(&dist.join(file))?;
        for row in rows {
            let parent =
                [&row.area_code, &row.city_code, &row.province_code].into_iter().flatten().find_map(|code| by_code.get(code)).copied();
            if level > 0 && parent.is_none() {
                return Err(format!("{file}: {} ({}) belongs to no known division", row.name, row.code).into());
            }
            if is_name(&row.name) {
                by_code.insert(row.code, entries.len());
                entries.push(Entry { name: row.name, parent });
            }
        }
        add_regions(&regions, level, &mut entries);
        bounds[level] = entries.len();
    }
    Ok((entries, bounds))
}

/// Hong Kong, Macao and Taiwan, which the package lists by name alone: the
/// region as a province, cities and counties of Taiwan as cities, districts as
/// counties.
fn add_regions(regions: &BTreeMap<String, BTreeMap<String, Vec<String>>>, level: usize, entries: &mut Vec<Entry>) {
    for (region, parts) in regions {
        let region_idx = entries.iter().position(|entry| entry.name == *region);
        match level {
            0 => entries.push(Entry { name: region.clone(), parent: None }),
            1 => {
                let cities = parts.keys().filter(|name| is_name(name) && name.ends_with(['市', '县']));
                entries.extend(cities.map(|name| Entry { name: name.clone(), parent: region_idx }));
            }
            2 => {
                for (part, districts) in parts {
                    let city = entries.iter().position(|entry| entry.name == *part && entry.parent == region_idx);
                    let names = districts.iter().filter(|name| is_name(name));
                    entries.extend(names.map(|name| Entry { name: name.clone(), parent: city.or(region_idx) }));
                }
            }
            _ => {}
        }
    }
}

fn is_name(name: &str) -> bool {
    let n_chars = name.chars().count();
    (2..=MAX_NAME_CHARS).contains(&n_chars) && name.chars().all(jiaokan::text::is_han) && !PSEUDO_NAMES.contains(&name)
}

/// The name without the word for its level, and without the peoples of an
/// autonomous division; `None` when less than two characters would be left.
fn short_name(name: &str) -> Option<String> {
    let mut short = SUFFIXES.iter().find_map(|suffix| name.strip_suffix(suffix))?;
    if name.contains("自治") {
        // 内蒙古 is a name, not a place 内 of the 蒙古.
        let named = |rest: &&str| rest.chars().count() >= 2;
        while let Some(rest) = PEOPLES.iter().filter_map(|people| short.strip_suffix(people)).filter(named).min_by_key(|rest| rest.len()) {
            short = rest;
        }
    }
    (short.chars().count() >= 2).then(|| short.to_owned())
}

fn pack(entries: &[Entry], bounds: [usize; 4], postings: &BTreeMap<String, Vec<u16>>) -> Result<Vec<u8>, Failure> {
    let ranks: BTreeMap<&str, usize> = postings.keys().enumerate().map(|(rank, name)| (name.as_str(), rank)).collect();
    let names = fst::raw::Fst::from_iter_map(ranks.iter().map(|(name, &rank)| (name, rank as u64)))?;
    let mut reversed: Vec<String> =
        postings.keys().filter(|name| name.chars().count() >= 3).map(|name| name.chars().rev().collect()).collect();
    reversed.sort();
    let tails = fst::raw::Fst::from_iter_set(reversed)?;
    let mut bytes = b"JKG1".to_vec();
    for number in [bounds[0], bounds[1], bounds[2], bounds[3], ranks.len(), names.size(), tails.size()] {
        bytes.extend(u32::try_from(number)?.to_le_bytes());
    }
    let mut start = 0;
    push16(&mut bytes, start)?;
    for list in postings.values() {
        start += list.len();
        push16(&mut bytes, start)?;
    }
    for number in postings.values().flatten() {
        bytes.extend(number.to_le_bytes());
    }
    for entry in entries {
        push16(&mut bytes, ranks[entry.name.as_str()])?;
        match entry.parent {
            Some(parent) => push16(&mut bytes, parent)?,
            None => bytes.extend(u16::MAX.to_le_bytes()),
        }
    }
    bytes.extend(names.as_bytes());
    bytes.extend(tails.as_bytes());
    Ok(bytes)
}

fn push16(bytes: &mut Vec<u8>, number: usize) -> Result<(), Failure> {
    let number = u16::try_from(number).ok().filter(|&number| number < u16::MAX).ok_or("a number does not fit 16 bits")?;
    bytes.extend(number.to_le_bytes());
    Ok(())
}

fn read_json<T: serde::de::DeserializeOwned>(path: &Path) -> Result<T, Failure> {
    let text = std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    serde_json::from_str(&text).map_err(|error| format!("{}: {error}", path.display()).into())
}

#[cfg(test)]
mod tests {
    use super::short_name;

    #[test]
    fn short_names() {
        for (name, short) in [
            ("石家庄市", Some("石家庄")),
            ("恩施土家族苗族自治州", Some("恩施")),
            ("新疆维吾尔自治区", Some("新疆")),
            ("内蒙古自治区", Some("内蒙古")),
            ("阿坝藏族羌族自治州", Some("阿坝")),
            ("泾县", None),
            ("锡林郭勒盟", Some("锡林郭勒")),
        ] {
            assert_eq!(short_name(name).as_deref(), short, "{name}");
        }
    }
}
