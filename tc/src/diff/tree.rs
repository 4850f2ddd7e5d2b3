//! The shape of a tree of classes: depths, and who has children.

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::class::Class;
use crate::handle::Handle;

/// The deepest tree a kernel can have is eight levels (`TC_HTB_MAXDEPTH`); a parent chain longer than this is a circle.
const MOST_LEVELS: usize = 64;

/// A tree of classes with what has been found out about it.
pub(super) struct Tree<'a> {
    pub(super) classes: &'a BTreeMap<Handle, Class>,
    parents: HashSet<Handle>,
    depths: HashMap<Handle, usize>,
}

impl<'a> Tree<'a> {
    pub(super) fn new(classes: &'a BTreeMap<Handle, Class>) -> Self {
        let mut parents = HashSet::new();
        let mut last = None;
        for class in classes.values() {
            if last != Some(class.parent) {
                parents.insert(class.parent);
                last = Some(class.parent);
            }
        }
        Self { classes, parents, depths: HashMap::new() }
    }

    pub(super) fn has_children(&self, class: Handle) -> bool {
        self.parents.contains(&class)
    }

    /// 0 right below the HTB.
    pub(super) fn depth_below(&mut self, parent: Handle) -> usize {
        let mut chain = Vec::new();
        let mut at = parent;
        let mut depth = loop {
            if let Some(&depth) = self.depths.get(&at) {
                break depth;
            }
            match self.classes.get(&at) {
                Some(class) if chain.len() < MOST_LEVELS => {
                    chain.push(at);
                    at = class.parent;
                }
                _ => break 0,
            }
        };
        while let Some(class) = chain.pop() {
            depth += 1;
            self.depths.insert(class, depth);
        }
        depth
    }

    /// The classes themselves or something above them that `is_marked`, the parent chain included.
    pub(super) fn below(&self, is_marked: impl Fn(Handle) -> bool) -> HashSet<Handle> {
        let mut known: HashMap<Handle, bool> = HashMap::new();
        for &class in self.classes.keys() {
            let mut chain = Vec::new();
            let mut at = class;
            let answer = loop {
                if let Some(&answer) = known.get(&at) {
                    break answer;
                }
                chain.push(at);
                if is_marked(at) {
                    break true;
                }
                match self.classes.get(&at) {
                    Some(class) if chain.len() < MOST_LEVELS => at = class.parent,
                    _ => break false,
                }
            };
            known.extend(chain.into_iter().map(|handle| (handle, answer)));
        }
        self.classes.keys().copied().filter(|class| known.get(class) == Some(&true)).collect()
    }
}
