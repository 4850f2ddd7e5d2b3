//! From what a record states to what that means.

use pleach_graph::{
    Capacity, Code, Limit, PlanRate, Position, Prefix, Problem, Rate, RateError, RateUnit, Text,
    read_subscriber_address,
};
use smallvec::SmallVec;

use crate::field::{Field, RecordKind};
use crate::notes::{At, Notes};
use crate::raw::{Raw, Scalar};
use crate::record::{Above, CircuitRecord, DeviceRecord, Found, Inner, LinkRecord, NodeRecord, NodeType, Status};

/// Which unit a bare number has.
pub(crate) trait Units {
    /// The unit of a number in `field`, if that is known.
    fn of(&self, field: Field, value: &Scalar<'_>) -> Option<RateUnit>;
}

/// Reads a record of a kind, and puts it where it belongs. What it states wrongly is noted, field by field.
pub(crate) fn read(
    kind: RecordKind,
    raw: &Raw<'_>,
    line: u32,
    units: &dyn Units,
    found: &mut Found,
    notes: &mut Notes<'_>,
) {
    let id = raw.text(Field::Id).unwrap_or_default();
    let at = At { kind, id, line };
    for name in &raw.unknown {
        notes.unknown_field(at, name);
    }
    for (field, value) in raw.stated() {
        if !field.is_of(kind) && !value.is_nothing() {
            notes.misplaced(at, field);
        }
    }
    let reader = Reader { raw, at, units };
    if kind == RecordKind::Link {
        found.links.extend(reader.link(notes));
        return;
    }
    if id.is_empty() {
        notes.unreadable(line, &format!("of a {} has no `id`", kind.as_str()), "give each record an id of its own");
        found.unreadable += usize::from(kind == RecordKind::Circuit);
        return;
    }
    match kind {
        RecordKind::Node => found.nodes.push(reader.node(notes)),
        RecordKind::Circuit => found.circuits.push(reader.circuit(notes)),
        RecordKind::Device => found.devices.extend(reader.device(notes)),
        RecordKind::Link => {}
    }
}

struct Reader<'r, 'a> {
    raw: &'r Raw<'a>,
    at: At<'r>,
    units: &'r dyn Units,
}

impl Reader<'_, '_> {
    fn node(&self, notes: &mut Notes<'_>) -> NodeRecord {
        NodeRecord {
            id: self.at.id.into(),
            name: self.text(Field::Name, notes),
            node_type: self.word(Field::Kind, "`site`, `access point` or `virtual`", node_type, notes),
            parent: self.above(notes),
            capacity: self.capacity(notes),
            position: self.position(notes),
        }
    }

    /// An empty text is the top.
    fn above(&self, notes: &mut Notes<'_>) -> Above {
        match self.reference(Field::Parent, notes) {
            Some(id) => Above::Node(id),
            None if matches!(self.raw.get(Field::Parent), Scalar::Text(_)) => Above::Top,
            None => Above::Unstated,
        }
    }

    fn link(&self, notes: &mut Notes<'_>) -> Option<LinkRecord> {
        let [from, to] = [Field::From, Field::To].map(|field| self.reference(field, notes));
        let (Some(from), Some(to)) = (from, to) else {
            let message = "an end of the link is not stated; the link is set aside";
            let problem = Problem::new(Code::BadLink, message).hint("state the ids of both nodes: `from` and `to`");
            notes.field(self.at, Field::From, problem);
            return None;
        };
        Some(LinkRecord {
            id: Some(self.at.id).filter(|id| !id.is_empty()).map(Text::from),
            ends: [from, to],
            capacity: self.capacity(notes),
            cost: self.cost(notes),
            line: self.at.line,
        })
    }

