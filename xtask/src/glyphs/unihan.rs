//! Facts of the Unihan database, read from the folder of Debian's package
//! `unicode-data` (the files are packed with bzip2).

use std::path::Path;
use std::process::Command;

use crate::Failure;

/// The characters of the General Standard (通用规范汉字表, 2013) in the Basic
/// Multilingual Plane.
pub fn general_standard(unicode_data: &Path) -> Result<Vec<char>, Failure> {
    let rows = fields(unicode_data, "Unihan_OtherMappings.txt.bz2", &["kTGH"])?;
    Ok(rows.into_iter().map(|(c, _, _)| c).filter(|&c| c <= '\u{ffff}').collect())
}

/// The rows `(character, field, value)` of one file with these fields.
pub fn fields(unicode_data: &Path, file: &str, wanted: &[&str]) -> Result<Vec<(char, String, String)>, Failure> {
    let path = unicode_data.join(file);
    let unpacked = Command::new("bzcat").arg(&path).output().map_err(|error| format!("bzcat: {error}"))?;
    if !unpacked.status.success() {
        return Err(format!("{}: {}", path.display(), String::from_utf8_lossy(&unpacked.stderr)).into());
    }
    let text = String::from_utf8(unpacked.stdout)?;
    let row = |line: &str| {
        let mut columns = line.split('\t');
        let c = u32::from_str_radix(columns.next()?.strip_prefix("U+")?, 16).ok().and_then(char::from_u32)?;
        let (field, value) = (columns.next()?, columns.next()?);
        wanted.contains(&field).then(|| (c, field.to_owned(), value.to_owned()))
    };
    Ok(text.lines().filter(|line| !line.starts_with('#')).filter_map(row).collect())
}
