//! A generation's files in the folders of their readers.

use std::borrow::Cow;

use super::candidate::Candidate;
use super::engine::Run;
use super::step::Step;
use crate::exit::Failure;
use crate::export::FILE_NAMES;
use crate::files::{Change, Staged};
use crate::generations::{Generation, GenerationError};
use crate::publish;

/// A generation whose own files are spoilt.
fn damaged(error: GenerationError) -> Failure {
    Failure::from(anyhow::Error::new(error)).hint(
        "the current generation is damaged: `pleach rollback` makes one of the generation before it, and after \
         `pleach rollback --resume` the next sync makes this one anew",
    )
}

impl Run<'_> {
    /// Those of the candidate it was made from, if that is at hand.
    ///
    /// Writes every shaper's two files to the folder it publishes to, all at once. What stands there already is not touched.
    pub(super) fn publish(&mut self, generation: &Generation, candidate: Option<&Candidate>) -> Result<(), Failure> {
        self.step(Step::Publish);
        let mut staged = Staged::protecting(self.config.csv.paths());
        for shaper in &self.config.shaper {
            let Some(folder) = &shaper.publish else { continue };
            if !generation.manifest.shapers.iter().any(|entry| entry.name == shaper.name) {
                continue; // it was not configured when the generation was made
            }
            publish::folder_is_there(shaper)?;
            let made = candidate.and_then(|it| it.shapers.iter().find(|output| output.entry.name == shaper.name));
            let contents = match made {
                Some(output) => output.contents.each_ref().map(|bytes| Cow::Borrowed(bytes.as_slice())),
                None => generation.shaper_files(&shaper.name).map_err(damaged)?.map(Cow::Owned),
            };
            let mut written = Vec::new();
            for (name, bytes) in FILE_NAMES.iter().zip(&contents).take(2) {
                if staged.add(&folder.join(name), bytes)? == Change::Written {
                    written.push(*name);
                }
            }
            if !written.is_empty() {
                self.ended.done.push(format!(
                    "{}: published `{}`; wrote {}",
                    folder.display(),
                    shaper.name,
                    written.join(", ")
                ));
            }
        }
        publish::publish(staged)
    }
}
