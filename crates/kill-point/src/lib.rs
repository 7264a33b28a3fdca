//! The places where the chaos tests kill a process: named steps, all of them listed here.
//!
//! Without the feature `kill-points`, [`reached`] is an empty function and a program has none of
//! this. With it, and with `PACER_FETCH_KILL_POINTS` naming a directory, a process that comes to a
//! point looks there for a file of the point's name: the order to die or to freeze there. Taking
//! the order renames the file, which one process can do once; so a point that is armed once is hit
//! once, whatever the number of replicas, and the directory tells afterwards who was hit where.

/// A step at which a process can be made to die.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Point {
    /// `login` has written down that it asks the sign-on, and has not asked.
    LoginBeforeSignOn,
    /// `login` has the sign-on's answer, and nobody else knows.
    LoginAfterSignOn,
    /// `login` has stored the session, and the gateway has no answer.
    LoginBeforeAnswer,
    /// The row of a request is committed; the caller has no answer.
    SubmitAfterCommit,
    /// The dispatcher holds a court's lock, in a transaction that is not committed.
    InDispatch,
    /// The dispatcher has released work, and nothing is published.
    DispatchAfterCommit,
    /// The sweeper holds its lock, in a transaction that is not committed.
    InSweep,
    /// The sweeper has taken work back or renewed it, and nothing is published.
    SweepAfterCommit,
    /// A worker has claimed a request and done nothing.
    AfterClaim,
    /// The connection to the court is open and the turn has come; there is no intent.
    BeforeIntent,
    /// The intent is committed, and nothing is sent.
    AfterIntent,
    /// The request is sent, and the first bytes of the answer are there.
    MidResponse,
    /// The answer to a purchase is there, in memory only.
    AfterResponse,
    /// The bytes are in the blob store, and no row knows of them.
    AfterBlob,
    /// Capture and bill are committed.
    AfterCapture,
    /// The page was read and is not saved.
    BeforeSave,
    /// What was bought is saved; the request does not say so.
    AfterSave,
    /// A document was handed to the readers, and nothing is published.
    AfterHandOn,
    /// The work is done, and the row does not say so.
    BeforeEnd,
    /// The end is in the row, and nobody was told.
    AfterEnd,
    /// The message is not acknowledged.
    BeforeAck,
    /// The message is acknowledged.
    AfterAck,
}

impl Point {
    /// Every point there is, in the order of a request's life.
    pub const ALL: [Point; 22] = [
        Point::LoginBeforeSignOn,
        Point::LoginAfterSignOn,
        Point::LoginBeforeAnswer,
        Point::SubmitAfterCommit,
        Point::InDispatch,
        Point::DispatchAfterCommit,
        Point::InSweep,
        Point::SweepAfterCommit,
        Point::AfterClaim,
        Point::BeforeIntent,
        Point::AfterIntent,
        Point::MidResponse,
        Point::AfterResponse,
        Point::AfterBlob,
        Point::AfterCapture,
        Point::BeforeSave,
        Point::AfterSave,
        Point::AfterHandOn,
        Point::BeforeEnd,
        Point::AfterEnd,
        Point::BeforeAck,
        Point::AfterAck,
    ];

    /// Its name, as the file of an order has it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Point::LoginBeforeSignOn => "login-before-sign-on",
            Point::LoginAfterSignOn => "login-after-sign-on",
            Point::LoginBeforeAnswer => "login-before-answer",
            Point::SubmitAfterCommit => "submit-after-commit",
            Point::InDispatch => "in-dispatch",
            Point::DispatchAfterCommit => "dispatch-after-commit",
            Point::InSweep => "in-sweep",
            Point::SweepAfterCommit => "sweep-after-commit",
            Point::AfterClaim => "after-claim",
            Point::BeforeIntent => "before-intent",
            Point::AfterIntent => "after-intent",
            Point::MidResponse => "mid-response",
            Point::AfterResponse => "after-response",
            Point::AfterBlob => "after-blob",
            Point::AfterCapture => "after-capture",
            Point::BeforeSave => "before-save",
            Point::AfterSave => "after-save",
            Point::AfterHandOn => "after-hand-on",
            Point::BeforeEnd => "before-end",
            Point::AfterEnd => "after-end",
            Point::BeforeAck => "before-ack",
            Point::AfterAck => "after-ack",
        }
    }
}

