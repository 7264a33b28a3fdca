//! What is asked whether it can be reached.

use std::pin::Pin;

/// The answer to a [`Question`], while it is waited for.
pub type Asked<'a> = Pin<Box<dyn Future<Output = anyhow::Result<()>> + Send + 'a>>;

/// A function that asks something of a `T` whether it works, such as the method `Store::probe`.
pub trait Question<'a, T: 'a>: Copy + Send + Sync + 'static {
    /// Asks.
    fn ask(self, subject: &'a T) -> Asked<'a>;
}

impl<'a, T, F, A, E> Question<'a, T> for F
where
    T: 'a,
    F: Fn(&'a T) -> A + Copy + Send + Sync + 'static,
    A: Future<Output = Result<(), E>> + Send + 'a,
    E: Into<anyhow::Error>,
{
    fn ask(self, subject: &'a T) -> Asked<'a> {
        let answer = self(subject);
        Box::pin(async move { answer.await.map_err(Into::into) })
    }
}

/// Asks `subject` this question as often as it is called.
pub fn probe_of<T, Q>(
    subject: T,
    question: Q,
) -> impl Fn() -> Asked<'static> + Send + Sync + 'static
where
    T: Clone + Send + Sync + 'static,
    Q: for<'a> Question<'a, T>,
{
    move || {
        let subject = subject.clone();
        Box::pin(async move { question.ask(&subject).await })
    }
}
