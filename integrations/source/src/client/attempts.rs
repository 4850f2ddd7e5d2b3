//! One request, tried until it is answered or will not be.

use tokio::time::{Instant, sleep, timeout_at};

use super::answer::Want;
use super::credentials::Renewal;
use super::exchange::{Allowed, Request};
use super::retry::Pauses;
use super::{Client, Inner};
use crate::error::{Asked, FetchError, Waiting};

impl Client {
    /// Asks, and asks again where that may help: after what may pass by itself, and once with new credentials.
    pub(super) async fn ask<W: Want>(&self, request: &Request<'_>, want: &W) -> Result<W::Taken, FetchError> {
        let Inner { settings, first_pause, .. } = &*self.0;
        let mut pauses = Pauses::new(*first_pause, self.next_seed());
        let by_credentials = request.allowed == Allowed::ByCredentials;
        let (mut attempts, mut failures, mut renewed, mut end) = (0, 0, false, None);
        loop {
            attempts += 1;
            // Who asks as anybody does not wait for credentials: it may be what gets them.
            let renewals = if by_credentials { *self.0.renewals.lock().await } else { 0 };
            let failed = match self.attempt(request, want, attempts, &mut end).await {
                Ok(taken) => return Ok(taken),
                Err(failed) => failed,
            };
            if failed.status() == Some(401) && by_credentials && !renewed {
                renewed = true;
                match self.renew(renewals).await? {
                    Renewal::Renewed => continue,
                    Renewal::Impossible => return Err(failed),
                }
            }
            failures += 1;
            if !failed.may_pass() || failures > settings.retries {
                return Err(failed);
            }
            match pauses.next(failed.retry_after()) {
                Some(pause) if end.is_none_or(|end| Instant::now() + pause < end) => sleep(pause).await,
                _ => return Err(failed),
            }
        }
    }

    /// Asks once. The overall time begins when it is this request's turn for the first time.
    async fn attempt<W: Want>(
        &self,
        request: &Request<'_>,
        want: &W,
        attempts: u32,
        end: &mut Option<Instant>,
    ) -> Result<W::Taken, FetchError> {
        let Inner { settings, turn, redactor, .. } = &*self.0;
        let _turn = match turn {
            Some(turn) => turn.acquire().await.ok(),
            None => None,
        };
        let end = *end.get_or_insert_with(|| Instant::now() + settings.overall_timeout);
        let asking = async { want.take(self.exchange(request, attempts).await?, settings).await };
        timeout_at(end, asking).await.unwrap_or_else(|_| {
            let asked = Asked { method: request.method, address: redactor.address(&request.url), attempts };
            Err(FetchError::TimedOut { asked, waiting: Waiting::End, after: settings.overall_timeout })
        })
    }

    /// Renews the credentials, unless somebody else did since they were renewed `before` times.
    async fn renew(&self, before: u64) -> Result<Renewal, FetchError> {
        let mut renewals = self.0.renewals.lock().await;
        if *renewals != before {
            return Ok(Renewal::Renewed);
        }
        let renewal = self.0.credentials.renew(self).await?;
        if renewal == Renewal::Renewed {
            *renewals += 1;
        }
        Ok(renewal)
    }
}
