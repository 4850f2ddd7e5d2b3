//! Internet tariffs: `tariffs/internet`.

use compact_str::CompactString;
use pleach_graph::{Code, Problem, Rate};

use super::{Fields, Record, Thousandths, wire};
use crate::list::List;

/// What is sold.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Tariff {
    pub(crate) id: u64,
    pub(crate) title: CompactString,
    pub(crate) down: Option<Rate>,
    pub(crate) up: Option<Rate>,
    pub(crate) guarantee: Guarantee,
    /// So many share the speed.
    pub(crate) aggregation: Option<Thousandths>,
    pub(crate) burst: Burst,
}

/// What a tariff guarantees.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Guarantee {
    None,
    /// So many percent of the speed.
    Percent(Thousandths),
    Fixed {
        down: Option<Rate>,
        up: Option<Rate>,
    },
}

/// How fast a tariff may be for a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Burst {
    None,
    /// So many percent more than the speed.
    Percent(Thousandths),
    /// These, instead of the speed.
    Fixed {
        down: Option<Rate>,
        up: Option<Rate>,
    },
}

wire!(TariffWire {
    title,
    speed_download,
    speed_upload,
    speed_limit_type,
    speed_limit_at,
    speed_limit_fixed_down,
    speed_limit_fixed_up,
    aggregation,
    burst_type,
    burst_limit,
    burst_limit_fixed_down,
    burst_limit_fixed_up,
});

impl Record for Tariff {
    const LIST: List = List::Tariffs;
    type Wire<'a> = TariffWire<'a>;

    fn decode(id: u64, wire: &TariffWire<'_>, fields: &mut Fields<'_>) -> Self {
        Self {
            id,
            title: fields.text("title", &wire.title),
            down: fields.rate("speed_download", &wire.speed_download),
            up: fields.rate("speed_upload", &wire.speed_upload),
            guarantee: guarantee(wire, fields),
            aggregation: fields.thousandths("aggregation", &wire.aggregation),
            burst: burst(wire, fields),
        }
    }

    fn id(&self) -> u64 {
        self.id
    }
}

/// Splynx had percentages before it had types: without a type the percentage counts.
fn guarantee(wire: &TariffWire<'_>, fields: &mut Fields<'_>) -> Guarantee {
    match fields.text("speed_limit_type", &wire.speed_limit_type).as_str() {
        "" | "percent" => {
            let percent = fields.thousandths("speed_limit_at", &wire.speed_limit_at);
            percent.map_or(Guarantee::None, Guarantee::Percent)
        }
        "fixed" => Guarantee::Fixed {
            down: fields.rate("speed_limit_fixed_down", &wire.speed_limit_fixed_down),
            up: fields.rate("speed_limit_fixed_up", &wire.speed_limit_fixed_up),
        },
        "none" => Guarantee::None,
        other => {
            unknown(other, "speed_limit_type", fields);
            Guarantee::None
        }
    }
}

fn burst(wire: &TariffWire<'_>, fields: &mut Fields<'_>) -> Burst {
    match fields.text("burst_type", &wire.burst_type).as_str() {
        "" | "percent" => {
            let percent = fields.thousandths("burst_limit", &wire.burst_limit);
            percent.map_or(Burst::None, Burst::Percent)
        }
        "fixed" => Burst::Fixed {
            down: fields.rate("burst_limit_fixed_down", &wire.burst_limit_fixed_down),
            up: fields.rate("burst_limit_fixed_up", &wire.burst_limit_fixed_up),
        },
        "none" => Burst::None,
        other => {
            unknown(other, "burst_type", fields);
            Burst::None
        }
    }
}

fn unknown(word: &str, field: &str, fields: &mut Fields<'_>) {
    let message = format!("tariff `{}` has the {field} `{word}`, which is taken as none", fields.record.raw());
    let problem = Problem::new(Code::UnknownValue, message)
        .at(fields.document, 0)
        .field(field)
        .value(word)
        .record(&fields.record)
        .hint("`none`, `percent` and `fixed` are known; tell the makers of Pleach what this one means");
    fields.problems.push(problem);
}
