//! `pacer-fetch parse`: prints what a saved page means, as JSON. Never touches the network.

use std::collections::{BTreeSet, HashSet, VecDeque};
use std::fs;
use std::io::{self, BufRead, BufWriter, Read, Write};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::process::ExitCode;
use std::sync::{Mutex, mpsc};

use clap::Args;
use clap::builder::PossibleValuesParser;
use pacer::court::Court;
use pacer::page::PageError;
use pacer::page::court_shown::other_court;
use pacer::page::kind::Kind;
use pacer::page::possible_case_numbers::Hints;
use pacer::page::seems::Seems;
use serde::Deserialize;
use serde_json::{Value, json};

/// The page could not be read or parsed.
const FAILED: u8 = 1;
/// The command was not used as it should be.
const WRONG_USAGE: u8 = 2;
/// How many results may wait for a slow one before them.
const MAX_WAITING: usize = 256;
/// And how long they may be together.
const MAX_WAITING_BYTES: usize = 4 << 20;

/// Prints what a saved page means, as JSON.
#[derive(Debug, Args)]
pub struct ParseArgs {
    /// The kind of page
    #[arg(value_parser = kinds())]
    kind: String,
    /// PACER's id of the court, such as cand
    #[arg(long)]
    court: Option<String>,
    /// The name of the case to look for (possible-case-numbers)
    #[arg(long)]
    case_name: Option<String>,
    /// The office of the case to look for (possible-case-numbers)
    #[arg(long)]
    office_number: Option<String>,
    /// The letters in the number of the case to look for (possible-case-numbers)
    #[arg(long)]
    docket_number_letters: Option<String>,
    /// A list of pages as JSON Lines, or - for standard input
    #[arg(long, value_name = "LIST", conflicts_with_all = ["court", "case_name", "office_number", "docket_number_letters"])]
    batch: Option<String>,
    /// The page, or - for standard input
    #[arg(required_unless_present = "batch", conflicts_with = "batch")]
    file: Option<String>,
}

/// A page to parse: a line of a list, or what the command line says.
#[derive(Debug, Deserialize)]
struct Item {
    file: String,
    court: String,
    case_name: Option<String>,
    office_number: Option<String>,
    docket_number_letters: Option<String>,
}

/// Runs the command. The status is 0, 1 for a page that failed, or 2 for wrong usage.
pub fn run(args: ParseArgs) -> ExitCode {
    let Some(kind) = Kind::named(&args.kind) else {
        return complain(WRONG_USAGE, &format!("there is no kind '{}'", args.kind));
    };
    match (args.batch, args.file, args.court) {
        (Some(list), _, _) => run_batch(kind, &list),
        (None, Some(file), Some(court)) => run_one(
            kind,
            &Item {
                file,
                court,
                case_name: args.case_name,
                office_number: args.office_number,
                docket_number_letters: args.docket_number_letters,
            },
        ),
        _ => complain(WRONG_USAGE, "a FILE needs --court COURT"),
    }
}

/// The names of all kinds, for the help and for checking what was given.
fn kinds() -> PossibleValuesParser {
    PossibleValuesParser::new(Kind::ALL.iter().map(|kind| kind.name()))
}

impl Item {
    fn hints(&self) -> Hints<'_> {
        Hints {
            office_number: self.office_number.as_deref(),
            docket_number_letters: self.docket_number_letters.as_deref(),
            case_name: self.case_name.as_deref(),
        }
    }
}

fn complain(status: u8, problem: &str) -> ExitCode {
    // Nobody is left to tell if this cannot be written.
    let _ = writeln!(io::stderr(), "pacer-fetch parse: {problem}");
    ExitCode::from(status)
}

