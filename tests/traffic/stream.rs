//! A stream of numbered packets, to see which of them are lost or overtaken.

use std::fmt;
use std::io::ErrorKind;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU16, AtomicU64, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use pleach_tc::Direction;
use rustix::net::sockopt::set_socket_recv_buffer_size_force;

use crate::lab::{Host, Lab, server};

/// A thousand packets a second.
const INTERVAL: Duration = Duration::from_millis(1);
/// Bytes of a packet's payload: with headers 1.1 Mbit/s, below every ceiling used here.
const PAYLOAD: usize = 100;
/// Bytes of a large packet's payload.
const LARGE: usize = 1_400;
/// Bytes of a packet as HTB counts it: 14 of Ethernet, 20 of IPv4 and 8 of UDP before the payload.
pub(crate) const FRAME: u64 = 142;
/// How long the receiver waits for packets on their way, in a shaper's queues, when the sender has stopped.
const LINGER: Duration = Duration::from_millis(1_500);
/// Bytes that wait for the receiver: seconds of a stream, so that it misses nothing while it waits for a processor.
const WAITING: usize = 4 << 20;

/// A stream on its way.
pub(crate) struct Stream {
    stop: Arc<AtomicBool>,
    sent: Arc<AtomicU64>,
    sender: JoinHandle<u64>,
    receiver: JoinHandle<Vec<u64>>,
}

/// How it is sent.
#[derive(Clone, Copy)]
pub(crate) struct Pace {
    interval: Duration,
    most: u64,
    payload: usize,
}

impl Pace {
    /// A thousand small packets a second, until it is stopped.
    pub(crate) const STEADY: Self = Self { interval: INTERVAL, most: u64::MAX, payload: PAYLOAD };
}

/// What became of a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Outcome {
    pub(crate) sent: u64,
    pub(crate) lost: u64,
    pub(crate) duplicated: u64,
    /// Packets that came after one sent later.
    pub(crate) overtaken: u64,
}

impl Stream {
    /// Sends to or from a subscriber until it is stopped.
    pub(crate) fn start(lab: &Lab, subscriber: impl Into<IpAddr>, direction: Direction) -> Self {
        let stream = Self::paced(lab, subscriber.into(), direction, Pace::STEADY);
        thread::sleep(Duration::from_millis(300)); // neighbours are found, and the stream is seen to flow
        stream
    }

    /// Sends this many large packets at once.
    pub(crate) fn burst(lab: &Lab, subscriber: impl Into<IpAddr>, direction: Direction, count: u64) -> Self {
        Self::paced(lab, subscriber.into(), direction, Pace { interval: Duration::ZERO, most: count, payload: LARGE })
    }

    /// Sends large packets until it is stopped, at more than 15 Mbit/s. Its socket is not connected: the kernel would remember
    /// a transmit queue in a connected one, and prefer that to the classifier's where both ends are on one machine.
    pub(crate) fn flood(lab: &Lab, subscriber: impl Into<IpAddr>, direction: Direction) -> Self {
        let interval = Duration::from_micros(700);
        Self::paced(lab, subscriber.into(), direction, Pace { interval, most: u64::MAX, payload: LARGE })
    }

    fn paced(lab: &Lab, subscriber: IpAddr, direction: Direction, pace: Pace) -> Self {
        static PORT: AtomicU16 = AtomicU16::new(20_000);
        let port = PORT.fetch_add(1, Ordering::Relaxed);
        let server = server(subscriber);
        let (from, to) = match direction {
            Direction::Download => ((Host::Internet, server), (Host::Subscribers, subscriber)),
            Direction::Upload => ((Host::Subscribers, subscriber), (Host::Internet, server)),
        };
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let receiver = lab.spawn(to.0, move || receive(SocketAddr::new(to.1, port), &stopped, LINGER));
        let stopped = Arc::clone(&stop);
        thread::sleep(Duration::from_millis(50)); // the receiver binds
        let sent = Arc::new(AtomicU64::new(0));
        let (count, from_to) = (Arc::clone(&sent), [from.1, to.1].map(|address| SocketAddr::new(address, port)));
        let sender = lab.spawn(from.0, move || send(from_to, pace, &stopped, &count));
        Self { stop, sent, sender, receiver }
    }