    fn circuit(&self, notes: &mut Notes<'_>) -> CircuitRecord {
        let mut plan = |max, min| PlanRate { min: self.plan_rate(min, notes), max: self.plan_rate(max, notes) };
        let (down, up) = (plan(Field::Down, Field::MinDown), plan(Field::Up, Field::MinUp));
        let inner = self.inner(notes);
        CircuitRecord {
            id: self.at.id.into(),
            name: self.text(Field::Name, notes),
            parent: self.reference(Field::Parent, notes),
            down,
            up,
            status: self.word(Field::Status, "`active`, `suspended` or `inactive`", status, notes),
            sqm: self.sqm(notes),
            inner: Some(inner).filter(|inner| *inner != Inner::default()),
        }
    }

    fn device(&self, notes: &mut Notes<'_>) -> Option<DeviceRecord> {
        let Some(circuit) = self.reference(Field::OfCircuit, notes) else {
            let why = format!("of the device `{}` names no circuit", self.at.id);
            notes.unreadable(self.at.line, &why, "state the id of its circuit: `circuit`");
            return None;
        };
        Some(DeviceRecord {
            id: self.at.id.into(),
            circuit,
            name: self.text(Field::Name, notes),
            inner: self.inner(notes),
        })
    }

    fn inner(&self, notes: &mut Notes<'_>) -> Inner {
        let mut inner = Inner {
            mac: self.text(Field::Mac, notes),
            comment: self.text(Field::Comment, notes),
            prefixes: SmallVec::new(),
            has_lost: false,
        };
        match self.raw.get(Field::Addresses) {
            Scalar::List(list) => list.iter().for_each(|value| self.addresses(value, &mut inner, notes)),
            value => self.addresses(value, &mut inner, notes),
        }
        inner
    }

    fn addresses(&self, value: &Scalar<'_>, inner: &mut Inner, notes: &mut Notes<'_>) {
        match value {
            Scalar::Nothing => {}
            Scalar::Text(text) => {
                for text in Prefix::split_list(text) {
                    let (prefix, problem) = read_subscriber_address(text);
                    if let Some(problem) = problem {
                        notes.field(self.at, Field::Addresses, problem);
                    }
                    match prefix {
                        Some(prefix) if !inner.prefixes.contains(&prefix) => inner.prefixes.push(prefix),
                        Some(_) => {}
                        None => inner.has_lost = true,
                    }
                }
            }
            _ => {
                notes.wrong(self.at, Field::Addresses, value, "an address");
                inner.has_lost = true;
            }
        }
    }

    /// The text of a field, empty where it is not stated.
    fn text(&self, field: Field, notes: &mut Notes<'_>) -> Text {
        let value = self.raw.get(field);
        if value.text().is_none() && !value.is_nothing() {
            notes.wrong(self.at, field, value, "a text");
        }
        value.text().unwrap_or_default().into()
    }

    /// The id of another record.
    fn reference(&self, field: Field, notes: &mut Notes<'_>) -> Option<Text> {
        Some(self.text(field, notes)).filter(|text| !text.is_empty())
    }

    fn word<T: Default>(
        &self,
        field: Field,
        known: &'static str,
        of: fn(&str) -> Option<T>,
        notes: &mut Notes<'_>,
    ) -> T {
        let text = self.text(field, notes);
        let word = of(&text.to_ascii_lowercase());
        if word.is_none() && !text.is_empty() {
            notes.unknown_word(self.at, field, &text, known);
        }
        word.unwrap_or_default()
    }

    fn sqm(&self, notes: &mut Notes<'_>) -> pleach_graph::Sqm {
        let text = self.text(Field::Sqm, notes);
        text.parse().unwrap_or_else(|error: pleach_graph::SqmError| {
            let message = format!("`{text}` {error}; the default is used");
            let problem =
                Problem::new(Code::BadSqm, message).value(&text).hint("leave it out for the shaper's default");
            notes.field(self.at, Field::Sqm, problem);
            pleach_graph::Sqm::default()
        })
    }

