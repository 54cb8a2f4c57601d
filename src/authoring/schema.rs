//! What the keys of rule files are, told once: for the JSON Schema, and for
//! completion and hover in editors.

use serde_json::{Map, Value, json};

use crate::document;
use crate::finding::{Class, Phase};
use crate::rules::{Status, keys_of_kinds};

/// One key of a rule file.
#[derive(Clone, Copy, Debug)]
pub struct KeyDoc {
    /// The key.
    pub key: &'static str,
    /// What to write. Chinese, English.
    pub text: [&'static str; 2],
    /// What it takes.
    shape: Shape,
}

#[derive(Clone, Copy, Debug)]
enum Shape {
    Text,
    Both,
    Share,
    Count,
    Distance,
    Words(fn() -> Vec<&'static str>),
    WordList(fn() -> Vec<&'static str>),
    Texts,
    Pairs,
    Table,
    Exceptions,
    Context,
    ConfusionPairs,
}

fn kinds() -> Vec<&'static str> {
    keys_of_kinds().into_iter().map(|(kind, _)| kind).collect()
}

fn classes() -> Vec<&'static str> {
    Class::ALL.iter().map(|class| class.name()).collect()
}

fn phases() -> Vec<&'static str> {
    Phase::ALL.iter().map(|phase| phase.name()).collect()
}

fn states() -> Vec<&'static str> {
    Status::ALL.iter().map(|status| status.name()).collect()
}

fn line_kinds() -> Vec<&'static str> {
    document::Kind::ALL.iter().map(|kind| kind.name()).collect()
}

macro_rules! keys {
    ($($key:literal $shape:expr, $zh:literal, $en:literal;)+) => { &[$(KeyDoc { key: $key, shape: $shape, text: [$zh, $en] }),+] };
}

/// Every key a rule may have.
pub const RULE_KEYS: &[KeyDoc] = keys! {
    "id" Shape::Text, "编号「包名/缺陷名」，英文小写加连字符，说的是哪里错", "`pack/defect`, lower case and hyphens: names what is wrong";
    "kind" Shape::Words(kinds), "规则的种类", "the kind of rule";
    "class" Shape::Words(classes), "损坏的类别", "the sort of damage";
    "phase" Shape::Words(phases), "何时运行，多为 words", "when it runs, mostly words";
    "status" Shape::Words(states), "shadow 只报告、从不改动；缺省为 active", "shadow reports and never edits; active when not given";
    "message" Shape::Both, "给读报告的人；{observed} 是看到的，{fixed} 是改后的", "for the reader of a report; {observed} and {fixed} stand for the two forms";
    "why" Shape::Both, "为什么是错", "why that is damage";
    "source" Shape::Text, "怎么知道的", "how you know";
    "safety" Shape::Words(|| vec!["automatic", "suggested", "flagged"]), "automatic 无人值守也改，suggested 要求时改，flagged 只标出", "automatic: done unattended; suggested: done when asked for; flagged: only shown";
    "confidence" Shape::Share, "一百处里有几处确是损坏，0 至 1", "of a hundred such places, how many are damage, 0 to 1";
    "elsewhere" Shape::Count, "改后的写法在本页别处至少出现几次", "how often the repaired form must stand elsewhere on the page";
    "on_page" Shape::Texts, "本页须有其中之一（例如报名），规则才运行", "one of these must stand on the page, a masthead for instance";
    "bad" Shape::Pairs, "例子：[[出错的, 改后的], …]", "examples: [[damaged, repaired], ...]";
    "good" Shape::Texts, "必须一字不动的例子", "texts in which the rule must say nothing";
    "exceptions" Shape::Exceptions, "例外：[{ text = 不改的词, reason = 为什么 }]", "[{ text, reason }]: inside these words nothing is changed";
    "table" Shape::Table, "[[误读, 正确], …]；~己 是任一形近字，几种可能写成列表", "[[misread, printed], ...]; ~己 is any look-alike, a list of several is a choice for a person";
    "pattern" Shape::Text, "正则式，只看一行之内", "a regular expression; it sees one line";
    "to" Shape::Text, "正则式的替换；$1 是第一组", "the replacement; $1 is the first group";
    "context" Shape::Context, "紧邻的左右：left、right 须有其一，not_left、not_right 不得有", "the direct neighbors: left and right must, not_left and not_right must not stand there";
    "pair" Shape::ConfusionPairs, "[[rule.pair]]：read 读成的字，printed 印的字，words 正确的词", "[[rule.pair]]: read, printed, and the words as printed";
    "terms" Shape::Texts, "正确的长词", "long terms as printed";
    "terms_file" Shape::Text, "词表的文件名（.txt），在规则包里，一行一个词", "a list (.txt) in the pack, one term a line";
    "max_distance" Shape::Distance, "容错：0.5 是一个形近字，1 是任意一个字", "0.5 is one look-alike, 1 any one character";
    "edits" Shape::Words(|| vec!["substitution", "any"]), "any 也算丢字、多字", "any also counts a lost or added character";
    "unit" Shape::Words(|| vec!["line", "block"]), "条件说的是行还是块", "whether the conditions are about lines or blocks";
    "is" Shape::WordList(line_kinds), "是这几种行", "the line is one of these";
    "is_not" Shape::WordList(line_kinds), "不是这几种行", "the line is none of these";
    "at" Shape::Words(|| vec!["block-start", "block-end", "page-start", "page-end"]), "在何处", "where it stands";
    "before" Shape::WordList(line_kinds), "下一行是这几种", "the next line is one of these";
    "after" Shape::WordList(line_kinds), "上一行是这几种", "the line before is one of these";
    "min_chars" Shape::Count, "至少几个字", "characters at least";
    "max_chars" Shape::Count, "至多几个字", "characters at most";
    "matches" Shape::Text, "正则式", "a regular expression";
    "action" Shape::Words(|| vec!["flag", "replace", "kind"]), "标出、替换，或告诉别的规则这是什么行", "flag it, replace, or tell the other rules what the line is";
    "becomes" Shape::Words(line_kinds), "这是什么行", "what the line is";
    "texts" Shape::Texts, "要标出的字词", "texts to show";
};

