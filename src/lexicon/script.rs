//! Simplified and traditional: which characters belong to one script alone,
//! what they stand for in the other, and a converter for phrases.
//!
//! Whether a character is of one script alone is told by the encodings each
//! script had: a traditional form that GB 2312 has too (乾, 徵, 瞭) is one a
//! simplified text may use, and the same for Big5. Converting there and back
//! would not do: it takes names and variants for errors.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use encoding_rs::{BIG5, Encoding, GBK};
use ferrous_opencc::OpenCC;
use ferrous_opencc::config::BuiltinConfig;

/// Converts phrases between the scripts, one character for one.
pub trait Converter: Send + Sync {
    /// Its name as the configuration has it.
    fn name(&self) -> &'static str;

    /// `text` in simplified characters.
    fn simplify(&self, text: &str) -> String;

    /// `text` in traditional characters.
    fn traditionalize(&self, text: &str) -> String;
}

/// The converters there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum ConverterKind {
    /// The built-in one, with OpenCC's dictionaries inside the program.
    #[default]
    Ferrous,
    /// The C++ OpenCC of the system.
    #[cfg(feature = "opencc")]
    Opencc,
}

/// Why a converter cannot be used. It depends on the machine, never on a text.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the converter {name} cannot be opened: {reason}")]
pub struct ConverterError {
    /// The converter.
    pub name: &'static str,
    /// What it said.
    pub reason: String,
}

/// The script a character belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Script {
    /// Of both, or of neither.
    Shared,
    /// Only simplified text has it.
    Simplified,
    /// Only traditional text has it.
    Traditional,
}

const FIRST: u32 = 0x3400;
const END: u32 = 0xa000;

/// What is known of the two scripts, with the converter it was made with.
pub struct Scripts {
    converter: Box<dyn Converter>,
    scripts: Vec<Script>,
    traditional_forms: BTreeMap<char, Vec<char>>,
}

impl std::fmt::Debug for Scripts {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Scripts").field("converter", &self.converter.name()).finish_non_exhaustive()
    }
}

impl Scripts {
    /// The tables of a converter, made at the first call.
    ///
    /// # Errors
    /// When the converter cannot be opened: the system's OpenCC is missing its
    /// configuration. Never for the built-in one.
    pub fn of(kind: ConverterKind) -> Result<&'static Self, ConverterError> {
        static FERROUS: OnceLock<Result<Scripts, ConverterError>> = OnceLock::new();
        #[cfg(feature = "opencc")]
        static OPENCC: OnceLock<Result<Scripts, ConverterError>> = OnceLock::new();
        let made = match kind {
            ConverterKind::Ferrous => FERROUS.get_or_init(|| Ferrous::open().map(|converter| Self::new(Box::new(converter)))),
            #[cfg(feature = "opencc")]
            ConverterKind::Opencc => OPENCC.get_or_init(|| system::System::open().map(|converter| Self::new(Box::new(converter)))),
        };
        made.as_ref().map_err(Clone::clone)
    }

    /// Makes the tables from one conversion of every character by itself.
    fn new(converter: Box<dyn Converter>) -> Self {
        let all: Vec<char> = (FIRST..END).filter_map(char::from_u32).collect();
        let apart: String = all.iter().flat_map(|&c| [c, '\n']).collect();
        let simplified: Vec<Option<char>> = converter.simplify(&apart).lines().map(|line| line.chars().next()).collect();
        let traditional: Vec<Option<char>> = converter.traditionalize(&apart).lines().map(|line| line.chars().next()).collect();
        let mut scripts = vec![Script::Shared; all.len()];
        let mut traditional_forms: BTreeMap<char, Vec<char>> = BTreeMap::new();
        for (idx, &c) in all.iter().enumerate() {
            let differs = |forms: &[Option<char>]| forms.get(idx).copied().flatten().filter(|&form| form != c);
            if let Some(simple) = differs(&simplified).filter(|_| holds(BIG5, c)) {
                traditional_forms.entry(simple).or_default().push(c);
            }
            scripts[idx] = match (differs(&simplified), differs(&traditional)) {
                (Some(_), None) if !is_gb2312(c) => Script::Traditional,
                (None, Some(_)) if !holds(BIG5, c) => Script::Simplified,
                _ => Script::Shared,
            };
        }
        Self { converter, scripts, traditional_forms }
    }

    /// The script of `c`.
    #[must_use]
    pub fn script(&self, c: char) -> Script {
        self.scripts.get(u32::from(c).wrapping_sub(FIRST) as usize).copied().unwrap_or(Script::Shared)
    }

    /// The traditional characters that `simplified` stands for, as far as Big5
    /// has them, in code point order; itself included where it is one of them.
    #[must_use]
    pub fn traditional_forms(&self, simplified: char) -> &[char] {
        self.traditional_forms.get(&simplified).map_or(&[], Vec::as_slice)
    }

    /// The converter the tables were made with.
    #[must_use]
    pub fn converter(&self) -> &dyn Converter {
        self.converter.as_ref()
    }
}

