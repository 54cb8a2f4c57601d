use std::str::FromStr;

/// An encoding this tool reads and writes.
///
/// GB2312, GBK and GB18030 are read alike (each contains the one before); they
/// differ in what may be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Encoding {
    /// UTF-8.
    Utf8,
    /// GB2312-80, on request only: 6763 Han characters.
    Gb2312,
    /// GBK (code page 936): two-byte sequences only.
    Gbk,
    /// GB18030: GBK and four-byte sequences.
    Gb18030,
    /// Big5; the Hong Kong extensions are read, but not written.
    Big5,
    /// UTF-16, low byte first.
    Utf16Le,
    /// UTF-16, high byte first.
    Utf16Be,
}

impl Encoding {
    /// All encodings, in the order they are listed to people.
    pub const ALL: [Encoding; 7] =
        [Encoding::Utf8, Encoding::Gb18030, Encoding::Gbk, Encoding::Gb2312, Encoding::Big5, Encoding::Utf16Le, Encoding::Utf16Be];

    /// The name as people and reports write it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Encoding::Utf8 => "UTF-8",
            Encoding::Gb2312 => "GB2312",
            Encoding::Gbk => "GBK",
            Encoding::Gb18030 => "GB18030",
            Encoding::Big5 => "Big5",
            Encoding::Utf16Le => "UTF-16LE",
            Encoding::Utf16Be => "UTF-16BE",
        }
    }

    /// The byte order mark of the encoding; empty where there is none.
    #[must_use]
    pub fn bom(self) -> &'static [u8] {
        match self {
            Encoding::Utf8 => b"\xEF\xBB\xBF",
            Encoding::Gb18030 => b"\x84\x31\x95\x33",
            Encoding::Utf16Le => b"\xFF\xFE",
            Encoding::Utf16Be => b"\xFE\xFF",
            Encoding::Gb2312 | Encoding::Gbk | Encoding::Big5 => b"",
        }
    }

    /// The table that reads it; `None` for the Unicode encodings.
    pub(super) fn table(self) -> Option<&'static encoding_rs::Encoding> {
        match self {
            Encoding::Gb2312 | Encoding::Gbk | Encoding::Gb18030 => Some(encoding_rs::GB18030),
            Encoding::Big5 => Some(encoding_rs::BIG5),
            Encoding::Utf8 | Encoding::Utf16Le | Encoding::Utf16Be => None,
        }
    }
}

/// A name that is no encoding of [`Encoding::ALL`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown encoding \"{0}\"; known are utf-8, gb18030, gbk, gb2312, big5, utf-16le, utf-16be")]
pub struct UnknownEncoding(pub String);

impl FromStr for Encoding {
    type Err = UnknownEncoding;

    /// Case, `-`, `_` and spaces do not count; common other names are known.
    fn from_str(name: &str) -> Result<Self, UnknownEncoding> {
        let plain: String = name.chars().filter(|c| !matches!(c, '-' | '_' | ' ')).map(|c| c.to_ascii_lowercase()).collect();
        match plain.as_str() {
            "utf8" => Ok(Encoding::Utf8),
            "gb18030" => Ok(Encoding::Gb18030),
            "gbk" | "cp936" | "windows936" => Ok(Encoding::Gbk),
            "gb2312" | "euccn" => Ok(Encoding::Gb2312),
            "big5" | "cp950" | "big5hkscs" | "big5eten" => Ok(Encoding::Big5),
            "utf16le" => Ok(Encoding::Utf16Le),
            "utf16be" => Ok(Encoding::Utf16Be),
            _ => Err(UnknownEncoding(name.to_owned())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_read_back() {
        for encoding in Encoding::ALL {
            assert_eq!(encoding.name().parse(), Ok(encoding));
        }
        assert_eq!("cp936".parse(), Ok(Encoding::Gbk));
        assert!("latin1".parse::<Encoding>().is_err());
    }
}
