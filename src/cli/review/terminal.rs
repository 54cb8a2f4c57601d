//! The desk in the terminal: the queue above, one finding below.

use std::io;

use ratatui::Frame;
use ratatui::crossterm::event::{self, Event, KeyCode, KeyEventKind, KeyModifiers};
use ratatui::layout::{Constraint, Layout};
use ratatui::style::{Color, Modifier, Style};
use ratatui::text::{Line, Span as Run};
use ratatui::widgets::{Block, List, ListItem, ListState, Paragraph, Wrap};

use super::super::clock;
use super::super::exit::Trouble;
use super::load::Room;
use crate::decision::Verdict;
use crate::finding::{Class, Message};
use crate::report::Lang;
use crate::review::{Filter, State, Word};

/// Characters on either side in the list, and of the finding that is looked at.
const AROUND: [usize; 2] = [12, 120];

/// Shows the desk until `q`.
///
/// # Errors
/// When the terminal is none.
pub(super) fn run(room: Room, reviewer: String, lang: Lang) -> Result<(), Trouble> {
    let told = |error: io::Error| Trouble::io("", &error);
    if !io::IsTerminal::is_terminal(&io::stdout()) {
        return Err(Trouble::new(
            "--terminal 要在终端里用；脚本请用 jiaokan decisions",
            "--terminal needs a terminal; scripts use jiaokan decisions",
        ));
    }
    let mut screen = Screen::new(room, reviewer, lang);
    let mut terminal = ratatui::try_init().map_err(told)?;
    let done = loop {
        if let Err(error) = terminal.draw(|frame| screen.draw(frame)) {
            break Err(told(error));
        }
        match event::read() {
            Err(error) => break Err(told(error)),
            Ok(Event::Key(key)) if key.kind != KeyEventKind::Release => {
                let quits = key.modifiers.contains(KeyModifiers::CONTROL) && key.code == KeyCode::Char('c');
                if quits || !screen.press(key.code, &clock::now()) {
                    break Ok(());
                }
            }
            Ok(_) => {}
        }
    };
    ratatui::restore();
    done
}

/// What is typed, and what for.
#[derive(Debug, PartialEq, Eq)]
enum Typing {
    Nothing,
    Printed { text: String, all: bool },
    Note(String),
    Help,
}

struct Screen {
    room: Room,
    reviewer: String,
    lang: Lang,
    view: Vec<u32>,
    list: ListState,
    typing: Typing,
    /// For the next decision.
    note: Option<String>,
    message: String,
}

impl Screen {
    fn new(room: Room, reviewer: String, lang: Lang) -> Self {
        let view = room.desk.view(&Filter::default());
        let list = ListState::default().with_selected((!view.is_empty()).then_some(0));
        Self { room, reviewer, lang, view, list, typing: Typing::Nothing, note: None, message: String::new() }
    }

    fn current(&self) -> Option<u32> {
        self.list.selected().and_then(|at| self.view.get(at)).copied()
    }

    fn say(&mut self, zh: &str, en: &str) {
        self.message = self.lang.pick(zh, en).to_owned();
    }

    fn tell(&mut self, message: &Message) {
        self.message = self.lang.of(message).to_owned();
    }

    /// Does what a key says; false when it ends the desk.
    fn press(&mut self, key: KeyCode, time: &str) -> bool {
        self.message.clear();
        if self.typing != Typing::Nothing {
            self.type_on(key, time);
            return true;
        }
        if let Err(trouble) = self.room.listen() {
            self.tell(&trouble.0);
        }
        match key {
            KeyCode::Char('q') => return false,
            KeyCode::Char('?') => self.typing = Typing::Help,
            KeyCode::Down | KeyCode::Char('j' | 's') => self.step(1),
            KeyCode::Up => self.step(-1),
            KeyCode::PageDown => self.step(10),
            KeyCode::PageUp => self.step(-10),
            KeyCode::Char('u') => self.undo(time),
            KeyCode::Char('n') => self.typing = Typing::Note(self.note.clone().unwrap_or_default()),
            KeyCode::Char('g') => {
                self.view = self.room.desk.view(&Filter::default());
                self.list.select((!self.view.is_empty()).then_some(0));
            }
            KeyCode::Char(c @ '1'..='9') => self.choose(usize::from(c as u8 - b'1'), time),
            KeyCode::Char(c) => {
                let all = c.is_ascii_uppercase();
                let verdict = match c.to_ascii_lowercase() {
                    'a' => Verdict::Accept,
                    'r' => Verdict::Reject,
                    'k' => Verdict::Keep,
                    'c' => Verdict::Ask,
                    'e' => {
                        self.edit(all);
                        return true;
                    }
                    _ => return true,
                };
                self.decide(verdict, None, all, time);
            }
            _ => {}
        }
        true
    }

