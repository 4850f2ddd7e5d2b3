//! Metrics for Prometheus's textfile collector.

use std::sync::atomic::AtomicU64;

use anyhow::Context;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

use super::pin::Pin;
use super::status::Status;
use crate::config::Config;
use crate::exit::Failure;
use crate::files::Staged;

type Number = Gauge<f64, AtomicU64>;
type Numbers = Family<Vec<(String, String)>, Number>;

/// Replaces the file that the collector reads, if one is configured.
pub(super) fn write(config: &Config, status: &Status) -> Result<(), Failure> {
    let Some(path) = &config.sync.metrics else { return Ok(()) };
    let is_pinned = Pin::read(&config.state).is_ok_and(|pin| pin.is_some());
    let text = text(status, is_pinned);
    let mut staged = Staged::default();
    staged.add(path, text.as_bytes())?;
    staged.publish().with_context(|| format!("cannot write the metrics `{}`", path.display()))?;
    Ok(())
}

/// A moment as seconds of Unix time, as Prometheus has it: ages are for whoever asks to compute.
#[expect(clippy::cast_precision_loss, reason = "seconds have 53 bits of room for millions of years")]
fn seconds(moment: jiff::Timestamp) -> f64 {
    moment.as_second() as f64
}

#[expect(clippy::cast_precision_loss, reason = "counts of circuits and problems have fewer than 53 bits")]
fn count(value: usize) -> f64 {
    value as f64
}

/// All metrics as text.
fn text(status: &Status, is_pinned: bool) -> String {
    let mut registry = Registry::with_prefix("pleach");
    if let Some(success) = status.last_success {
        one(&mut registry, "last_success_timestamp_seconds", "When a sync last went through", seconds(success));
    }
    let ages = numbers(&mut registry, "source_last_success_timestamp_seconds", "When a source last answered");
    for (name, source) in &status.sources {
        set(&ages, "source", name, seconds(source.last_success));
    }
    if let Some(run) = &status.last_run {
        one(&mut registry, "last_run_timestamp_seconds", "When the last sync began", seconds(run.time));
        one(&mut registry, "last_run_duration_seconds", "How long the last sync took", run.seconds);
        one(&mut registry, "last_run_exit_code", "The exit code of the last sync", f64::from(run.exit));
        if let Some(generation) = run.generation {
            let number = count(usize::try_from(generation).unwrap_or(usize::MAX));
            one(&mut registry, "generation", "The current generation", number);
        }
        let steps = numbers(&mut registry, "step_duration_seconds", "How long each step of the last sync took");
        for (step, time) in &run.steps {
            let name = serde_json::to_value(step).ok().and_then(|value| Some(value.as_str()?.to_owned()));
            set(&steps, "step", &name.unwrap_or_default(), *time);
        }
        let applied = numbers(&mut registry, "applied", "Whether the last apply of a shaper went well");
        for (shaper, went_well) in &run.applied {
            set(&applied, "shaper", shaper, f64::from(u8::from(*went_well)));
        }
    }
    let pinned = f64::from(u8::from(is_pinned));
    one(&mut registry, "pinned", "Whether a rollback keeps syncs from changing anything", pinned);
    // A run that failed found nothing out: what was known before holds on.
    let problems = numbers(&mut registry, "problems", "Problems of the last sync that read the network, by code");
    for (code, number) in &status.problems {
        set(&problems, "code", code, count(*number));
    }
    if let Some(counts) = status.counts {
        let circuits = numbers(&mut registry, "circuits", "Circuits of the last sync that read the network, by fate");
        let by_fate = [("shaped", counts.shaped), ("quarantined", counts.quarantined), ("left_out", counts.left_out)];
        for (fate, number) in by_fate {
            set(&circuits, "fate", fate, count(number));
        }
    }
    let mut text = String::new();
    encode(&mut text, &registry).expect("invariant: writing to a string does not fail");
    text
}

fn one(registry: &mut Registry, name: &str, help: &str, value: f64) {
    let gauge = Number::default();
    gauge.set(value);
    registry.register(name, help, gauge);
}

fn numbers(registry: &mut Registry, name: &str, help: &str) -> Numbers {
    let family = Numbers::default();
    registry.register(name, help, family.clone());
    family
}

fn set(family: &Numbers, label: &str, value: &str, number: f64) {
    family.get_or_create(&vec![(label.to_owned(), value.to_owned())]).set(number);
}
