use super::{Id, LanguageModel, State};

/// A symbol that is known to stand before another.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Predecessor {
    /// The symbol before.
    pub id: Id,
    /// Surprise of the other one after it alone, in bits.
    pub bits: f32,
}

/// A symbol that is known to stand between two others.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Filler {
    /// The symbol between.
    pub id: Id,
    /// Surprise of this symbol and the one after it, in bits.
    pub bits: f32,
}

/// Predecessors of every symbol, one list after the other.
#[derive(Debug)]
pub(super) struct Index {
    /// Where the list of a symbol begins; one more than there are symbols.
    begins: Vec<u32>,
    all: Vec<Predecessor>,
}

impl LanguageModel {
    /// The symbols known to stand before `id` in pairs, by id. The index is
    /// made once, at the first call: milliseconds, and eight bytes for each
    /// pair.
    #[must_use]
    pub fn predecessors(&self, id: Id) -> &[Predecessor] {
        let index = self.predecessors.get_or_init(|| Index::new(self));
        match index.begins.get(id.index()..id.index() + 2) {
            Some(range) => &index.all[range[0] as usize..range[1] as usize],
            None => &[],
        }
    }

    /// The symbols known both after `left1` and before `right1`, the least
    /// surprising between `left2 left1` and `right1` first. What was lost or
    /// misread in a gap is usually near the front.
    #[must_use]
    pub fn fillers(&self, left2: Id, left1: Id, right1: Id) -> Vec<Filler> {
        let mut fillers = Vec::new();
        self.fillers_into(self.state(&[left2, left1]), right1, &mut fillers);
        fillers
    }

    /// The symbols known both after the last symbol of `left` and before
    /// `right1`, by id.
    pub fn between(&self, left: State, right1: Id) -> impl Iterator<Item = Id> + '_ {
        let before = self.predecessors(right1);
        let mut at = 0;
        self.successors_of(left, left.known().min(1)).filter_map(move |(id, _)| {
            at += before[at..].partition_point(|predecessor| predecessor.id < id);
            (id > Id::BOUNDARY && before.get(at).is_some_and(|predecessor| predecessor.id == id)).then_some(id)
        })
    }

    /// [`LanguageModel::fillers`] with all the context that `left` holds, in a
    /// vector that can be used again.
    pub fn fillers_into(&self, left: State, right1: Id, fillers: &mut Vec<Filler>) {
        fillers.clear();
        let before = self.predecessors(right1);
        let mut at = 0;
        for (id, _) in self.successors_of(left, left.known().min(1)) {
            at += before[at..].partition_point(|predecessor| predecessor.id < id);
            if before.get(at).is_some_and(|predecessor| predecessor.id == id) && id > Id::BOUNDARY {
                let (bits, state) = self.score(left, id);
                fillers.push(Filler { id, bits: bits + self.score(state, right1).0 });
            }
        }
        fillers.sort_by(|a, b| a.bits.total_cmp(&b.bits).then(a.id.cmp(&b.id)));
    }
}

impl Index {
    fn new(model: &LanguageModel) -> Self {
        let n_symbols = model.n_symbols();
        let each_pair = |each: &mut dyn FnMut(Id, Id, f32)| {
            for first in (0..n_symbols as u16).map(Id) {
                for (second, bits) in model.successors(&[first]) {
                    each(first, second, bits);
                }
            }
        };
        let mut begins = vec![0_u32; n_symbols + 1];
        each_pair(&mut |_, second, _| begins[second.index() + 1] += 1);
        for idx in 1..begins.len() {
            begins[idx] += begins[idx - 1];
        }
        let mut all = vec![Predecessor { id: Id::UNKNOWN, bits: 0.0 }; begins[n_symbols] as usize];
        let mut ends = begins.clone();
        each_pair(&mut |first, second, bits| {
            all[ends[second.index()] as usize] = Predecessor { id: first, bits };
            ends[second.index()] += 1;
        });
        Self { begins, all }
    }
}
