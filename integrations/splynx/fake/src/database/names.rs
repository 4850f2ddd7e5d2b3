//! Words that names are made of.

pub(crate) const FIRST: [&str; 16] = [
    "Ada", "Ben", "Chloé", "Dov", "Eve", "Finn", "Grace", "Hugo", "Ines", "Jón", "Kira", "Liam", "Mei", "Nora", "Otto",
    "Pia",
];

pub(crate) const LAST: [&str; 16] = [
    "Archer", "Baker", "Costa", "Dvořák", "Eriksson", "Ferreira", "Gruber", "Hansen", "Ivanov", "Jones", "Kowalski",
    "Li", "Müller", "Ng", "O'Brien", "Peters",
];

pub(crate) const HILLS: [&str; 12] = [
    "Alder Hill",
    "Birch Hill",
    "Cedar Ridge",
    "Dune Point",
    "Elm Tower",
    "Falcon Rock",
    "Gull Mast",
    "High Meadow",
    "Iron Top",
    "Juniper",
    "Kestrel",
    "Lone Pine",
];
