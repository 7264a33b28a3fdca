//! Orders to die or to freeze at a step, and who has carried them out.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::Context;
use kill_point::{Order, Point};

/// A directory of orders, as `kill-point` describes it.
#[derive(Debug)]
pub struct Orders(PathBuf);

/// A process came to a point that was armed.
#[derive(Debug)]
pub struct Hit {
    /// Where.
    pub point: Point,
    /// What it was ordered to do.
    pub order: Order,
    /// Which process.
    pub process_id: u32,
}

impl Orders {
    /// No order yet.
    ///
    /// # Errors
    /// When the directory cannot be made.
    pub fn new(directory: &Path) -> anyhow::Result<Orders> {
        fs::create_dir_all(directory)?;
        Ok(Orders(directory.to_owned()))
    }

    /// Where they lie, for the processes.
    pub fn directory(&self) -> &Path {
        &self.0
    }

    /// Arms a point once.
    ///
    /// # Errors
    /// When the order cannot be written.
    pub fn arm(&self, point: Point, order: Order) -> anyhow::Result<()> {
        // Written elsewhere first: an order that is found is whole.
        let draft = self.0.join("draft");
        fs::write(&draft, order.text())?;
        fs::rename(draft, self.0.join(point.name())).context("cannot arm a point")
    }

    /// Whether the point is armed and nobody has come to it.
    pub fn is_armed(&self, point: Point) -> bool {
        self.0.join(point.name()).exists()
    }

    /// Takes back what nobody has carried out.
    pub fn disarm(&self) {
        for point in Point::ALL {
            // Somebody may just be taking it.
            let _ = fs::remove_file(self.0.join(point.name()));
        }
    }

    /// Who has been hit since this was last asked.
    ///
    /// # Errors
    /// When the directory cannot be read.
    pub fn hits(&self) -> anyhow::Result<Vec<Hit>> {
        let mut hits = Vec::new();
        for entry in fs::read_dir(&self.0)? {
            let path = entry?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let Some((point, process_id)) = parse(&name) else {
                continue;
            };
            let order = match fs::read_to_string(&path)?.as_str() {
                text if text == Order::Freeze.text() => Order::Freeze,
                _ => Order::Die,
            };
            fs::remove_file(&path)?;
            hits.push(Hit {
                point,
                order,
                process_id,
            });
        }
        Ok(hits)
    }
}

/// Reads `hit.<point>.<process id>`.
fn parse(name: &str) -> Option<(Point, u32)> {
    let (point, process_id) = name.strip_prefix("hit.")?.rsplit_once('.')?;
    let point = Point::ALL.into_iter().find(|one| one.name() == point)?;
    Some((point, process_id.parse().ok()?))
}
