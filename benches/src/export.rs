//! What is measured of the product: its functions in the order in which `pleach export` calls them.

use std::ffi::OsString;
use std::mem::ManuallyDrop;
use std::path::Path;

use anyhow::{Result, ensure};
use pleach::export::{FILE_NAMES, ShaperFiles, Which, build};
use pleach::files::Staged;
use pleach::shapers::Rooted;
use pleach::survey::Survey;
use pleach_graph::{AddressPolicy, Census, NeverShape, Policy, View, ViewOptions, network_json, shaped_devices};

use crate::files::{NETWORK_FILE, SUBSCRIBERS_FILE};
use crate::floors::{Durability, replace};
use crate::measure::Measure;
use crate::subject::Subject;

/// Grows the tree at the top and makes both files of it, in memory.
pub(crate) fn contents(survey: &Survey) -> Result<[Vec<u8>; 2]> {
    const ROW_BYTES: usize = 192; // every field quoted
    let rooted = Rooted::new(&survey.network, Subject::shaper())?;
    let view = View::new(&rooted.tree, &survey.census, &ViewOptions::default());
    let dialect = rooted.shaper.dialect;
    let mut csv = Vec::with_capacity(survey.census.circuits().len() * ROW_BYTES);
    shaped_devices::write(&view, &survey.census, dialect, &|_| true, &mut csv)?;
    let mut json = Vec::new();
    network_json::write(&view, dialect, &mut json)?;
    Ok([json, csv])
}

/// Puts network.json and ShapedDevices.csv into `folder`.
pub(crate) fn replace_both(contents: &[Vec<u8>], folder: &Path, durability: Durability) -> Result<()> {
    for (name, bytes) in FILE_NAMES.iter().zip(contents).take(2) {
        replace(&folder.join(name), bytes, durability)?;
    }
    if durability == Durability::Synced {
        std::fs::File::open(folder)?.sync_all()?;
    }
    Ok(())
}

/// Grows the tree and makes all three files of it: the manifest has the hashes of the others.
pub(crate) fn all_files(survey: &Survey) -> Result<ShaperFiles<'_>> {
    let (rooted, holders) = survey.shapers(&[Subject::shaper()])?;
    let views = survey.views(&rooted);
    Ok(build(survey, &rooted[0], &views[0], &holders, 0))
}

/// Replaces all three as the product does: on the disk before the first is renamed.
pub(crate) fn publish(files: &ShaperFiles<'_>, folder: &Path) -> Result<()> {
    let mut staged = Staged::default();
    files.stage(&mut staged, folder, Which::All)?;
    Ok(staged.publish()?)
}

/// Everything from the files that are read to the files that are written, but for the wait for the disk.
pub(crate) fn whole_process(subject: &Subject, folder: &Path) -> Result<()> {
    let survey = ManuallyDrop::new(Survey::new(subject.load()?, &subject.config()?)); // as the verb does
    let (rooted, holders) = survey.shapers(&[Subject::shaper()])?;
    let views = survey.views(&rooted);
    std::hint::black_box(survey.problems(&views));
    let files = build(&survey, &rooted[0], &views[0], &holders, 0);
    replace_both(&files.contents, folder, Durability::Handed)?;
    let counts = survey.census.counts();
    let customers = subject.customers();
    ensure!((counts.read, counts.shaped) == (customers, customers), "of {customers} customers: {counts:?}");
    Ok(())
}

/// The verb itself, problems, guard and the wait for the disk included.
pub(crate) fn verb(subject: &Subject, folder: &Path) -> Result<()> {
    let inputs = subject.inputs()?;
    let (rows, nodes) = (inputs.join(SUBSCRIBERS_FILE), inputs.join(NETWORK_FILE));
    let arguments: [OsString; 8] = [
        "pleach".into(),
        "export".into(),
        "--csv".into(),
        rows.into(),
        "--nodes".into(),
        nodes.into(),
        "--out".into(),
        folder.into(),
    ];
    let code = pleach::cli::main(arguments);
    ensure!(code == std::process::ExitCode::SUCCESS, "`pleach export` failed");
    Ok(())
}

/// What 64 ignored prefixes add to the census: one with them, one without.
pub(crate) fn ignoring(subject: &Subject) -> Result<Measure> {
    let graph = subject.graph();
    let ignoring = AddressPolicy::new([], subject.ignored()?, NeverShape::BuiltIn);
    let with = Policy { addresses: ignoring, ..Policy::default() };
    let [without, with] = [Policy::default(), with].map(|policy| Measure::of(|| Census::take(graph, &policy)));
    Ok(Measure { time: with.time.saturating_sub(without.time), cpu: with.cpu.saturating_sub(without.cpu), ..with })
}
