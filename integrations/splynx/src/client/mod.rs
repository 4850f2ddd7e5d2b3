//! Asking a Splynx: who asks, which lists, page by page.

mod asker;
mod counts;
mod credentials;
mod pages;
mod words;

pub(crate) use asker::Asker;
