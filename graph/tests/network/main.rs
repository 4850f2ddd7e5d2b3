//! The network graph from outside: hard cases with expectations written by hand, and laws on random networks.

mod capacities;
mod claims;
mod cycles;
mod drawing;
mod duplicates;
mod hard_cases;
mod islands;
mod paths;
mod rings;
mod turning;
mod views;
