use std::sync::LazyLock;

use regex::Regex;

/// How much of a file is looked at, in bytes: programs name themselves in its
/// head.
const HEAD_BYTES: usize = 8192;

/// The program that a file with boxes says it is from: hOCR's `ocr-system`,
/// ALTO's `softwareName`, PAGE's `Creator`.
#[must_use]
pub fn engine_of(content: &str) -> Option<String> {
    static NAMED: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(
            r#"(?x)
            name\s*=\s*["']ocr-system["']\s+content\s*=\s*["']([^"'<]{1,80})["']
            | <(?:\w+:)?softwareName>([^<]{1,80})</
            | <(?:\w+:)?Creator>([^<]{1,80})</"#,
        )
        .expect("a constant")
    });
    let head = &content[..crate::text::floor_boundary(content, HEAD_BYTES)];
    if !head.trim_start().starts_with('<') {
        return None;
    }
    let groups = NAMED.captures(head)?;
    let name = groups.iter().skip(1).flatten().next()?.as_str().trim();
    (!name.is_empty()).then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::engine_of;

    #[test]
    fn files_name_the_program_they_are_from() {
        for (content, expected) in [
            ("<html><meta name='ocr-system' content='tesseract 5.3.0' /></html>", Some("tesseract 5.3.0")),
            ("<alto><Description><softwareName>ABBYY FineReader</softwareName></Description></alto>", Some("ABBYY FineReader")),
            ("<PcGts><Metadata><Creator> Transkribus </Creator></Metadata></PcGts>", Some("Transkribus")),
            ("本报讯 <Creator>记者</Creator>", None),
            ("<alto/>", None),
        ] {
            assert_eq!(engine_of(content).as_deref(), expected);
        }
    }
}
