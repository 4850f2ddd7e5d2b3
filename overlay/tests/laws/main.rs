//! Laws that hold for every model.

mod languages;
mod models;
