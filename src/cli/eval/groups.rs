use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use super::super::exit::Trouble;
use super::super::walk::shown;

/// Reads which group each file belongs to: a line for each, the file's relative
/// path without extension, a tab and the name of its group.
///
/// # Errors
/// When the file cannot be read, or at the first line that is no such line.
pub(super) fn read(path: &Path) -> Result<BTreeMap<String, String>, Trouble> {
    let place = shown(path);
    let text = fs::read_to_string(path).map_err(|error| Trouble::io(&place, &error))?;
    let mut groups = BTreeMap::new();
    for (line_idx, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty() && !line.starts_with('#')) {
        let place = format!("{place}:{}", line_idx + 1);
        match line.split_once('\t').map(|(file, group)| (file.trim(), group.trim())) {
            Some((file, group)) if !file.is_empty() && !group.is_empty() && !group.contains('\t') => {
                groups.insert(file.to_owned(), group.to_owned());
            }
            _ => {
                return Err(Trouble::new(
                    format!("{place}：「{line}」须是文件（相对路径，不带扩展名）、制表符和组名"),
                    format!("{place}: \"{line}\" must be a file (relative path without extension), a tab and the name of a group"),
                ));
            }
        }
    }
    Ok(groups)
}
