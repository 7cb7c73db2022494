//! Captions: some publishers' feeds begin a summary with the caption of its picture.

/// Who took a picture or brought it, as a credit begins.
const CREDITS: [&str; 21] = [
    "AFP",
    "AP",
    "APP",
    "Anadolu",
    "EPA",
    "Facebook",
    "File",
    "Getty",
    "INP",
    "ISPR",
    "Instagram",
    "NNI",
    "Online",
    "PID",
    "PPI",
    "RSS",
    "Reuters",
    "Screengrab",
    "X",
    "Xinhua",
    "YouTube",
];
/// A caption's credit stands within so many bytes.
const LONGEST: usize = 500;

/// The summary from where its caption ends: `A truck at the gate. — Reuters/FileThe road …` goes on with `road`, since the
/// word that is stuck to the credit cannot be told from it. The same picture stands over many reports, so a caption says
/// nothing on whether two of them are one text.
pub fn without_caption(summary: &str) -> &str {
    let mut from = 0;
    while let Some(dash) = summary.get(from..).and_then(|rest| rest.find(['—', '–'])).map(|at| from + at) {
        if dash > LONGEST {
            break;
        }
        from = dash + '—'.len_utf8();
        let credit = summary.get(from..).unwrap_or_default().trim_start();
        if is_credit(credit) {
            return credit.find(char::is_whitespace).and_then(|end| credit.get(end..)).unwrap_or_default().trim_start();
        }
    }
    summary
}

fn is_credit(text: &str) -> bool {
    let goes_on = |rest: &str| rest.starts_with(|c: char| matches!(c, '/' | '@' | ' ' | '\n') || c.is_uppercase());
    CREDITS.iter().filter_map(|name| text.strip_prefix(name)).any(goes_on)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_caption_is_taken_off_and_a_dash_is_not_a_caption() {
        assert_eq!(without_caption("A truck at the gate. — Reuters/FileThe road opens."), "road opens.");
        assert_eq!(without_caption("The envoy in Doha. —AFPTalks go on at night."), "go on at night.");
        assert_eq!(without_caption("The minister. — X@MinisterOfNone She said no."), "She said no.");
        for text in
            ["KABUL (AFP) – Traders waited.", "The road — Xanadu's only one — opens.", "It opens. — Reuters", "", "—"]
        {
            assert_eq!(without_caption(text), text);
        }
    }
}
