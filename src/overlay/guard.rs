//! The guard of `overlay commit`: a file or a phys of another host must not take the place of all that is here.

use pleach_overlay::Checked;
use pleach_overlay::links::{Found, LinkState, wanted};
use pleach_tc::MarkField;

/// This host has links of an overlay, and none of them would be left.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}: nothing of the overlay that is here would remain", removed(*links))]
pub struct NothingRemains {
    /// How many links are here.
    pub links: usize,
    /// The physes of the model whose host would have all of them.
    pub physes: Vec<String>,
}

fn removed(count: usize) -> String {
    format!("{} would be removed", crate::report::count(count, "link"))
}

/// Whether a commit may change this to that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Acceptance {
    /// Not if nothing would remain of what is here.
    Guarded,
    /// Whatever it is.
    Everything,
}

/// Refuses where none of the links that are here would remain. One that is made anew under its name remains.
pub fn guard(found: &Found, desired: &LinkState, checked: Checked<'_>, mark: MarkField) -> Result<(), NothingRemains> {
    let here = &found.state.links;
    let in_common = |other: &LinkState| {
        here.iter().filter(|(name, link)| other.links.get(*name).is_some_and(|wanted| wanted.id == link.id)).count()
    };
    if here.is_empty() || in_common(desired) > 0 {
        return Ok(());
    }
    let fits =
        |name: &&pleach_overlay::Name| wanted(checked, name, mark).is_ok_and(|state| in_common(&state) == here.len());
    let physes = checked.model().physes().keys().filter(fits).map(ToString::to_string).collect();
    Err(NothingRemains { links: here.len(), physes })
}

#[cfg(test)]
mod tests {
    use pleach_overlay::{Host, Reading, check, read};

    use super::*;

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

    #[test]
    fn what_remains_is_enough_and_whose_it_is_is_said() {
        let Reading { model, origins, problems } = read(MODEL, "overlay.toml").expect("TOML");
        let (checked, found) = check(&model, &origins, Host::unknown(), problems);
        let checked = checked.unwrap_or_else(|| panic!("{found:?}"));
        let of = |phys: &str| wanted(checked, &phys.parse().expect("a name"), MarkField::NONE).expect("it can be");
        let here = |phys: &str| Found { state: of(phys), ..Found::default() };
        let judged = |has, wants: LinkState| guard(&has, &wants, checked, MarkField::NONE);
        assert_eq!(judged(Found::default(), of("A")), Ok(()), "nothing is here yet");
        assert_eq!(judged(here("A"), of("B")), Ok(()), "net 1 stays");
        let refused = judged(here("A"), of("C")).expect_err("another net");
        assert_eq!(refused, NothingRemains { links: 2, physes: vec!["A".to_owned(), "B".to_owned()] });
        assert_eq!(refused.to_string(), "2 links would be removed: nothing of the overlay that is here would remain");
        let refused = judged(here("B"), of("D")).expect_err("no net at all");
        assert_eq!(refused, NothingRemains { links: 4, physes: vec!["B".to_owned()] });
    }
}
