//! Photo captions and credits that stand before the text of a summary.
//!
//! Publishing systems run the first picture's caption together with the text, often without a blank between: `A queue at the gate.
//! — AFP/FileThe crossing reopened`. The credit is what tells a caption; without one nothing is taken off.

/// Who pictures are credited to, as written after a dash or in brackets. Longer names first.
const CREDITS: [&str; 55] = [
    "Correspondent",
    "Reporter",
    "reporter",
    "Courtesy",
    "Author",
    "author",
    "Writer",
    "Screengrab",
    "screengrab",
    "Getty Images",
    "AFP Photo",
    "AP Photo",
    "APP Photo",
    "White Star",
    "Radio Pakistan",
    "Geo News",
    "Geo.tv",
    "PTV News",
    "DawnNewsTV",
    "Dawn.com",
    "The News",
    "YouTube",
    "Facebook",
    "Instagram",
    "Twitter",
    "Anadolu",
    "Xinhua",
    "Bloomberg",
    "Shutterstock",
    "Reuters",
    "REUTERS",
    "Handout",
    "handout",
    "Supplied",
    "supplied",
    "Online",
    "Dawn",
    "Getty",
    "ISPR",
    "Photo",
    "photo",
    "File",
    "file",
    "AFP",
    "APP",
    "INP",
    "PPI",
    "NNI",
    "PID",
    "PTV",
    "EPA",
    "EFE",
    "DPA",
    "AP",
    "TV",
];

/// In brackets these alone make a credit; `File` or `Photo` alone could be anything.
const AGENCIES: [&str; 18] = [
    "Getty Images",
    "AFP",
    "Reuters",
    "AP Photo",
    "/AP)",
    "(AP)",
    "EPA",
    "Anadolu",
    "Xinhua",
    "Shutterstock",
    "Bloomberg",
    "The Canadian Press",
    "Photo by",
    "Photo:",
    "Image:",
    "Photograph:",
    "APP)",
    "EFE",
];

/// A caption of three sentences; farther in, a credit belongs to the text.
const FRONT: usize = 400;
/// What is left must be worth reading; a text that is all caption keeps it, without its credit.
const REST: usize = 30;

/// The summary without what describes its picture.
pub(super) fn strip(text: &str) -> &str {
    let text = labelled(text.trim_start());
    for end in [after_dash(text), after_brackets(text), after_file_photo(text)].into_iter().flatten() {
        let rest = text[end..].trim_start();
        if rest.len() >= REST {
            return rest;
        }
    }
    all_caption(text)
}

/// `[Photo/AFP]` or `[Reuters]` at the very start.
fn labelled(text: &str) -> &str {
    let Some(inside) = text.strip_prefix('[').and_then(|rest| rest.split_once(']')) else { return text };
    let (label, rest) = inside;
    let is_credit = label.len() < 80 && AGENCIES.iter().any(|agency| format!("({label})").contains(agency));
    if is_credit && !rest.trim().is_empty() { rest.trim_start() } else { text }
}

/// `… in Quetta. — AFP/File`: the end of the first such credit.
fn after_dash(text: &str) -> Option<usize> {
    // By the first byte of a dash: most characters are none.
    let front = memchr::memchr2_iter(b'-', 0xE2, &text.as_bytes()[..text.len().min(FRONT)]);
    let dashes = front
        .filter_map(|at| Some((at, text[at..].chars().next()?)))
        .filter(|(_, c)| matches!(c, '—' | '–' | '―' | '-'));
    for (at, dash) in dashes {
        let start = at + dash.len_utf8();
        let blank = text[start..].len() - text[start..].trim_start().len();
        let after = &text[start + blank..];
        let Some(length) = credit(after).or_else(|| filed(after)) else { continue };
        let end = start + blank + length;
        // A hyphen is one only between blanks, and a dash of a sentence unless the text is stuck to the credit.
        let stuck = !text[end..].starts_with(' ');
        if dash == '-' && !(blank > 0 && stuck && text[..at].ends_with(' ')) {
            continue;
        }
        // `— Reuters reported` goes on in the same sentence.
        if text[..at].trim_end().len() >= 15 && !text[end..].trim_start().starts_with(char::is_lowercase) {
            return Some(end);
        }
    }
    None
}

/// The length of a credit of one or several names: `APP/File`, `Screengrab via YouTube/Geo News`.
fn credit(text: &str) -> Option<usize> {
    let mut length = name(text)?;
    for joiner in ["/", " via ", " / ", ", "].iter().cycle().take(16) {
        if let Some(next) = text[length..].strip_prefix(joiner).and_then(name) {
            length += joiner.len() + next;
        }
    }
    // An account's name runs into the text: where it ends can't be told.
    let rest = &text[length..];
    (!rest.starts_with(['/', '@'])).then_some(length)
}

