//! A list, page by page, and whether it is whole.

use std::sync::Arc;

use futures_util::{StreamExt, TryStreamExt, stream};
use pleach_source::{Expect, FetchError, Part, beside};

use super::asker::Asker;
use super::words;
use crate::list::List;

/// So many records are asked for at a time: a megabyte or so, which PHP can hold.
const PAGE: u64 = 1000;

/// So many sessions of a hundred may come or go while they are read. A list of who is online is never still; whoever is missed
/// this time is there the next.
const SESSIONS_OF_100: u64 = 2;

/// So many may in any case.
const FEW_SESSIONS: u64 = 10;

/// The pages of a list as they came.
struct Pages {
    parts: Vec<Part>,
    received: u64,
    /// A page before the last with fewer records than were asked for: the server gives no more at a time.
    short: Option<u64>,
}

impl Asker {
    /// The pages of lists that are said to have so many records: several lists at a time, and the first error in their order.
    pub(crate) async fn lists(self: &Arc<Self>, totals: Vec<(List, u64)>) -> Result<Vec<Part>, FetchError> {
        let asked = totals.into_iter().map(|(list, total)| {
            let asker = Arc::clone(self);
            beside(async move { asker.list(list, total).await })
        });
        let parts: Vec<Vec<Part>> = stream::iter(asked).buffered(self.at_a_time).try_collect().await?;
        Ok(parts.into_iter().flatten().collect())
    }

    /// The pages of a list that is said to have `total` records. Where another number comes, it changed meanwhile, and is read
    /// once more.
    async fn list(&self, list: List, total: u64) -> Result<Vec<Part>, FetchError> {
        let first = self.pages(list, total, PAGE).await?;
        if first.received == total {
            return Ok(first.parts);
        }
        let size = first.short.filter(|size| *size > 0).unwrap_or(PAGE);
        let total = self.count(list).await?;
        let second = self.pages(list, total, size).await?;
        if second.received == total || (list == List::Online && is_near(second.received, total)) {
            return Ok(second.parts);
        }
        let address = second.parts.first().map(|part| part.address.split('?').next().unwrap_or_default().to_owned());
        Err(FetchError::Count { address: address.unwrap_or_default(), announced: total, received: second.received })
    }

    /// One page after the other: where a record goes meanwhile, those after it move up, and the sum tells. Pages that are read
    /// at once could lose one record and have another twice, and the sum would not tell.
    async fn pages(&self, list: List, total: u64, size: u64) -> Result<Pages, FetchError> {
        let count = total.div_ceil(size).max(1); // an empty list has a page that says so
        let mut pages = Pages { parts: Vec::new(), received: 0, short: None };
        for number in 0..count {
            let part = self.page(list, number * size, size).await?;
            let records = part.records.unwrap_or_default();
            pages.received += records;
            if records < size && number + 1 < count {
                pages.short = pages.short.max(Some(records));
            }
            pages.parts.push(part);
        }
        Ok(pages)
    }

    async fn page(&self, list: List, offset: u64, size: u64) -> Result<Part, FetchError> {
        let _turn = self.turn().await?;
        let (offset_text, size) = (offset.to_string(), size.to_string());
        let mut query = list.condition().to_vec();
        query.extend([("order[id]", "ASC"), ("limit", &size), ("offset", &offset_text)]);
        let part = self.client.get(list.path(), &query, Expect::Array).await;
        part.map(|part| part.named(format!("{list}/{offset}"))).map_err(|error| words::of_list(error, list))
    }
}

fn is_near(received: u64, total: u64) -> bool {
    received.abs_diff(total) <= (total * SESSIONS_OF_100 / 100).max(FEW_SESSIONS)
}