    fn type_on(&mut self, key: KeyCode, time: &str) {
        let typing = std::mem::replace(&mut self.typing, Typing::Nothing);
        let grown = |mut text: String, key: KeyCode| {
            match key {
                KeyCode::Char(c) => text.push(c),
                KeyCode::Backspace => drop(text.pop()),
                _ => {}
            }
            text
        };
        match (typing, key) {
            (Typing::Help | Typing::Nothing, _) | (_, KeyCode::Esc) => {}
            (Typing::Printed { text, all }, KeyCode::Enter) => self.decide(Verdict::Custom, Some(&text), all, time),
            (Typing::Note(text), KeyCode::Enter) => self.note = Some(text).filter(|text| !text.trim().is_empty()),
            (Typing::Printed { text, all }, key) => self.typing = Typing::Printed { text: grown(text, key), all },
            (Typing::Note(text), key) => self.typing = Typing::Note(grown(text, key)),
        }
    }

    fn step(&mut self, by: isize) {
        let last = self.view.len().saturating_sub(1);
        let at = self.list.selected().unwrap_or(0).saturating_add_signed(by).min(last);
        self.list.select((!self.view.is_empty()).then_some(at));
    }

    fn edit(&mut self, all: bool) {
        let Some(idx) = self.current() else { return };
        let item = &self.room.desk.items[idx as usize];
        let text = item.proposal.as_deref().unwrap_or(&item.observed).to_owned();
        self.typing = Typing::Printed { text, all };
    }

    fn choose(&mut self, nth: usize, time: &str) {
        let Some(idx) = self.current() else { return };
        let fixes = self.room.fixes(idx).unwrap_or_default();
        match fixes.into_iter().nth(nth) {
            Some((_, Some(text))) if nth > 0 => self.decide(Verdict::Accept, Some(&text), false, time),
            Some(_) if nth == 0 => self.decide(Verdict::Accept, None, false, time),
            _ => self.say("没有这个改法", "there is no such alternative"),
        }
    }

    fn decide(&mut self, verdict: Verdict, printed: Option<&str>, all: bool, time: &str) {
        let Some(idx) = self.current() else { return };
        let desk = &self.room.desk;
        let pattern = desk.items[idx as usize].pattern;
        let is_like = |one: &u32| *one == idx || (all && desk.items[*one as usize].pattern == pattern && desk.state(*one) == State::Open);
        let findings: Vec<u32> = self.view.iter().copied().filter(is_like).collect();
        let word = Word { verdict, printed, note: self.note.as_deref(), reviewer: &self.reviewer, time };
        let lines = match self.room.say(&word, &findings) {
            Ok(lines) => lines,
            Err(message) => return self.tell(&message),
        };
        let n = lines.len();
        if let Err(trouble) = self.room.decide(lines) {
            return self.tell(&trouble.0);
        }
        self.note = None;
        let words = verdict.words();
        self.message = self.lang.pick(&format!("{n} 处：{}", words.zh), &format!("{n} {}", words.en)).to_owned();
        self.next_open();
    }

    fn next_open(&mut self) {
        let from = self.list.selected().unwrap_or(0);
        let n = self.view.len();
        let next = (1..n).map(|step| (from + step) % n).find(|&at| self.room.desk.state(self.view[at]) == State::Open);
        if let Some(next) = next {
            self.list.select(Some(next));
        }
    }