    /// A rate of the plan; one that cannot be read, and nothing, count as not stated.
    fn plan_rate(&self, field: Field, notes: &mut Notes<'_>) -> Option<Rate> {
        match self.rate(field, notes)? {
            Ok(Rate::ZERO) => None,
            Ok(rate) => Some(rate),
            Err(_) => {
                notes.wrong(self.at, field, self.raw.get(field), "a rate such as `100 Mbit/s`");
                None
            }
        }
    }

    fn capacity(&self, notes: &mut Notes<'_>) -> Capacity {
        let mut limit = |field| self.limit(field, notes);
        Capacity { down: limit(Field::Down), up: limit(Field::Up) }
    }

    fn limit(&self, field: Field, notes: &mut Notes<'_>) -> Limit {
        let reason = match self.rate(field, notes) {
            None => return Limit::NONE,
            Some(Ok(Rate::ZERO)) => "is no capacity".to_owned(),
            Some(Ok(rate)) => return Limit::of(rate),
            Some(Err(error)) => error.to_string(),
        };
        let value = self.raw.get(field).quoted();
        let message = format!("{value} {reason}; the capacity is taken as unknown");
        let hint = "write a rate such as `\"1 Gbit/s\"`, or leave it out if the capacity is not known";
        notes.field(self.at, field, Problem::new(Code::BadCapacity, message).hint(hint));
        Limit::NONE
    }

    /// A rate, if one is stated, and its unit known.
    fn rate(&self, field: Field, notes: &mut Notes<'_>) -> Option<Result<Rate, RateError>> {
        let value = self.raw.get(field);
        if value.is_nothing() {
            return None;
        }
        let text = match value {
            Scalar::Text(text) | Scalar::Number(text) => text.trim(),
            _ => return Some(Err(RateError::NotANumber)),
        };
        match self.units.of(field, value) {
            Some(unit) => Some(Rate::parse(text, unit)),
            None if text.parse::<f64>().is_ok_and(|number| number != 0.0) => {
                notes.no_unit(self.at, field);
                None
            }
            None => Some(Rate::parse(text, RateUnit::Bit)),
        }
    }

    fn cost(&self, notes: &mut Notes<'_>) -> u32 {
        let value = self.raw.get(Field::Cost);
        let cost = value.text().map(|text| text.parse().ok().filter(|cost| *cost > 0));
        match cost {
            Some(Some(cost)) => return cost,
            None if value.is_nothing() => {}
            _ => {
                let message = format!("{} is no cost; it is taken as not stated", value.quoted());
                let hint = "write a whole number of at least 1, or leave it out";
                notes.field(self.at, Field::Cost, Problem::new(Code::BadCapacity, message).hint(hint));
            }
        }
        0
    }

    fn position(&self, notes: &mut Notes<'_>) -> Option<Position> {
        let [latitude, longitude] = [Field::Latitude, Field::Longitude].map(|field| self.raw.get(field));
        if latitude.is_nothing() && longitude.is_nothing() {
            return None;
        }
        let degrees = |value: &Scalar<'_>| value.text().and_then(|text| text.parse().ok()).unwrap_or(f64::NAN);
        let position = Position::new(degrees(latitude), degrees(longitude));
        if position.is_none() {
            let value = format!("{}, {}", latitude.quoted(), longitude.quoted());
            let message = format!("{value} is no latitude and longitude; the node has no position");
            let hint = "write degrees: latitude from -90 to 90, longitude from -180 to 180";
            notes.field(self.at, Field::Latitude, Problem::new(Code::BadPosition, message).hint(hint));
        }
        position
    }
}

fn node_type(word: &str) -> Option<NodeType> {
    match word {
        "site" => Some(NodeType::Site),
        "access point" | "access_point" | "access-point" | "ap" => Some(NodeType::AccessPoint),
        "virtual" => Some(NodeType::Virtual),
        _ => None,
    }
}

fn status(word: &str) -> Option<Status> {
    match word {
        "active" => Some(Status::Active),
        "suspended" => Some(Status::Suspended),
        "inactive" => Some(Status::Inactive),
        _ => None,
    }
}
