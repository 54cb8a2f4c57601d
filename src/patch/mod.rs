//! The record that lies beside every written text: what was changed, and all
//! that is needed to undo it byte by byte.
//!
//! Nothing here reads or writes a file. `docs/schema/patch.schema.json`
//! describes the JSON; start at [`Patch`].

mod seal;
mod wire;

use sha2::{Digest, Sha256};

pub use wire::{Cause, InverseEdit, Kept, Patch, Side, VERSION};

use crate::apply::Script;
use crate::encoding::{Decoded, Encoding, Spliced, decode};
use crate::finding::{Edit, Message};
use crate::text::{LineIndex, Position, Span, floor_boundary};

/// Why a text is not restored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The file is the original already.
    AlreadyOriginal,
    /// The text was edited after the patch was written.
    Edited {
        /// The first difference, in the text as it is now. `None` when the
        /// text reads the same and only its bytes differ.
        position: Option<Position>,
        /// The encoding it seems to have now, when that is another one.
        encoding: Option<Encoding>,
    },
    /// The patch is of a later version of this program, or not whole.
    Unusable(&'static str),
}

impl Refusal {
    /// What was found, and what to do.
    #[must_use]
    pub fn message(&self) -> Message {
        match self {
            Refusal::AlreadyOriginal => Message::new("已是原文，无须恢复", "this is the original already"),
            Refusal::Edited { position: Some(Position { line, column, .. }), encoding } => {
                let now = encoding.map_or_else(Default::default, |encoding| {
                    (format!("，编码现似为 {}", encoding.name()), format!("; it seems to be {} now", encoding.name()))
                });
                Message::new(
                    format!("修复之后又被改动，首处不同在第 {line} 行第 {column} 列{}；未作恢复", now.0),
                    format!("edited since it was written, first at line {line}, column {column}{}; left as it is", now.1),
                )
            }
            Refusal::Edited { position: None, .. } => Message::new(
                "文字相同，但字节已被改动（如 BOM 或编码）；未作恢复",
                "the text reads the same, but its bytes were changed (byte order mark, encoding); left as it is",
            ),
            Refusal::Unusable(why) => Message::new(format!("修复记录无法使用：{why}"), format!("the patch cannot be used: {why}")),
        }
    }
}

impl Patch {
    /// The record of a corrected file.
    ///
    /// `path` is the file's name in reports; `spliced` is what `script` made of
    /// `original`.
    #[must_use]
    pub fn new(path: &str, original: &[u8], decoded: &Decoded, script: &Script, corrected: &str, spliced: &Spliced) -> Self {
        let inverse = script.inverse(&decoded.text);
        let inverse = inverse.edits().iter().zip(&spliced.edits).map(|(edit, bytes)| InverseEdit {
            edit: edit.clone(),
            bytes: bytes.corrected,
            raw: hex(&original[bytes.original.start..bytes.original.end]),
        });
        let kept =
            decoded.undecodable.iter().map(|run| Kept { original: run.at, corrected: moved(run.at, script.edits()), raw: hex(&run.bytes) });
        Self {
            format: wire::FORMAT.to_owned(),
            version: VERSION,
            tool: concat!("jiaokan ", env!("CARGO_PKG_VERSION")).to_owned(),
            path: path.to_owned(),
            encoding: decoded.encoding.name().to_owned(),
            bom: decoded.bom,
            original: Side::of(original),
            corrected: Side::of(&spliced.bytes),
            edits: script.edits().to_vec(),
            inverse: inverse.collect(),
            undecodable: kept.collect(),
            seal: seal::of(corrected),
            causes: Vec::new(),
            previous: None,
        }
    }

    /// Says who or what made the change.
    #[must_use]
    pub fn with_causes(mut self, causes: Vec<Cause>) -> Self {
        self.causes = causes;
        self
    }

    /// What made the `idx`-th edit.
    pub fn causes_of(&self, idx: usize) -> impl Iterator<Item = &Cause> {
        let changed = self.edits.get(idx).map(|edit| edit.span);
        let touches = |a: Span, b: Span| a.start <= b.end && b.start <= a.end;
        let overlaps = move |span: &Span| {
            changed.is_some_and(|edit| edit.overlaps(*span) || (edit.is_empty() || span.is_empty()) && touches(edit, *span))
        };
        self.causes.iter().filter(move |cause| cause.spans.iter().any(overlaps))
    }

