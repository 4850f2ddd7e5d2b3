//! How many records a list has.

use futures_util::{StreamExt, stream};
use pleach_source::{Expect, FetchError};

use super::asker::Asker;
use super::words;
use crate::list::List;

/// The header that has it.
const TOTAL: &str = "x-total-count";

impl Asker {
    /// How many records each list has, or why that is not said.
    pub(crate) async fn counts(&self, lists: &[List]) -> Vec<(List, Result<u64, FetchError>)> {
        let counts: Vec<_> = lists.iter().map(|list| self.named_count(*list)).collect();
        stream::iter(counts).buffered(self.at_a_time).collect().await
    }

    async fn named_count(&self, list: List) -> (List, Result<u64, FetchError>) {
        (list, self.count(list).await)
    }

    pub(super) async fn count(&self, list: List) -> Result<u64, FetchError> {
        let _turn = self.turn().await?;
        let told = match self.client.head(list.path(), list.condition()).await {
            Ok(reply) => reply.header(TOTAL).and_then(|count| count.trim().parse().ok()).ok_or(None),
            Err(error) if error.status().is_some_and(|status| status < 500) => Err(Some(error)),
            Err(error) => return Err(error),
        };
        match told {
            Ok(count) => Ok(count),
            Err(error) => Err(self.why_not(list, error).await),
        }
    }

    /// An answer to a `HEAD` has no words: the same is asked in a way that has.
    async fn why_not(&self, list: List, refused: Option<FetchError>) -> FetchError {
        let mut query = list.condition().to_vec();
        query.push(("limit", "1"));
        match (self.client.get(list.path(), &query, Expect::Array).await, refused) {
            (Err(error), _) | (Ok(_), Some(error)) => words::of_list(error, list),
            (Ok(part), None) => FetchError::Unusable {
                address: part.address,
                reason: format!("an answer to `HEAD` has no `{TOTAL}`, so nobody knows whether the list is whole"),
                hint: "let what stands before Splynx pass its headers through".to_owned(),
            },
        }
    }
}
