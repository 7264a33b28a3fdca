//! Settings: read once from the environment, with every mistake reported together.
//!
//! It is the only crate that reads the environment, so that whatever has settings can describe its own:
//! a door its address, a service what it is made of. Secrets are named but never shown. Start reading at
//! [`FromEnv`].

mod exposed;

use std::{
    collections::{HashMap, HashSet},
    env,
    fmt::{self, Display},
    fs,
    ops::RangeInclusive,
    str::FromStr,
    time::Duration,
};

use secrecy::SecretString;
use url::Url;
use zeroize::Zeroize;

pub use exposed::is_exposed;

/// What the names of all our variables begin with.
pub const PREFIX: &str = "PACER_FETCH_";

/// A struct of settings that knows how to ask for them.
///
/// Ask for everything, whatever has gone wrong so far: [`Settings`] hands out a harmless value in
/// place of a wrong one and remembers the mistake, so that all are reported together.
pub trait FromEnv: Sized {
    /// Asks for each setting.
    fn from_env(settings: &mut Settings) -> Self;

    /// The longest step that must not be cut off when the process is told to stop, if there is one.
    /// Its grace period is longer than that unless set, and may not be set to less.
    fn longest_step(&self) -> Option<Duration> {
        None
    }
}

/// No settings.
impl FromEnv for () {
    fn from_env(_settings: &mut Settings) -> Self {}
}

/// Every mistake found in the settings, one a line.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct Mistakes(pub Vec<String>);

impl Display for Mistakes {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "invalid settings:")?;
        for mistake in &self.0 {
            write!(formatter, "\n  {mistake}")?;
        }
        Ok(())
    }
}

/// Hands out settings and collects what is wrong with them.
///
/// Names are given without [`PREFIX`]: `text("NATS_URL", …)` reads `PACER_FETCH_NATS_URL`, or the
/// file that `PACER_FETCH_NATS_URL_FILE` names. An empty variable counts as absent.
pub struct Settings {
    variables: HashMap<String, String>,
    /// The names of those that did not come in the environment.
    handed_on: HashSet<String>,
    mistakes: Vec<String>,
    asked: Vec<(String, String)>,
    /// The names of those that were asked for as secrets.
    secrets: HashSet<String>,
}

/// Secrets are copied into types of their own; what is left here is wiped.
impl Drop for Settings {
    fn drop(&mut self) {
        self.variables.values_mut().for_each(Zeroize::zeroize);
    }
}

impl Settings {
    /// Reads the variables of this process.
    #[must_use]
    pub fn of_this_process() -> Settings {
        let ours = env::vars_os().filter_map(|(name, value)| {
            let name = name
                .into_string()
                .ok()
                .filter(|name| name.starts_with(PREFIX))?;
            Some((name, value.to_string_lossy().into_owned()))
        });
        Settings {
            variables: ours.collect(),
            handed_on: HashSet::new(),
            secrets: HashSet::new(),
            mistakes: Vec::new(),
            asked: Vec::new(),
        }
    }

    /// Takes these variables as well, which did not come in the environment: what a process handed on to
    /// itself when it was started again without its secrets.
    #[must_use]
    pub fn with_handed_on(
        mut self,
        variables: impl IntoIterator<Item = (String, String)>,
    ) -> Settings {
        for (name, value) in variables {
            self.handed_on.insert(name.clone());
            self.variables.insert(name, value);
        }
        self
    }

    /// What was asked for as a secret and came in the environment as it is, or has a password in it.
    #[must_use]
    pub fn secrets_in_environment(&self) -> Vec<(&str, &str)> {
        let asked = self.asked.iter().map(|(name, _)| name.as_str());
        let asked: HashSet<&str> = asked.collect();
        let present = self.variables.iter().filter(|(name, value)| {
            let is_secret = self.secrets.contains(*name) || without_password(value) != **value;
            asked.contains(name.as_str()) && is_secret && !self.handed_on.contains(*name)
        });
        present
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect()
    }

    /// Takes the variables from `variables`, with or without [`PREFIX`]. The environment of the
    /// process plays no part.
    #[must_use]
    pub fn of<N: AsRef<str>, V: Into<String>>(
        variables: impl IntoIterator<Item = (N, V)>,
    ) -> Settings {
        let full = |name: &str| match name.starts_with(PREFIX) {
            true => name.to_owned(),
            false => format!("{PREFIX}{name}"),
        };
        let variables = variables
            .into_iter()
            .map(|(name, value)| (full(name.as_ref()), value.into()));
        Settings {
            variables: variables.collect(),
            handed_on: HashSet::new(),
            secrets: HashSet::new(),
            mistakes: Vec::new(),
            asked: Vec::new(),
        }
    }

