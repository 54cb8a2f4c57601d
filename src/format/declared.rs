use crate::encoding::{Encoding, decode};

/// The encoding that an XML file says it has, where that is one of two-byte
/// characters and holds for all of it. UTF-8 and UTF-16 tell themselves, and
/// programs that converted a file often forgot its first line.
#[must_use]
pub fn declared_encoding(bytes: &[u8]) -> Option<Encoding> {
    const HEAD_BYTES: usize = 200;
    let head = bytes.get(..HEAD_BYTES.min(bytes.len()))?;
    let head = head.split(|&byte| byte == b'>').next().filter(|head| head.starts_with(b"<?xml"))?;
    let declaration = std::str::from_utf8(head).ok()?;
    let value = declaration.split("encoding").nth(1)?.trim_start().strip_prefix('=')?.trim_start();
    let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let name = value[1..].split(quote).next()?.to_ascii_lowercase();
    let encoding: Encoding = name.parse().ok()?;
    let two_bytes = !matches!(encoding, Encoding::Utf8 | Encoding::Utf16Le | Encoding::Utf16Be);
    (two_bytes && std::str::from_utf8(bytes).is_err() && decode(bytes, Some(encoding)).undecodable.is_empty()).then_some(encoding)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encoding::encode_str;

    #[test]
    fn what_is_declared_holds_only_where_it_is_true() {
        let page = |name: &str| format!("<?xml version=\"1.0\" encoding=\"{name}\"?><a>新桥</a>");
        let gbk = encode_str(Encoding::Gbk, &page("GBK")).unwrap();
        assert_eq!(declared_encoding(&gbk), Some(Encoding::Gbk));
        assert_eq!(declared_encoding(page("GBK").as_bytes()), None, "it is UTF-8 now");
        let wrong = encode_str(Encoding::Gbk, &page("big5").replace('桥', "€")).unwrap();
        assert_eq!(declared_encoding(&wrong), None);
        assert_eq!(declared_encoding(b"<a/>"), None);
    }
}
