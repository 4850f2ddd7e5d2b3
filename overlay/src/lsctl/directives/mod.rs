//! Directives: what each says of the model.

mod actions;
mod attachments;
mod limits;
mod nets;
mod physes;
mod rules;
mod settings;
mod virts;

use std::str::FromStr;

use super::error::{Outcome, Stop};
use super::interpreter::{Run, Scope, Value};
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
    Name::from_str(&value.text).map_err(|error| Stop::at(value.line, format!("name `{}` {error}", value.text)))
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
        let found = self.session.model.nets().get_key_value(value.text.as_str());
        found
            .map(|(name, _)| name.clone())
            .ok_or_else(|| Stop::at(value.line, format!("can not find network `{}`", value.text)))
    }

    /// A phys that must be there.
    fn known_phys(&self, value: &Value) -> Outcome<Name> {
        let found = self.session.model.physes().get_key_value(value.text.as_str());
        found
            .map(|(name, _)| name.clone())
            .ok_or_else(|| Stop::at(value.line, format!("can not find phys `{}`", value.text)))
    }
}
