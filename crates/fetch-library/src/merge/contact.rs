//! Telephone, fax and e-mail out of the address block of an attorney.

/// What an address block says about reaching somebody; empty where it says nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Contact {
    /// `(415) 555-0100`.
    pub phone: String,
    /// `(415) 555-0101`.
    pub fax: String,
    /// `robin@placeholder.example`.
    pub email: String,
}

impl Contact {
    /// Reads an address block. Of several numbers of a kind the first counts.
    pub(super) fn read(block: &str) -> Contact {
        let mut contact = Contact::default();
        for line in block.lines() {
            if let Some(email) = email_in(line) {
                fill(&mut contact.email, email);
                continue;
            }
            let lower = line.to_ascii_lowercase();
            let (phone, fax) = match lower.find("fax").or_else(|| lower.find("facsimile")) {
                Some(at) => (&line[..at], &line[at..]),
                None => (line, ""),
            };
            fill(&mut contact.phone, number_in(phone).unwrap_or_default());
            fill(&mut contact.fax, number_in(fax).unwrap_or_default());
        }
        contact
    }
}

fn fill(field: &mut String, value: String) {
    if field.is_empty() {
        *field = value;
    }
}

fn email_in(line: &str) -> Option<String> {
    let word = line
        .split([' ', '\t', ',', ';', '<', '>', '(', ')'])
        .find(|word| word.contains('@'))?;
    let address = word.rsplit_once(':').map_or(word, |(_, address)| address);
    let (name, host) = address.trim_end_matches('.').split_once('@')?;
    let is_address = !name.is_empty() && host.contains('.');
    is_address.then(|| format!("{name}@{host}"))
}

/// The American telephone number that a line consists of, after at most a label and before at
/// most an extension. A number inside an address is none.
fn number_in(line: &str) -> Option<String> {
    let line = line.trim();
    let start = line.find(|letter: char| letter.is_ascii_digit() || matches!(letter, '(' | '+'))?;
    let label = line[..start].trim_end_matches([' ', ':', '.', '#', '-']);
    let rest = &line[start..];
    let end = rest
        .find(|letter: char| !is_number_part(letter))
        .unwrap_or(rest.len());
    let tail = rest[end..]
        .trim_start_matches([',', ' '])
        .to_ascii_lowercase();
    if !is_label(label) || !(tail.is_empty() || tail.starts_with(['x', 'e', '(', '['])) {
        return None;
    }
    let digits: String = rest[..end].chars().filter(char::is_ascii_digit).collect();
    let digits = digits
        .strip_prefix('1')
        .filter(|rest| rest.len() == 10)
        .unwrap_or(&digits);
    (digits.len() == 10).then(|| format!("({}) {}-{}", &digits[..3], &digits[3..6], &digits[6..]))
}

fn is_number_part(letter: char) -> bool {
    letter.is_ascii_digit() || matches!(letter, ' ' | '(' | ')' | '-' | '.' | '+' | '/' | '–')
}

fn is_label(label: &str) -> bool {
    let label = label.trim().to_ascii_lowercase();
    let words = [
        "",
        "phone",
        "telephone",
        "tel",
        "tele",
        "ph",
        "office",
        "cell",
        "direct",
        "main",
        "fax",
        "facsimile",
    ];
    words.contains(&label.as_str()) || label.ends_with(" phone") || label.starts_with("fax ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(block: &str, phone: &str, fax: &str, email: &str) {
        let expected = Contact {
            phone: phone.to_owned(),
            fax: fax.to_owned(),
            email: email.to_owned(),
        };
        assert_eq!(Contact::read(block), expected, "{block}");
    }

    #[test]
    fn address_blocks_are_read() {
        check(
            "Placeholder & Partners LLP\n1 Example Plaza, Suite 100\nSan Francisco, CA 94100-1234\n\
             (415) 555-0100\nFax : (415)555-0101\nEmail: robin@placeholder.example\n",
            "(415) 555-0100",
            "(415) 555-0101",
            "robin@placeholder.example",
        );
        check(
            "256 555-9779\nFax: 256.555.9720",
            "(256) 555-9779",
            "(256) 555-9720",
            "",
        );
        check("Tel: 1-415-555-0100 x12", "(415) 555-0100", "", "");
        check(
            "415/555-0100 Fax 415/555-0101",
            "(415) 555-0100",
            "(415) 555-0101",
            "",
        );
        check("P.O. Box 4155550100\nReg. No. 4155550100", "", "", "");
        check("US Attorney's Office\n", "", "", "");
        check("Email:a.b@c.example, d@e.example", "", "", "a.b@c.example");
        check("PRO SE\n", "", "", "");
    }
}