    /// Reads a whole struct of settings.
    ///
    /// # Errors
    /// All mistakes together.
    pub fn read<C: FromEnv>(&mut self) -> Result<C, Mistakes> {
        let config = C::from_env(self);
        match self.mistakes.is_empty() {
            true => Ok(config),
            false => Err(Mistakes(std::mem::take(&mut self.mistakes))),
        }
    }

    /// A text with a default.
    pub fn text(&mut self, name: &str, default: &str) -> String {
        let value = self.lookup(name).unwrap_or_else(|| default.to_owned());
        self.note(name, &without_password(&value));
        value
    }

    /// A text that may be absent.
    pub fn optional(&mut self, name: &str) -> Option<String> {
        let value = self.lookup(name);
        self.note(
            name,
            &value.as_deref().map(without_password).unwrap_or_default(),
        );
        value
    }

    /// A text that must be there. Empty when it is not.
    pub fn required(&mut self, name: &str) -> String {
        self.optional(name).unwrap_or_else(|| {
            self.mistake(name, "is missing");
            String::new()
        })
    }

    /// A secret that must be there. Never shown.
    pub fn secret(&mut self, name: &str) -> SecretString {
        self.optional_secret(name).unwrap_or_else(|| {
            self.mistake(name, "is missing");
            SecretString::default()
        })
    }

    /// A secret that may be absent. Never shown.
    pub fn optional_secret(&mut self, name: &str) -> Option<SecretString> {
        let value = self.lookup(name);
        self.secrets.insert(format!("{PREFIX}{name}"));
        self.note(name, if value.is_some() { "(secret)" } else { "" });
        value.map(SecretString::from)
    }

    /// What `parse` reads in a secret that may be absent. Where it is absent or wrong, it is the default, and where it is
    /// wrong, a mistake.
    pub fn parsed_secret<T: Default, E: Display>(
        &mut self,
        name: &str,
        parse: impl FnOnce(&SecretString) -> Result<T, E>,
    ) -> T {
        let Some(text) = self.optional_secret(name) else {
            return T::default();
        };
        parse(&text).unwrap_or_else(|wrong| {
            self.mistake(name, &wrong.to_string());
            T::default()
        })
    }

    /// A secret key that must be there, as `parse` reads it. Where it is missing or wrong there is a mistake,
    /// and `another` stands for it until that is told.
    pub fn key<K, E: Display>(
        &mut self,
        name: &str,
        parse: impl FnOnce(&SecretString) -> Result<K, E>,
        another: impl FnOnce() -> K,
    ) -> K {
        let text = self.secret(name);
        parse(&text).unwrap_or_else(|wrong| {
            self.mistake(name, &wrong.to_string());
            another()
        })
    }

    /// A number within `range`.
    pub fn number<N>(&mut self, name: &str, default: N, range: RangeInclusive<N>) -> N
    where
        N: FromStr + Display + PartialOrd + Copy,
    {
        let (low, high) = (*range.start(), *range.end());
        self.parsed(name, default, |text| {
            let number = text
                .replace('_', "")
                .parse::<N>()
                .ok()
                .filter(|n| range.contains(n));
            number.ok_or_else(|| format!("must be a number from {low} to {high}"))
        })
    }

    /// A span of time, given in whole milliseconds.
    pub fn duration_ms(&mut self, name: &str, default: Duration) -> Duration {
        let default_ms = u64::try_from(default.as_millis()).unwrap_or(u64::MAX);
        Duration::from_millis(self.number(name, default_ms, 0..=u64::MAX))
    }

    /// `true` or `false`; also `1`, `0`, `yes`, `no`, `on`, `off`.
    pub fn flag(&mut self, name: &str, default: bool) -> bool {
        self.parsed(name, default, |text| {
            match text.to_ascii_lowercase().as_str() {
                "true" | "1" | "yes" | "on" => Ok(true),
                "false" | "0" | "no" | "off" => Ok(false),
                _ => Err("must be true or false".to_owned()),
            }
        })
    }

