//! Work of its own, beside that of whoever waits for it.

use tokio::task::JoinSet;

/// Runs a future as a task of its own, which ends with whoever waits for it: what is done with the bytes of a large answer while
/// they come in then keeps a processor busy, and the next answer another one.
pub async fn beside<T: Send + 'static>(work: impl Future<Output = T> + Send + 'static) -> T {
    let mut tasks = JoinSet::new();
    tasks.spawn(work);
    match tasks.join_next().await.expect("invariant: there is a task") {
        Ok(value) => value,
        Err(error) => std::panic::resume_unwind(error.into_panic()),
    }
}
