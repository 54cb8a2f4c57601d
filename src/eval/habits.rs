use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::align::{Run, Tag, align, distance};
use super::edits::LONG_RUN;
use super::normal::Broken;
use crate::model::channel::{Alike, Class, Glyphs, Habit, Habits, Likeness, Place};

/// A place of errors larger than this, in characters, is garbled: how its
/// characters pair says nothing about single ones.
const MAX_CLEAN: usize = 3;

/// Characters that must be right on either side of a clean place.
const MIN_RIGHT: usize = 2;

/// Learns an engine's [`Habits`] from pages whose print is known.
///
/// The texts are aligned by the least number of edits (strict, white space
/// aside). Small places of errors between characters that are right become
/// habits; larger ones only count in the sums of their classes. Lines that are
/// missing on either side (12 characters and more) count nowhere.
#[derive(Clone, Debug, Default)]
pub struct HabitLearner {
    habits: Habits,
}

impl HabitLearner {
    /// A learner that has seen nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Learns from one page: the engine's text and the accepted true texts, of
    /// which the nearest counts. Without a truth it learns nothing.
    pub fn add_page(&mut self, read: &str, truths: &[&str]) {
        let read = Broken::new(read);
        let truths = truths.iter().map(|truth| Broken::new(truth));
        let Some(truth) = truths.min_by_key(|truth| distance(&read.chars, &truth.chars)) else {
            return;
        };
        let runs = align(&read.chars, &truth.chars);
        let mut page = Page { read: &read.chars, truth: &truth, habits: &mut self.habits, seen: BTreeSet::new() };
        page.count_printed(&runs);
        page.count_errors(&runs);
        let seen = page.seen;
        for habit in seen {
            self.habits.tallies.entry(habit).or_default().pages += 1;
        }
        self.habits.pages += 1;
    }

    /// What was learned, everything that was seen included; usually
    /// [`Habits::pruned`] next.
    #[must_use]
    pub fn finish(mut self, glyphs: &Glyphs) -> Habits {
        let mut alike: BTreeMap<Likeness, Alike> = BTreeMap::new();
        for (&printed, &count) in &self.habits.printed {
            for (likeness, n_chars) in glyphs.likenesses(printed) {
                alike.entry(likeness).or_default().possible += n_chars * count;
            }
        }
        self.habits.alike = alike;
        self.habits
    }
}

struct Page<'a> {
    read: &'a [char],
    truth: &'a Broken,
    habits: &'a mut Habits,
    /// Habits of this page.
    seen: BTreeSet<Habit>,
}

