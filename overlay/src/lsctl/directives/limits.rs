//! `rate in|out -avg R -burst S [-burstRate R]`, or `-avg R -leaf L [-burst S]`; without options the limit is lifted, without a direction both are.

use super::super::error::{Outcome, Stop};
use super::super::interpreter::{Run, Value};
use super::super::number::{size, speed};
use super::super::options::{Kind, Options};
use super::rules::direction;
use crate::change::Change;
use crate::limit::{self, Limit, Policer, Shaper};
use crate::rule::Direction;

const OPTIONS: [(&str, Kind); 4] =
    [("-avg", Kind::Value), ("-burst", Kind::Value), ("-burstRate", Kind::Value), ("-leaf", Kind::Value)];

pub(super) fn rate(run: &mut Run<'_>, line: u32, arguments: &[Value]) -> Outcome<()> {
    let options = Options::of(line, arguments, &OPTIONS)?;
    options.at_most(1)?;
    let stated = options.rest.first().map(|value| direction(value)).transpose()?;
    let key = run.virt_around();
    if options.is_empty() {
        let directions = stated.map_or_else(|| Direction::BOTH.to_vec(), |direction| vec![direction]);
        return directions
            .into_iter()
            .try_for_each(|direction| run.change(line, Change::Limit(key.clone(), direction, None)));
    }
    let Some(direction) = stated else {
        return Err(Stop::at(line, "`rate` states no direction: `in` or `out`"));
    };
    let average = options.read("-avg", speed)?;
    let burst = options.read("-burst", size)?;
    let burst_rate = options.read("-burstRate", speed)?;
    let leaf = options.read("-leaf", limit::leaf)?;
    options.exclude("-leaf", "-burstRate", "`-burstRate` is of policers, and a `-leaf` shapes")?;
    let limit = match (average, burst, leaf) {
        (Some(average), burst, Some(leaf)) => Limit::Shaped(Shaper { average, burst, leaf }),
        (Some(average), Some(burst), None) => Limit::Policed(Policer { average, burst, burst_rate }),
        (_, _, Some(_)) => return Err(Stop::at(line, "`rate` needs `-avg`")),
        _ => return Err(Stop::at(line, "`rate` needs both `-avg` and `-burst`")),
    };
    run.change(line, Change::Limit(key, direction, Some(limit)))
}
