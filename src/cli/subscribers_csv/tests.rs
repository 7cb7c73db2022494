//! Imports that name every wrong line, and exports that come back.

use super::*;

const MAIN: &str = "include = ['subscribers.toml']\n[[feed]]\nid = 'a'\nurl = 'https://example.org/f'\npublisher = 'A'\n\
    [[digest]]\nid = 'daily'\ntitle = 'Daily'\nschedule = '@daily'\n[[digest]]\nid = 'weekly'\ntitle = 'W'\nschedule = '@weekly'\n";
const OLD: &str =
    "# our readers\n[[subscriber]]\nemail = \"old@example.org\" # the first\ndigest = \"daily\"\n# last words\n";

struct Desk {
    dir: tempfile::TempDir,
}

impl Desk {
    fn new() -> Self {
        let desk = Self { dir: tempfile::tempdir().unwrap() };
        std::fs::write(desk.path("khyber.toml"), MAIN).unwrap();
        std::fs::write(desk.path("subscribers.toml"), OLD).unwrap();
        desk
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn config(&self) -> Config {
        config::load(&self.path("khyber.toml"), &|_| None).map_err(|problems| problems.to_string()).unwrap().0
    }

    fn prepare(&self, table: &[u8], wrong: WrongLines) -> Result<Import, ImportError> {
        std::fs::write(self.path("readers.csv"), table).unwrap();
        prepare(&self.path("readers.csv"), &self.path("subscribers.toml"), &self.config(), wrong)
    }
}

#[test]
fn good_lines_come_behind_the_old_ones() {
    let desk = Desk::new();
    let table = "\u{feff}Email,Name,digest,topics,timezone,schedule,language,format,enabled\n\
        new@example.org,\"Doe, Jane\",daily weekly,,Europe/Berlin,0 7 * * mon-fri,ur,text,no\n\
        other@example.org,,weekly,,,,,,\n";
    let before = desk.config();
    let import = desk.prepare(table.as_bytes(), WrongLines::Refuse).unwrap();
    assert_eq!(std::fs::read_to_string(desk.path("subscribers.toml")).unwrap(), OLD, "prepare writes nothing");
    import.write().unwrap();
    assert!(import.is_included(&before, &|_| None));
    let text = std::fs::read_to_string(desk.path("subscribers.toml")).unwrap();
    assert!(text.starts_with(OLD), "{text}");
    let config = desk.config();
    assert_eq!(config.subscribers.len(), 3);
    assert_eq!(config.subscribers[1].name.as_deref(), Some("Doe, Jane"));
    assert!(!config.subscribers[1].enabled);

    let exported = export(&config.subscribers).unwrap();
    std::fs::write(desk.path("subscribers.toml"), "").unwrap();
    desk.prepare(exported.as_bytes(), WrongLines::Refuse).unwrap().write().unwrap();
    assert_eq!(desk.config().subscribers, config.subscribers, "{exported}");
}

#[test]
fn three_wrong_lines_of_a_thousand() {
    let desk = Desk::new();
    let mut table = "email;digests\n".to_owned();
    for number in 2..=1_001 {
        table.push_str(&match number {
            17 => "not-an-address;daily\n".to_owned(),
            400 => "r400@example.org;dialy\n".to_owned(),
            900 => "r2@example.org;daily;more\n".to_owned(),
            _ => format!("r{number}@example.org;daily\n"),
        });
    }
    let Err(ImportError::Lines(errors)) = desk.prepare(table.as_bytes(), WrongLines::Refuse) else { panic!() };
    let shown: Vec<String> = errors.iter().map(ToString::to_string).collect();
    assert_eq!(errors.iter().map(|error| error.line).collect::<Vec<_>>(), [17, 400, 900], "{shown:?}");
    assert!(shown[0].contains("not a mail address"), "{shown:?}");
    assert!(shown[1].contains("there is no digest `dialy` (did you mean `daily`?)"), "{shown:?}");
    assert!(shown[2].contains("has 3 fields"), "{shown:?}");
    assert_eq!(desk.config().subscribers.len(), 1, "nothing half done");

    let import = desk.prepare(table.as_bytes(), WrongLines::Skip).unwrap();
    assert_eq!((import.added, import.skipped.len()), (997, 3));
    import.write().unwrap();
    assert_eq!(desk.config().subscribers.len(), 998);
}

#[test]
fn nobody_twice_and_nobody_in_the_clear() {
    let desk = Desk::new();
    let table = "email,digests\nOLD@example.org,daily\nx@example.org,daily\nX@example.org,daily\ny@example.org,\n\u{ff}@example.org,daily\n";
    let table: Vec<u8> = table.chars().map(|c| c as u8).collect();
    let Err(error) = desk.prepare(&table, WrongLines::Refuse) else { panic!() };
    let shown = error.to_string();
    assert!(shown.starts_with("4 lines are wrong"), "{shown}");
    for part in [
        "line 2: this address is a subscriber already",
        "line 4: two subscribers",
        "line 5: ",
        "names no digest",
        "line 6: is not UTF-8",
    ] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    assert!(!shown.to_lowercase().contains("old@") && !shown.to_lowercase().contains("x@e"), "{shown}");
}

#[test]
fn headers_are_checked_first() {
    let desk = Desk::new();
    let cases = [
        ("mail,name\n", "did you mean `email`?"),
        ("name\n", "there is no column `email`"),
        ("email,email\n", "comes twice"),
        ("", "there is no column `email`"),
        ("a@example.org\n", "the first line names columns"),
    ];
    for (table, why) in cases {
        match desk.prepare(table.as_bytes(), WrongLines::Skip) {
            Err(error) => assert!(error.to_string().contains(why), "{table}: {error}"),
            Ok(_) => panic!("{table}"),
        }
    }
    let open = "email,digests\n\"a@example.org,daily\nb@example.org,daily\n";
    let Err(error) = desk.prepare(open.as_bytes(), WrongLines::Refuse) else { panic!() };
    assert!(error.to_string().contains("line 2: a quotation mark"), "{error}");
}