fn read_input(file: &str) -> io::Result<Vec<u8>> {
    if file != "-" {
        return fs::read(file);
    }
    let mut bytes = Vec::new();
    io::stdin().lock().read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Reads and parses one page; the error is a sentence without the file's name.
fn parse_item(kind: Kind, item: &Item) -> Result<String, String> {
    let page = read_input(&item.file).map_err(|error| format!("cannot be read: {error}"))?;
    warn_about_another_court(&page, item);
    let seems = Seems::of_said(&page, kind);
    let result = kind.to_json(&page, &item.court, item.hints());
    if !seems.may_be(kind) && !is_in_its_place(kind, seems, &result) {
        return Err(format!(
            "not a page of kind {}; it looks like {seems}",
            kind.name()
        ));
    }
    match result {
        Ok(data) if is_nothing(&data) && !seems.may_stand_in_place() => Err(format!(
            "not a page of kind {}; it looks like {seems}",
            kind.name()
        )),
        Err(error) if !matches!(seems, Seems::Kind(_)) => {
            Err(format!("{error}; it looks like {seems}"))
        }
        result => result.map_err(|error| error.to_string()),
    }
}

/// Whether a court showed a page of one kind where one of another was asked for, and the reader knows
/// it: a price page in place of anything, or a menu in place of a price page.
fn is_in_its_place(kind: Kind, seems: Seems, result: &Result<String, PageError>) -> bool {
    let is_shown_instead = match (kind, seems) {
        (_, Seems::Kind(Kind::ConfirmationPage)) => true,
        (Kind::ConfirmationPage, Seems::Kind(other)) => {
            matches!(other, Kind::AttachmentPage | Kind::AppellateAttachmentPage)
        }
        _ => false,
    };
    is_shown_instead && result.as_ref().is_ok_and(|data| is_nothing(data))
}

/// What is printed for a page that has nothing of its kind.
fn is_nothing(data: &str) -> bool {
    matches!(data, "{}" | "[]")
}

/// Tells about a court that nobody knows. Its pages are read like those of a district court, or of a
/// bankruptcy court if its id ends in b.
fn warn_about(court: &str) {
    if Court::by_pacer_id(court).is_none() {
        let known = Court::by_cl_id(court).map_or_else(String::new, |known| {
            format!("; use '{}', as in the court's address", known.id)
        });
        let _ = writeln!(
            io::stderr(),
            "pacer-fetch parse: warning: no court has the id '{court}'{known}"
        );
    }
}

/// Tells about a page whose documents are of another court than the one that was named: once of each two
/// courts, as whoever named a wrong one did so for all pages of a list.
fn warn_about_another_court(page: &[u8], item: &Item) {
    static TOLD: Mutex<BTreeSet<(String, &'static str)>> = Mutex::new(BTreeSet::new());
    let Some(other) = other_court(page, &item.court) else {
        return;
    };
    let (named, other) = (&item.court, other.id.as_str());
    let is_new = TOLD
        .lock()
        .expect("no thread panics while it holds what was told")
        .insert((named.clone(), other));
    if is_new {
        let _ = writeln!(
            io::stderr(),
            "pacer-fetch parse: warning: {}: its documents belong to the court '{other}', but it \
             was parsed as a page of '{named}'; with --court {other}, dates, numbers and ids may \
             differ",
            item.file
        );
    }
}

/// Whoever reads the output may have had enough, such as `head`.
fn is_read_no_more(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::BrokenPipe
}

fn run_one(kind: Kind, item: &Item) -> ExitCode {
    warn_about(&item.court);
    let data = match parse_item(kind, item) {
        Ok(data) => data,
        Err(problem) => return complain(FAILED, &format!("{}: {problem}", item.file)),
    };
    let mut output = io::stdout().lock();
    match writeln!(output, "{data}").and_then(|()| output.flush()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if is_read_no_more(&error) => ExitCode::SUCCESS,
        Err(error) => complain(FAILED, &format!("cannot write the result: {error}")),
    }
}

fn run_batch(kind: Kind, list: &str) -> ExitCode {
    let input: Box<dyn Read> = if list == "-" {
        Box::new(io::stdin())
    } else {
        match fs::File::open(list) {
            Ok(file) => Box::new(file),
            Err(error) => {
                return complain(WRONG_USAGE, &format!("{list}: cannot be read: {error}"));
            }
        }
    };
    let lines = io::BufReader::new(input).lines();
    Batch::new(lines, BufWriter::new(io::stdout())).run(kind, list)
}

/// The pages of a list: read on all cores, told in the order of the list.
struct Batch<L, W> {
    lines: L,
    output: W,
    /// Lines handed out so far.
    taken: usize,
    /// Results that came back so far.
    back: usize,
    /// Results that wait for earlier ones: the first is the next to be written.
    waiting: VecDeque<Option<String>>,
    /// The length of those that are there.
    waiting_bytes: usize,
    any_failed: bool,
    /// Courts that were warned about, each once.
    unknown_courts: HashSet<String>,
    /// Whether nobody reads the output any more.
    is_closed: bool,
    /// Why nothing more can be done, and what status that means.
    broken: Option<(u8, String)>,
}

/// A result on its way back, or what its reader panicked with.
type Back = (usize, std::thread::Result<Line>);

impl<L: Iterator<Item = io::Result<String>>, W: Write> Batch<L, W> {
    fn new(lines: L, output: W) -> Self {
        Self {
            lines,
            output,
            taken: 0,
            back: 0,
            waiting: VecDeque::new(),
            waiting_bytes: 0,
            any_failed: false,
            unknown_courts: HashSet::new(),
            is_closed: false,
            broken: None,
        }
    }

    /// Does all lines. This thread hands them out and writes; the pool reads pages.
    fn run(mut self, kind: Kind, list: &str) -> ExitCode {
        // Each thread has a page, and one more that it finds when it is done.
        let under_way = 2 * rayon::current_num_threads();
        let (sender, results) = mpsc::channel::<Back>();
        rayon::in_place_scope(|scope| {
            loop {
                while self.taken - self.back < under_way
                    && let Some(line) = self.take()
                {
                    let (number, sender) = (self.taken, sender.clone());
                    self.taken += 1;
                    self.waiting.push_back(None);
                    scope.spawn(move |_| {
                        let read = AssertUnwindSafe(|| Line::read(kind, &line, number));
                        // Whoever has gone does not want to know.
                        let _ = sender.send((number, catch_unwind(read)));
                    });
                }
                if self.taken == self.back {
                    return;
                }
                let (number, line) = results.recv().expect("this thread has a sender itself");
                self.back += 1;
                self.put(number, line.unwrap_or_else(|panic| resume_unwind(panic)));
            }
        });
        match self.broken {
            Some((status, problem)) => complain(status, &format!("{list}: {problem}")),
            None => ExitCode::from(u8::from(self.any_failed)),
        }
    }

    /// The next line that is not blank; none while too many results wait for a slow one, which is under
    /// way.
    fn take(&mut self) -> Option<String> {
        let too_many_wait =
            self.waiting.len() >= MAX_WAITING || self.waiting_bytes >= MAX_WAITING_BYTES;
        if too_many_wait || self.is_closed || self.broken.is_some() {
            return None;
        }
        loop {
            match self.lines.next()? {
                Ok(line) if line.trim().is_empty() => {}
                Ok(line) => return Some(line),
                Err(error) => {
                    self.broken = Some((WRONG_USAGE, format!("cannot be read: {error}")));
                    return None;
                }
            }
        }
    }

    /// Writes a result as soon as all before it are written.
    fn put(&mut self, number: usize, line: Line) {
        self.any_failed |= !line.is_ok;
        if let Some(court) = line.court {
            self.warn_about(court);
        }
        let written = self.taken - self.waiting.len();
        self.waiting_bytes += line.result.len();
        self.waiting[number - written] = Some(line.result);
        while let Some(Some(_)) = self.waiting.front() {
            let ready = self.waiting.pop_front().flatten().unwrap_or_default();
            self.waiting_bytes -= ready.len();
            self.write(&ready);
        }
    }

    fn write(&mut self, result: &str) {
        if self.is_closed || self.broken.is_some() {
            return;
        }
        let written = writeln!(self.output, "{result}").and_then(|()| self.output.flush());
        match written {
            Ok(()) => {}
            Err(error) if is_read_no_more(&error) => self.is_closed = true,
            Err(error) => {
                let problem = format!("the result cannot be written: {error}");
                self.broken = Some((FAILED, problem));
            }
        }
    }

    /// Tells once about each court that nobody knows.
    fn warn_about(&mut self, court: String) {
        if Court::by_pacer_id(&court).is_none() && !self.unknown_courts.contains(&court) {
            warn_about(&court);
            self.unknown_courts.insert(court);
        }
    }
}

/// The line of output for a line of a list.
struct Line {
    result: String,
    is_ok: bool,
    court: Option<String>,
}

impl Line {
    fn read(kind: Kind, line: &str, number: usize) -> Self {
        let item: Item = match serde_json::from_str(line) {
            Ok(item) => item,
            Err(error) => {
                // A list is one object a line, and its reader counts within the object.
                let problem = format!(
                    "line {} of the list is not an object with file and court ({error})",
                    number + 1
                );
                return Self {
                    result: failure(Value::Null, &problem),
                    is_ok: false,
                    court: None,
                };
            }
        };
        let (result, is_ok) = match parse_item(kind, &item) {
            Ok(data) => {
                let file = json!(item.file);
                let line = format!(r#"{{"file":{file},"ok":true,"data":{data},"error":null}}"#);
                (line, true)
            }
            Err(problem) => (failure(json!(item.file), &problem), false),
        };
        Self {
            result,
            is_ok,
            court: Some(item.court),
        }
    }
}

fn failure(file: Value, problem: &str) -> String {
    json!({ "file": file, "ok": false, "data": null, "error": problem }).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run_list(kind: Kind, list: String) -> (ExitCode, Vec<Value>) {
        let mut written = Vec::new();
        let lines = io::Cursor::new(list).lines();
        let status = Batch::new(lines, &mut written).run(kind, "the list");
        let text = String::from_utf8(written).unwrap();
        (
            status,
            text.lines()
                .map(|line| serde_json::from_str(line).unwrap())
                .collect(),
        )
    }

    #[test]
    fn batch_answers_in_the_order_of_the_list() {
        let folder = std::env::temp_dir().join(format!("pacer-fetch-parse-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let mut list = String::new();
        for number in 0..600 {
            // Pages of very different length, so that threads overtake each other.
            let file = folder.join(format!("{number}.html"));
            fs::write(
                &file,
                "<p>The court has no menu.</p>".repeat(1 + (number * 37) % 500),
            )
            .unwrap();
            list.push_str(&json!({ "file": file, "court": "cand", "other": number }).to_string());
            list.push_str("\n\n");
        }
        let (status, lines) = run_list(Kind::AttachmentPage, list);
        fs::remove_dir_all(&folder).unwrap();
        assert_eq!(format!("{status:?}"), format!("{:?}", ExitCode::SUCCESS));
        assert_eq!(lines.len(), 600);
        for (number, line) in lines.iter().enumerate() {
            assert!(
                line["file"]
                    .as_str()
                    .unwrap()
                    .ends_with(&format!("/{number}.html"))
            );
            assert_eq!((&line["ok"], &line["data"]), (&json!(true), &json!({})));
        }
    }

    #[test]
    fn bad_lines_do_not_stop_the_others() {
        let list = "nonsense\n{\"file\": \"no/such/page\", \"court\": \"cand\"}\n{\"file\": 3}\n"
            .to_owned();
        let (status, lines) = run_list(Kind::Docket, list);
        assert_eq!(
            format!("{status:?}"),
            format!("{:?}", ExitCode::from(FAILED))
        );
        let files: Vec<&Value> = lines.iter().map(|line| &line["file"]).collect();
        assert_eq!(files, [&Value::Null, &json!("no/such/page"), &Value::Null]);
        assert!(
            lines
                .iter()
                .all(|line| line["ok"] == false && line["data"].is_null())
        );
    }
}