    fn undo(&mut self, time: &str) {
        let lines = self.room.desk.book().undo(&self.reviewer, time);
        let back = lines.first().and_then(|line| line.finding.clone()).and_then(|id| self.room.desk.find(&id));
        let n = lines.len();
        if n == 0 {
            return self.say("没有可撤回的了", "there is nothing left to undo");
        }
        if let Err(trouble) = self.room.decide(lines) {
            return self.tell(&trouble.0);
        }
        self.message = self.lang.pick(&format!("撤回了 {n} 处"), &format!("{n} taken back")).to_owned();
        if let Some(at) = back.and_then(|back| self.view.iter().position(|&idx| idx == back)) {
            self.list.select(Some(at));
        }
    }

    fn draw(&mut self, frame: &mut Frame<'_>) {
        let [head, list, one, foot] =
            Layout::vertical([Constraint::Length(1), Constraint::Percentage(45), Constraint::Min(6), Constraint::Length(1)])
                .areas(frame.area());
        let left = self.view.iter().filter(|&&idx| self.room.desk.state(idx) == State::Open).count();
        let title = self
            .lang
            .pick(&format!("校勘　{left} 处待审　{}", self.reviewer), &format!("jiaokan  {left} to review  {}", self.reviewer))
            .to_owned();
        frame.render_widget(Paragraph::new(title).style(Style::new().add_modifier(Modifier::BOLD)), head);
        // Only what is in sight is read.
        let height = usize::from(list.height);
        let selected = self.list.selected().unwrap_or(0);
        let from = selected.saturating_sub(height / 2).min(self.view.len().saturating_sub(height));
        let shown: Vec<u32> = self.view.iter().skip(from).take(height).copied().collect();
        let rows: Vec<ListItem<'static>> = shown.iter().map(|&idx| ListItem::new(self.row(idx))).collect();
        let mut state = ListState::default().with_selected(self.list.selected().map(|at| at - from));
        let rows = List::new(rows).highlight_style(Style::new().add_modifier(Modifier::REVERSED));
        frame.render_stateful_widget(rows, list, &mut state);
        let detail = match (&self.typing, self.current()) {
            (Typing::Help, _) => self.help(),
            (_, Some(idx)) => self.detail(idx),
            (_, None) => vec![Line::from(self.lang.pick("都看完了。", "All done.").to_owned())],
        };
        frame.render_widget(Paragraph::new(detail).wrap(Wrap { trim: false }).block(Block::bordered()), one);
        let foot_text = match &self.typing {
            Typing::Printed { text, .. } => format!("{}{}▏", self.lang.pick("印的是：", "was printed: "), flat(text)),
            Typing::Note(text) => format!("{}{}▏", self.lang.pick("附注：", "note: "), flat(text)),
            _ if !self.message.is_empty() => self.message.clone(),
            _ => self
                .lang
                .pick(
                    "a 采纳  r 不改  k 原报如此  e 另改  c 请教  s 跳过  u 撤回  ? 帮助  q 退出",
                    "a accept  r reject  k printed so  e edit  c ask  s skip  u undo  ? help  q quit",
                )
                .to_owned(),
        };
        frame.render_widget(Paragraph::new(foot_text).style(Style::new().fg(Color::Cyan)), foot);
    }