    /// True when the `idx`-th edit is a note of the file about other edits.
    #[must_use]
    pub fn is_note(&self, idx: usize) -> bool {
        self.edits.get(idx).is_some_and(|edit| self.causes.iter().any(|cause| cause.notes.contains(&edit.span)))
    }

    /// True when `bytes` are what this patch's run wrote.
    #[must_use]
    pub fn made(&self, bytes: &[u8]) -> bool {
        self.corrected == Side::of(bytes)
    }

    /// The original bytes of a file that reads `current`.
    ///
    /// # Errors
    /// When `current` is not what this patch's run wrote, or the patch itself
    /// is damaged.
    pub fn undo(&self, current: &[u8]) -> Result<Vec<u8>, Refusal> {
        if self.format != wire::FORMAT || self.version > VERSION {
            return Err(Refusal::Unusable("written by a later version / 由更新的版本写成"));
        }
        if !self.made(current) {
            let original = self.original == Side::of(current);
            return Err(if original { Refusal::AlreadyOriginal } else { self.difference(current) });
        }
        let damaged = Refusal::Unusable("damaged / 已损坏");
        let mut bytes = Vec::with_capacity(self.original.bytes);
        let mut at = 0;
        for inverse in &self.inverse {
            let Span { start, end } = inverse.bytes;
            let kept = current.get(at..start).filter(|_| start <= end && end <= current.len()).ok_or(damaged.clone())?;
            bytes.extend_from_slice(kept);
            bytes.extend(unhex(&inverse.raw).ok_or(damaged.clone())?);
            at = end;
        }
        bytes.extend_from_slice(&current[at..]);
        if self.original == Side::of(&bytes) { Ok(bytes) } else { Err(damaged) }
    }

    fn difference(&self, current: &[u8]) -> Refusal {
        let Ok(encoding) = self.encoding.parse::<Encoding>() else {
            return Refusal::Unusable("damaged / 已损坏");
        };
        let now = decode(current, Some(encoding));
        let offset = seal::first_difference(&self.seal, &now.text).or_else(|| {
            let same = |(kept, run): (&Kept, &crate::encoding::Undecodable)| kept.corrected == run.at && kept.raw == hex(&run.bytes);
            let n_same = self.undecodable.iter().zip(&now.undecodable).take_while(|&pair| same(pair)).count();
            let theirs = self.undecodable.get(n_same).map(|kept| kept.corrected);
            let ours = now.undecodable.get(n_same).map(|run| run.at);
            theirs.into_iter().chain(ours).min()
        });
        let seems = decode(current, None).encoding;
        let other = seems != encoding && !(is_gb(seems) && is_gb(encoding)) && !current.is_ascii();
        Refusal::Edited {
            position: offset.map(|at| LineIndex::new(&now.text).position(floor_boundary(&now.text, at))),
            encoding: other.then_some(seems),
        }
    }
}

impl Side {
    /// The fingerprint of a file.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self { bytes: bytes.len(), sha256: hex(&Sha256::digest(bytes)) }
    }
}

fn is_gb(encoding: Encoding) -> bool {
    matches!(encoding, Encoding::Gb2312 | Encoding::Gbk | Encoding::Gb18030)
}

