//! What stands between records and the network: joins of several sources, and overrides. Golden cases, and laws on random
//! networks of several sources.

mod describe;
mod golden;
mod laws;
mod manual;
mod networks;
mod records;
mod scale;
