//! The files that hold `[[feed]]` tables: changed in place, comments and permissions kept, written whole or not at all.

use crate::model::{Feed, FeedId, FeedKind, Owner, Side};
use anyhow::{Context, bail, ensure};
use serde::Serialize;
use std::io::Write;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use toml_edit::{ArrayOfTables, DocumentMut, Item, Table, Value};

/// One file, as read.
#[derive(Debug)]
pub struct FeedsFile {
    path: PathBuf,
    text: String,
    document: DocumentMut,
}

impl FeedsFile {
    /// A file that is not there is empty, and made when it is written.
    pub fn open(path: &Path) -> anyhow::Result<Self> {
        let text = match std::fs::read_to_string(path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
            read => read.with_context(|| path.display().to_string())?,
        };
        let document =
            text.parse().with_context(|| format!("{} is not TOML; `khyber check` shows where", path.display()))?;
        Ok(Self { path: path.to_owned(), text, document })
    }

    /// The text as it would be written.
    pub fn changed(&self) -> String {
        self.document.to_string()
    }

    /// Appends tables behind the last `[[feed]]`.
    pub fn add(&mut self, feeds: &[Feed]) -> anyhow::Result<()> {
        let item = self.document.entry("feed").or_insert_with(|| Item::ArrayOfTables(ArrayOfTables::new()));
        let Some(tables) = item.as_array_of_tables_mut() else {
            bail!("{}: `feed` is written as one value; write each as a table under [[feed]]", self.path.display());
        };
        for feed in feeds {
            let mut table = table(feed);
            if !tables.is_empty() || !self.text.trim().is_empty() {
                table.decor_mut().set_prefix("\n");
            }
            tables.push(table);
        }
        Ok(())
    }

    /// Takes a feed's table out; `false` if it is not in this file. What stands above its own comment stays.
    pub fn remove(&mut self, id: &FeedId) -> bool {
        let Some(tables) = self.document.get_mut("feed").and_then(Item::as_array_of_tables_mut) else { return false };
        let is_it = |table: &Table| table.get("id").and_then(Item::as_str) == Some(id.as_str());
        let Some(at) = tables.iter().position(is_it) else { return false };
        let prefix = tables.get(at).and_then(|table| table.decor().prefix()?.as_str()).unwrap_or("").to_owned();
        tables.remove(at);
        // Headings of a part of the file are parted from the table by an empty line.
        let kept = prefix.rfind("\n\n").map_or("", |end| &prefix[..end]).to_owned();
        if kept.trim().is_empty() {
            return true;
        }
        match tables.get_mut(at) {
            Some(next) => {
                let own = next.decor().prefix().and_then(|prefix| prefix.as_str()).unwrap_or("").to_owned();
                next.decor_mut().set_prefix(format!("{kept}\n{own}"));
            }
            None => {
                let own = self.document.trailing().as_str().unwrap_or("").to_owned();
                self.document.set_trailing(format!("{kept}\n{own}"));
            }
        }
        true
    }

    /// Writes a new file beside the old one and puts it in its place: a reader sees the old or the new text.
    pub fn save(&self) -> anyhow::Result<()> {
        // A link stays a link: what it points to is replaced.
        let path = self.path.canonicalize().unwrap_or_else(|_| self.path.clone());
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let cannot = || format!("{} can't be written", self.path.display());
        let old = std::fs::metadata(&path).ok();
        if let Some(old) = &old {
            ensure!(!old.permissions().readonly(), "{} is read-only; nothing was changed", self.path.display());
            let now = std::fs::read_to_string(&path).with_context(cannot)?;
            ensure!(now == self.text, "{} was changed meanwhile; nothing was written, try again", self.path.display());
        }
        let mut new = tempfile::Builder::new().prefix(".khyber-").tempfile_in(folder).with_context(cannot)?;
        new.write_all(self.changed().as_bytes()).with_context(cannot)?;
        match &old {
            Some(old) => {
                std::fs::set_permissions(new.path(), old.permissions()).with_context(cannot)?;
                keep_owner(new.path(), old).with_context(cannot)?;
            }
            None => {
                // Temporary files are the owner's alone; a new feeds file is no secret.
                let usual = std::os::unix::fs::PermissionsExt::from_mode(0o644);
                std::fs::set_permissions(new.path(), usual).with_context(cannot)?;
            }
        }
        new.as_file().sync_all().with_context(cannot)?;
        new.persist(&path).map_err(|error| error.error).with_context(cannot)?;
        Ok(())
    }
}

