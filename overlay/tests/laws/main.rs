//! Laws that hold for every model.

mod languages;
mod links;
mod models;
mod sound;
