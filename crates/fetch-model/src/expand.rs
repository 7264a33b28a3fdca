//! What may be told of a request beyond the contract, in groups of keys that callers ask for by name
//! (`docs/API.md#more-about-a-request`).

use std::{fmt, str::FromStr};

/// A group of keys, under one key of the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Group {
    /// What it costs.
    Money,
    /// Where it is in its life, and what its owner can do.
    Life,
    /// Its place in the queue.
    Queue,
    /// What it has added to the library.
    Changes,
    /// What was fetched on the way to it.
    Plan,
}

/// Some of the groups.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Groups([bool; Group::ALL.len()]);

/// A word that names no group.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{word:?} is none of {}", Group::ALL.map(Group::as_str).join(", "))]
pub struct UnknownGroup {
    /// As it was sent.
    pub word: String,
}

impl Group {
    /// All of them.
    pub const ALL: [Group; 5] = [
        Group::Money,
        Group::Life,
        Group::Queue,
        Group::Changes,
        Group::Plan,
    ];

    /// Its name, which is its key.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Group::Money => "money",
            Group::Life => "life",
            Group::Queue => "queue",
            Group::Changes => "changes",
            Group::Plan => "plan",
        }
    }
}

impl Groups {
    /// No group.
    pub const NONE: Groups = Groups([false; Group::ALL.len()]);

    /// The groups of a list that was stored, without those that this version does not know.
    #[must_use]
    pub fn known(stored: &str) -> Groups {
        let parsed = words(stored).filter_map(|word| word.parse().ok());
        parsed.fold(Groups::NONE, Groups::with)
    }

    /// The same with one more.
    #[must_use]
    pub fn with(mut self, group: Group) -> Groups {
        self.0[group as usize] = true;
        self
    }

    /// Those of both.
    #[must_use]
    pub fn and(self, others: Groups) -> Groups {
        others.iter().fold(self, Groups::with)
    }

    /// Whether a group is among them.
    #[must_use]
    pub fn has(self, group: Group) -> bool {
        self.0[group as usize]
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self == Groups::NONE
    }

    /// Those that are among them.
    pub fn iter(self) -> impl Iterator<Item = Group> {
        Group::ALL.into_iter().filter(move |group| self.has(*group))
    }
}

fn words(list: &str) -> impl Iterator<Item = &str> {
    let words = list.split(',').map(str::trim);
    words.filter(|word| !word.is_empty())
}

impl FromStr for Group {
    type Err = UnknownGroup;

    fn from_str(word: &str) -> Result<Group, UnknownGroup> {
        let mut all = Group::ALL.into_iter();
        all.find(|group| group.as_str() == word)
            .ok_or_else(|| UnknownGroup {
                word: word.to_owned(),
            })
    }
}

impl FromStr for Groups {
    type Err = UnknownGroup;

    /// Names between commas. None is fine.
    fn from_str(list: &str) -> Result<Groups, UnknownGroup> {
        let groups: Result<Vec<Group>, UnknownGroup> = words(list).map(str::parse).collect();
        Ok(groups?.into_iter().fold(Groups::NONE, Groups::with))
    }
}

impl fmt::Display for Groups {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.iter().map(Group::as_str).collect();
        formatter.write_str(&names.join(","))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_are_read_as_they_are_written() {
        for text in ["", "money", "money,life,queue,changes", "queue"] {
            assert_eq!(text.parse::<Groups>().unwrap().to_string(), text);
            assert_eq!(Groups::known(text).to_string(), text);
        }
        let order: Groups = " changes,, money ,money".parse().unwrap();
        assert_eq!(order.to_string(), "money,changes");
        assert!(order.has(Group::Money) && !order.has(Group::Life));
        assert_eq!(
            order.and("life".parse().unwrap()).to_string(),
            "money,life,changes"
        );
        assert!(Groups::NONE.is_empty() && !order.is_empty());
    }

    #[test]
    fn a_word_that_is_none_is_told_with_those_that_there_are() {
        let unknown = "money,Life".parse::<Groups>().unwrap_err();
        assert_eq!(
            unknown.to_string(),
            "\"Life\" is none of money, life, queue, changes, plan"
        );
        // What a later version has stored is no reason to let nobody in.
        assert_eq!(
            Groups::known("money,weather,life").to_string(),
            "money,life"
        );
    }
}
