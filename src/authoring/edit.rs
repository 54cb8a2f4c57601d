//! Changes to files that people write: what they wrote beside it, comments
//! and order, stays as it is.

use toml_edit::{Array, DocumentMut, Item, Table, value};

use crate::finding::Message;

/// Why a file could not be changed. Nothing was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EditError(pub Message);

impl EditError {
    fn syntax(error: &toml_edit::TomlError) -> Self {
        let words = error.message();
        Self(Message::new(format!("不是合法的 TOML：{words}"), format!("not valid TOML: {words}")))
    }
}

/// A rule file with one rule more, `rule` as [`super::Draft::toml`] gives it.
#[must_use]
pub fn append_rule(file: &str, rule: &str) -> String {
    let mut text = file.to_owned();
    if !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
    text += if text.is_empty() { rule.trim_start_matches('\n') } else { rule };
    text
}

/// The rule file in which the rule `id` is active: without its
/// `status = "shadow"`, or with `status = "active"` where the defaults of the
/// file say shadow.
///
/// # Errors
/// When the file is not TOML or has no such rule.
pub fn promote(file: &str, id: &str) -> Result<String, EditError> {
    let mut document: DocumentMut = file.parse().map_err(|error| EditError::syntax(&error))?;
    let shadowed = document.get("defaults").and_then(|table| table.get("status")).and_then(Item::as_str) == Some("shadow");
    let rules = document.get_mut("rule").and_then(Item::as_array_of_tables_mut);
    let rule = rules.and_then(|rules| rules.iter_mut().find(|rule| rule.get("id").and_then(Item::as_str) == Some(id)));
    let Some(rule) = rule else {
        return Err(EditError(Message::new(format!("文件里没有规则「{id}」"), format!("the file has no rule \"{id}\""))));
    };
    rule.remove("status");
    if shadowed {
        rule.insert("status", value("active"));
    }
    Ok(document.to_string())
}

/// A `jiaokan.toml` that names `pack` among its packs.
///
/// # Errors
/// When the file is not TOML, or `rules.packs` is no list.
pub fn add_pack(config: &str, pack: &str) -> Result<String, EditError> {
    let mut document: DocumentMut = config.parse().map_err(|error| EditError::syntax(&error))?;
    let no_list = || EditError(Message::new("rules.packs 不是列表", "rules.packs is no list"));
    let rules = document.entry("rules").or_insert_with(|| Item::Table(Table::new())).as_table_like_mut().ok_or_else(no_list)?;
    let packs = rules.entry("packs").or_insert_with(|| value(Array::new())).as_array_mut().ok_or_else(no_list)?;
    if !packs.iter().any(|known| known.as_str() == Some(pack)) {
        packs.push(pack);
    }
    Ok(document.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_promoted_rule_loses_its_status_and_nothing_else() {
        let file =
            "# 注\n[[rule]]\nid = \"a/b\"  # 河\nstatus = \"shadow\"\nkind = \"flag\"\n\n[[rule]]\nid = \"a/c\"\nstatus = \"shadow\"\n";
        let promoted = promote(file, "a/b").unwrap();
        assert_eq!(promoted, file.replacen("status = \"shadow\"\n", "", 1));
        assert!(promote(file, "a/d").is_err());
        let shadowed = promote("[defaults]\nstatus = \"shadow\"\n[[rule]]\nid = \"a/b\"\n", "a/b").unwrap();
        assert!(shadowed.ends_with("id = \"a/b\"\nstatus = \"active\"\n"));
    }

    #[test]
    fn a_pack_is_added_once_and_comments_stay() {
        let config = "# 设置\n[rules]\nlevel = \"automatic\" # 级\npacks = [\"a\"]\n";
        let added = add_pack(config, "b").unwrap();
        assert_eq!(added, "# 设置\n[rules]\nlevel = \"automatic\" # 级\npacks = [\"a\", \"b\"]\n");
        assert_eq!(add_pack(&added, "b").unwrap(), added);
        assert_eq!(add_pack("", "b").unwrap(), "[rules]\npacks = [\"b\"]\n");
    }
}
