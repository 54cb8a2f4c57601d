use std::collections::HashMap;
use std::ops::Range;

use super::candidates::{Choice, as_read};
use super::{Change, Decoder, Proposal, Reading};
use crate::model::lm::{Id, State};

/// Characters read after the last opened one, so that the language model has
/// seen all of what it can remember.
pub(super) const RIGHT_CONTEXT: usize = 4;

/// Ways that are this many bits worse than the best are dropped.
const BEAM_BITS: f32 = 22.0;

/// What all ways through a stretch say of one choice.
#[derive(Clone, Copy, Debug)]
struct Weighed {
    /// The change; `None` is: as it was read.
    change: Option<Change>,
    /// Bits of the likeliest way that makes it.
    best: f32,
    /// Share of the ways that make it.
    share: f32,
}

/// A way so far: what the language model remembers of it.
#[derive(Clone, Copy)]
struct Node {
    state: State,
    /// Bits of the likeliest way here.
    best: f32,
    /// -log2 of the sum over all ways here.
    sum: f32,
    /// The way that changes nothing; it is never dropped.
    is_as_read: bool,
}

/// One step of a way.
#[derive(Clone, Copy)]
struct Arc {
    from: u16,
    to: u16,
    choice: u16,
    bits: f32,
}

/// The steps that arrive at one place.
#[derive(Default)]
struct Column {
    nodes: Vec<Node>,
    /// Steps that lead here, from the column `back` places before.
    arcs: Vec<(u8, Arc)>,
    index: HashMap<State, u16, foldhash::fast::FixedState>,
}

impl Column {
    /// Adds a step; ways that the language model cannot tell apart become one.
    fn arrive(&mut self, state: State, from: &Node, back: u8, mut arc: Arc, is_as_read: bool) {
        let (best, sum) = (from.best + arc.bits, from.sum + arc.bits);
        let next = u16::try_from(self.nodes.len()).expect("a beam of ways times a handful of choices");
        let to = *self.index.entry(state).or_insert(next);
        if to == next {
            self.nodes.push(Node { state, best, sum, is_as_read });
        } else {
            let node = &mut self.nodes[usize::from(to)];
            node.best = node.best.min(best);
            node.sum = add_bits(node.sum, sum);
            node.is_as_read |= is_as_read;
        }
        arc.to = to;
        self.arcs.push((back, arc));
    }

    /// Keeps the `beam` likeliest ways.
    fn prune(&mut self, beam: usize) {
        let Some(best) = self.nodes.iter().map(|node| node.best).min_by(f32::total_cmp) else { return };
        let mut order: Vec<u16> = (0..u16::try_from(self.nodes.len()).unwrap_or(u16::MAX)).collect();
        order.sort_by(|&a, &b| {
            let (a, b) = (&self.nodes[usize::from(a)], &self.nodes[usize::from(b)]);
            b.is_as_read.cmp(&a.is_as_read).then(a.best.total_cmp(&b.best))
        });
        let kept = |&idx: &u16| {
            let node = &self.nodes[usize::from(idx)];
            node.is_as_read || node.best <= best + BEAM_BITS
        };
        let order: Vec<u16> = order.into_iter().filter(kept).take(beam).collect();
        let mut place = vec![u16::MAX; self.nodes.len()];
        for (new, &old) in (0..).zip(&order) {
            place[usize::from(old)] = new;
        }
        self.nodes = order.iter().map(|&old| self.nodes[usize::from(old)]).collect();
        self.arcs.retain_mut(|(_, arc)| {
            arc.to = place[usize::from(arc.to)];
            arc.to != u16::MAX
        });
    }
}

/// Opened places near each other, with the choices of each.
#[derive(Default)]
pub(super) struct Stretch {
    opened: Vec<(usize, Vec<Choice>)>,
}

