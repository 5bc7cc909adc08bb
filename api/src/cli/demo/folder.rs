//! Where the demo is kept: never where something else is.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, anyhow};
use tempfile::TempDir;

use crate::cli::CliError;
use crate::config::{SYNTHETIC_MARK, is_synthetic};

const MARK_TEXT: &str = "Everything in this folder was made up by `medlock demo`: no person, no report \
and no event in it is real.\nIts keys come from a seed that stands in the program's source, so they \
protect nothing.\nNever put real data here. To get rid of it, delete the folder.\n";

/// The folder of a demo.
pub(super) struct DemoFolder {
    path: PathBuf,
    thrown_away: Option<TempDir>,
}

impl DemoFolder {
    /// A new folder of its own that is removed with this value; or the given one, if it holds nothing.
    pub(super) fn take(given: Option<PathBuf>) -> Result<Self, CliError> {
        let (path, thrown_away) = match given {
            Some(path) => {
                refuse_unless_empty(&path)?;
                (path, None)
            }
            None => {
                let made = tempfile::Builder::new().prefix("medlock-demo-").tempdir();
                let made = made.context("no temporary folder can be made")?;
                (made.path().join("data"), Some(made))
            }
        };
        crate::wiring::make_private_folder(&path)?;
        let marked = fs::write(path.join(SYNTHETIC_MARK), MARK_TEXT);
        marked.with_context(|| format!("{} cannot be written to", path.display()))?;
        Ok(Self { path, thrown_away })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Whether it goes when the demo ends.
    pub(super) fn is_thrown_away(&self) -> bool {
        self.thrown_away.is_some()
    }

    /// Removes what is to be thrown away, and says so if that does not work.
    pub(super) fn leave(self) -> anyhow::Result<()> {
        let Some(made) = self.thrown_away else { return Ok(()) };
        let path = made.path().to_owned();
        made.close().with_context(|| format!("{} could not be removed", path.display()))
    }
}

fn refuse_unless_empty(path: &Path) -> Result<(), CliError> {
    let shown = path.display();
    if is_synthetic(path) {
        let text = "holds an earlier demo; delete the folder or name another";
        return Err(CliError::Usage(anyhow!("{shown} {text}")));
    }
    match first_entry(path) {
        Ok(None) => Ok(()),
        Ok(Some(_)) => {
            let text = "is not empty: the demo never touches a folder that may hold real data; \
                        name one that is empty or does not exist";
            Err(CliError::Usage(anyhow!("{shown} {text}")))
        }
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        Err(error) => {
            Err(CliError::Usage(anyhow!(error).context(format!("{shown} cannot be read"))))
        }
    }
}

fn first_entry(path: &Path) -> io::Result<Option<fs::DirEntry>> {
    fs::read_dir(path)?.next().transpose()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(path: &Path) -> String {
        match DemoFolder::take(Some(path.to_owned())) {
            Err(CliError::Usage(error)) => error.to_string(),
            Err(CliError::Finding(_) | CliError::Environment(_)) => "another trouble".to_owned(),
            Ok(_) => "taken".to_owned(),
        }
    }

    #[test]
    fn only_a_folder_that_holds_nothing_is_taken() {
        let home = tempfile::tempdir().unwrap();
        let (new, used) = (home.path().join("new"), home.path().join("used"));
        assert_eq!(refusal(&new), "taken");
        assert!(is_synthetic(&new));
        assert!(refusal(&new).contains("an earlier demo"), "{}", refusal(&new));
        fs::create_dir(&used).unwrap();
        fs::write(used.join(".hidden"), "").unwrap();
        assert!(refusal(&used).contains("may hold real data"), "{}", refusal(&used));
        assert!(refusal(&used.join(".hidden")).contains("cannot be read"));
        assert_eq!(fs::read_dir(&used).unwrap().count(), 1);
    }

    #[test]
    fn a_folder_of_its_own_is_gone_in_the_end() {
        let folder = DemoFolder::take(None).ok().unwrap();
        let path = folder.path().to_owned();
        assert!(is_synthetic(&path) && folder.is_thrown_away());
        folder.leave().unwrap();
        assert!(!path.exists() && !path.parent().unwrap().exists());
    }
}
