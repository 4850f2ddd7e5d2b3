//! Draws a tree: the network as one shaper sees it, as a picture for people.
//!
//! [`Picture::of`] gathers what is to be seen, [`svg`] draws it for a browser, [`dot`] writes it for Graphviz.
//!
//! ```
//! use pleach::picture::{Detail, Picture, svg};
//! use pleach_graph::{NetworkGraph, Table, Tree};
//!
//! let sites = Table::new("csv", "site")?;
//! let mut builder = NetworkGraph::builder();
//! builder.site(sites.id("1"), "Hilltop");
//! let (network, problems) = builder.build();
//! let tree = Tree::grow(&network, network.top());
//! let drawing = svg(&Picture::of(&tree, problems.as_slice(), Detail::Infrastructure));
//! assert!(drawing.contains("Hilltop"));
//! # Ok::<(), pleach_graph::IdError>(())
//! ```

/// Adds formatted text to a string.
macro_rules! push {
    ($out:expr, $($format:tt)*) => {
        std::fmt::Write::write_fmt(&mut $out, format_args!($($format)*))
            .expect("invariant: writing to a string does not fail")
    };
}

mod block;
mod card;
mod census;
mod dot;
mod gather;
mod item;
mod layout;
mod legend;
mod marks;
mod model;
#[cfg(test)]
mod networks;
mod style;
mod svg;
#[cfg(test)]
mod tests;
mod text;

pub use dot::dot;
pub use model::{Detail, Picture};
pub use svg::svg;
