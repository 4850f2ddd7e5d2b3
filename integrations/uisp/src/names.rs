//! What customers are called: as people read it, and told apart where several have one name.

use hashbrown::HashMap;

use crate::decode::Decoded;
use crate::owners::Owners;
use crate::records::Site;

/// Words of companies: a name with one of them is no person's, whatever commas it has.
const OF_COMPANIES: [&str; 14] =
    ["llc", "inc", "ltd", "limited", "corp", "corporation", "co", "company", "gmbh", "llp", "lp", "plc", "pty", "sa"];

/// By site: the name of its circuit, where it is not the record's own.
pub(crate) fn names(decoded: &Decoded, owners: &Owners) -> HashMap<usize, String> {
    let clients = || decoded.sites.all.iter().enumerate().filter(|(site, _)| owners.is_client(*site));
    let mut names: HashMap<usize, String> =
        clients().filter_map(|(site, record)| Some((site, turned(&record.name)?))).collect();
    let alike: Vec<Vec<usize>> = {
        let called = |site: usize| names.get(&site).map_or(decoded.sites[site].name.as_str(), String::as_str);
        let mut first: HashMap<&str, usize> = HashMap::with_capacity(decoded.sites.all.len());
        let mut groups: HashMap<&str, Vec<usize>> = HashMap::new();
        for (site, _) in clients() {
            let name = called(site);
            if let Some(&holder) = first.get(name) {
                groups.entry(name).or_insert_with(|| vec![holder]).push(site);
            } else if !name.is_empty() {
                first.insert(name, site);
            }
        }
        groups.into_values().collect()
    };
    for sites in alike {
        let told: Vec<String> = told_apart(&sites.iter().map(|&site| &decoded.sites[site]).collect::<Vec<_>>());
        for (site, by) in sites.into_iter().zip(told) {
            let name = names.remove(&site).unwrap_or_else(|| decoded.sites[site].name.to_string());
            names.insert(site, format!("{name} ({by})"));
        }
    }
    names
}

/// `Doe, John` as `John Doe`; none where that is no person's name, or is none to turn.
fn turned(name: &str) -> Option<String> {
    let (last, first) = name.split_once(',')?;
    let (last, first) = (last.trim(), first.trim());
    let is_company = |word: &str| {
        let word = word.trim_matches(|c: char| !c.is_alphanumeric());
        OF_COMPANIES.iter().any(|company| word.eq_ignore_ascii_case(company))
    };
    let is_person = !last.is_empty()
        && !first.is_empty()
        && !first.contains(',')
        && !name.chars().any(char::is_numeric)
        && !name.split_whitespace().any(is_company);
    is_person.then(|| format!("{first} {last}"))
}

/// What tells sites of one name apart: the street, else the service's name, else the beginning of the id, else the id. The
/// same for all of them, so that nobody's depends on who else is there.
fn told_apart(sites: &[&Site]) -> Vec<String> {
    const SHORT: usize = 8; // as UISP's own addresses of pages show
    let ids: Vec<String> = sites.iter().map(|site| site.id.to_text().to_string()).collect();
    let short = ids.iter().map(|id| id.chars().take(SHORT).collect()).collect();
    let streets = sites.iter().map(|site| site.street.to_string()).collect();
    let services = sites.iter().map(|site| site.service_name.to_string()).collect();
    let candidates: [Vec<String>; 3] = [streets, services, short];
    candidates.into_iter().find(|texts| is_telling(texts)).unwrap_or(ids)
}

fn is_telling(texts: &[String]) -> bool {
    let mut sorted: Vec<&str> = texts.iter().map(String::as_str).collect();
    sorted.sort_unstable();
    !sorted.contains(&"") && sorted.windows(2).all(|pair| pair[0] != pair[1])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_persons_name_is_turned() {
        assert_eq!(turned("Doe, John"), Some("John Doe".to_owned()));
        assert_eq!(turned("van der Berg , Ann Mary"), Some("Ann Mary van der Berg".to_owned()));
        for name in
            ["Acme, Inc.", "Doe, John, Jr", "Flat 3, Oak House", "Doe,", ", John", "John Doe", "Smith, Jones LLC"]
        {
            assert_eq!(turned(name), None, "{name}");
        }
    }
}