impl Page<'_> {
    fn count_printed(&mut self, runs: &[Run]) {
        for run in runs.iter().filter(|run| run.tag != Tag::Insert || run.right_len() < LONG_RUN) {
            for at in run.right_start..run.right_end {
                let c = self.truth.chars[at];
                let class = Class::of(c);
                let mark = (class == Class::Mark).then_some(c);
                *self.habits.printed.entry(c).or_default() += 1;
                *self.habits.places.entry((class, mark, self.place(at))).or_default() += 1;
                self.habits.sums.entry(class).or_default().printed += 1;
            }
        }
    }

    /// The neighbors in print of the character at `at`.
    fn place(&self, at: usize) -> Place {
        let chars = &self.truth.chars;
        let broken = |at: usize| at == 0 || at >= chars.len() || self.truth.breaks.binary_search(&at).is_ok();
        Place {
            left: if broken(at) { Class::Break } else { Class::of(chars[at - 1]) },
            right: if broken(at + 1) { Class::Break } else { Class::of(chars[at + 1]) },
        }
    }

    fn count_errors(&mut self, runs: &[Run]) {
        let mut from = 0;
        while from < runs.len() {
            let length = runs[from..].iter().take_while(|run| run.tag != Tag::Equal).count();
            if length > 0 {
                self.count_place(runs, from..from + length);
            }
            from += length + 1;
        }
    }

    /// One place of errors: neighboring runs, none of them equal.
    fn count_place(&mut self, runs: &[Run], place: Range<usize>) {
        let is_right = |idx: Option<usize>| idx.and_then(|idx| runs.get(idx)).is_none_or(|run| run.left_len() >= MIN_RIGHT);
        let errors = &runs[place.clone()];
        let (first, last) = (errors[0], errors[errors.len() - 1]);
        let (n_read, n_printed) = (last.left_end - first.left_start, last.right_end - first.right_start);
        let framed = is_right(place.start.checked_sub(1)) && is_right(Some(place.end));
        let clean = framed && n_read.max(n_printed) <= MAX_CLEAN;
        let (read, printed) = (&self.read[first.left_start..last.left_end], &self.truth.chars[first.right_start..last.right_end]);
        // A mark beside a misread character was lost by itself.
        if clean && read.iter().chain(printed).all(|&c| Class::of(c) != Class::Mark) {
            let whole = match (read, printed) {
                (&[first, second], &[printed]) => Some((Habit::Split { read: [first, second], printed }, printed)),
                (&[read], &[first, second]) => Some((Habit::Merged { read, printed: [first, second] }, first)),
                _ => None,
            };
            if let Some((habit, printed)) = whole {
                self.habits.sums.entry(Class::of(printed)).or_default().misread += 1;
                return self.note(habit);
            }
        }
        for run in errors {
            self.count_run(*run, clean);
        }
    }

    fn count_run(&mut self, run: Run, clean: bool) {
        match run.tag {
            Tag::Equal => {}
            Tag::Replace => {
                for offset in 0..run.left_len() {
                    let (read, printed) = (self.read[run.left_start + offset], self.truth.chars[run.right_start + offset]);
                    self.habits.sums.entry(Class::of(printed)).or_default().misread += 1;
                    self.note_if(clean, Habit::Misread { read, printed });
                }
            }
            Tag::Delete if run.left_len() < LONG_RUN => {
                for at in run.left_start..run.left_end {
                    let read = self.read[at];
                    self.habits.sums.entry(Class::of(read)).or_default().spurious += 1;
                    self.note_if(clean, Habit::Spurious { read });
                }
            }
            Tag::Insert if run.right_len() < LONG_RUN => {
                for at in run.right_start..run.right_end {
                    let printed = self.truth.chars[at];
                    self.habits.sums.entry(Class::of(printed)).or_default().lost += 1;
                    let place = self.place(at);
                    self.note_if(clean, Habit::Lost { printed, place });
                }
            }
            Tag::Delete | Tag::Insert => {}
        }
    }

    fn note_if(&mut self, clean: bool, habit: Habit) {
        if clean {
            self.note(habit);
        }
    }

    fn note(&mut self, habit: Habit) {
        self.habits.tallies.entry(habit).or_default().count += 1;
        self.seen.insert(habit);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::channel::Tally;

    fn learned(pages: &[(&str, &str)]) -> Habits {
        let mut learner = HabitLearner::new();
        for (read, truth) in pages {
            learner.add_page(read, &[truth]);
        }
        learner.finish(Glyphs::embedded())
    }

    #[test]
    fn misread_characters_are_counted_with_their_pages() {
        let habits = learned(&[("他们己经到达，大家己经回家。", "他们已经到达，大家已经回家。"), ("因为我己经说过。", "因为我已经说过。")]);
        let habit = Habit::Misread { read: '己', printed: '已' };
        assert_eq!(habits.tallies[&habit], Tally { count: 3, pages: 2 });
        assert_eq!(habits.printed[&'已'], 3);
        assert_eq!(habits.sums[&Class::Han].misread, 3);
        let pruned = habits.pruned(3, 1, Glyphs::embedded());
        assert_eq!(pruned.tallies.len(), 0);
        let top: u64 = pruned.alike.iter().filter(|(likeness, _)| likeness.similarity > 15).map(|(_, alike)| alike.confused).sum();
        assert_eq!(top, 3, "己 and 已 look alike");
    }

    #[test]
    fn a_mark_lost_at_a_paragraph_end_is_told_from_one_inside() {
        let habits = learned(&[("会议昨天结束\n代表们今天离开北京", "会议昨天结束。\n代表们今天，离开北京。")]);
        let at = |left, right, printed| habits.tallies[&Habit::Lost { printed, place: Place { left, right } }].count;
        assert_eq!(at(Class::Han, Class::Break, '。'), 2);
        assert_eq!(at(Class::Han, Class::Han, '，'), 1);
    }

    #[test]
    fn one_character_read_as_two_is_a_split() {
        let habits = learned(&[("大家都说女子看极了", "大家都说好看极了")]);
        assert_eq!(habits.tallies.keys().collect::<Vec<_>>(), [&Habit::Split { read: ['女', '子'], printed: '好' }]);
    }

    #[test]
    fn garbled_places_and_missing_lines_are_no_habits() {
        let habits = learned(&[("开头几个字石火电光结尾几个字", "开头几个字风马牛不结尾几个字")]);
        assert_eq!(habits.tallies.len(), 0);
        assert_eq!(habits.sums[&Class::Han].misread, 4);
        let habits = learned(&[("开头几个字结尾几个字", "开头几个字这里整整一行文字完全没有读出来结尾几个字")]);
        assert_eq!(habits.sums[&Class::Han].lost, 0);
        assert_eq!(habits.sums[&Class::Han].printed, 10);
    }

    #[test]
    fn of_several_truths_the_nearest_counts() {
        let mut learner = HabitLearner::new();
        learner.add_page("甲乙丙丁戊", &["子丑寅卯辰", "甲乙丙丁戊", "甲"]);
        learner.add_page("", &[]);
        let habits = learner.finish(Glyphs::embedded());
        assert_eq!((habits.pages, habits.tallies.len()), (1, 0));
    }
}