/// Root may edit a file of the service's user, who must be able to read it afterwards.
fn keep_owner(new: &Path, old: &std::fs::Metadata) -> std::io::Result<()> {
    let made = std::fs::metadata(new)?;
    if (made.uid(), made.gid()) == (old.uid(), old.gid()) {
        return Ok(());
    }
    std::os::unix::fs::chown(new, Some(old.uid()), Some(old.gid()))
}

/// The file that new feeds belong in: the first included one with `[[feed]]`, else the main file if it has some, else an
/// included one named for feeds, else the main file.
pub fn home(main: &Path) -> anyhow::Result<PathBuf> {
    let files = files(main)?;
    let has_feeds = |file: &&PathBuf| FeedsFile::open(file).is_ok_and(|file| file.document.contains_key("feed"));
    let named = |file: &&PathBuf| file.file_name().is_some_and(|name| name.to_string_lossy().contains("feed"));
    let included = files.iter().skip(1);
    let home = included.clone().find(has_feeds).or_else(|| files.first().filter(has_feeds));
    Ok(home.or_else(|| included.clone().find(named)).cloned().unwrap_or_else(|| main.to_owned()))
}

/// The main file and those it includes.
pub fn files(main: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let base = main.parent().unwrap_or(Path::new(""));
    let document = FeedsFile::open(main)?.document;
    let patterns = document.get("include").and_then(Item::as_array).into_iter().flatten().filter_map(Value::as_str);
    let mut found = vec![main.to_owned()];
    for pattern in patterns {
        let escaped = PathBuf::from(glob::Pattern::escape(&base.to_string_lossy())).join(pattern);
        let matching = glob::glob(&escaped.to_string_lossy()).map(|paths| paths.filter_map(Result::ok));
        found.extend(matching.into_iter().flatten().filter(|path| path.is_file()));
    }
    Ok(found)
}

/// `[[feed]]` tables as text.
pub fn to_toml(feeds: &[Feed]) -> String {
    let mut tables = ArrayOfTables::new();
    feeds.iter().for_each(|feed| tables.push(table(feed)));
    let mut document = DocumentMut::new();
    document.insert("feed", Item::ArrayOfTables(tables));
    document.to_string()
}

/// What equals the default is left out.
fn table(feed: &Feed) -> Table {
    let mut table = Table::new();
    let mut set = |key: &str, value: &str| table.insert(key, toml_edit::value(value));
    set("id", feed.id.as_str());
    set("url", feed.url.as_str());
    set("publisher", &feed.publisher);
    if feed.side != Side::Unknown {
        set("side", feed.side.name());
    }
    if feed.owner != Owner::Unknown {
        set("owner", feed.owner.name());
    }
    if feed.country != "INT" {
        set("country", &feed.country);
    }
    if let Some(lang) = feed.lang {
        set("lang", lang.code());
    }
    if feed.kind != FeedKind::News {
        set("kind", &name_of(feed.kind));
    }
    if let Some(interval) = feed.interval {
        set("interval", &format!("{}s", interval.as_secs()));
    }
    if feed.full_text {
        table.insert("full_text", toml_edit::value(true));
    }
    if !feed.enabled {
        table.insert("enabled", toml_edit::value(false));
    }
    table
}

