use crate::finding::{Message, Safety};
use crate::rules::Status;

/// A rule as an editor would say it: what stands in the text, what should, and
/// where.
#[derive(Clone, Debug, PartialEq)]
pub struct Draft {
    /// `pack/defect`.
    pub id: String,
    /// What the reading has.
    pub observed: String,
    /// What was printed; `None` where there is only something to look at,
    /// empty for what is to go.
    pub printed: Option<String>,
    /// Further forms, each with what was printed, that the rule knows beside
    /// the first.
    pub more: Vec<(String, String)>,
    /// What must and must not stand beside it.
    pub sides: Sides,
    /// The kind of damage, by name.
    pub class: String,
    /// When it runs, by name.
    pub phase: String,
    /// How far it is trusted.
    pub safety: Safety,
    /// Of a hundred such places, how many are damage, 0..=1.
    pub confidence: f64,
    /// Whether it may edit.
    pub status: Status,
    /// Why that is damage.
    pub why: Message,
    /// How the author knows.
    pub source: String,
    /// Texts with the damage, each with what becomes of it.
    pub bad: Vec<(String, String)>,
    /// Texts in which nothing may be changed.
    pub good: Vec<String>,
}

/// Neighbors of the place: literal text or a class such as `<han>`.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Sides {
    /// One of these stands directly before it.
    pub left: Vec<String>,
    /// None of these does.
    pub not_left: Vec<String>,
    /// One of these stands directly after it.
    pub right: Vec<String>,
    /// None of these does.
    pub not_right: Vec<String>,
}

impl Sides {
    /// True when nothing is asked.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// Why a draft is no rule yet. Depends on what was given alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DraftError(pub Message);

impl DraftError {
    fn new(zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self(Message::new(zh, en))
    }
}

impl Draft {
    /// A draft of what most rules are: a look-alike in a word, held back until
    /// its numbers are known or somebody asks for it.
    #[must_use]
    pub fn new(id: &str, observed: &str, printed: Option<&str>) -> Self {
        Self {
            id: id.to_owned(),
            observed: observed.to_owned(),
            printed: printed.map(str::to_owned),
            more: Vec::new(),
            sides: Sides::default(),
            class: "look-alike".to_owned(),
            phase: "words".to_owned(),
            safety: if printed.is_some() { Safety::Suggested } else { Safety::Flagged },
            confidence: 0.9,
            status: Status::Active,
            why: Message::new("本报的扫描件里反复这样认错", "the scans of this paper are misread so again and again"),
            source: "编辑所见".to_owned(),
            bad: Vec::new(),
            good: Vec::new(),
        }
    }

    /// Adds an example in which the damage stands: what becomes of it is the
    /// text with every `observed` replaced.
    pub fn add_example(&mut self, text: &str) {
        let fixed = match &self.printed {
            Some(printed) => text.replace(&self.observed, printed),
            None => text.to_owned(),
        };
        self.bad.push((text.to_owned(), fixed));
    }

    /// Fills in what was not said: an example of the bare form, and as a text
    /// in which nothing changes what the repaired example reads.
    ///
    /// # Errors
    /// When what was said contradicts itself.
    pub fn complete(&mut self) -> Result<(), DraftError> {
        if self.observed.is_empty() {
            return Err(DraftError::new(
                "没有说看到的是什么：给出误读的字词（丢了字的，连同旁边的字）",
                "nothing was observed: give the misread characters (with a neighbor, where one was lost)",
            ));
        }
        if self.printed.as_deref() == Some(&self.observed) {
            let observed = &self.observed;
            return Err(DraftError::new(format!("「{observed}」改后还是它自己"), format!("「{observed}」 is replaced by itself")));
        }
        let is_single = self.observed.chars().count() == 1;
        if is_single && self.printed.is_some() && self.sides.left.is_empty() && self.sides.right.is_empty() {
            let observed = &self.observed;
            return Err(DraftError::new(
                format!("单个字「{observed}」会处处改掉：写出它所在的词，或用 --left、--right 说明旁边是什么"),
                format!(
                    "「{observed}」 alone would be changed everywhere: give the word it stands in, or its neighbors with --left, --right"
                ),
            ));
        }
        if self.bad.is_empty() {
            let neighbor = |sides: &[String]| sides.iter().find(|side| !side.starts_with('<')).cloned().unwrap_or_default();
            let text = format!("{}{}{}", neighbor(&self.sides.left), self.observed, neighbor(&self.sides.right));
            self.add_example(&text);
        }
        for (text, _) in &self.bad {
            if !text.contains(&self.observed) && !self.more.iter().any(|(from, _)| text.contains(from)) {
                let observed = &self.observed;
                return Err(DraftError::new(
                    format!("例句「{text}」里没有「{observed}」"),
                    format!("「{observed}」 does not stand in the example 「{text}」"),
                ));
            }
        }
        if self.good.is_empty() {
            self.good = match &self.printed {
                Some(_) => self.bad.iter().map(|(_, fixed)| fixed.clone()).collect(),
                // Something to look at has no repaired form.
                None => vec![self.bad[0].0.replace(&self.observed, "")],
            };
            self.good.retain(|text| !text.is_empty());
            if self.good.is_empty() {
                return Err(DraftError::new(
                    "还缺一句不许动的话：用 --good 给出",
                    "a text in which nothing may be changed is missing: give it with --good",
                ));
            }
        }
        Ok(())
    }