impl Stretch {
    /// True when place `idx` is part of the context of the last opened one.
    pub(super) fn reaches(&self, idx: usize) -> bool {
        self.opened.last().is_none_or(|&(last, _)| idx <= last + RIGHT_CONTEXT)
    }

    /// Opens a further place, behind the others.
    pub(super) fn open(&mut self, idx: usize, choices: Vec<Choice>) {
        self.opened.push((idx, choices));
    }

    /// Weighs all ways through and adds the changes worth proposing.
    pub(super) fn weigh(self, decoder: &Decoder<'_>, reading: &Reading<'_>, proposals: &mut Vec<Proposal>) {
        let (Some(&(first, _)), Some(&(last, _))) = (self.opened.first(), self.opened.last()) else { return };
        let end = (last + 1 + RIGHT_CONTEXT).min(reading.passage.len() + 1);
        let n_open = u16::try_from(self.opened.len()).unwrap_or(u16::MAX);
        let lattice = Lattice::build(decoder, reading, first..end, self.opened);
        for (place, weighed) in lattice.weighed().filter(|(_, weighed)| weighed.len() > 1) {
            for slot in [Slot::Gap, Slot::Character] {
                proposals.extend(lattice.proposal(decoder, reading, slot, place, &weighed, n_open));
            }
        }
    }
}

/// What is asked of a place: what stands in it, or what was lost before it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Slot {
    Gap,
    Character,
}

impl Slot {
    fn has(self, change: Change) -> bool {
        (self == Slot::Gap) == matches!(change, Change::Insert(_))
    }
}

/// What a margin is cut to where nothing else was weighed.
const MAX_MARGIN: f32 = 40.0;

struct Lattice {
    start: usize,
    /// The choices of each place.
    choices: Vec<Vec<Choice>>,
    columns: Vec<Column>,
}

impl Lattice {
    /// All ways through `places`, as they were read but for those opened.
    fn build(decoder: &Decoder<'_>, reading: &Reading<'_>, places: Range<usize>, opened: Vec<(usize, Vec<Choice>)>) -> Self {
        let (start, n) = (places.start, places.len());
        let mut columns: Vec<Column> = (0..=n).map(|_| Column::default()).collect();
        columns[0].nodes.push(Node { state: reading.surprise.states[start], best: 0.0, sum: 0.0, is_as_read: true });
        let mut all_choices = Vec::with_capacity(n);
        let mut opened = opened.into_iter().peekable();
        for (offset, idx) in places.enumerate() {
            columns[offset].prune(decoder.tuning.beam);
            let here = match opened.next_if(|(place, _)| *place == idx) {
                Some((_, choices)) => choices,
                None => vec![as_read(decoder, reading, idx)],
            };
            let nodes = std::mem::take(&mut columns[offset].nodes);
            for (from, node) in (0..).zip(&nodes) {
                for (choice_idx, choice) in (0..).zip(&here).filter(|(_, choice)| offset + choice.n_taken <= n) {
                    let (more, state) = decoder.lm.score_all(node.state, choice.ids().iter().copied());
                    let arc = Arc { from, to: 0, choice: choice_idx, bits: choice.bits + more };
                    let back = u8::try_from(choice.n_taken).expect("one or two");
                    columns[offset + choice.n_taken].arrive(state, node, back, arc, node.is_as_read && choice.change.is_none());
                }
            }
            columns[offset].nodes = nodes;
            all_choices.push(here);
        }
        columns[n].prune(decoder.tuning.beam);
        Self { start, choices: all_choices, columns }
    }

