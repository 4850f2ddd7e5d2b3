//! A line on the terminal that says what a long run is at.

use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

/// How long a run stays silent: shorter ones need no progress line.
const SILENT: Duration = Duration::from_secs(1);

/// Shows the current stage on standard error, if that is a terminal, once the run has lasted a second.
#[derive(Debug)]
pub struct Progress {
    stages: Option<Sender<String>>,
    line: Option<JoinHandle<()>>,
}

impl Progress {
    /// Starts a run.
    pub fn start() -> Self {
        let (stages, incoming) = channel::<String>();
        let line = std::thread::spawn(move || {
            let mut stage = String::new();
            let begun = std::time::Instant::now();
            loop {
                match incoming.recv_timeout(SILENT.saturating_sub(begun.elapsed())) {
                    Ok(next) => stage = next,
                    Err(RecvTimeoutError::Timeout) => break,
                    Err(RecvTimeoutError::Disconnected) => return,
                }
            }
            let bar = ProgressBar::new_spinner(); // draws on standard error, and only if it is a terminal
            if let Ok(style) = ProgressStyle::with_template("{spinner} {msg} ({elapsed})") {
                bar.set_style(style);
            }
            bar.enable_steady_tick(Duration::from_millis(100));
            bar.set_message(stage);
            while let Ok(next) = incoming.recv() {
                bar.set_message(next);
            }
            bar.finish_and_clear();
        });
        Self { stages: Some(stages), line: Some(line) }
    }

    /// Says what is being done now.
    pub fn stage(&self, stage: impl Into<String>) {
        if let Some(stages) = &self.stages {
            let _ = stages.send(stage.into()); // a line that is gone shows nothing, which is no error
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        drop(self.stages.take());
        if let Some(line) = self.line.take() {
            let _ = line.join(); // a panic of the line has been printed, and the run goes on
        }
    }
}
