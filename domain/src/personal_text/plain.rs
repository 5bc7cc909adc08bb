//! Which characters only stand where they are written. Names and titles are read by others, in sentences, in
//! letters and on terminals: what nobody sees, or what turns the direction of reading, makes two names look
//! like one and one entry like two.

/// Whether a character could do more than stand there: end a line, move a cursor, turn the direction of
/// reading, or be there without width.
pub fn acts(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            // Marks and overrides of direction, and two further ends of a line.
            '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            // A mark without width, and letters that nobody sees.
            | '\u{feff}' | '\u{e0000}'..='\u{e007f}'
        )
}

/// Whether every character of a line stands as it is written, and is seen.
pub fn is_plain(line: &str) -> bool {
    with_neighbours(line).all(|(before, character, after)| stands(before, character, after))
}

/// A line without what does not stand there; ends of lines become blanks.
pub fn one_line(text: &str) -> String {
    with_neighbours(text)
        .filter_map(|(before, character, after)| match character {
            '\u{2028}' | '\u{2029}' => Some(' '),
            blank if blank.is_control() => Some(' '),
            plain if stands(before, plain, after) => Some(plain),
            _ => None,
        })
        .collect()
}

/// Whether a text holds letters that are read from right to left.
pub fn reads_from_the_right(text: &str) -> bool {
    text.chars().any(|character| {
        matches!(
            character,
            '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{fefc}'
            | '\u{10800}'..='\u{10fff}' | '\u{1e800}'..='\u{1efff}'
        )
    })
}

fn with_neighbours(text: &str) -> impl Iterator<Item = (Option<char>, char, Option<char>)> {
    let mut before = None;
    let mut rest = text.chars();
    std::iter::from_fn(move || {
        let character = rest.next()?;
        Some((before.replace(character), character, rest.clone().next()))
    })
}

fn stands(before: Option<char>, character: char, after: Option<char>) -> bool {
    match character {
        // Persian and Indic words are not spelled right without them; between Latin letters nobody sees them.
        '\u{200c}' | '\u{200d}' => before.is_some_and(may_join) && after.is_some_and(may_join),
        // They choose one of the forms of an ideograph, as Japanese names do, or of a symbol.
        '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}' => {
            before.is_some_and(|base| base >= '\u{2000}' && is_seen(base))
        }
        other => is_seen(other) || other.is_whitespace() && !acts(other),
    }
}

fn may_join(neighbour: char) -> bool {
    neighbour >= '\u{590}' && is_seen(neighbour)
}

fn is_seen(character: char) -> bool {
    !acts(character)
        && !character.is_whitespace()
        && !matches!(
            character,
            // A hyphen that is not there, joiners, fillers, blanks that count as letters, marks of layout.
            '\u{ad}' | '\u{34f}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{2800}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{ffa0}'
            | '\u{fff0}'..='\u{fffb}' | '\u{fffe}' | '\u{ffff}' | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_all_scripts_are_plain_and_what_nobody_sees_is_not() {
        for name in [
            "Ana Alm",
            "José Núñez-O’Brien",
            "Jose\u{301}",
            "علی\u{200c}رضا",
            "क्\u{200d}ष",
            "葛\u{e0100}城",
            "山田\u{3000}太郎",
            "நிலா",
            "שרה לוי",
            "❤\u{fe0f}",
        ] {
            assert!(is_plain(name), "{name:?}");
            assert_eq!(one_line(name), name);
        }
        for (name, plain) in [
            ("Bo\u{200b} Berg", "Bo Berg"),
            ("Bo\u{202e}greB", "BogreB"),
            ("\u{2066}Bo\u{2069}", "Bo"),
            ("Bo\u{200d}Berg", "BoBerg"),
            ("Bo\u{fe0f}", "Bo"),
            ("\u{3164}", ""),
            ("\u{2800}", ""),
            ("B\u{ad}o", "Bo"),
            ("\u{e0041}Bo", "Bo"),
            ("MRI\nDr Eve", "MRI Dr Eve"),
            ("MRI\u{2028}Dr Eve", "MRI Dr Eve"),
            ("\u{1b}[2J", " [2J"),
        ] {
            assert!(!is_plain(name), "{name:?}");
            assert_eq!(one_line(name), plain);
        }
    }
}