    fn help(&self) -> Vec<Line<'static>> {
        let lines = self.lang.pick(
            "a 采纳　r 不改　k 原报如此　e 另改（Enter 记下，Esc 作罢）　c 请教\n大写字母：同样的全部照办\n1–9 采纳第几个改法　n 附注　u 撤回\n↑ ↓ j s PgUp PgDn 移动　g 重新列出　q 退出",
            "a accept  r reject  k printed so  e edit (Enter saves, Esc does not)  c ask\ncapital letters: the same for all alike\n1–9 that alternative  n note  u undo\n↑ ↓ j s PgUp PgDn move  g list again  q quit",
        );
        lines.lines().map(|line| Line::from(line.to_owned())).collect()
    }

    /// The place with what stands around it: before, the place, after.
    fn context(&mut self, idx: u32, n_chars: usize) -> (String, String) {
        let item = self.room.desk.items[idx as usize].clone();
        let Some(text) = self.room.text(item.file).ok().filter(|text| text.get(item.span.start..item.span.end).is_some()) else {
            return Default::default();
        };
        let before: Vec<char> = text[..item.span.start].chars().rev().take(n_chars).collect();
        let after: String = text[item.span.end..].chars().take(n_chars).collect();
        (flat(&before.into_iter().rev().collect::<String>()), flat(&after))
    }

    fn change(&self, idx: u32) -> Vec<Run<'static>> {
        let item = &self.room.desk.items[idx as usize];
        let removed = Style::new().fg(Color::Red).add_modifier(Modifier::CROSSED_OUT);
        let added = Style::new().fg(Color::Green).add_modifier(Modifier::BOLD);
        let mut runs =
            vec![Run::styled(format!("[{}", flat(&item.observed)), if item.has_fix { removed } else { Style::new().fg(Color::Yellow) })];
        if let Some(proposal) = &item.proposal {
            runs.push(Run::raw("→"));
            runs.push(Run::styled(flat(proposal), added));
        }
        runs.push(Run::raw("]"));
        runs
    }

    fn row(&mut self, idx: u32) -> Line<'static> {
        let (before, after) = self.context(idx, AROUND[0]);
        let item = &self.room.desk.items[idx as usize];
        let mark = match self.room.desk.state(idx) {
            State::Open => " ",
            State::Settled(Verdict::Accept | Verdict::Custom) => "+",
            State::Settled(_) => "-",
            State::Asked => "?",
            State::Conflict => "!",
            State::Carried(_) => "~",
        };
        let place = format!("  {}:{}", self.room.desk.files[item.file as usize], item.line);
        let mut runs = vec![Run::raw(format!("{mark} {before}"))];
        runs.extend(self.change(idx));
        runs.push(Run::raw(after));
        runs.push(Run::styled(place, Style::new().fg(Color::DarkGray)));
        Line::from(runs)
    }

    fn detail(&mut self, idx: u32) -> Vec<Line<'static>> {
        let (before, after) = self.context(idx, AROUND[1]);
        let lang = self.lang;
        let fixes = self.room.fixes(idx).unwrap_or_default();
        let reasons = self.room.reasons(idx).unwrap_or_default();
        let item = &self.room.desk.items[idx as usize];
        let (rule, class): (&str, Class) = (&self.room.desk.rules[item.rule as usize], item.class);
        let head = format!(
            "{}  {rule}  {:.0}%  {}:{}:{}",
            lang.pick(class.zh(), class.en()),
            100.0 * item.confidence,
            self.room.desk.files[item.file as usize],
            item.line,
            item.column
        );
        let mut passage = vec![Run::raw(before)];
        passage.extend(self.change(idx));
        passage.push(Run::raw(after));
        let mut lines = vec![Line::from(head), Line::default(), Line::from(passage), Line::default()];
        lines.extend(reasons.iter().map(|reason| Line::from(format!("· {}", flat(lang.of(reason))))));
        if fixes.len() > 1 {
            let options = fixes.iter().take(9).enumerate().map(|(nth, (fix, text))| {
                let shown = text.as_deref().map_or_else(|| flat(lang.of(&fix.title)), flat);
                format!("{} {shown}", nth + 1)
            });
            lines.push(Line::from(options.collect::<Vec<_>>().join("   ")));
        }
        for word in self.room.desk.book().words(&item.fingerprint()) {
            let note = word.note.as_deref().map(|note| format!("  # {}", flat(note))).unwrap_or_default();
            lines.push(Line::from(format!("{}  {}  {}{note}", word.reviewer, word.time, lang.of(&word.decision.words()))));
        }
        lines.extend(self.note.as_ref().map(|note| Line::from(format!("# {}", flat(note)))));
        lines
    }
}