    /// Packets sent until now.
    pub(crate) fn sent(&self) -> u64 {
        self.sent.load(Ordering::Relaxed)
    }

    /// Stops it, and says what became of it.
    pub(crate) fn finish(self) -> Outcome {
        finish([self])[0]
    }
}

/// Stops streams, waits once for what is on its way, and says what became of each.
pub(crate) fn finish<const N: usize>(streams: [Stream; N]) -> [Outcome; N] {
    thread::sleep(Duration::from_millis(200));
    for stream in &streams {
        stream.stop.store(true, Ordering::Relaxed);
    }
    streams.map(|stream| {
        let sent = stream.sender.join().expect("the sender ends");
        Outcome::of(sent, &stream.receiver.join().expect("the receiver ends"))
    })
}

impl Outcome {
    /// Of what was sent, and the numbers of what came, in its order.
    pub(crate) fn of(sent: u64, received: &[u64]) -> Self {
        let mut seen = vec![0_u64; usize::try_from(sent).expect("few enough")];
        let (mut overtaken, mut highest) = (0, 0);
        for &number in received {
            seen[usize::try_from(number).expect("few enough")] += 1;
            overtaken += u64::from(number < highest);
            highest = highest.max(number);
        }
        let lost = seen.iter().filter(|&&times| times == 0).count() as u64;
        let duplicated = seen.iter().map(|times| times.saturating_sub(1)).sum();
        Self { sent, lost, duplicated, overtaken }
    }

    /// Not one packet lost or doubled.
    pub(crate) fn assert_whole(self, what: &str) {
        println!("{what}: {self}");
        assert!(self.sent > 300, "{what}: the stream hardly flowed: {self}");
        assert_eq!((self.lost, self.duplicated), (0, 0), "{what}: {self}");
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} sent, {} lost, {} doubled, {} overtaken", self.sent, self.lost, self.duplicated, self.overtaken)
    }
}

/// Sends until it is stopped, keeping count; how many there were in the end.
pub(crate) fn send([from, to]: [SocketAddr; 2], pace: Pace, stop: &AtomicBool, sent: &AtomicU64) -> u64 {
    let socket = UdpSocket::bind(from).expect("bound");
    let (start, mut number) = (Instant::now(), 0_u64);
    let mut payload = vec![0; pace.payload];
    while number < pace.most && !stop.load(Ordering::Relaxed) {
        payload[..8].copy_from_slice(&number.to_be_bytes());
        socket.send_to(&payload, to).expect("sent");
        number += 1;
        sent.store(number, Ordering::Relaxed);
        let due = start + pace.interval * u32::try_from(number).expect("few enough");
        thread::sleep(due.saturating_duration_since(Instant::now()));
    }
    number
}

/// The numbers of the packets that come, in their order, until so long after the stop.
pub(crate) fn receive(at: SocketAddr, stop: &AtomicBool, linger: Duration) -> Vec<u64> {
    let socket = UdpSocket::bind(at).expect("bound");
    set_socket_recv_buffer_size_force(&socket, WAITING).expect("set");
    socket.set_read_timeout(Some(Duration::from_millis(100))).expect("set");
    let (mut numbers, mut buffer, mut last) = (Vec::new(), [0; 2_000], None);
    loop {
        match socket.recv(&mut buffer) {
            Ok(_) => numbers.push(u64::from_be_bytes(buffer[..8].try_into().expect("eight bytes"))),
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {}
            Err(error) => panic!("{error}"),
        }
        if stop.load(Ordering::Relaxed) && last.get_or_insert_with(Instant::now).elapsed() > linger {
            return numbers;
        }
    }
}

#[test]
fn the_outcome_counts_what_it_says() {
    let outcome = Outcome::of(6, &[0, 2, 1, 2, 5]);
    assert_eq!(outcome, Outcome { sent: 6, lost: 2, duplicated: 1, overtaken: 1 });
}

#[test]
fn the_lab_itself_loses_nothing() {
    let Some(lab) = Lab::new(4) else { return };
    let subscriber = Ipv4Addr::new(10, 1, 0, 1);
    lab.add_subscriber(subscriber);
    for direction in Direction::BOTH {
        let outcome = Stream::start(&lab, subscriber, direction).finish();
        outcome.assert_whole(&format!("no shaper, {direction}"));
        assert_eq!(outcome.overtaken, 0);
    }
}
