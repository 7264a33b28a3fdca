//! The one thread that starts children.
//!
//! "Send me a signal when my parent dies" means the parent *thread* to the kernel. A child
//! started from a worker thread of a runtime, or from the thread of one test, would be told to
//! end as soon as that thread does. This thread ends with the process and not before.

use std::io;
use std::process::{Child, Command};
use std::sync::{OnceLock, mpsc};
use std::thread;

type Order = (Command, mpsc::Sender<io::Result<Child>>);

static ORDERS: OnceLock<mpsc::Sender<Order>> = OnceLock::new();

/// Starts `command` from the thread that never ends.
pub(crate) fn start(command: Command) -> io::Result<Child> {
    let (answer, answered) = mpsc::channel();
    let gone = |_| io::Error::other("the thread that starts children is gone");
    ORDERS
        .get_or_init(open)
        .send((command, answer))
        .map_err(|error| gone(error.to_string()))?;
    answered.recv().map_err(|error| gone(error.to_string()))?
}

fn open() -> mpsc::Sender<Order> {
    let (orders, taken) = mpsc::channel::<Order>();
    thread::spawn(move || {
        for (mut command, answer) in taken {
            // Whoever ordered may have given up; then the child is dropped unheard, and dies
            // with this process.
            let _ = answer.send(command.spawn());
        }
    });
    orders
}
