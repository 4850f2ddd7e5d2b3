//! The eBPF classifier against its goals: what a packet costs, and how fast the device map fills. Needs root, and no interface.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::os::fd::BorrowedFd;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use pleach_graph::Prefix;
use pleach_kernel::bpf::{Allocation, Classifier, Driver};
use pleach_tc::{
    DeviceKey, DeviceValue, Handle, MapSizes, MapWrite, MarkField, PerDirection, Port, PortIndex, PortMode, Scope,
    Slot, Store,
};

/// Packets in a list: as many as entries, so that no packet's entry is in a cache because the packet came just now.
const PACKETS: usize = 100_000;
/// Runs of the program for one figure.
const REPEAT: u32 = 1_000_000;

/// Goals: of a random packet above an empty program, of a flood as a multiple of a known packet, and of filling.
const GOAL: Duration = Duration::from_nanos(70);
const FLOOD_GOAL: f64 = 3.0;
const FILL_GOAL: f64 = 800_000.0;

/// Measures with so many prefixes, and prints a table of medians.
pub fn measure_classifier(prefixes: usize, rounds: usize) -> Result<()> {
    ensure!(rounds > 0, "nothing to measure in no rounds");
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let mix = Mix::new(prefixes, &mut random);
    let as_stored = instance(&mix.writes(Store::Exact), prefixes)?;
    let trie_only = instance(&mix.writes(Store::Trie), prefixes)?;
    let any = |_: &IpNet| true;
    let rows = [
        ("keys at random, 90 % /32, 5 % /24, 5 % /56", &as_stored, mix.packets(any, &mut random)?),
        ("one key", &as_stored, mix.packets(any, &mut random)?[..1].to_vec()),
        ("/32 at random", &as_stored, mix.packets(|net| net.prefix_len() == 32, &mut random)?),
        ("/24 at random", &as_stored, mix.packets(|net| net.prefix_len() == 24, &mut random)?),
        ("/56 at random", &as_stored, mix.packets(|net| net.prefix_len() == 56, &mut random)?),
        ("the mix, all in tries", &trie_only, mix.packets(any, &mut random)?),
        ("flood of unknown addresses, watched", &as_stored, flood(&mut random)),
    ];
    let mut drivers = Vec::new();
    for (_, (classifier, ..), packets) in &rows {
        drivers.push((Driver::new(packets)?, classifier.program_fd(PortIndex::Download)?));
    }
    let mut times: Vec<Vec<(Duration, Duration)>> = vec![Vec::new(); rows.len()];
    let floors = [Allocation::Ahead, Allocation::OnDemand];
    let mut floor_times = floors.map(|_| Vec::new());
    let mut reads = Vec::new();
    for _ in 0..rounds {
        reads.push(random_read(&mut random));
        for (times, allocation) in floor_times.iter_mut().zip(floors) {
            times.push(drivers[0].0.time_look_up(allocation, REPEAT)?);
        }
        for (times, (driver, program)) in times.iter_mut().zip(&drivers) {
            times.push(driver.time(BorrowedFd::clone(program), REPEAT)?);
        }
    }
    let figures: Vec<_> = times.iter_mut().map(|times| medians(times)).collect();
    println!("{prefixes} prefixes, {rounds} rounds of {REPEAT} packets each, medians");
    println!("{:<46} {:>8} {:>8} {:>12}", "", "whole", "empty", "above empty");
    for ((name, ..), (whole, empty)) in rows.iter().zip(&figures) {
        println!(
            "{name:<46} {:>5} ns {:>5} ns {:>9} ns",
            whole.as_nanos(),
            empty.as_nanos(),
            above(*whole, *empty).as_nanos()
        );
    }
    let mut floor = Vec::new();
    for (times, allocation) in floor_times.iter_mut().zip(floors) {
        let time = above(middle(times), figures[0].1);
        println!("floor: one look-up in a hash of those keys, allocated {allocation:?}: {} ns", time.as_nanos());
        floor.push(time);
    }
    println!("loading the maps and the three programs: {} ms", as_stored.2.as_millis());
    println!("one dependent read at random in 8 MiB of memory: {} ns", middle(&mut reads).as_nanos());
    println!(
        "a known packet is {:.2} x the lower floor",
        ratio(above(figures[0].0, figures[0].1), floor[0].min(floor[1]))
    );
    let (known, flooded) = (figures[0], figures[figures.len() - 1]);
    let ratio = flooded.0.as_secs_f64() / known.0.as_secs_f64();
    let net_ratio = above(flooded.0, flooded.1).as_secs_f64() / above(known.0, known.1).as_secs_f64();
    println!("goal: under {} ns above empty: {}", GOAL.as_nanos(), verdict(above(known.0, known.1) < GOAL));
    println!(
        "goal: a flood at most {FLOOD_GOAL} x a known packet: {ratio:.2} x ({net_ratio:.2} x above empty): {}",
        verdict(ratio <= FLOOD_GOAL && net_ratio <= FLOOD_GOAL)
    );
    let fill = median(&as_stored.1);
    println!(
        "goal: over {FILL_GOAL} entries/s: {fill:.0}: {}; all in tries {:.0}",
        verdict(fill > FILL_GOAL),
        median(&trie_only.1)
    );
    Ok(())
}

