//! Which workers a pool runs.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use crate::limits::Limits;

/// A program that is a worker when it is run with those arguments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Program {
    /// The program.
    pub path: PathBuf,
    /// Its arguments.
    pub arguments: Vec<String>,
}

impl Program {
    /// `path argument`.
    pub fn new(path: impl Into<PathBuf>, argument: &str) -> Self {
        Self {
            path: path.into(),
            arguments: vec![argument.to_owned()],
        }
    }
}

/// Which workers to run and what they may cost.
#[derive(Debug, Clone)]
pub struct WorkerConfig {
    /// What reads text layers.
    pub program: Program,
    /// What recognises; `None` when it is the same program.
    pub recogniser: Option<Program>,
    /// Workers at the same time; each keeps one core busy.
    pub workers: NonZeroUsize,
    /// What a document and a worker may cost.
    pub limits: Limits,
    /// Where the recogniser's data is; `None` looks where the recogniser does.
    pub recogniser_data: Option<PathBuf>,
    /// Whether a worker that can open files or reach others is not used at all
    /// ([`crate::Confinement::is_enforced`]).
    pub require_confinement: bool,
}

impl WorkerConfig {
    /// Workers that are this very program run as `ocr worker`, one per core, with the default
    /// limits.
    ///
    /// # Errors
    /// When the system does not tell which program this is.
    pub fn of_this_program() -> std::io::Result<Self> {
        Ok(Self::of_program(std::env::current_exe()?))
    }

    /// Workers that are `path worker`, one per core, with the default limits.
    pub fn of_program(path: PathBuf) -> Self {
        Self {
            program: Program::new(path, "worker"),
            recogniser: None,
            workers: std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN),
            limits: Limits::default(),
            recogniser_data: std::env::var_os("TESSDATA_PREFIX").map(PathBuf::from),
            require_confinement: false,
        }
    }
}
