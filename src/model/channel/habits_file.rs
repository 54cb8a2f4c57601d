//! Habits as a file of tab-separated values; `docs/channel.md` has the format.

use std::fmt::Write as _;

use super::habits::{Class, Habit, Habits, Place, Tally};
use super::likeness::{ALIKE_STEPS, Alike, COMMON_STEPS, Likeness, Pairing};
use crate::finding::Message;

/// The first line of a file of habits.
pub const HABITS_HEADER: &str = "# jiaokan habits 1";

/// The line that names the columns.
const COLUMNS: &str = "kind\tread\tprinted\tcontext\tcount\tpages";

/// The kinds of rows, as an error lists them.
const KINDS: &str =
    "misread, mark, lost, spurious, split, merged, printed, place, sum-printed, sum-misread, sum-lost, sum-spurious, alike, pages";

/// What is wrong at one place of a file of habits.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{path}:{line}:{column}: {}", message.en)]
pub struct HabitsError {
    /// The file, as the caller named it.
    pub path: String,
    /// Line, from 1.
    pub line: usize,
    /// Column in code points, from 1.
    pub column: usize,
    /// What was found, what was expected, what to do.
    pub message: Message,
}

impl HabitsError {
    /// The whole message with its place, in both languages.
    #[must_use]
    pub fn full_message(&self) -> Message {
        let place = format!("{}:{}:{}", self.path, self.line, self.column);
        Message::new(format!("{place}：{}", self.message.zh), format!("{place}: {}", self.message.en))
    }
}

impl Habits {
    /// Reads a file of habits. `path` only names it in errors.
    ///
    /// # Errors
    /// At the first line that cannot be read: the file depends on no document,
    /// so a reader can put it right.
    pub fn load(path: &str, text: &str) -> Result<Self, HabitsError> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut lines = text.lines().enumerate();
        let first = lines.next().map_or("", |(_, line)| line.trim_end());
        if first != HABITS_HEADER {
            let (zh, en) = (
                format!("首行是「{}」，应为「{HABITS_HEADER}」；请用 jiaokan channel learn 生成", excerpt(first)),
                format!(
                    "the first line is 「{}」 instead of 「{HABITS_HEADER}」; make the file with jiaokan channel learn",
                    excerpt(first)
                ),
            );
            return Err(HabitsError { path: path.to_owned(), line: 1, column: 1, message: Message::new(zh, en) });
        }
        let mut habits = Self::default();
        for (line_idx, line) in lines {
            let line = line.trim_end_matches('\r');
            if line.is_empty() || line.starts_with('#') || line == COLUMNS {
                continue;
            }
            habits.read_row(line).map_err(|bad| HabitsError {
                path: path.to_owned(),
                line: line_idx + 1,
                column: bad.column,
                message: Message::new(bad.zh, bad.en),
            })?;
        }
        Ok(habits)
    }

    fn read_row(&mut self, line: &str) -> Result<(), Bad> {
        let row = Row::new(line)?;
        let (count, pages) = (row.number(4)?, row.number(5)?);
        let tally = Tally { count, pages };
        match row.fields[0] {
            "misread" | "mark" => row.put(self, Habit::Misread { read: row.one(1)?, printed: row.one(2)? }, tally)?,
            "lost" => row.put(self, Habit::Lost { printed: row.one(2)?, place: row.place(3)? }, tally)?,
            "spurious" => row.put(self, Habit::Spurious { read: row.one(1)? }, tally)?,
            "split" => row.put(self, Habit::Split { read: row.two(1)?, printed: row.one(2)? }, tally)?,
            "merged" => row.put(self, Habit::Merged { read: row.one(1)?, printed: row.two(2)? }, tally)?,
            "printed" => {
                self.printed.insert(row.one(2)?, count);
            }
            "place" => {
                let printed = if row.fields[2].is_empty() { None } else { Some(row.one(2)?) };
                let (class, place) = row.class_and_place(3)?;
                self.places.insert((class, printed, place), count);
            }
            "sum-printed" => self.sums.entry(row.class(3)?).or_default().printed = count,
            "sum-misread" => self.sums.entry(row.class(3)?).or_default().misread = count,
            "sum-lost" => self.sums.entry(row.class(3)?).or_default().lost = count,
            "sum-spurious" => self.sums.entry(row.class(3)?).or_default().spurious = count,
            "alike" => {
                self.alike.insert(row.likeness(3)?, Alike { confused: count, possible: pages });
            }
            "pages" => self.pages = count,
            kind => {
                return Err(Bad {
                    column: 1,
                    zh: format!("没有「{}」这一类行；可用：{KINDS}", excerpt(kind)),
                    en: format!("there is no row of kind 「{}」; the kinds are {KINDS}", excerpt(kind)),
                });
            }
        }
        Ok(())
    }

    /// The file that [`Habits::load`] reads, rows in a fixed order. `notes` are
    /// put at its top, a comment line each.
    #[must_use]
    pub fn to_tsv(&self, notes: &[String]) -> String {
        let mut file = Writer { text: format!("{HABITS_HEADER}\n") };
        for note in notes.iter().flat_map(|note| note.lines()) {
            let _ = writeln!(file.text, "# {note}");
        }
        file.text.push_str(COLUMNS);
        file.text.push('\n');
        file.row("pages", "", "", "", self.pages, 0);
        for (class, sums) in &self.sums {
            file.row("sum-printed", "", "", class.name(), sums.printed, 0);
            file.row("sum-misread", "", "", class.name(), sums.misread, 0);
            file.row("sum-lost", "", "", class.name(), sums.lost, 0);
            file.row("sum-spurious", "", "", class.name(), sums.spurious, 0);
        }
        for (likeness, alike) in &self.alike {
            let Likeness { pairing, similarity, printed, read } = *likeness;
            let context = format!("{} {similarity} {printed} {read}", pairing.name());
            file.row("alike", "", "", &context, alike.confused, alike.possible);
        }
        for (habit, tally) in &self.tallies {
            file.habit(habit, *tally);
        }
        for (&(class, mark, place), &count) in &self.places {
            let context = format!("{class} {} {}", place.left, place.right);
            file.row("place", "", &mark.map(escaped).unwrap_or_default(), &context, count, 0);
        }
        for (&c, &count) in &self.printed {
            file.row("printed", "", &escaped(c), "", count, 0);
        }
        file.text
    }
}

