//! What one process does of a desk's work.

use std::str::FromStr;

/// One kind of work. Over PostgreSQL any number of processes may do each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Fetches the feeds and stores their entries.
    Poll,
    /// Makes editions of what is stored, and removes what is no longer kept.
    Publish,
    /// Sends mails, reads what bounced, and tells the operator what is wrong.
    Dispatch,
    /// Answers readers and the operator.
    Web,
}

impl Role {
    pub const ALL: [Self; 4] = [Self::Poll, Self::Publish, Self::Dispatch, Self::Web];

    pub fn name(self) -> &'static str {
        match self {
            Self::Poll => "poll",
            Self::Publish => "publish",
            Self::Dispatch => "dispatch",
            Self::Web => "web",
        }
    }
}

impl FromStr for Role {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let known = Self::ALL.into_iter().find(|role| role.name() == name);
        known.ok_or_else(|| format!("`{name}` is no role; there are poll, publish, dispatch and web"))
    }
}

/// The roles of one process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Roles([bool; Role::ALL.len()]);

impl Roles {
    pub const ALL: Self = Self([true; Role::ALL.len()]);

    pub fn has(self, role: Role) -> bool {
        Role::ALL.into_iter().zip(self.0).any(|(of, has)| has && of == role)
    }

    /// In the order of `Role::ALL`, the same for every process.
    pub fn iter(self) -> impl Iterator<Item = Role> {
        Role::ALL.into_iter().filter(move |role| self.has(*role))
    }
}

impl FromIterator<Role> for Roles {
    fn from_iter<I: IntoIterator<Item = Role>>(roles: I) -> Self {
        let roles: Vec<Role> = roles.into_iter().collect();
        Self(Role::ALL.map(|role| roles.contains(&role)))
    }
}

impl std::fmt::Display for Roles {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.iter().map(Role::name).collect::<Vec<_>>().join(","))
    }
}
