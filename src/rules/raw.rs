//! The form in which rule files are written. Nothing here leaves the loader:
//! what travels is the checked [`Rule`](super::Rule).

use serde::de::{DeserializeOwned, Deserializer, Visitor};
use serde::{Deserialize, forward_to_deserialize_any};
use toml::Spanned;

/// `pack.toml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawPack {
    pub name: Option<Spanned<String>>,
    pub version: Option<Spanned<String>>,
    pub message: Option<Spanned<RawMessage>>,
    pub requires: Option<Vec<Spanned<RawRequirement>>>,
    pub overrides: Option<Vec<Spanned<RawOverride>>>,
    pub paths: Option<Vec<Spanned<String>>>,
    pub protect: Option<Vec<Spanned<String>>>,
    pub known_bad: Option<Spanned<RawKnownBad>>,
}

/// A pack that another one needs.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawRequirement {
    pub pack: String,
    pub version: Option<String>,
}

/// A rule of another pack that does not run.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawOverride {
    pub rule: String,
    pub reason: String,
}

/// How far the list of known misreadings is trusted.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawKnownBad {
    pub safety: Spanned<String>,
    pub confidence: Spanned<f64>,
}

/// A text in both languages.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawMessage {
    pub zh: String,
    pub en: String,
}

/// What every rule of a file has unless it says otherwise.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawDefaults {
    pub kind: Option<Spanned<String>>,
    pub class: Option<Spanned<String>>,
    pub phase: Option<Spanned<String>>,
    pub message: Option<Spanned<RawMessage>>,
    pub why: Option<Spanned<RawMessage>>,
    pub source: Option<Spanned<String>>,
    pub safety: Option<Spanned<String>>,
    pub confidence: Option<Spanned<f64>>,
    pub status: Option<Spanned<String>>,
}

/// The keys every rule may have, whatever its kind.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawHead {
    pub id: Option<Spanned<String>>,
    pub kind: Option<Spanned<String>>,
    pub class: Option<Spanned<String>>,
    pub phase: Option<Spanned<String>>,
    pub message: Option<Spanned<RawMessage>>,
    pub why: Option<Spanned<RawMessage>>,
    pub source: Option<Spanned<String>>,
    pub safety: Option<Spanned<String>>,
    pub confidence: Option<Spanned<f64>>,
    pub status: Option<Spanned<String>>,
    pub elsewhere: Option<Spanned<usize>>,
    pub on_page: Option<Vec<Spanned<String>>>,
    pub bad: Option<Spanned<Vec<RawRepair>>>,
    pub good: Option<Spanned<Vec<Spanned<String>>>>,
    pub exceptions: Option<Vec<Spanned<RawException>>>,
}

/// A damaged text and what the rule makes of it.
pub(super) type RawRepair = Spanned<(String, String)>;

/// A text in which a rule stays silent.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawException {
    pub text: String,
    pub reason: String,
}

/// The names of the fields of a struct that serde reads, in order: the one
/// list of valid keys, so that it cannot drift from the code.
pub(super) fn fields_of<T: DeserializeOwned>() -> &'static [&'static str] {
    let mut fields: &'static [&'static str] = &[];
    // The probe always fails; what it saw on the way is the answer.
    drop(T::deserialize(Probe(&mut fields)));
    fields
}

struct Probe<'a>(&'a mut &'static [&'static str]);

impl<'de> Deserializer<'de> for Probe<'_> {
    type Error = serde::de::value::Error;

    fn deserialize_any<V: Visitor<'de>>(self, _visitor: V) -> Result<V::Value, Self::Error> {
        Err(serde::de::Error::custom("only the field names were wanted"))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Self::Error> {
        *self.0 = fields;
        self.deserialize_any(visitor)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option
        unit unit_struct newtype_struct seq tuple tuple_struct map enum identifier ignored_any
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn field_names_come_from_the_struct() {
        assert_eq!(fields_of::<RawException>(), ["text", "reason"]);
        assert!(fields_of::<RawHead>().contains(&"confidence"));
    }
}