struct Writer {
    text: String,
}

impl Writer {
    fn row(&mut self, kind: &str, read: &str, printed: &str, context: &str, count: u64, pages: u64) {
        let _ = writeln!(self.text, "{kind}\t{read}\t{printed}\t{context}\t{count}\t{pages}");
    }

    fn habit(&mut self, habit: &Habit, tally: Tally) {
        let (count, pages) = (tally.count, tally.pages);
        let both = |chars: [char; 2]| chars.map(escaped).concat();
        let context = |place: Place| format!("{} {}", place.left, place.right);
        match *habit {
            Habit::Misread { read, printed } => {
                let kind = if Class::of(printed) == Class::Mark { "mark" } else { "misread" };
                self.row(kind, &escaped(read), &escaped(printed), "", count, pages);
            }
            Habit::Lost { printed, place } => self.row("lost", "", &escaped(printed), &context(place), count, pages),
            Habit::Spurious { read } => self.row("spurious", &escaped(read), "", "", count, pages),
            Habit::Split { read, printed } => self.row("split", &both(read), &escaped(printed), "", count, pages),
            Habit::Merged { read, printed } => self.row("merged", &escaped(read), &both(printed), "", count, pages),
        }
    }
}

/// A character as the file writes it: what a reader or a program could not see
/// by its number.
fn escaped(c: char) -> String {
    if c == '\\' || c == '#' || c.is_whitespace() || c.is_control() || unicode_width::UnicodeWidthChar::width(c) == Some(0) {
        format!("\\u{{{:x}}}", u32::from(c))
    } else {
        c.to_string()
    }
}

/// What is wrong in a line.
struct Bad {
    column: usize,
    zh: String,
    en: String,
}

struct Row<'a> {
    fields: Vec<&'a str>,
}

impl<'a> Row<'a> {
    fn new(line: &'a str) -> Result<Self, Bad> {
        let fields: Vec<&str> = line.split('\t').collect();
        if fields.len() == 6 {
            return Ok(Self { fields });
        }
        let n_fields = fields.len();
        Err(Bad {
            column: 1,
            zh: format!("这一行有 {n_fields} 列，应为以制表符分开的 6 列：{}", COLUMNS.replace('\t', "、")),
            en: format!("{n_fields} columns instead of 6 set apart by tabs: {}", COLUMNS.replace('\t', ", ")),
        })
    }

    /// The column in code points, from 1, where a field begins.
    fn column(&self, field: usize) -> usize {
        self.fields[..field].iter().map(|before| before.chars().count() + 1).sum::<usize>() + 1
    }

    fn bad<T>(&self, field: usize, zh: &str, en: &str) -> Result<T, Bad> {
        let found = excerpt(self.fields[field]);
        Err(Bad { column: self.column(field), zh: format!("「{found}」：{zh}"), en: format!("「{found}」: {en}") })
    }