pub fn name_of(value: impl Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    const FILE: &str = "# Ours.\n\n# ---- Pakistan ----\n\n# The paper.\n[[feed]]\nid = \"hill\" # short\nurl = \"https://hill.example/rss\"\n\
        publisher = \"Hill\"\n\n# ---- Elsewhere ----\n\n[[feed]]\nid = 'river'\nurl = \"https://river.example/rss\"\npublisher = \"River\"\n\n# The end.\n";

    fn feed(id: &str) -> Feed {
        Feed {
            id: id.parse().unwrap(),
            url: format!("https://{id}.example/feed").parse().unwrap(),
            publisher: "Wire \"One\"".to_owned(),
            side: Side::Pakistan,
            owner: Owner::Unknown,
            country: "PK".to_owned(),
            lang: None,
            kind: FeedKind::Opinion,
            interval: None,
            enabled: true,
            full_text: true,
        }
    }

    fn file(folder: &tempfile::TempDir) -> FeedsFile {
        let path = folder.path().join("feeds.toml");
        std::fs::write(&path, FILE).unwrap();
        FeedsFile::open(&path).unwrap()
    }

    #[test]
    fn a_table_is_added_and_everything_else_stays_as_it_was() {
        let folder = tempfile::tempdir().unwrap();
        let mut file = file(&folder);
        std::fs::set_permissions(&file.path, PermissionsExt::from_mode(0o640)).unwrap();
        let link = folder.path().join("link.toml");
        std::os::unix::fs::symlink(&file.path, &link).unwrap();
        file.path = link.clone();
        file.add(&[feed("new-one")]).unwrap();
        file.save().unwrap();
        let text = std::fs::read_to_string(folder.path().join("feeds.toml")).unwrap();
        let added = "\n[[feed]]\nid = \"new-one\"\nurl = \"https://new-one.example/feed\"\npublisher = 'Wire \"One\"'\n\
            side = \"pakistan\"\ncountry = \"PK\"\nkind = \"opinion\"\nfull_text = true\n";
        assert_eq!(text, FILE.replace("\n\n# The end.", &format!("\n{added}\n# The end.")));
        assert!(link.is_symlink(), "a link stays a link");
        let mode = std::fs::metadata(folder.path().join("feeds.toml")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o640);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2, "nothing is left beside it");
    }

    #[test]
    fn what_is_written_is_read_as_the_same_feeds() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("khyber.toml");
        let interval = Some(std::time::Duration::from_secs(5_400));
        let written = [
            feed("a"),
            Feed { interval, side: Side::Unknown, owner: Owner::Named("Valley \"Media\"".to_owned()), ..feed("b") },
            Feed { enabled: false, country: "INT".to_owned(), kind: FeedKind::News, owner: Owner::State, ..feed("c") },
        ];
        std::fs::write(&path, to_toml(&written)).unwrap();
        let loaded = crate::config::examine(&path, &|_| None);
        assert_eq!(loaded.config.unwrap_or_else(|| panic!("{}", loaded.problems)).feeds, written);
    }

    #[test]
    fn what_is_removed_takes_its_own_comment_along_and_no_other() {
        let folder = tempfile::tempdir().unwrap();
        let mut first = file(&folder);
        assert!(first.remove(&"hill".parse().unwrap()) && !first.remove(&"hill".parse().unwrap()));
        let text = first.changed();
        assert!(!text.contains("hill") && !text.contains("The paper"), "{text}");
        for kept in ["# Ours.", "---- Pakistan", "---- Elsewhere", "id = 'river'", "# The end."] {
            assert!(text.contains(kept), "{kept}: {text}");
        }
        let mut last = file(&folder);
        assert!(last.remove(&"river".parse().unwrap()));
        let text = last.changed();
        assert!(
            text.contains("# The paper.\n[[feed]]") && text.contains("Elsewhere") && text.contains("The end"),
            "{text}"
        );
        assert!(text.parse::<DocumentMut>().is_ok());
    }

    #[test]
    fn what_somebody_else_wrote_meanwhile_is_not_lost() {
        let folder = tempfile::tempdir().unwrap();
        let mut file = file(&folder);
        file.add(&[feed("new-one")]).unwrap();
        std::fs::write(&file.path, "# emptied\n").unwrap();
        let refused = file.save().unwrap_err().to_string();
        assert!(refused.contains("changed meanwhile"), "{refused}");
        assert_eq!(std::fs::read_to_string(&file.path).unwrap(), "# emptied\n");
    }

    #[test]
    fn new_feeds_go_where_feeds_are() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        let main = path("khyber.toml");
        std::fs::write(&main, "include = [\"readers.toml\", \"fe*.toml\"]\n").unwrap();
        assert_eq!(home(&main).unwrap(), main);
        std::fs::write(path("readers.toml"), "").unwrap();
        std::fs::write(path("feeds.toml"), "# none yet\n").unwrap();
        assert_eq!(home(&main).unwrap(), path("feeds.toml"));
        std::fs::write(path("readers.toml"), FILE).unwrap();
        assert_eq!(home(&main).unwrap(), path("readers.toml"));
        let mut empty = FeedsFile::open(&path("absent.toml")).unwrap();
        empty.add(&[feed("a")]).unwrap();
        assert!(empty.changed().starts_with("[[feed]]\nid = \"a\""), "{}", empty.changed());
        std::fs::write(path("odd.toml"), "feed = [{ id = 'a' }]\n").unwrap();
        assert!(FeedsFile::open(&path("odd.toml")).unwrap().add(&[feed("b")]).is_err());
    }
}