    /// An absolute URL, or several separated by commas, as written. Passwords are not shown.
    pub fn url(&mut self, name: &str, default: &str) -> String {
        let value = self.text(name, default);
        for part in value.split(',') {
            // A placeholder such as `{court}` must not make a template unreadable.
            if let Err(error) = Url::parse(&part.trim().replace(['{', '}'], "")) {
                self.mistake(name, &format!("must be a URL: {error}"));
            }
        }
        value
    }

    /// Parts of a text, separated by commas; empty parts are left out.
    pub fn list(&mut self, name: &str, default: &str) -> Vec<String> {
        let text = self.text(name, default);
        text.split(',')
            .map(str::trim)
            .filter(|part| !part.is_empty())
            .map(str::to_owned)
            .collect()
    }

    /// Anything that `parse` understands. Its error completes the sentence "NAME …" and must not
    /// repeat the value.
    pub fn parsed<T: Display>(
        &mut self,
        name: &str,
        default: T,
        parse: impl FnOnce(&str) -> Result<T, String>,
    ) -> T {
        let value = match self.lookup(name).map(|text| parse(&text)) {
            None => default,
            Some(Ok(value)) => value,
            Some(Err(why)) => {
                self.mistake(name, &why);
                default
            }
        };
        self.note(name, &value.to_string());
        value
    }

    /// Remembers that the setting `name` is wrong. `why` completes the sentence "NAME …". Of one setting the
    /// first mistake is told: what follows from it, or is read a second time, is no news.
    pub fn mistake(&mut self, name: &str, why: &str) {
        let sentence = format!("{PREFIX}{name} {why}");
        let about = |told: &String| told.split(' ').next() == sentence.split(' ').next();
        if !self.mistakes.iter().any(about) {
            self.mistakes.push(sentence);
        }
    }

    /// Every setting asked for so far, with the value in use, fit for a log: secrets and
    /// passwords in URLs are left out.
    pub fn asked(&self) -> impl Iterator<Item = (&str, &str)> {
        self.asked
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
    }

    fn note(&mut self, name: &str, value: &str) {
        self.asked
            .push((format!("{PREFIX}{name}"), value.to_owned()));
    }

    fn lookup(&mut self, name: &str) -> Option<String> {
        let direct = self.present(&format!("{PREFIX}{name}"));
        let path = self.present(&format!("{PREFIX}{name}_FILE"));
        if direct.is_some() && path.is_some() {
            self.mistake(
                name,
                &format!("and {PREFIX}{name}_FILE are both set; set one"),
            );
        }
        match (direct, path) {
            (Some(value), _) => Some(value),
            (None, Some(path)) => self.read_file(name, &path),
            (None, None) => None,
        }
    }

    fn present(&self, name: &str) -> Option<String> {
        self.variables
            .get(name)
            .filter(|value| !value.is_empty())
            .cloned()
    }

    /// Editors and `echo` end a file with a newline, which is no part of the value.
    fn read_file(&mut self, name: &str, path: &str) -> Option<String> {
        match fs::read_to_string(path) {
            Ok(text) => Some(text.trim_end_matches(['\r', '\n']).to_owned()),
            Err(error) => {
                self.mistake(
                    name,
                    &format!("cannot be read from the file {path}: {error}"),
                );
                // Not "missing" on top of it.
                Some(String::new())
            }
        }
    }
}

/// The names of the variables that `C` reads, for documents and the tests that check them.
#[must_use]
pub fn names_of<C: FromEnv>() -> Vec<String> {
    let defaults = defaults_of::<C>();
    defaults.into_iter().map(|(name, _)| name).collect()
}

/// The same, each with what it is when nobody sets it, as it is shown in a log; empty if it is then
/// absent.
#[must_use]
pub fn defaults_of<C: FromEnv>() -> Vec<(String, String)> {
    let mut settings = Settings::of::<&str, &str>([]);
    // Without variables there are always mistakes.
    drop(C::from_env(&mut settings));
    std::mem::take(&mut settings.asked)
}

