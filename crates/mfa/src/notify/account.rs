//! What mails say about the account itself: password, address, its end.

use serde::{Deserialize, Serialize};
use time::Duration;

/// Subject, and what is said before and after the code.
type Said = (String, String, String);

/// What happened to an account, or is about to.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccountNotice {
    /// The code that replaces a forgotten password.
    ResetPassword {
        /// Six digits.
        code: String,
        /// How long it is good for.
        minutes: i64,
    },
    /// The password was changed.
    PasswordChanged,
    /// The code that proves a new address; goes there.
    ConfirmAddress {
        /// Six digits.
        code: String,
        /// How long it is good for.
        minutes: i64,
    },
    /// The code that makes the mailbox a second factor.
    ConfirmFactor {
        /// Six digits.
        code: String,
        /// How long it is good for.
        minutes: i64,
    },
    /// Another address counts now; goes to the former one.
    AddressChanged {
        /// The new address, mostly hidden.
        hint: String,
    },
    /// A token of a remembered device came back after its use.
    DevicesForgotten,
    /// An operator announced that all second factors go.
    FactorsGoing {
        /// Calls it off.
        link: String,
        /// How long that takes.
        hours: i64,
    },
    /// That was called off.
    FactorsStay,
    /// All second factors are gone.
    FactorsGone,
    /// The account is gone.
    Deleted,
}

