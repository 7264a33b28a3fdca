//! Code of a stranger that runs in a worker: it knows everything that could help it, and then tries
//! one way out.

use std::io;
use std::path::{Path, PathBuf};

use fetch_text::picture::GreyImage;
use fetch_text::recognise::{RecogniseError, Recognised, Recogniser, Segmentation};

use crate::attacks::{self, Attack};

pub const ESCAPED: &str = "escaped: ";
pub const REFUSED: &str = "refused: ";

/// What an attacker would like to have.
pub struct Prey {
    /// The process that holds the secrets.
    pub parent: i32,
    /// Memory of that process which can be read, if it can.
    pub address: usize,
    /// A port where somebody listens.
    pub port: u16,
    /// A folder of documents, with one in it that is called `blob`.
    pub folder: PathBuf,
    /// Descriptors that were open when this process began, besides the standard ones and the socket.
    pub inherited: Vec<i32>,
}

impl Prey {
    /// In one line.
    pub fn told(attack: &str, port: u16, folder: &Path) -> String {
        format!("{attack}|{port}|{}", folder.display())
    }

    fn heard(line: &str) -> (&'static Attack, Self) {
        let parts: Vec<&str> = line.split('|').collect();
        let attack = attacks::ATTACKS
            .iter()
            .find(|attack| attack.name == parts[0]);
        let parent = std::os::unix::process::parent_id() as i32;
        let prey = Self {
            parent,
            address: first_address(parent),
            port: parts[1].parse().unwrap(),
            folder: parts[2].into(),
            inherited: attacks::inherited(),
        };
        (attack.unwrap(), prey)
    }
}

/// The first piece of the parent's memory.
fn first_address(process: i32) -> usize {
    let maps = std::fs::read_to_string(format!("/proc/{process}/maps")).unwrap_or_default();
    let start = maps.split('-').next().unwrap_or_default();
    usize::from_str_radix(start, 16).unwrap_or_default()
}

/// Attacks from a process that is not confined.
pub fn attack_at_once(line: &str) -> String {
    let (attack, prey) = Prey::heard(line);
    said((attack.attempt)(&prey))
}

fn said(attempt: io::Result<String>) -> String {
    match attempt {
        Ok(how) => format!("{ESCAPED}{how}"),
        Err(why) => format!("{REFUSED}{why}"),
    }
}

struct Attacker {
    attack: &'static Attack,
    prey: Prey,
}

/// Prepares the attack, while nothing is confined yet.
pub fn start(line: Option<&Path>) -> Result<Box<dyn Recogniser>, RecogniseError> {
    let line = line.and_then(Path::to_str).ok_or(RecogniseError::NoData)?;
    let (attack, prey) = Prey::heard(line);
    Ok(Box::new(Attacker { attack, prey }))
}

impl Recogniser for Attacker {
    fn look(&mut self, image: &GreyImage, _: Segmentation) -> Result<Recognised, RecogniseError> {
        // The empty picture by which a worker makes its recogniser ready came from no stranger.
        let text = match image.pixels.iter().all(|pixel| *pixel == u8::MAX) {
            true => String::new(),
            false => said((self.attack.attempt)(&self.prey)),
        };
        Ok(Recognised {
            text,
            mean_confidence: 99.0,
            ..Recognised::default()
        })
    }
}