/// True when `encoding` has `c`.
fn holds(encoding: &'static Encoding, c: char) -> bool {
    let mut buffer = [0; 4];
    !encoding.encode(c.encode_utf8(&mut buffer)).2
}

/// True for the characters of GB 2312, the part of GBK at A1A1..F7FE.
fn is_gb2312(c: char) -> bool {
    let mut buffer = [0; 4];
    let (bytes, _, unmappable) = GBK.encode(c.encode_utf8(&mut buffer));
    !unmappable && matches!(bytes[..], [0xa1..=0xf7, 0xa1..=0xfe])
}

struct Ferrous {
    to_simplified: OpenCC,
    to_traditional: OpenCC,
}

impl Ferrous {
    fn open() -> Result<Self, ConverterError> {
        let open = |config| OpenCC::from_config(config).map_err(|error| ConverterError { name: "ferrous", reason: error.to_string() });
        Ok(Self { to_simplified: open(BuiltinConfig::T2s)?, to_traditional: open(BuiltinConfig::S2t)? })
    }
}

impl Converter for Ferrous {
    fn name(&self) -> &'static str {
        "ferrous"
    }

    fn simplify(&self, text: &str) -> String {
        self.to_simplified.convert(text)
    }

    fn traditionalize(&self, text: &str) -> String {
        self.to_traditional.convert(text)
    }
}

#[cfg(feature = "opencc")]
mod system {
    use opencc_rust::OpenCC;

    use super::{Converter, ConverterError};

    /// Where packages put OpenCC's configuration. OpenCC looks for a plain name
    /// in the current directory first, where a file of another version would
    /// break it; the plain name comes last.
    const FOLDERS: [&str; 4] = ["/usr/share/opencc/", "/usr/local/share/opencc/", "/opt/homebrew/share/opencc/", ""];

    pub(super) struct System {
        to_simplified: OpenCC,
        to_traditional: OpenCC,
    }

    impl System {
        pub(super) fn open() -> Result<Self, ConverterError> {
            Ok(Self { to_simplified: open("t2s.json")?, to_traditional: open("s2t.json")? })
        }
    }

    fn open(config: &str) -> Result<OpenCC, ConverterError> {
        FOLDERS
            .iter()
            .find_map(|folder| OpenCC::new(format!("{folder}{config}")).ok())
            .ok_or_else(|| ConverterError { name: "opencc", reason: format!("no usable {config} in the folders of OpenCC") })
    }

    impl Converter for System {
        fn name(&self) -> &'static str {
            "opencc"
        }

        fn simplify(&self, text: &str) -> String {
            self.to_simplified.convert(text)
        }

        fn traditionalize(&self, text: &str) -> String {
            self.to_traditional.convert(text)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scripts() -> &'static Scripts {
        Scripts::of(ConverterKind::Ferrous).unwrap()
    }

    #[test]
    fn characters_of_one_script_alone() {
        let scripts = scripts();
        for c in "國經濟發會議這們".chars() {
            assert_eq!(scripts.script(c), Script::Traditional, "{c}");
        }
        for c in "国经济发会议这们".chars() {
            assert_eq!(scripts.script(c), Script::Simplified, "{c}");
        }
        // Of both scripts: each has a place in the other's encoding.
        for c in "台里后干乾徵瞭藉著余云范一人".chars() {
            assert_eq!(scripts.script(c), Script::Shared, "{c}");
        }
    }

    #[test]
    fn one_simplified_character_may_stand_for_several() {
        assert_eq!(scripts().traditional_forms('发'), ['發', '髮']);
        assert_eq!(scripts().traditional_forms('国'), ['國']);
        assert!(scripts().traditional_forms('人').is_empty());
    }

    #[test]
    fn phrases_decide_between_them() {
        let converter = scripts().converter();
        assert_eq!(converter.traditionalize("发展和理发"), "發展和理髮");
        assert_eq!(converter.simplify("經濟發展"), "经济发展");
    }

    /// Both converters carry OpenCC's dictionaries, of slightly different age.
    #[cfg(feature = "opencc")]
    #[test]
    fn both_converters_agree() {
        let ours = scripts();
        let theirs = Scripts::of(ConverterKind::Opencc).unwrap();
        let differing: String = (FIRST..END).filter_map(char::from_u32).filter(|&c| ours.script(c) != theirs.script(c)).collect();
        assert!(differing.chars().count() <= 20, "{differing}");
        for text in ["头发和发展，干部和乾隆，里面和公里", "皇后在后面，面条和表面", "他们的经济工作会议"]
        {
            assert_eq!(ours.converter().traditionalize(text), theirs.converter().traditionalize(text));
        }
        for text in ["頭髮和發展，乾隆和幹部", "皇后在後面，麵條和表面", "臺灣的體制與鐘錶"] {
            assert_eq!(ours.converter().simplify(text), theirs.converter().simplify(text));
        }
    }
}
