//! The guard of `overlay commit`: a file or a phys of another host must not take the place of what is here.

use std::collections::BTreeMap;
use std::net::IpAddr;

use pleach_graph::suggest::list;
use pleach_overlay::links::{Found, LinkState, wanted};
use pleach_overlay::{Checked, Name};
use pleach_tc::MarkField;

/// The physes of this host with their addresses, as a commit knew them.
pub type Physes = BTreeMap<String, Option<IpAddr>>;

/// What a model says of this host: its local physes.
pub fn physes_here(checked: Checked<'_>) -> Physes {
    checked.model().local_physes().map(|(name, phys)| (name.to_string(), phys.ip)).collect()
}

/// Why a commit would take the place of what is here.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Alarm {
    /// Another phys was committed here last.
    #[error("this host was committed as {}, and now it would be {}", physes(was), physes(is))]
    AnotherPhys {
        /// What was committed last.
        was: Vec<String>,
        /// What is to be.
        is: Vec<String>,
    },
    /// This host has links of an overlay, and none of them would be left.
    #[error("{}: nothing of the overlay that is here would remain", removed(*links))]
    NothingRemains {
        /// How many links are here.
        links: usize,
        /// The physes of the model whose host would have all of them.
        physes: Vec<String>,
    },
}

impl Alarm {
    /// What to do about it.
    pub fn hint(&self) -> String {
        let whose = match self {
            Self::NothingRemains { physes: whose, .. } if !whose.is_empty() => {
                format!("what is here is that of {}; ", physes(whose))
            }
            _ => String::new(),
        };
        format!("nothing was changed; {whose}if it is meant, `--accept-changes` does it")
    }
}

fn removed(count: usize) -> String {
    format!("{} would be removed", crate::report::count(count, "link"))
}

fn physes(names: &[String]) -> String {
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    format!("phys {}", list(&names))
}

/// Whether a commit may change this to that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Acceptance {
    /// Not if it is another host's, or nothing would remain of what is here.
    Guarded,
    /// Whatever it is.
    Everything,
}

/// Refuses where something is here, and this would be another host's.
///
/// Where it is remembered which physes were committed last, one of them must be among those of now, by its name or its address;
/// then nets may come, go and be renumbered, as long as there are any. Where nothing is remembered, and where an address is
/// another under the same name, one of the links must remain. One that is made anew under its name remains.
pub fn guard(
    (found, last): (&Found, &Physes),
    desired: &LinkState,
    checked: Checked<'_>,
    mark: MarkField,
) -> Result<(), Alarm> {
    let here = &found.state.links;
    if here.is_empty() {
        return Ok(());
    }
    let is = physes_here(checked);
    let known = |(name, ip): (&String, &Option<IpAddr>)| match last.get(name) {
        Some(was) if was == ip => Known::Surely,
        _ if ip.is_some() && last.values().any(|was| was == ip) => Known::Surely,
        Some(_) => Known::ByName,
        None => Known::No,
    };
    let known = is.iter().map(known).max().unwrap_or(Known::No);
    if known == Known::No && !last.is_empty() && !is.is_empty() {
        return Err(Alarm::AnotherPhys { was: last.keys().cloned().collect(), is: is.into_keys().collect() });
    }
    let in_common = |other: &LinkState| {
        here.iter().filter(|(name, link)| other.links.get(*name).is_some_and(|wanted| wanted.id == link.id)).count()
    };
    if in_common(desired) > 0 || known == Known::Surely && !desired.links.is_empty() {
        return Ok(());
    }
    let fits = |name: &&Name| wanted(checked, name, mark).is_ok_and(|state| in_common(&state) == here.len());
    let physes = checked.model().physes().keys().filter(fits).map(ToString::to_string).collect();
    Err(Alarm::NothingRemains { links: here.len(), physes })
}

/// Whether a phys is one of those that were committed last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Known {
    /// It is not.
    No,
    /// Its name is, and its address is another.
    ByName,
    /// It is.
    Surely,
}

#[cfg(test)]
mod tests {
    use pleach_overlay::{Host, Reading, check, read};

    use super::*;
    use crate::overlay::claim;