/// A text on one line that cannot steer the terminal.
fn flat(text: &str) -> String {
    text.chars()
        .filter(|c| *c != '\r')
        .map(|c| match c {
            '\n' => '⏎',
            '\t' => ' ',
            '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{61c}' => '·',
            c if c.is_control() => '·',
            c => c,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use ratatui::Terminal;
    use ratatui::backend::TestBackend;

    use super::*;
    use crate::finding::fingerprint;
    use crate::text::Span;

    const PAGE: &str = "大家己经到了会场。\n他们己经走\u{1b}了。";

    fn screen(folder: &std::path::Path) -> Screen {
        std::fs::write(folder.join("a.txt"), PAGE).unwrap();
        let lines: String = PAGE
            .match_indices("己经")
            .map(|(at, observed)| {
                let span = Span::new(at, at + observed.len());
                let title = serde_json::json!({ "zh": "改", "en": "change" });
                let line = serde_json::json!({
                    "schema_version": 1, "id": format!("{at:016x}"), "fingerprint": fingerprint("core/x", PAGE, span), "file": "a.txt",
                    "rule": "core/x", "class": "look-alike", "severity": "problem", "span": span, "line": 1, "column": 1, "observed": observed,
                    "fixes": [{ "title": title, "edits": [{ "span": span, "replacement": "已经" }] }, { "title": title, "edits": [{ "span": span, "replacement": "自己" }] }],
                    "safety": "suggested", "confidence": 0.5, "outcome": "held", "message": { "zh": "形近", "en": "look alike" }, "evidence": [],
                });
                format!("{line}\n")
            })
            .collect();
        std::fs::write(folder.join("findings.jsonl"), lines).unwrap();
        Screen::new(Room::open(folder, folder, None).unwrap(), "甲".to_owned(), Lang::Zh)
    }

    fn drawn(screen: &mut Screen) -> String {
        let mut terminal = Terminal::new(TestBackend::new(100, 24)).unwrap();
        terminal.draw(|frame| screen.draw(frame)).unwrap();
        // The second cell of a wide character is empty.
        terminal.backend().buffer().content.iter().map(ratatui::buffer::Cell::symbol).collect::<String>().replace(' ', "")
    }

    #[test]
    fn the_queue_is_decided_by_keys() {
        let folder = tempfile::tempdir().unwrap();
        let mut screen = screen(folder.path());
        let first = drawn(&mut screen);
        assert!(first.contains("2处待审") && first.contains("大家[己经→已经]到了会场") && first.contains("形近"), "{first}");
        assert!(!first.contains('\u{1b}'));
        let time = "2026-01-01T00:00:00Z";
        let mut press =
            |keys: &str| keys.chars().for_each(|c| assert!(screen.press(if c == '\n' { KeyCode::Enter } else { KeyCode::Char(c) }, time)));
        press("n见原报\nR");
        assert_eq!(screen.view.iter().filter(|&&idx| screen.room.desk.state(idx) == State::Settled(Verdict::Reject)).count(), 2);
        assert!(drawn(&mut screen).contains("0处待审"));
        assert_eq!(screen.room.desk.book().decisions()[0].note.as_deref(), Some("见原报"));
        assert!(screen.press(KeyCode::Char('u'), time));
        assert!(drawn(&mut screen).contains("2处待审"));
        assert!(screen.press(KeyCode::Char('2'), time));
        assert_eq!(screen.room.desk.book().decisions().last().unwrap().printed(), Some("自己"));
        screen.press(KeyCode::Char('e'), time);
        screen.press(KeyCode::Backspace, time);
        assert!(drawn(&mut screen).contains("印的是：已▏"));
        screen.press(KeyCode::Enter, time);
        assert_eq!(screen.room.desk.book().decisions().last().unwrap().printed(), Some("已"));
        assert!(!screen.press(KeyCode::Char('q'), time));
        // Another screen over the folder has it all.
        assert!(Screen::new(Room::open(folder.path(), folder.path(), None).unwrap(), "乙".to_owned(), Lang::Zh).view.is_empty());
    }
}