/// What is known of `key`.
#[must_use]
pub fn key_doc(key: &str) -> Option<&'static KeyDoc> {
    RULE_KEYS.iter().find(|known| known.key == key)
}

impl KeyDoc {
    /// The words it takes, where they are a closed list.
    #[must_use]
    pub fn words(&self) -> Vec<&'static str> {
        match self.shape {
            Shape::Words(words) | Shape::WordList(words) => words(),
            _ => Vec::new(),
        }
    }

    fn schema(&self) -> Value {
        let texts = || json!({ "type": "array", "items": { "type": "string" }, "minItems": 1 });
        let message = || {
            json!({ "type": "object", "additionalProperties": false, "required": ["zh", "en"],
                "properties": { "zh": { "type": "string", "minLength": 1 }, "en": { "type": "string", "minLength": 1 } } })
        };
        let sides = || {
            let sides = ["left", "not_left", "right", "not_right"];
            let properties: Map<String, Value> = sides.iter().map(|&side| (side.to_owned(), texts())).collect();
            json!({ "type": "object", "additionalProperties": false, "properties": properties })
        };
        let mut schema = match self.shape {
            Shape::Text => json!({ "type": "string" }),
            Shape::Both => message(),
            Shape::Share => json!({ "type": "number", "minimum": 0, "maximum": 1 }),
            Shape::Count => json!({ "type": "integer", "minimum": 0 }),
            Shape::Distance => json!({ "type": "number", "minimum": 0.5, "maximum": 2 }),
            Shape::Words(words) => json!({ "type": "string", "enum": words() }),
            Shape::WordList(words) => json!({ "type": "array", "items": { "type": "string", "enum": words() } }),
            Shape::Texts => texts(),
            Shape::Pairs => json!({ "type": "array", "minItems": 1,
                "items": { "type": "array", "items": { "type": "string" }, "minItems": 2, "maxItems": 2 } }),
            Shape::Table => json!({ "type": "array", "minItems": 1, "items": { "type": "array", "minItems": 2, "maxItems": 2,
                "prefixItems": [{ "type": "string", "minLength": 1 }, { "oneOf": [{ "type": "string" }, { "type": "array", "items": { "type": "string" } }] }] } }),
            Shape::Exceptions => json!({ "type": "array", "items": { "type": "object", "additionalProperties": false,
                "required": ["text", "reason"], "properties": { "text": { "type": "string" }, "reason": { "type": "string" } } } }),
            Shape::Context => sides(),
            Shape::ConfusionPairs => json!({ "type": "array", "minItems": 1, "items": { "type": "object", "additionalProperties": false,
                "required": ["read", "printed"], "properties": {
                    "read": { "type": "string", "minLength": 1 }, "printed": { "type": "string", "minLength": 1 },
                    "words": { "type": "array", "items": { "type": "string" } }, "context": sides() } } }),
        };
        schema["description"] = json!(format!("{} · {}", self.text[0], self.text[1]));
        schema
    }
}

/// The JSON Schema of rule files.
#[must_use]
pub fn rule_schema() -> Value {
    let properties = |keys: &mut dyn Iterator<Item = &'static KeyDoc>| -> Map<String, Value> {
        keys.map(|doc| (doc.key.to_owned(), doc.schema())).collect()
    };
    let defaults = ["kind", "class", "phase", "status", "message", "why", "source", "safety", "confidence"];
    let head: Vec<&str> = crate::rules::keys_of_every_rule().to_vec();
    let kinds: Vec<Value> = keys_of_kinds()
        .into_iter()
        .map(|(kind, keys)| {
            let allowed: Map<String, Value> = head.iter().chain(keys).map(|&key| (key.to_owned(), json!(true))).collect();
            json!({ "if": { "properties": { "kind": { "const": kind } }, "required": ["kind"] },
                "then": { "properties": allowed, "additionalProperties": false } })
        })
        .collect();
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "jiaokan rule file",
        "description": "规则文件 · A rule file of jiaokan: docs/rules.md explains it",
        "type": "object",
        "additionalProperties": false,
        "properties": {
            "defaults": {
                "description": "本文件各条规则共有的 · What every rule of the file has unless it says otherwise",
                "type": "object", "additionalProperties": false,
                "properties": properties(&mut RULE_KEYS.iter().filter(|doc| defaults.contains(&doc.key))),
            },
            "rule": { "type": "array", "items": {
                "type": "object",
                "properties": properties(&mut RULE_KEYS.iter()),
                "required": ["id", "bad", "good"],
                "allOf": kinds,
            } },
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_key_is_told_and_no_other() {
        let told: BTreeSet<&str> = RULE_KEYS.iter().map(|doc| doc.key).collect();
        let mut known: BTreeSet<&str> = crate::rules::keys_of_every_rule().iter().copied().collect();
        known.extend(keys_of_kinds().into_iter().flat_map(|(_, keys)| keys));
        assert_eq!(told, known);
    }
}