    /// Nets 1 of A and B, 2 of B and C.
    const MODEL: &str = "
        overlay.settings.default.type = 'vxlan/e2e'
        overlay.phys.A = { ip = '172.16.0.1', interface = 'eth0' }
        overlay.phys.B = { ip = '172.16.0.2', interface = 'eth0' }
        overlay.phys.C = { ip = '172.16.0.3', interface = 'eth0' }
        overlay.phys.D = { ip = '172.16.0.4', interface = 'eth0' }
        overlay.net.1.id = 1
        overlay.net.1.attach = ['A', 'B']
        overlay.net.2.id = 2
        overlay.net.2.attach = ['B', 'C']";

    /// The host of this phys by a file, and what it is called there.
    fn host(text: &str, phys: &str) -> (LinkState, Physes) {
        with(text, phys, |checked, state| (state, physes_here(checked)))
    }

    fn with<T>(text: &str, phys: &str, what: impl FnOnce(Checked<'_>, LinkState) -> T) -> T {
        let Reading { mut model, origins, problems } = read(text, "overlay.toml").expect("TOML");
        claim(&mut model, phys).expect("it is there");
        let (checked, found) = check(&model, &origins, Host::unknown(), problems);
        let checked = checked.unwrap_or_else(|| panic!("{found:?}"));
        let state = wanted(checked, &phys.parse().expect("a name"), MarkField::NONE).expect("it can be");
        what(checked, state)
    }

    /// What is said where this is here, that is remembered, and a file of this text is committed for a phys.
    fn judged(state: LinkState, last: &Physes, text: &str, phys: &str) -> Result<(), Alarm> {
        let found = Found { state, ..Found::default() };
        with(text, phys, |checked, desired| guard((&found, last), &desired, checked, MarkField::NONE))
    }

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn without_a_memory_what_remains_is_enough_and_whose_it_is_is_said() {
        let forgotten = Physes::new();
        let of = |phys: &str| host(MODEL, phys).0;
        let judged = |has, wants: &str| judged(has, &forgotten, MODEL, wants);
        assert_eq!(judged(LinkState::default(), "A"), Ok(()), "nothing is here yet");
        assert_eq!(judged(of("A"), "B"), Ok(()), "net 1 stays");
        let refused = judged(of("A"), "C").expect_err("another net");
        assert_eq!(refused, Alarm::NothingRemains { links: 2, physes: names(&["A", "B"]) });
        assert_eq!(refused.to_string(), "2 links would be removed: nothing of the overlay that is here would remain");
        assert_eq!(
            refused.hint(),
            "nothing was changed; what is here is that of phys `A` or `B`; if it is meant, `--accept-changes` does it"
        );
        let refused = judged(of("B"), "D").expect_err("no net at all");
        assert_eq!(refused, Alarm::NothingRemains { links: 4, physes: names(&["B"]) });
    }

    #[test]
    fn a_host_stays_who_it_was() {
        let (here, last) = host(MODEL, "A");
        let judged = |text: &str, phys: &str| judged(here.clone(), &last, text, phys);
        assert_eq!(judged(MODEL, "A"), Ok(()));
        let refused = judged(MODEL, "B").expect_err("net 1 would stay, and it is another host's all the same");
        assert_eq!(refused.to_string(), "this host was committed as phys `A`, and now it would be phys `B`");
        assert_eq!(refused.hint(), "nothing was changed; if it is meant, `--accept-changes` does it");
        assert_eq!(judged(&MODEL.replace("net.1.id = 1", "net.1.id = 9"), "A"), Ok(()), "its only net is another");
        let renamed = MODEL.replace("phys.A", "phys.Z").replace("'A'", "'Z'");
        assert_eq!(judged(&renamed, "Z"), Ok(()), "by its address");
        let moved = MODEL.replace("172.16.0.1", "172.16.0.9");
        assert_eq!(judged(&moved, "A"), Ok(()), "by its name, since net 1 stays");
        let other = moved.replace("net.1.id = 1", "net.1.id = 9");
        judged(&other, "A").expect_err("another address and another net: another file");
        let bare = MODEL.replace("['A', 'B']", "['B']");
        assert_eq!(judged(&bare, "A"), Err(Alarm::NothingRemains { links: 2, physes: names(&["B"]) }), "none is left");
    }

    #[test]
    fn nets_without_numbers_of_their_own_are_told_by_the_phys() {
        let flat = MODEL.replace("vxlan/e2e", "vlan").replace("net.2.id = 2", "net.3.id = 3").replace("net.2", "net.3");
        let (here, last) = host(&flat, "A");
        assert!(judged(here.clone(), &Physes::new(), &flat, "B").is_ok(), "the links are the same");
        judged(here, &last, &flat, "B").expect_err("the phys is not");
    }
}