    fn number(&self, field: usize) -> Result<u64, Bad> {
        self.fields[field].parse().or_else(|_| self.bad(field, "应为不小于 0 的整数", "a whole number of 0 or more must stand here"))
    }

    fn chars(&self, field: usize) -> Option<Vec<char>> {
        let mut chars = Vec::new();
        let mut rest = self.fields[field];
        while let Some(c) = rest.chars().next() {
            if let Some(escape) = rest.strip_prefix("\\u{") {
                let (code, after) = escape.split_once('}')?;
                chars.push(char::from_u32(u32::from_str_radix(code, 16).ok()?)?);
                rest = after;
            } else {
                chars.push(c);
                rest = &rest[c.len_utf8()..];
            }
        }
        Some(chars)
    }

    fn one(&self, field: usize) -> Result<char, Bad> {
        match self.chars(field).as_deref() {
            Some([c]) => Ok(*c),
            _ => self.bad(
                field,
                "应为一个字符，看不见的写作 \\u{十六进制}",
                "one character must stand here, an invisible one as \\u{hexadecimal}",
            ),
        }
    }

    fn two(&self, field: usize) -> Result<[char; 2], Bad> {
        match self.chars(field).as_deref() {
            Some([first, second]) => Ok([*first, *second]),
            _ => self.bad(field, "应为两个字符", "two characters must stand here"),
        }
    }

    fn classes<const N: usize>(&self, field: usize) -> Result<[Class; N], Bad> {
        let named = |name: &str| Class::ALL.into_iter().find(|class| class.name() == name);
        let classes: Option<Vec<Class>> = self.fields[field].split(' ').map(named).collect();
        match classes.and_then(|classes| <[Class; N]>::try_from(classes).ok()) {
            Some(classes) => Ok(classes),
            None => {
                let names = Class::ALL.map(Class::name).join(", ");
                self.bad(
                    field,
                    &format!("应为以空格分开的 {N} 个类名，类名有：{names}"),
                    &format!("{N} classes set apart by spaces must stand here, each of: {names}"),
                )
            }
        }
    }

    fn class(&self, field: usize) -> Result<Class, Bad> {
        Ok(self.classes::<1>(field)?[0])
    }

    fn place(&self, field: usize) -> Result<Place, Bad> {
        let [left, right] = self.classes(field)?;
        Ok(Place { left, right })
    }

    fn class_and_place(&self, field: usize) -> Result<(Class, Place), Bad> {
        let [class, left, right] = self.classes(field)?;
        Ok((class, Place { left, right }))
    }

    fn likeness(&self, field: usize) -> Result<Likeness, Bad> {
        let parts: Vec<&str> = self.fields[field].split(' ').collect();
        let step = |part: &str, steps: usize| part.parse().ok().filter(|&step: &usize| step < steps);
        let read = || match parts[..] {
            [pairing, similarity, printed, read] => Some(Likeness {
                pairing: Pairing::ALL.into_iter().find(|known| known.name() == pairing)?,
                similarity: step(similarity, ALIKE_STEPS)?,
                printed: step(printed, COMMON_STEPS)?,
                read: step(read, COMMON_STEPS)?,
            }),
            _ => None,
        };
        let (alike, common) = (ALIKE_STEPS - 1, COMMON_STEPS - 1);
        read().map_or_else(
            || {
                self.bad(
                    field,
                    &format!("应为 han 或 rest，再以空格分开三个数：相似 0–{alike}、印刷字常用度 0–{common}、读出字常用度 0–{common}"),
                    &format!("han or rest must stand here, then three numbers: similarity 0–{alike}, commonness of the printed 0–{common} and of the read character 0–{common}"),
                )
            },
            Ok,
        )
    }

    fn put(&self, habits: &mut Habits, habit: Habit, tally: Tally) -> Result<(), Bad> {
        if let Habit::Misread { read, printed } = habit
            && read == printed
        {
            return self.bad(2, "与读成的字相同，不是误认；请删去这一行", "this is what was read, so it is no error; remove the line");
        }
        if tally.count < tally.pages {
            return self.bad(5, "页数不能多于次数", "there cannot be more pages than times");
        }
        habits.tallies.insert(habit, tally);
        Ok(())
    }
}

/// A found text, cut to a readable length.
fn excerpt(text: &str) -> String {
    const MOST: usize = 24;
    let mut shown: String = text.chars().take(MOST).map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect();
    if text.chars().nth(MOST).is_some() {
        shown.push('…');
    }
    shown
}
