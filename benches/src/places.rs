//! Words that names of usual length are made of.

pub(crate) const FIRST_NAMES: [&str; 16] = [
    "Anna",
    "Bernard",
    "Carla",
    "Dmitri",
    "Eleanor",
    "Farid",
    "Grace",
    "Hugo",
    "Ingrid",
    "Joaquin",
    "Katarzyna",
    "Liam",
    "Margaret",
    "Nadia",
    "Oscar",
    "Priya",
];

pub(crate) const SURNAMES: [&str; 16] = [
    "Abernathy",
    "Bakker",
    "Castillo",
    "Dupont",
    "Eriksen",
    "Fitzgerald",
    "Grant",
    "Holloway",
    "Ivanova",
    "Jones",
    "Kowalski",
    "Lindqvist",
    "Mbeki",
    "Ng",
    "Okafor",
    "Petrov",
];

pub(crate) const STREETS: [&str; 12] = [
    "Quarry Ridge Rd",
    "Main St",
    "Old Mill Ln",
    "County Road 12",
    "Harbour View",
    "Church St",
    "Vineyard Way",
    "Lake Dr",
    "Station Rd",
    "Elm Ave",
    "Birch Hollow Ct",
    "Summit Pass",
];

pub(crate) const TOWNS: [&str; 12] = [
    "Ashford",
    "Brookvale",
    "Cedar Point",
    "Dunmore",
    "Eastlake",
    "Fairview",
    "Glenrock",
    "Highfield",
    "Ironwood",
    "Juniper",
    "Kingsley",
    "Lakemont",
];
