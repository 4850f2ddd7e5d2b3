//! Directives: what each says of the model.

mod actions;
mod attachments;
mod limits;
mod nets;
mod physes;
mod rules;
mod settings;
mod virts;

use std::collections::BTreeMap;
use std::str::FromStr;

use pleach_graph::suggest::{list, nearest};

use super::error::{Outcome, Stop};
use super::interpreter::{Run, Scope, Value};
use super::options::empty;
use crate::model::VirtKey;
use crate::name::Name;

/// The names of all directives.
pub(super) const NAMES: [&str; 15] = [
    "attach",
    "claimLocal",
    "cleanup",
    "commit",
    "detach",
    "flushVr",
    "free",
    "net",
    "phys",
    "rate",
    "rule",
    "settings",
    "show",
    "validate",
    "virt",
];

/// Where a directive may stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Root,
    Net,
    Phys,
    Virt,
}

/// Runs a directive; nothing where the name is none.
pub(super) fn run(run: &mut Run<'_>, name: &str, line: u32, arguments: &[Value]) -> Option<Outcome<()>> {
    use Place::{Net, Phys, Root, Virt};
    type Directive = fn(&mut Run<'_>, u32, &[Value]) -> Outcome<()>;
    let (places, directive): (&[Place], Directive) = match name {
        "settings" => (&[Root], settings::settings),
        "net" => (&[Root, Phys], nets::net),
        "phys" => (&[Root, Net], physes::phys),
        "virt" => (&[Root, Net, Phys], virts::virt),
        "attach" => (&[Root, Net, Phys], attachments::attach),
        "detach" => (&[Root, Net, Phys], attachments::detach),
        "claimLocal" => (&[Root, Phys], attachments::claim_local),
        "rule" => (&[Virt], rules::rule),
        "flushVr" => (&[Virt], rules::flush),
        "rate" => (&[Virt], limits::rate),
        "commit" => (&[Root], actions::commit),
        "validate" => (&[Root], actions::validate),
        "cleanup" => (&[Root], actions::cleanup),
        "free" => (&[Root], actions::free),
        "show" => (&[Root], actions::show),
        _ => return None,
    };
    let place = match run.scopes.last() {
        None => Root,
        Some(Scope::Net(_)) => Net,
        Some(Scope::Phys(_)) => Phys,
        Some(Scope::Virt(_)) => Virt,
    };
    if !places.contains(&place) {
        return Some(Err(Stop::at(line, misplaced(name, place, places))));
    }
    Some(directive(run, line, arguments))
}

fn misplaced(name: &str, place: Place, places: &[Place]) -> String {
    let word = |place: &Place| match place {
        Place::Root => "outside of everything",
        Place::Net => "inside `net`",
        Place::Phys => "inside `phys`",
        Place::Virt => "inside `virt`",
    };
    let allowed: Vec<&str> = places.iter().map(word).collect();
    format!("`{name}` is not allowed {}: it stands {}", word(&place), allowed.join(" or "))
}

/// A name as it is stated.
fn name(value: &Value) -> Outcome<Name> {
    if value.text.is_empty() {
        return Err(empty(value.line, "the name is empty"));
    }
    Name::from_str(&value.text).map_err(|error| Stop::at(value.line, format!("name `{}` {error}", value.text)))
}

/// The name of something that must be there.
fn known<T>(what: &str, value: &Value, all: &BTreeMap<Name, T>) -> Outcome<Name> {
    /// How many are listed.
    const MOST: usize = 8;
    let text = value.text.as_str();
    if let Some((name, _)) = all.get_key_value(text) {
        return Ok(name.clone());
    }
    if text.is_empty() {
        return Err(empty(value.line, format!("the name of the {what} is empty")));
    }
    let names: Vec<&str> = all.keys().map(Name::as_str).collect();
    let hint = match (nearest(text, names.iter().copied()).as_slice(), names.as_slice()) {
        (_, []) => format!("no {what} is stated before this line"),
        ([], few) if few.len() <= MOST => format!("there is {}", list(few)),
        ([], many) => format!("there is {}, and {} more", list(&many[..MOST]), many.len() - MOST),
        (alike, _) => format!("did you mean {}?", list(alike)),
    };
    Err(Stop::at(value.line, format!("can not find {what} `{text}`")).hint(hint))
}

/// The first of `phys-1`, `phys-2`, … that nobody has.
fn free_name(kind: &str, is_taken: impl Fn(&str) -> bool) -> Name {
    let names = (1_u64..).map(|number| format!("{kind}-{number}"));
    let free = names.into_iter().find(|name| !is_taken(name));
    free.and_then(|name| name.parse().ok()).expect("invariant: there are more numbers than objects")
}

impl Run<'_> {
    /// The innermost net around.
    fn net_around(&self) -> Option<Name> {
        self.scopes.iter().rev().find_map(|scope| if let Scope::Net(name) = scope { Some(name.clone()) } else { None })
    }

    /// The innermost phys around.
    fn phys_around(&self) -> Option<Name> {
        self.scopes.iter().rev().find_map(|scope| if let Scope::Phys(name) = scope { Some(name.clone()) } else { None })
    }

    /// The virt right around.
    fn virt_around(&self) -> VirtKey {
        match self.scopes.last() {
            Some(Scope::Virt(key)) => key.clone(),
            _ => unreachable!("invariant: the directive is allowed in virts only"),
        }
    }

    /// A net that must be there.
    fn known_net(&self, value: &Value) -> Outcome<Name> {
        known("network", value, self.session.model.nets())
    }

    /// A phys that must be there.
    fn known_phys(&self, value: &Value) -> Outcome<Name> {
        known("phys", value, self.session.model.physes())
    }
}
