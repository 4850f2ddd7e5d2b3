//! What has been kept long enough goes.

use super::engine::Run;
use super::pin::Pin;
use super::refusal::Refusal;
use super::step::Step;
use crate::exit::Failure;
use crate::generations::{Generation, superfluous};

impl Run<'_> {
    /// Removes the archives that nothing refers to, after a run that kept one and came to nothing.
    pub(super) fn retire_archives(&self) -> Result<(), Failure> {
        let all = self.store.manifests()?;
        let refused = Refusal::all(self.state())?;
        let mut used: Vec<&str> = all.iter().filter_map(|manifest| manifest.snapshot.as_deref()).collect();
        used.extend(refused.iter().map(|refusal| refusal.snapshot.as_str()));
        self.snapshots.retire(|name| used.contains(&name))
    }

    /// Removes old generations, and the archives that nothing refers to any more.
    pub(super) fn retire(&mut self, current: &Generation) -> Result<(), Failure> {
        self.step(Step::Retire);
        let all = self.store.manifests()?;
        let pinned = Pin::read(self.state())?.map(|pin| pin.generation);
        let (current, keep) = (current.manifest.generation, self.config.sync.keep);
        let gone = superfluous(&all, current, pinned, keep, self.request.now);
        for &number in &gone {
            self.store.remove(number)?;
        }
        let refused = Refusal::all(self.state())?;
        let kept = all.iter().filter(|manifest| !gone.contains(&manifest.generation));
        let mut used: Vec<&str> = kept.filter_map(|manifest| manifest.snapshot.as_deref()).collect();
        used.extend(refused.iter().map(|refusal| refusal.snapshot.as_str()));
        self.snapshots.retire(|name| used.contains(&name))
    }
}
