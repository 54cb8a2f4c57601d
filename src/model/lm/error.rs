use super::file::VERSION;

/// Why a model file was refused.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
pub enum LanguageModelError {
    /// It does not begin with the format's name.
    #[error("not a language model of jiaokan (it begins with {found:02x?}); make one with `jiaokan lm build` or `jiaokan lm import`")]
    Format {
        /// Its first bytes, eight at most.
        found: Vec<u8>,
    },
    /// It is of another version of the format.
    #[error("a language model of format {found}, where this program reads format {VERSION}; build it again with this program")]
    Version {
        /// The version found.
        found: u8,
    },
    /// It is shorter or longer than it says.
    #[error("a language model of {found} bytes, where its header says {expected}; copy it again, it is cut or something follows it")]
    Length {
        /// Bytes expected.
        expected: u64,
        /// Bytes found.
        found: u64,
    },
    /// Its checksum is another.
    #[error("a damaged language model: checksum {found:016x}, where its header says {expected:016x}; copy or build it again")]
    Checksum {
        /// The checksum in the header.
        expected: u64,
        /// That of the bytes.
        found: u64,
    },
    /// Its parts contradict each other.
    #[error("a language model that cannot be: {0}; build it again")]
    Structure(String),
}