/// Whoever it is: `Court website/File`, `X@account/File`.
fn filed(text: &str) -> Option<usize> {
    let front = &text[..text.floor_char_boundary(80)];
    let end = ["/File", " website"].iter().find_map(|mark| Some(front.find(mark)? + mark.len()))?;
    let is_name =
        !front[..end].contains([',', ';', ':', '—', '–', super::html::BLOCK_END]) && !front[..end].contains(". ");
    (is_name && !text[end..].starts_with(|c: char| c.is_lowercase() || c == '/')).then_some(end)
}

fn name(text: &str) -> Option<usize> {
    let ends = |name: &&&str| !text[name.len()..].starts_with(|c: char| c.is_lowercase() || c == '\'' || c == '’');
    CREDITS.iter().filter(|name| text.starts_with(**name)).find(ends).map(|name| name.len())
}

/// `… on Dec. 20. (A. Photographer/Reuters)`.
fn after_brackets(text: &str) -> Option<usize> {
    let (start, end) = brackets(text)?;
    // `PESHAWAR, Pakistan (AFP) — …` is where a report was written, and by whom.
    let dateline = start < 15 || text[end..].trim_start().starts_with(['-', '–', '—', ':']);
    (start < FRONT && !dateline).then_some(end)
}

fn brackets(text: &str) -> Option<(usize, usize)> {
    let mut from = 0;
    while let Some(open) = text[from..].find('(').map(|at| from + at) {
        let close = open + text[open..].find(')')? + 1;
        let inside = &text[open..close];
        if inside.len() < 120 && AGENCIES.iter().any(|agency| inside.contains(agency)) {
            return Some((open, close));
        }
        from = close;
    }
    None
}

/// `FILE PHOTO: … REUTERS/A. Photographer/File Photo`: through the photographer's two names.
fn after_file_photo(text: &str) -> Option<usize> {
    text.strip_prefix("FILE PHOTO:").or_else(|| text.strip_prefix("File photo:"))?;
    let at = text.find("REUTERS/").filter(|at| *at < FRONT)?;
    let rest = &text[at..];
    match rest.find("/File Photo") {
        Some(end) if end < 80 => Some(at + end + "/File Photo".len()),
        _ => rest.match_indices(' ').nth(1).map(|(end, _)| at + end),
    }
}

/// Nothing but a caption: it says more than nothing, and its credit says nothing.
fn all_caption(text: &str) -> &str {
    match brackets(text) {
        Some((start, end)) if start >= 15 && text[end..].trim().is_empty() => text[..start].trim_end(),
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::strip;

    #[test]
    fn captions_in_front_go() {
        let rest = "The crossing reopened on Monday after nine days of talks.";
        for caption in [
            "Lorries wait near the gate. — AFP/File",
            "Lorries wait near the gate in this undated image. — Reuters/File ",
            "The minister speaks in Quetta on May 3, 2026. — APP",
            "Still of the speech, taken from a video. — Screengrab via YouTube/Geo News",
            "A file photo of the gate – INP",
            "Smoke over the fort in Chaman on Dec. 20, 2022. (A. Photographer/Reuters) ",
            "Boys carry water in Herat. (Photo by B. Photographer/AFP via Getty Images) ",
            "FILE PHOTO: The gate at dusk. REUTERS/C. Photographer/File Photo ",
            "[Photo/AFP] ",
            "Burnt lorries seen near the gate on May 3, 2026. — Reporter",
            "Burnt lorries seen near the gate on May 3, 2026. - Reporter",
            "The judge at a hearing in May. — Court website/File",
            "The ministers meet at noon. — X@deskoffice/Courier/File ",
        ] {
            assert_eq!(strip(&format!("{caption}{rest}")), rest, "{caption}");
        }
    }

    #[test]
    fn text_stays() {
        for text in [
            "KABUL — Reuters reported on Monday that the gate was shut again.",
            "The gate was shut, an official said. — AFP",
            "He told AFP (the French agency) that the gate was shut since Sunday.",
            "The ministry — APP's sources say — shut the gate on Monday at noon.",
            "Pakistan (AFP)",
            "PESHAWAR, Pakistan (AFP) — The gate was shut on Monday, an official said at noon.",
            "KABUL (Reuters) The gate was shut on Monday, an official said at noon.",
            "The gate that was shut on Monday - Reporter says it was the police - opened.",
            "The gate opened late - AFP The lorries passed it one by one until noon.",
            "An account of the day. — X/@deskofficeShut since dawn, the gate saw no lorry.",
        ] {
            assert_eq!(strip(text), text);
        }
        let late = format!("{} — AFP The end of it all came on Monday at noon.", "Long sentence here. ".repeat(30));
        assert_eq!(strip(&late), late);
    }

    #[test]
    fn a_text_that_is_all_caption_keeps_it() {
        assert_eq!(
            strip("Boys carry water in Herat on May 3. (B. Photographer/Getty Images)"),
            "Boys carry water in Herat on May 3."
        );
    }
}
