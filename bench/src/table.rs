//! Tables, and the spread of what is in them.

use std::time::{Duration, Instant};

use rustix::time::{ClockId, clock_gettime};

/// Median, least and greatest of the rounds.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Spread {
    pub(crate) median: f64,
    min: f64,
    max: f64,
}

impl Spread {
    pub(crate) fn of(values: impl IntoIterator<Item = f64>) -> Self {
        let mut values: Vec<f64> = values.into_iter().collect();
        values.sort_by(f64::total_cmp);
        let at = |place: usize| values.get(place).copied().unwrap_or(f64::NAN);
        Self { median: at(values.len() / 2), min: at(0), max: at(values.len().saturating_sub(1)) }
    }
}

impl std::fmt::Display for Spread {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} ({}–{})", number(self.median), number(self.min), number(self.max))
    }
}

/// Three significant digits.
pub(crate) fn number(value: f64) -> String {
    match value.abs() {
        size if size >= 100.0 => format!("{value:.0}"),
        size if size >= 10.0 => format!("{value:.1}"),
        size if size >= 0.1 => format!("{value:.2}"),
        _ => format!("{value:.3}"),
    }
}

/// The times of many single operations, in microseconds.
#[derive(Debug, Default)]
pub(crate) struct Times(Vec<f64>);

impl Times {
    pub(crate) fn with_room_for(operations: usize) -> Self {
        Self(Vec::with_capacity(operations))
    }

    pub(crate) fn time<T>(&mut self, operation: impl FnOnce() -> T) -> T {
        let began = Instant::now();
        let done = std::hint::black_box(operation());
        self.add(began.elapsed());
        done
    }

    /// Processor time of this thread: what others take from it in between is not in it.
    pub(crate) fn processor<T>(&mut self, operation: impl FnOnce() -> T) -> T {
        let used = || {
            let now = clock_gettime(ClockId::ThreadCPUTime);
            Duration::new(now.tv_sec as u64, now.tv_nsec as u32)
        };
        let began = used();
        let done = std::hint::black_box(operation());
        self.add(used().saturating_sub(began));
        done
    }

    pub(crate) fn add(&mut self, took: Duration) {
        self.0.push(took.as_secs_f64() * 1e6);
    }

    /// In microseconds.
    pub(crate) fn quantiles(mut self) -> Quantiles {
        self.0.sort_by(f64::total_cmp);
        let at = |part: f64| {
            let place = (self.0.len() as f64 * part) as usize;
            self.0.get(place.min(self.0.len().saturating_sub(1))).copied().unwrap_or(f64::NAN)
        };
        Quantiles { p50: at(0.5), p95: at(0.95), p99: at(0.99), max: at(1.0) }
    }
}

/// What half, 95 %, 99 % and all of the operations stayed below.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Quantiles {
    pub(crate) p50: f64,
    pub(crate) p95: f64,
    pub(crate) p99: f64,
    pub(crate) max: f64,
}

/// The quantiles of each round, for a row.
#[derive(Debug, Default)]
pub(crate) struct Rounds(Vec<Quantiles>);

impl Rounds {
    pub(crate) fn add(&mut self, round: Quantiles) {
        self.0.push(round);
    }

    /// p50, p99 and max, each with its spread; `scale` 1 for microseconds, 1000 for milliseconds.
    pub(crate) fn cells(&self, scale: f64) -> [String; 3] {
        self.cells_of([|round| round.p50, |round| round.p99, |round| round.max], scale)
    }

    /// The same of other quantiles.
    pub(crate) fn cells_of<const N: usize>(&self, of: [fn(&Quantiles) -> f64; N], scale: f64) -> [String; N] {
        of.map(|of| Spread::of(self.0.iter().map(|round| of(round) / scale)).to_string())
    }
}

/// A table in Markdown, so that it can stand in the documentation as it is.
#[derive(Debug)]
pub(crate) struct Table {
    heads: usize,
}

impl Table {
    pub(crate) fn new(heads: &[&str]) -> Self {
        println!("| {} |", heads.join(" | "));
        println!("|{}", "---|".repeat(heads.len()));
        Self { heads: heads.len() }
    }

    pub(crate) fn row<T: AsRef<str>>(&self, cells: &[T]) {
        assert_eq!(cells.len(), self.heads, "a cell for each column");
        println!("| {} |", cells.iter().map(AsRef::as_ref).collect::<Vec<_>>().join(" | "));
    }

    pub(crate) fn end(self) {
        println!();
    }
}

/// How busy the machine was with other things.
#[derive(Debug)]
pub(crate) struct Machine {
    began: Instant,
    load: String,
}

impl Machine {
    pub(crate) fn look() -> Self {
        Self { began: Instant::now(), load: load() }
    }

    pub(crate) fn since(&self) -> String {
        let cores = std::thread::available_parallelism().map_or(0, usize::from);
        format!(
            "{cores} cores, load {} before and {} after, {:.0} s",
            self.load,
            load(),
            self.began.elapsed().as_secs_f64()
        )
    }
}

fn load() -> String {
    let text = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split(' ').next().unwrap_or("?").to_owned()
}