impl AccountNotice {
    /// The name in metrics and rows.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::ResetPassword { .. } => "reset_password",
            Self::PasswordChanged => "password_changed",
            Self::ConfirmAddress { .. } => "confirm_address",
            Self::ConfirmFactor { .. } => "confirm_factor",
            Self::AddressChanged { .. } => "address_changed",
            Self::DevicesForgotten => "devices_forgotten",
            Self::FactorsGoing { .. } => "factors_going",
            Self::FactorsStay => "factors_stay",
            Self::FactorsGone => "factors_gone",
            Self::Deleted => "account_deleted",
        }
    }

    /// The code in it.
    pub fn code(&self) -> Option<&str> {
        match self {
            Self::ResetPassword { code, .. }
            | Self::ConfirmAddress { code, .. }
            | Self::ConfirmFactor { code, .. } => Some(code),
            _ => None,
        }
    }

    /// How long its code is good for.
    pub fn code_life(&self) -> Option<Duration> {
        match self {
            Self::ResetPassword { minutes, .. }
            | Self::ConfirmAddress { minutes, .. }
            | Self::ConfirmFactor { minutes, .. } => Some(Duration::minutes(*minutes)),
            _ => None,
        }
    }

    pub(super) fn english(&self, app: &str) -> Said {
        let (subject, before, after) = match self {
            Self::ResetPassword { minutes, .. } => (
                format!("A new password for your {app} account"),
                format!("enter this code to choose a new password for {app}:"),
                format!(
                    "It is good for {minutes} minutes and for one use. If you did not ask for it, \
                     ignore this mail: your password stays as it is. Give the code to nobody."
                ),
            ),
            Self::PasswordChanged => (
                format!("The password of your {app} account was changed"),
                format!("the password of your account at {app} was just changed."),
                "If this was not you, choose a new one at once (\"Forgot your password?\") and \
                 check your second factors."
                    .to_owned(),
            ),
            Self::ConfirmAddress { minutes, .. } => (
                format!("Confirm your new e-mail address for {app}"),
                format!("enter this code to use this address for your account at {app}:"),
                format!(
                    "It is good for {} hours. If you did not ask for it, ignore this mail: nothing \
                     happens without the code.",
                    minutes / 60
                ),
            ),
            Self::ConfirmFactor { minutes, .. } => (
                format!("Codes by e-mail for your {app} account"),
                format!("enter this code to get codes for {app} by e-mail from now on:"),
                format!(
                    "It is good for {minutes} minutes. If you did not ask for it, change your \
                     password: somebody is signed in as you. Give the code to nobody."
                ),
            ),
            Self::AddressChanged { hint } => (
                format!("The e-mail address of your {app} account was changed"),
                format!("your account at {app} has another e-mail address now: {hint}."),
                format!("If this was not you, write to those who run {app} at once."),
            ),
            Self::DevicesForgotten => (
                format!("Your {app} account asks for your second factor everywhere again"),
                format!(
                    "somebody used an old mark of a browser that your account at {app} remembered, \
                     and gave your password."
                ),
                "They were not let in. No browser is remembered any more. If this was not you, \
                 change your password: somebody knows it and had access to one of your browsers."
                    .to_owned(),
            ),
            Self::FactorsGoing { link, hours } => (
                format!("The second factors of your {app} account are about to be removed"),
                format!(
                    "those who run {app} were asked to remove all second factors of your account, \
                     because you lost them. That happens in {hours} hours."
                ),
                format!("If this was not you, keep them: {link}"),
            ),
            Self::FactorsStay => (
                format!("The second factors of your {app} account stay"),
                format!(
                    "the removal of the second factors of your account at {app} was called off."
                ),
                "Nothing has changed.".to_owned(),
            ),
            Self::FactorsGone => (
                format!("The second factors of your {app} account were removed"),
                format!("all second factors of your account at {app} were removed, as announced."),
                format!(
                    "Set up a new one when you sign in next. If this was not you, write to those \
                     who run {app} at once."
                ),
            ),
            Self::Deleted => (
                format!("Your {app} account was deleted"),
                format!("your account at {app} and everything that belongs to it was deleted."),
                format!("If this was not you, write to those who run {app}."),
            ),
        };
        (subject, before, after)
    }

    pub(super) fn french(&self, app: &str) -> Said {
        let (subject, before, after) = match self {
            Self::ResetPassword { minutes, .. } => (
                format!("Un nouveau mot de passe pour votre compte {app}"),
                format!("saisissez ce code pour choisir un nouveau mot de passe pour {app} :"),
                format!(
                    "Il est valable {minutes} minutes et pour un seul usage. Si vous n’avez rien \
                     demandé, ignorez ce message : votre mot de passe ne change pas. Ne donnez le \
                     code à personne."
                ),
            ),
            Self::PasswordChanged => (
                format!("Le mot de passe de votre compte {app} a été changé"),
                format!("le mot de passe de votre compte {app} vient d’être changé."),
                "Si ce n’était pas vous, choisissez-en un nouveau tout de suite (« Mot de passe \
                 oublié ? ») et vérifiez vos seconds facteurs."
                    .to_owned(),
            ),
            Self::ConfirmAddress { minutes, .. } => (
                format!("Confirmez votre nouvelle adresse e-mail pour {app}"),
                format!("saisissez ce code pour utiliser cette adresse avec votre compte {app} :"),
                format!(
                    "Il est valable {} heures. Si vous n’avez rien demandé, ignorez ce message : \
                     rien ne se passe sans le code.",
                    minutes / 60
                ),
            ),
            Self::ConfirmFactor { minutes, .. } => (
                format!("Des codes par e-mail pour votre compte {app}"),
                format!("saisissez ce code pour recevoir vos codes pour {app} par e-mail :"),
                format!(
                    "Il est valable {minutes} minutes. Si vous n’avez rien demandé, changez votre \
                     mot de passe : quelqu’un est connecté à votre place. Ne donnez le code à \
                     personne."
                ),
            ),
            Self::AddressChanged { hint } => (
                format!("L’adresse e-mail de votre compte {app} a été changée"),
                format!("votre compte {app} a maintenant une autre adresse e-mail : {hint}."),
                format!("Si ce n’était pas vous, écrivez tout de suite à l’équipe de {app}."),
            ),
            Self::DevicesForgotten => (
                format!("Votre compte {app} redemande partout votre second facteur"),
                format!(
                    "quelqu’un a utilisé une ancienne marque d’un navigateur que votre compte \
                     {app} connaissait, et a donné votre mot de passe."
                ),
                "L’accès a été refusé. Plus aucun navigateur n’est reconnu. Si ce n’était pas vous, \
                 changez votre mot de passe : quelqu’un le connaît et a eu accès à un de vos \
                 navigateurs."
                    .to_owned(),
            ),
            Self::FactorsGoing { link, hours } => (
                format!("Les seconds facteurs de votre compte {app} vont être retirés"),
                format!(
                    "on a demandé à l’équipe de {app} de retirer tous les seconds facteurs de votre \
                     compte, parce que vous les avez perdus. Ce sera fait dans {hours} heures."
                ),
                format!("Si ce n’était pas vous, gardez-les : {link}"),
            ),
            Self::FactorsStay => (
                format!("Les seconds facteurs de votre compte {app} sont conservés"),
                format!("le retrait des seconds facteurs de votre compte {app} a été annulé."),
                "Rien n’a changé.".to_owned(),
            ),
            Self::FactorsGone => (
                format!("Les seconds facteurs de votre compte {app} ont été retirés"),
                format!(
                    "tous les seconds facteurs de votre compte {app} ont été retirés, comme annoncé."
                ),
                format!(
                    "Configurez-en un nouveau à votre prochaine connexion. Si ce n’était pas vous, \
                     écrivez tout de suite à l’équipe de {app}."
                ),
            ),
            Self::Deleted => (
                format!("Votre compte {app} a été supprimé"),
                format!("votre compte {app} et tout ce qui lui appartient ont été supprimés."),
                format!("Si ce n’était pas vous, écrivez à l’équipe de {app}."),
            ),
        };
        (subject, before, after)
    }
}