/// What an order says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// SIGKILL.
    Die,
    /// SIGSTOP, until somebody sends SIGCONT.
    Freeze,
}

impl Order {
    /// The text of the order's file.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Order::Die => "die",
            Order::Freeze => "freeze",
        }
    }
}

/// The process has come to a point. Returns, unless it was ordered to die here.
#[cfg(not(feature = "kill-points"))]
#[inline(always)]
pub fn reached(_: Point) {}

/// Whether turns at courts are not to be taken: only `make bench-limiter` asks for that, to see
/// what they cost. Never, in a program that is built for use.
#[cfg(not(feature = "kill-points"))]
#[inline(always)]
#[must_use]
pub const fn turns_are_off() -> bool {
    false
}

#[cfg(feature = "kill-points")]
pub use armed::{reached, turns_are_off};

/// The file in the directory of the orders that says that no turns are taken.
pub const TURNS_OFF: &str = "turns-off";

#[cfg(feature = "kill-points")]
mod armed {
    use std::{
        fs,
        path::{Path, PathBuf},
        sync::OnceLock,
        time::Duration,
    };

    use rustix::process::{Signal, getpid, kill_process};

    use super::{Order, Point, TURNS_OFF};

    /// A signal to oneself has arrived by then.
    const TAKEN_WITHIN: Duration = Duration::from_millis(200);

    /// The setting: the directory of the orders.
    const SETTING: &str = "PACER_FETCH_KILL_POINTS";

    /// The process has come to a point. Returns, unless it was ordered to die here.
    pub fn reached(point: Point) {
        if let Some(order) = orders().and_then(|orders| take(orders, point)) {
            carry_out(order);
        }
    }

    /// Whether turns at courts are not to be taken: only `make bench-limiter` asks for that, to
    /// see what they cost.
    #[must_use]
    pub fn turns_are_off() -> bool {
        orders().is_some_and(|orders| orders.join(TURNS_OFF).exists())
    }

    fn orders() -> Option<&'static Path> {
        static ORDERS: OnceLock<Option<PathBuf>> = OnceLock::new();
        ORDERS
            .get_or_init(|| std::env::var_os(SETTING).map(PathBuf::from))
            .as_deref()
    }

    /// Takes the order for this point, if there is one and nobody else has taken it.
    pub(super) fn take(orders: &Path, point: Point) -> Option<Order> {
        let me = getpid().as_raw_nonzero();
        let taken = orders.join(format!("hit.{}.{me}", point.name()));
        fs::rename(orders.join(point.name()), &taken).ok()?;
        let text = fs::read_to_string(&taken).ok()?;
        [Order::Die, Order::Freeze]
            .into_iter()
            .find(|order| order.text() == text)
    }

    fn carry_out(order: Order) {
        let signal = match order {
            Order::Die => Signal::KILL,
            Order::Freeze => Signal::STOP,
        };
        // A process may always signal itself.
        let _ = kill_process(getpid(), signal);
        // Any thread may be the one that takes the signal: this one must not go on meanwhile, past
        // the step that it was ordered to stop at.
        #[expect(clippy::disallowed_methods, reason = "nothing else may run here")]
        std::thread::sleep(TAKEN_WITHIN);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_point_has_a_name_of_its_own() {
        let mut names = Point::ALL.map(Point::name).to_vec();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), Point::ALL.len());
    }

    #[cfg(feature = "kill-points")]
    #[test]
    fn an_order_is_taken_once() {
        let orders = tempfile::tempdir().unwrap();
        let point = Point::AfterIntent;
        assert_eq!(armed::take(orders.path(), point), None);
        std::fs::write(orders.path().join(point.name()), Order::Freeze.text()).unwrap();
        assert_eq!(armed::take(orders.path(), Point::AfterAck), None);
        assert_eq!(armed::take(orders.path(), point), Some(Order::Freeze));
        assert_eq!(armed::take(orders.path(), point), None);
    }
}