fn verdict(met: bool) -> &'static str {
    if met { "met" } else { "MISSED" }
}

fn above(whole: Duration, empty: Duration) -> Duration {
    whole.saturating_sub(empty)
}

fn medians(times: &mut [(Duration, Duration)]) -> (Duration, Duration) {
    let middle = times.len() / 2;
    let whole = times.select_nth_unstable_by_key(middle, |time| time.0).1.0;
    (whole, times.select_nth_unstable_by_key(middle, |time| time.1).1.1)
}

fn middle(times: &mut [Duration]) -> Duration {
    let middle = times.len() / 2;
    *times.select_nth_unstable(middle).1
}

fn ratio(time: Duration, floor: Duration) -> f64 {
    time.as_secs_f64() / floor.as_secs_f64()
}

fn median(rates: &[f64]) -> f64 {
    let (mut rates, middle) = (rates.to_vec(), rates.len() / 2);
    *rates.select_nth_unstable_by(middle, f64::total_cmp).1
}

/// A classifier with these entries, how many entries a second it was filled with, several times over, and how long loading
/// its maps and its three programs took.
fn instance(writes: &[MapWrite], prefixes: usize) -> Result<(Classifier, Vec<f64>, Duration)> {
    const FILLS: usize = 5;
    let devices = u32::try_from(prefixes)?;
    let sizes = MapSizes { devices, identities: 1, slots: devices };
    let (mut loads, mut rates) = (Vec::new(), Vec::new());
    loop {
        let from = Instant::now();
        let classifier = Classifier::load(sizes)?;
        loads.push(from.elapsed());
        let from = Instant::now();
        write(&classifier, writes)?;
        #[expect(clippy::cast_precision_loss, reason = "a rate to be read by people")]
        rates.push(writes.len() as f64 / from.elapsed().as_secs_f64());
        if rates.len() == FILLS {
            let class = PerDirection { download: Handle::new(1, 3), upload: Handle::new(2, 3) };
            let none = PerDirection::default();
            let port = Port {
                mode: PortMode::Shape,
                default_class: class,
                default_queue: none,
                vlan: none,
                mark: MarkField::NONE,
            };
            let watched = Prefix::network(IpNet::V4(Ipv4Net::new(WATCHED, 8)?));
            let setting = [MapWrite::SetPort { index: PortIndex::Download, port }, MapWrite::Watch(watched)];
            write(&classifier, &setting)?;
            return Ok((classifier, rates, middle(&mut loads)));
        }
    }
}

fn write(classifier: &Classifier, writes: &[MapWrite]) -> Result<()> {
    let done = classifier.write(writes, |_| unreachable!("no write names an interface"));
    ensure!(done.is_complete(writes.len()), "{} of {} written: {:?}", done.sent, writes.len(), done.refused);
    Ok(())
}

/// The network that unknown addresses are looked for in; no prefix of the mix lies in it.
const WATCHED: Ipv4Addr = Ipv4Addr::new(10, 0, 0, 0);