/// Where `offset`, which no edit covers, is after the edits.
fn moved(offset: usize, edits: &[Edit]) -> usize {
    edits.iter().take_while(|edit| edit.span.end <= offset).fold(offset, |at, edit| at + edit.replacement.len() - edit.span.len())
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits: Vec<u8> = text.chars().map(|c| c.to_digit(16).map(|digit| digit as u8)).collect::<Option<_>>()?;
    let (pairs, odd) = digits.as_chunks::<2>();
    odd.is_empty().then(|| pairs.iter().map(|&[high, low]| 16 * high + low).collect())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::encoding::{encode_str, splice};

    fn patch_of(original: &[u8], encoding: Encoding, edits: Vec<Edit>) -> (Patch, Vec<u8>) {
        let decoded = decode(original, Some(encoding));
        let script = Script::new(edits).unwrap();
        let pairs: Vec<(Span, &str)> = script.edits().iter().map(|edit| (edit.span, edit.replacement.as_str())).collect();
        let spliced = splice(original, &decoded, &pairs).unwrap();
        let corrected = script.apply(&decoded.text);
        (Patch::new("a.txt", original, &decoded, &script, &corrected, &spliced), spliced.bytes)
    }

    fn gbk(text: &str) -> Vec<u8> {
        encode_str(Encoding::Gbk, text).unwrap()
    }

    #[test]
    fn undo_restores_bytes_that_do_not_encode_back() {
        let original = [&b"\x80\xff"[..], &gbk("石\r\n庄市\r\n")].concat();
        let edits = vec![Edit::replacement(Span::new(0, 3), "元"), Edit::replacement(Span::new(9, 11), "家")];
        let (patch, corrected) = patch_of(&original, Encoding::Gbk, edits);
        assert_eq!(corrected, [&gbk("元")[..], b"\xff", &gbk("石家庄市\r\n")].concat());
        let json = serde_json::to_string(&patch).unwrap();
        let patch: Patch = serde_json::from_str(&json).unwrap();
        assert_eq!(patch.undo(&corrected).unwrap(), original);
        assert_eq!(patch.undo(&original), Err(Refusal::AlreadyOriginal));
        assert_eq!((patch.undecodable[0].original, patch.undecodable[0].corrected), (3, 3));
    }

    #[test]
    fn an_edited_text_is_refused_with_the_place() {
        let (patch, _) = patch_of(&gbk("甲乙丙\n丁戊\n"), Encoding::Gbk, vec![Edit::deletion(Span::new(0, 3))]);
        let place = |now: &[u8]| match patch.undo(now) {
            Err(Refusal::Edited { position: Some(position), .. }) => (position.line, position.column),
            other => panic!("{other:?}"),
        };
        assert_eq!(place(&gbk("乙丙\n丁己\n")), (2, 2));
        assert_eq!(place(&gbk("丙\n丁戊\n")), (1, 1));
        assert_eq!(place(&gbk("乙丙\n丁戊")), (2, 3));
        assert_eq!(place(&gbk("乙丙\n丁戊\n己")), (3, 1));
        assert_eq!(place(b""), (1, 1));
        let converted = patch.undo("乙丙\n丁戊\n".as_bytes());
        assert!(matches!(converted, Err(Refusal::Edited { position: Some(_), encoding: Some(Encoding::Utf8) })), "{converted:?}");
    }

    #[test]
    fn a_change_of_undecodable_bytes_alone_is_refused_with_the_place() {
        let original = [&gbk("甲乙\n丙")[..], b"\xff", &gbk("丁")].concat();
        let (patch, corrected) = patch_of(&original, Encoding::Gbk, vec![Edit::deletion(Span::new(0, 3))]);
        let edited: Vec<u8> = corrected.iter().flat_map(|&byte| if byte == 0xff { vec![0xff, 0xff] } else { vec![byte] }).collect();
        let refusal = patch.undo(&edited).unwrap_err();
        assert!(matches!(refusal, Refusal::Edited { position: Some(Position { line: 2, column: 2, .. }), .. }), "{refusal:?}");
    }

    #[test]
    fn a_damaged_patch_restores_nothing() {
        let (mut patch, corrected) = patch_of(&gbk("甲乙"), Encoding::Gbk, vec![Edit::deletion(Span::new(0, 3))]);
        patch.inverse[0].raw = "d2d2".to_owned();
        assert!(matches!(patch.undo(&corrected), Err(Refusal::Unusable(_))));
        patch.inverse[0].bytes = Span { start: 9, end: 2 };
        assert!(matches!(patch.undo(&corrected), Err(Refusal::Unusable(_))));
        patch.version = VERSION + 1;
        assert!(matches!(patch.undo(&corrected), Err(Refusal::Unusable(_))));
    }

    proptest! {
        #[test]
        fn undo_is_the_inverse_in_every_encoding(
            text in "[石家庄市本报讯。，\r\n a-c€]{0,40}",
            bad in prop::collection::vec(Just(0xff_u8), 0..3),
            at in 0_usize..40,
            length in 0_usize..6,
            new in "[的一是]{0,3}",
            encoding in prop::sample::select(Encoding::ALL.to_vec()),
        ) {
            let Ok(mut original) = encode_str(encoding, &text) else { return Ok(()) };
            original.extend(&bad);
            let decoded = decode(&original, Some(encoding));
            let limit = decoded.undecodable.first().map_or(decoded.text.len(), |run| run.at);
            let start = floor_boundary(&decoded.text, at.min(limit));
            let end = floor_boundary(&decoded.text, (start + length).min(limit));
            let edit = Edit { span: Span::new(start, end), replacement: new };
            let (patch, corrected) = patch_of(&original, encoding, vec![edit]);
            prop_assert_eq!(patch.undo(&corrected), if original == corrected { Ok(corrected.clone()) } else { Ok(original) });
        }
    }
}