    /// For each place, its choices with their likeliest way and their share.
    fn weighed(&self) -> impl Iterator<Item = (usize, Vec<Weighed>)> {
        let n = self.columns.len() - 1;
        // What is still to come from each node: the likeliest, and the sum.
        let mut rest: Vec<Vec<(f32, f32)>> =
            self.columns.iter().map(|column| vec![(f32::INFINITY, f32::INFINITY); column.nodes.len()]).collect();
        rest[n].fill((0.0, 0.0));
        for here in (1..=n).rev() {
            for &(back, arc) in &self.columns[here].arcs {
                let (best, sum) = rest[here][usize::from(arc.to)];
                let from = &mut rest[here - usize::from(back)][usize::from(arc.from)];
                from.0 = from.0.min(best + arc.bits);
                from.1 = add_bits(from.1, sum + arc.bits);
            }
        }
        let total = rest[0].first().map_or(f32::INFINITY, |first| first.1);
        let mut weighed: Vec<Vec<Weighed>> = self
            .choices
            .iter()
            .map(|choices| choices.iter().map(|choice| Weighed { change: choice.change, best: f32::INFINITY, share: 0.0 }).collect())
            .collect();
        for (here, (column, rest)) in self.columns.iter().zip(&rest).enumerate() {
            for &(back, arc) in &column.arcs {
                let from_idx = here - usize::from(back);
                let from = &self.columns[from_idx].nodes[usize::from(arc.from)];
                let (best, sum) = rest[usize::from(arc.to)];
                let one = &mut weighed[from_idx][usize::from(arc.choice)];
                one.best = one.best.min(from.best + arc.bits + best);
                one.share += (total - (from.sum + arc.bits + sum)).exp2();
            }
        }
        let start = self.start;
        weighed.into_iter().enumerate().map(move |(offset, weighed)| (start + offset, weighed))
    }

    /// The likeliest change of a slot, when it is worth proposing.
    fn proposal(
        &self,
        decoder: &Decoder<'_>,
        reading: &Reading<'_>,
        slot: Slot,
        place: usize,
        weighed: &[Weighed],
        n_open: u16,
    ) -> Option<Proposal> {
        let mut changes: Vec<(Change, &Weighed)> =
            weighed.iter().filter_map(|one| Some((one.change?, one))).filter(|&(change, _)| slot.has(change)).collect();
        changes.sort_by(|(_, a), (_, b)| b.share.total_cmp(&a.share).then(a.best.total_cmp(&b.best)));
        let &(change, first) = changes.first()?;
        // A full stop at the end is always worth a thought: what speaks for it
        // is not only in the words.
        if first.share < decoder.tuning.min_share && place < reading.passage.len() {
            return None;
        }
        // A place without an insertion may still have its character changed,
        // and the other way round.
        let others = weighed.iter().filter(|one| one.change.is_none_or(|change| !slot.has(change)));
        let (kept, share_kept) =
            others.fold((f32::INFINITY, 0.0), |(best, share): (f32, f32), one| (best.min(one.best), share + one.share));
        let next = changes.get(1).map(|(_, next)| next);
        let choice = self.choices[place - self.start].iter().find(|choice| choice.change == Some(change));
        // Behind what was lost stands a character that stays.
        let kept_doubt = if slot == Slot::Gap { reading.passage.doubt.get(place).copied().unwrap_or(0.0) } else { 0.0 };
        Some(Proposal {
            idx: place,
            change,
            share: first.share,
            share_kept,
            share_next: next.map_or(0.0, |next| next.share),
            margin_kept: (kept - first.best).min(MAX_MARGIN),
            margin_next: (next.map_or(f32::INFINITY, |next| next.best) - first.best).min(MAX_MARGIN),
            channel_bits: choice.map_or(0.0, |choice| choice.bits - kept_doubt),
            n_open,
        })
    }
}

/// -log2 of the sum of two probabilities given as -log2.
fn add_bits(a: f32, b: f32) -> f32 {
    let (less, more) = if a < b { (a, b) } else { (b, a) };
    if more - less > 24.0 || more.is_infinite() { less } else { less - (less - more).exp2().ln_1p() * std::f32::consts::LOG2_E }
}

impl Choice {
    /// The symbols it puts on the way.
    fn ids(&self) -> &[Id] {
        &self.put[..self.n_put]
    }
}
