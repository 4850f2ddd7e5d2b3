//! The classifier as the kernel runs it: packets as vectors through test runs, the maps against a linear scan, an instance
//! lost and found. Needs root: without it each test says so and does nothing.

mod bridge;
mod harness;
mod instance;
mod lookup;
mod packet_socket;
mod packets;
mod real;
mod tunnels;
mod vectors;
