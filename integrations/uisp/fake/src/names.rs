//! Names of people, companies, streets and towers.

use crate::chance::Chance;

const FIRST: [&str; 48] = [
    "Ada", "Alois", "Anna", "Bela", "Carla", "Carlos", "Chiara", "Clara", "Dana", "David", "Dora", "Emil", "Erik",
    "Eva", "Filip", "Greta", "Hana", "Hugo", "Ida", "Igor", "Ines", "Ivan", "Jana", "Jiří", "Joana", "Karel", "Klára",
    "Lars", "Lea", "Luis", "Maja", "Marek", "Marie", "Milan", "Nina", "Olga", "Oskar", "Otto", "Pavel", "Petra",
    "Radka", "Rosa", "Samir", "Sofie", "Tomáš", "Vera", "Viktor", "Zoe",
];

const LAST: [&str; 64] = [
    "Adler",
    "Bauer",
    "Beneš",
    "Blaha",
    "Brandt",
    "Castro",
    "Černý",
    "Costa",
    "Dvořák",
    "Ferrari",
    "Fiala",
    "Fischer",
    "Garcia",
    "Gruber",
    "Hahn",
    "Hájek",
    "Holub",
    "Horák",
    "Huber",
    "Ito",
    "Janda",
    "Jelínek",
    "Jones",
    "Kaiser",
    "Kim",
    "King",
    "Klein",
    "Kolář",
    "Král",
    "Krause",
    "Kučera",
    "Lang",
    "Lima",
    "Lopez",
    "Malý",
    "Marek",
    "Meyer",
    "Moreau",
    "Moreno",
    "Müller",
    "Neumann",
    "Ng",
    "Novák",
    "Nowak",
    "O'Brien",
    "Okafor",
    "Patel",
    "Petrov",
    "Pospíšil",
    "Ramos",
    "Richter",
    "Rossi",
    "Roux",
    "Růžička",
    "Sato",
    "Silva",
    "Smith",
    "Sousa",
    "Svoboda",
    "Urban",
    "Vaněk",
    "Veselý",
    "Weber",
    "Zeman",
];

const TRADES: [&str; 12] = [
    "Bakery",
    "Brewery",
    "Clinic",
    "Dental",
    "Farm",
    "Garage",
    "Hotel",
    "Joinery",
    "Logistics",
    "Pharmacy",
    "School",
    "Vineyard",
];

const FORMS: [&str; 5] = ["LLC", "Inc.", "Ltd.", "s.r.o.", "GmbH"];

const STREETS: [&str; 16] = [
    "Church St",
    "Dam Rd",
    "Elm St",
    "Forest Ln",
    "Garden St",
    "Harbour Rd",
    "High St",
    "Hill Rd",
    "Lake Ave",
    "Main St",
    "Mill Ln",
    "North Rd",
    "Oak Ave",
    "School St",
    "Station Rd",
    "Vineyard Way",
];

const HILLS: [&str; 24] = [
    "Bald", "Bear", "Beacon", "Birch", "Black", "Castle", "Cedar", "Copper", "Eagle", "Elder", "Falcon", "Fox", "Grey",
    "Hawk", "Iron", "Juniper", "Long", "Maple", "Otter", "Pine", "Raven", "Stone", "Windy", "Wolf",
];

const HEIGHTS: [&str; 10] = ["Bluff", "Crest", "Hill", "Knoll", "Mast", "Mill", "Peak", "Ridge", "Silo", "Tower"];

/// Who a client is.
pub(crate) struct Name {
    pub(crate) first: &'static str,
    pub(crate) last: &'static str,
    /// What it is called if it is a company.
    pub(crate) company: Option<String>,
    /// What the site is called.
    pub(crate) shown: String,
}

/// The name of a client. One in ten is a company, a fifth of the others are `Last, First`; names repeat, as they do.
pub(crate) fn client(seed: u64, number: usize) -> Name {
    let mut chance = Chance::of(seed, "name", number);
    let (first, last) = (*chance.pick(&FIRST), *chance.pick(&LAST));
    if chance.per_mille(100) {
        let company = format!("{last} {} {}", chance.pick(&TRADES), chance.pick(&FORMS));
        return Name { first, last, shown: company.clone(), company: Some(company) };
    }
    let shown = if chance.per_mille(200) { format!("{last}, {first}") } else { format!("{last} {first}") };
    Name { first, last, company: None, shown }
}

/// Where a client lives.
pub(crate) fn address(seed: u64, number: usize) -> String {
    let mut chance = Chance::of(seed, "address", number);
    format!("{} {}", 1 + chance.below(180), chance.pick(&STREETS))
}

/// The name of a tower; none is used twice.
pub(crate) fn tower(number: usize) -> String {
    let (hill, height) = (HILLS[number % HILLS.len()], HEIGHTS[number / HILLS.len() % HEIGHTS.len()]);
    match number / (HILLS.len() * HEIGHTS.len()) {
        0 => format!("{hill} {height}"),
        round => format!("{hill} {height} {}", round + 1),
    }
}