/// Hides what stands between `//` and `@` in each URL of a text.
fn without_password(text: &str) -> String {
    let hide = |part: &str| match (part.find("://"), part.rfind('@')) {
        (Some(start), Some(end)) if start + 3 <= end => {
            format!("{}***{}", &part[..start + 3], &part[end..])
        }
        _ => part.to_owned(),
    };
    text.split(',').map(hide).collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    #[derive(Debug)]
    struct Example {
        url: String,
        slots: usize,
        pause: Duration,
        key: SecretString,
        bold: bool,
    }

    impl FromEnv for Example {
        fn from_env(settings: &mut Settings) -> Example {
            Example {
                url: settings.url("URL", "nats://localhost:4222"),
                slots: settings.number("SLOTS", 4, 1..=64),
                pause: settings.duration_ms("PAUSE_MS", Duration::from_secs(2)),
                key: settings.secret("KEY"),
                bold: settings.flag("BOLD", false),
            }
        }
    }

    #[test]
    fn defaults_hold_where_nothing_is_said() {
        let example: Example = Settings::of([("KEY", "k")]).read().unwrap();
        assert_eq!(example.url, "nats://localhost:4222");
        assert_eq!((example.slots, example.pause), (4, Duration::from_secs(2)));
        assert_eq!(example.key.expose_secret(), "k");
        assert!(!example.bold);
    }

    #[test]
    fn all_mistakes_are_reported_together() {
        let mut settings = Settings::of([
            ("URL", "nowhere"),
            ("SLOTS", "65"),
            ("PAUSE_MS", "soon"),
            ("BOLD", "2"),
        ]);
        let Mistakes(mistakes) = settings.read::<Example>().unwrap_err();
        assert_eq!(mistakes.len(), 5, "{mistakes:?}");
        assert!(mistakes.contains(&"PACER_FETCH_SLOTS must be a number from 1 to 64".to_owned()));
        assert!(mistakes.contains(&"PACER_FETCH_KEY is missing".to_owned()));
    }

    #[test]
    fn a_secret_may_come_from_a_file_and_is_never_shown() {
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), "from the file\n").unwrap();
        let mut settings = Settings::of([
            ("KEY_FILE", file.path().to_str().unwrap()),
            ("URL", "nats://me:canary@host:4222,nats://me:canary@other"),
        ]);
        let example: Example = settings.read().unwrap();
        assert_eq!(example.key.expose_secret(), "from the file");
        let shown: String = settings
            .asked()
            .map(|(name, value)| format!("{name}={value} "))
            .collect();
        assert!(shown.contains("PACER_FETCH_KEY=(secret)"), "{shown}");
        assert!(
            shown.contains("nats://***@host:4222,nats://***@other"),
            "{shown}"
        );
        assert!(
            !shown.contains("canary") && !shown.contains("from the file"),
            "{shown}"
        );
    }

    #[test]
    fn only_what_is_secret_and_in_the_environment_is_taken_out_of_it() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let mut settings = Settings::of([
            ("KEY", "k"),
            ("SLOTS", "3"),
            ("URL", "nats://me:canary@host:4222"),
            ("OTHER", "nats://me:canary@host:4222"),
        ]);
        settings.read::<Example>().unwrap();
        let mut secrets = settings.secrets_in_environment();
        secrets.sort_unstable();
        let expected = [
            ("PACER_FETCH_KEY", "k"),
            ("PACER_FETCH_URL", "nats://me:canary@host:4222"),
        ];
        assert_eq!(secrets, expected);
        let by_file = [("KEY_FILE", file.path().to_str().unwrap())];
        let mut settings = Settings::of(by_file);
        settings.read::<Example>().unwrap();
        assert_eq!(settings.secrets_in_environment(), []);
    }

    #[test]
    fn of_each_setting_one_mistake_is_told() {
        let mut settings = Settings::of([("SLOTS", "many")]);
        for _ in 0..2 {
            settings.secret("KEY");
            settings.mistake("KEY", "must have 32 bytes");
            settings.number("SLOTS", 1, 1..=9);
        }
        // One whose name is the beginning of another's is another one.
        settings.mistake("KEY_OF_ANOTHER", "is wrong, too");
        assert_eq!(
            settings.mistakes,
            [
                "PACER_FETCH_KEY is missing",
                "PACER_FETCH_SLOTS must be a number from 1 to 9",
                "PACER_FETCH_KEY_OF_ANOTHER is wrong, too"
            ]
        );
    }

    #[test]
    fn a_value_and_its_file_exclude_each_other() {
        let mut settings = Settings::of([("KEY", "k"), ("KEY_FILE", "/nowhere")]);
        assert_eq!(settings.read::<Example>().unwrap_err().0.len(), 1);
        let mut settings = Settings::of([("KEY_FILE", "/nowhere")]);
        assert_eq!(settings.read::<Example>().unwrap_err().0.len(), 1);
    }

    #[test]
    fn names_are_known_without_values() {
        let names = names_of::<Example>();
        assert_eq!(names.len(), 5);
        assert!(names.contains(&"PACER_FETCH_PAUSE_MS".to_owned()));
    }
}