/// Prefixes as an ISP has them, none inside another, in random order.
struct Mix(Vec<IpNet>);

impl Mix {
    fn new(count: usize, random: &mut Random) -> Self {
        let mut nets = BTreeSet::new();
        while nets.len() < count {
            let net = match random.below(20) {
                0 => IpNet::V4(Ipv4Net::new_assert(Ipv4Addr::from(0xac00_0000 | random.word() >> 8), 24).trunc()),
                1 => {
                    let address = 0x2001_0db8_u128 << 96 | u128::from(random.word()) << 64;
                    IpNet::V6(Ipv6Net::new_assert(Ipv6Addr::from(address), 56).trunc())
                }
                _ => IpNet::V4(Ipv4Net::new_assert(Ipv4Addr::from(0x6400_0000 | random.word() >> 8), 32)),
            };
            nets.insert(net);
        }
        let mut nets: Vec<_> = nets.into_iter().collect();
        for last in (1..nets.len()).rev() {
            nets.swap(last, random.below(last + 1));
        }
        Self(nets)
    }

    /// Entries in the given store, in the trie where the exact one does not take them.
    fn writes(&self, wanted: Store) -> Vec<MapWrite> {
        let put = |(slot, &net): (u32, &IpNet)| {
            let prefix = Prefix::network(net);
            let store = if Store::takes_exact(prefix) { wanted } else { Store::Trie };
            let class = PerDirection { download: Handle::new(1, 16), upload: Handle::new(2, 16) };
            let value = DeviceValue { class, queue: PerDirection::default(), slot: Slot(slot) };
            MapWrite::PutDevice { store, key: DeviceKey { scope: Scope::ANY, prefix }, value }
        };
        (0..).zip(&self.0).map(put).collect()
    }

    /// Packets for random addresses of random prefixes among those wanted.
    fn packets(&self, wanted: impl Fn(&IpNet) -> bool, random: &mut Random) -> Result<Vec<IpAddr>> {
        let nets: Vec<_> = self.0.iter().filter(|net| wanted(net)).collect();
        ensure!(!nets.is_empty(), "too few prefixes for one of every length");
        let mut packet = || random_address(nets[random.below(nets.len())], random);
        Ok((0..PACKETS).map(|_| packet()).collect())
    }
}

fn random_address(net: &IpNet, random: &mut Random) -> IpAddr {
    match net {
        IpNet::V4(net) => IpAddr::V4((u32::from(net.network()) | random.word() & u32::from(net.hostmask())).into()),
        IpNet::V6(net) => {
            let host = u128::from(random.word()) << 64 | u128::from(random.word());
            IpAddr::V6((u128::from(net.network()) | host & u128::from(net.hostmask())).into())
        }
    }
}

fn flood(random: &mut Random) -> Vec<IpAddr> {
    let mut packet = || IpAddr::V4((u32::from(WATCHED) | random.word() >> 8).into());
    (0..PACKETS).map(|_| packet()).collect()
}

/// What a cache miss costs here and now: each lookup has three or four. Other load on the machine shows in it at once.
fn random_read(random: &mut Random) -> Duration {
    const LINE: usize = 16; // words in a cache line
    const LINES: usize = (8 << 20) / 4 / LINE;
    const READS: u32 = 1_000_000;
    let mut order: Vec<usize> = (0..LINES).collect();
    for last in (1..LINES).rev() {
        order.swap(last, random.below(last + 1));
    }
    let mut memory = vec![0_u32; LINES * LINE];
    for (at, &line) in order.iter().enumerate() {
        memory[line * LINE] = u32::try_from(order[(at + 1) % LINES] * LINE).expect("invariant: below 2^21");
    }
    let from = Instant::now();
    let last = (0..READS).fold(0, |at, _| memory[at] as usize);
    std::hint::black_box(last);
    from.elapsed() / READS
}

/// Marsaglia's xorshift: the same numbers in every run.
struct Random(u64);

impl Random {
    fn word(&mut self) -> u32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 32) as u32
    }

    fn below(&mut self, bound: usize) -> usize {
        self.word() as usize % bound
    }
}