    /// The rule as it stands in a file, beginning with an empty line.
    #[must_use]
    pub fn toml(&self) -> String {
        let kind = if self.printed.is_some() { "replace" } else { "flag" };
        let message = match self.printed.as_deref() {
            Some("") => Message::new("「{observed}」是多出来的", "「{observed}」 does not belong here"),
            Some(_) => Message::new("「{observed}」应为「{fixed}」", "「{observed}」: 「{fixed}」 was printed"),
            None => Message::new("「{observed}」可疑，请对照原版面", "「{observed}」 is suspect; compare the page"),
        };
        let mut out = format!("\n[[rule]]\nid = {}\nkind = {}\n", quoted(&self.id), quoted(kind));
        out += &format!("class = {}\nphase = {}\n", quoted(&self.class), quoted(&self.phase));
        if self.status == Status::Shadow {
            out += "status = \"shadow\"\n";
        }
        out += &format!("message = {}\nwhy = {}\nsource = {}\n", both(&message), both(&self.why), quoted(&self.source));
        let safety = match self.safety {
            Safety::Automatic => "automatic",
            Safety::Suggested => "suggested",
            Safety::Flagged => "flagged",
        };
        out += &format!("safety = {}\nconfidence = {}\n", quoted(safety), toml::Value::from(self.confidence));
        match &self.printed {
            Some(printed) => {
                let rows = std::iter::once((&self.observed, printed)).chain(self.more.iter().map(|(from, to)| (from, to)));
                out += &list("table", rows.map(|(from, to)| format!("[{}, {}]", quoted(from), quoted(to))));
            }
            None => out += &format!("texts = [{}]\n", quoted(&self.observed)),
        }
        if !self.sides.is_empty() {
            out += &format!("context = {}\n", context(&self.sides));
        }
        out += &list("bad", self.bad.iter().map(|(text, fixed)| format!("[{}, {}]", quoted(text), quoted(fixed))));
        out += &list("good", self.good.iter().map(|text| quoted(text)));
        out
    }
}

/// A list of one item on its line, of more with a line each.
fn list(key: &str, items: impl Iterator<Item = String>) -> String {
    let items: Vec<String> = items.collect();
    match items.as_slice() {
        [one] => format!("{key} = [{one}]\n"),
        _ => format!("{key} = [\n{}]\n", items.iter().map(|item| format!("    {item},\n")).collect::<String>()),
    }
}

fn context(sides: &Sides) -> String {
    let lists = [("left", &sides.left), ("not_left", &sides.not_left), ("right", &sides.right), ("not_right", &sides.not_right)];
    let lists: Vec<String> = lists
        .iter()
        .filter(|(_, list)| !list.is_empty())
        .map(|(key, list)| format!("{key} = [{}]", list.iter().map(|text| quoted(text)).collect::<Vec<_>>().join(", ")))
        .collect();
    format!("{{ {} }}", lists.join(", "))
}

fn quoted(text: &str) -> String {
    toml::Value::from(text).to_string()
}

fn both(message: &Message) -> String {
    format!("{{ zh = {}, en = {} }}", quoted(&message.zh), quoted(&message.en))
}

/// An id that `taken` does not have: `pack/misread-5f84` from the code point
/// of what was observed, with a number behind it where that is taken. People
/// who know a better name give it.
#[must_use]
pub fn free_id(pack: &str, observed: &str, taken: impl Fn(&str) -> bool) -> String {
    let codes: Vec<String> = observed.chars().take(3).map(|c| format!("{:x}", u32::from(c))).collect();
    let stem = format!("{pack}/misread-{}", codes.join("-"));
    if !taken(&stem) {
        return stem;
    }
    (2..).map(|number| format!("{stem}-n{number}")).find(|id| !taken(id)).expect("numbers do not end")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::{ExampleOutcome, PackSource, RuleSet, SourceFile};

    fn load(rule: &str) -> RuleSet {
        let pack = "name = \"ours\"\nversion = \"1\"\nmessage = { zh = \"本报\", en = \"ours\" }\n";
        let file = |path: &str, text: &str| SourceFile { path: path.to_owned(), text: text.to_owned() };
        RuleSet::load(&[PackSource { origin: "ours".to_owned(), files: vec![file("ours/pack.toml", pack), file("ours/a.toml", rule)] }])
            .unwrap()
    }

    #[test]
    fn a_draft_becomes_a_rule_that_keeps_its_examples() {
        let mut draft = Draft::new("ours/river", "径河", Some("泾河"));
        draft.sides.not_right = vec!["\"水\\".to_owned()];
        draft.add_example("径河公园\t今天开放");
        draft.complete().unwrap();
        let set = load(&draft.toml());
        assert!(set.run_examples(|_| true).iter().all(|report| report.outcome == ExampleOutcome::Validated));
        let mut flag = Draft::new("ours/odd", "囗囗", None);
        flag.good = vec!["口口相传".to_owned()];
        flag.complete().unwrap();
        assert_eq!(load(&flag.toml()).rules()[0].head.kind, "flag");
    }

    #[test]
    fn contradictions_are_told_before_anything_is_written() {
        assert!(Draft::new("a/b", "曰", Some("日")).complete().is_err());
        assert!(Draft::new("a/b", "径河", Some("径河")).complete().is_err());
        let mut draft = Draft::new("a/b", "径河", Some("泾河"));
        draft.add_example("别的河");
        assert!(draft.complete().is_err());
    }

    #[test]
    fn ids_are_free() {
        assert_eq!(free_id("a", "径", |_| false), "a/misread-5f84");
        assert_eq!(free_id("a", "径", |id| id == "a/misread-5f84"), "a/misread-5f84-n2");
    }
}
