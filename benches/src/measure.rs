//! What a measurement is: a time, the memory it took, and the median of several.

use std::io;
use std::time::{Duration, Instant};

/// One run of a stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Measure {
    /// Wall time: what the goals are about, and what everything else on the machine adds to.
    pub time: Duration,
    /// What the process itself computed meanwhile, in all its threads and for it in the kernel.
    pub cpu: Duration,
    /// The most memory that was resident, in bytes; only of stages in a process of their own.
    pub memory: Option<u64>,
}

impl Measure {
    /// Times `work`; its result is dropped after the clock has stopped.
    pub fn of<T>(work: impl FnOnce() -> T) -> Self {
        let (start, cpu) = (Instant::now(), cpu_time());
        let result = std::hint::black_box(work());
        let (time, cpu) = (start.elapsed(), cpu_time().saturating_sub(cpu));
        drop(result);
        Self { time, cpu, memory: None }
    }

    /// Times `work` and weighs what this process grew by while it ran.
    pub fn weighed<T>(work: impl FnOnce() -> T) -> io::Result<Self> {
        let memory = Memory::watch()?;
        let measure = Self::of(work);
        Ok(Self { memory: Some(memory.grown()?), ..measure })
    }

    /// Times `work`, the last that this process does: it is weighed with everything in it, and its CPU time is all it had.
    pub fn of_process<T>(work: impl FnOnce() -> T) -> io::Result<Self> {
        let measure = Self::of(work);
        Ok(Self { cpu: cpu_time(), memory: Some(status("VmHWM:")?), ..measure })
    }
}

/// The CPU time of this process so far.
fn cpu_time() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    Duration::try_from(time).expect("invariant: a process has no negative CPU time")
}

/// The memory of this process since it was watched first.
#[derive(Debug)]
pub struct Memory {
    before: u64,
}

impl Memory {
    /// Begins: the kernel forgets the peak so far (proc(5), `clear_refs`), so that only what comes counts.
    pub fn watch() -> io::Result<Self> {
        std::fs::write("/proc/self/clear_refs", "5")?;
        Ok(Self { before: status("VmRSS:")? })
    }

    /// The peak beyond what was resident at the beginning, in bytes.
    pub fn grown(&self) -> io::Result<u64> {
        Ok(status("VmHWM:")?.saturating_sub(self.before))
    }
}

/// A field of `/proc/self/status` that is in kB, in bytes.
fn status(field: &str) -> io::Result<u64> {
    let text = std::fs::read_to_string("/proc/self/status")?;
    let line = text.lines().find_map(|line| line.strip_prefix(field));
    let kib = line.and_then(|rest| rest.split_whitespace().next()).and_then(|number| number.parse::<u64>().ok());
    kib.map(|kib| kib * 1024).ok_or_else(|| io::Error::other(format!("no `{field}` in /proc/self/status")))
}

/// The runs of one stage, sorted by time.
#[derive(Clone, Debug)]
pub struct Series(Vec<Measure>);

impl Series {
    /// Of runs, in any order; there must be one at least.
    pub fn new(mut runs: Vec<Measure>) -> Self {
        assert!(!runs.is_empty(), "invariant: a stage is run at least once");
        runs.sort_by_key(|run| run.time);
        Self(runs)
    }

    /// The median time; of an even number of runs the slower of the two in the middle.
    pub fn median(&self) -> Duration {
        self.0[self.0.len() / 2].time
    }

    /// The median CPU time.
    pub fn cpu(&self) -> Duration {
        let mut times: Vec<Duration> = self.0.iter().map(|run| run.cpu).collect();
        times.sort_unstable();
        times[times.len() / 2]
    }

    /// The fastest run.
    pub fn min(&self) -> Duration {
        self.0[0].time
    }

    /// The slowest run.
    pub fn max(&self) -> Duration {
        self.0[self.0.len() - 1].time
    }

    /// The median memory, where it was weighed.
    pub fn memory(&self) -> Option<u64> {
        let mut weights: Vec<u64> = self.0.iter().filter_map(|run| run.memory).collect();
        weights.sort_unstable();
        weights.get(weights.len() / 2).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_middle_one() {
        let run = |millis, memory| Measure { time: Duration::from_millis(millis), cpu: Duration::ZERO, memory };
        let series = Series::new(vec![run(30, Some(1)), run(10, Some(3)), run(20, Some(2))]);
        assert_eq!([series.min(), series.median(), series.max()].map(|time| time.as_millis()), [10, 20, 30]);
        assert_eq!(series.memory(), Some(2));
        assert_eq!(Series::new(vec![run(1, None)]).memory(), None);
    }

    #[test]
    fn memory_that_is_touched_is_weighed() {
        let memory = Memory::watch().expect("a Linux /proc");
        let touched = vec![1_u8; 256 << 20]; // far more than other tests free meanwhile
        assert!(memory.grown().expect("a Linux /proc") >= 128 << 20, "{}", touched.len());
    }
}
