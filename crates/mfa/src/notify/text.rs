//! The words of every mail, in English and French, as text and as HTML.

use protocol::mfa::Language;

use super::{Mail, Notice};

/// A mail ready to be sent.
pub struct Rendered {
    /// One line.
    pub subject: String,
    /// The body as plain text.
    pub text: String,
    /// The same as HTML, without anything that has to be loaded.
    pub html: String,
    /// The code in it.
    pub code: Option<String>,
}

/// What is said: a subject, lines before and after the code.
struct Words {
    subject: String,
    before: String,
    after: String,
}

/// Writes a mail. `url` is where people reach the product.
pub fn render(mail: &Mail, url: &str) -> Rendered {
    let code = match &mail.notice {
        Notice::VerifyAddress { code, .. } | Notice::SignIn { code, .. } => Some(code.clone()),
        Notice::Account(notice) => notice.code().map(str::to_owned),
        _ => None,
    };
    let words = match mail.language {
        Language::En => english(&mail.notice, &mail.app),
        Language::Fr => french(&mail.notice, &mail.app),
    };
    let greeting = match (mail.language, mail.name.as_deref()) {
        (Language::En, Some(name)) => format!("Hello {name},"),
        (Language::En, None) => "Hello,".to_owned(),
        (Language::Fr, Some(name)) => format!("Bonjour {name},"),
        (Language::Fr, None) => "Bonjour,".to_owned(),
    };
    let code_line = code
        .as_ref()
        .map(|code| format!("    {code}\n\n"))
        .unwrap_or_default();
    let text = format!(
        "{greeting}\n\n{}\n\n{code_line}{}\n\n{}\n{url}\n",
        words.before, words.after, mail.app
    );
    let html = html(mail, &greeting, &words, code.as_deref(), url);
    Rendered {
        subject: words.subject,
        text,
        html,
        code,
    }
}

fn english(notice: &Notice, app: &str) -> Words {
    let not_you = "If this was not you, change your password and check your second factors.";
    let (subject, before, after) = match notice {
        Notice::VerifyAddress { minutes, .. } => (
            format!("Confirm your e-mail address for {app}"),
            format!("enter this code to confirm your e-mail address for {app}:"),
            format!(
                "It is good for {}. If you did not sign up, ignore this mail: nothing happens without the code.",
                span(*minutes, ["hour", "hours", "minutes"])
            ),
        ),
        Notice::AlreadyRegistered => (
            format!("You already have an account at {app}"),
            format!("somebody, probably you, wanted to open an account at {app} with this e-mail address."),
            "You already have one: please sign in with it. If this was not you, there is nothing to do.".to_owned(),
        ),
        Notice::SignIn { minutes, .. } => (
            format!("Your code for {app}"),
            format!("this is your code for {app}:"),
            format!(
                "It is good for {} and for one use. Give it to nobody. {not_you}",
                span(*minutes, ["hour", "hours", "minutes"])
            ),
        ),
        Notice::RecoveryCodeUsed { left } => (
            format!("A recovery code of your {app} account was used"),
            "one of your recovery codes was just used in place of your second factor.".to_owned(),
            format!("Codes left: {left}. {not_you}"),
        ),
        Notice::RecoveryCodesRenewed => (
            format!("New recovery codes for your {app} account"),
            "new recovery codes were made for your account. The older ones are void.".to_owned(),
            not_you.to_owned(),
        ),
        Notice::FactorAdded { label } => (
            format!("A second factor was added to your {app} account"),
            format!("the second factor \"{label}\" was added to your account."),
            not_you.to_owned(),
        ),
        Notice::FactorRemoved { label } => (
            format!("A second factor was removed from your {app} account"),
            format!("the second factor \"{label}\" was removed from your account."),
            not_you.to_owned(),
        ),
        Notice::Account(notice) => notice.english(app),
    };
    Words {
        subject,
        before,
        after,
    }
}

fn french(notice: &Notice, app: &str) -> Words {
    let not_you =
        "Si ce n’était pas vous, changez votre mot de passe et vérifiez vos seconds facteurs.";
    let (subject, before, after) = match notice {
        Notice::VerifyAddress { minutes, .. } => (
            format!("Confirmez votre adresse e-mail pour {app}"),
            format!("saisissez ce code pour confirmer votre adresse e-mail pour {app} :"),
            format!(
                "Il est valable {}. Si vous ne vous êtes pas inscrit, ignorez ce message : rien ne se passe sans le code.",
                span(*minutes, ["heure", "heures", "minutes"])
            ),
        ),
        Notice::AlreadyRegistered => (
            format!("Vous avez déjà un compte {app}"),
            format!("quelqu’un, sans doute vous, a voulu ouvrir un compte {app} avec cette adresse e-mail."),
            "Vous en avez déjà un : connectez-vous avec celui-ci. Si ce n’était pas vous, il n’y a rien à faire.".to_owned(),
        ),
        Notice::SignIn { minutes, .. } => (
            format!("Votre code pour {app}"),
            format!("voici votre code pour {app} :"),
            format!(
                "Il est valable {} et pour un seul usage. Ne le donnez à personne. {not_you}",
                span(*minutes, ["heure", "heures", "minutes"])
            ),
        ),
        Notice::RecoveryCodeUsed { left } => (
            format!("Un code de secours de votre compte {app} a été utilisé"),
            "un de vos codes de secours vient d’être utilisé à la place de votre second facteur.".to_owned(),
            format!("Codes restants : {left}. {not_you}"),
        ),
        Notice::RecoveryCodesRenewed => (
            format!("Nouveaux codes de secours pour votre compte {app}"),
            "de nouveaux codes de secours ont été créés pour votre compte. Les anciens ne valent plus rien.".to_owned(),
            not_you.to_owned(),
        ),
        Notice::FactorAdded { label } => (
            format!("Un second facteur a été ajouté à votre compte {app}"),
            format!("le second facteur « {label} » a été ajouté à votre compte."),
            not_you.to_owned(),
        ),
        Notice::FactorRemoved { label } => (
            format!("Un second facteur a été retiré de votre compte {app}"),
            format!("le second facteur « {label} » a été retiré de votre compte."),
            not_you.to_owned(),
        ),
        Notice::Account(notice) => notice.french(app),
    };
    Words {
        subject,
        before,
        after,
    }
}

/// A length of time in words: whole hours where it is some.
fn span(minutes: i64, [hour, hours, plural]: [&str; 3]) -> String {
    match minutes {
        60 => format!("1 {hour}"),
        _ if minutes % 60 == 0 => format!("{} {hours}", minutes / 60),
        _ => format!("{minutes} {plural}"),
    }
}

fn html(mail: &Mail, greeting: &str, words: &Words, code: Option<&str>, url: &str) -> String {
    let language = match mail.language {
        Language::En => "en",
        Language::Fr => "fr",
    };
    let code = code
        .map(|code| {
            format!(
                "<p style=\"font:600 32px/1.2 ui-monospace,monospace;letter-spacing:6px;margin:24px 0\">{code}</p>"
            )
        })
        .unwrap_or_default();
    format!(
        "<!doctype html><html lang=\"{language}\"><head><meta charset=\"utf-8\"><title>{subject}</title></head>\
         <body style=\"margin:0;padding:24px;font:16px/1.5 system-ui,sans-serif\">\
         <div style=\"max-width:520px;margin:0 auto\"><p>{greeting}</p><p>{before}</p>{code}<p>{after}</p>\
         <p style=\"opacity:.7\">{app}<br><a href=\"{url}\">{url}</a></p></div></body></html>\n",
        subject = escape(&words.subject),
        greeting = escape(greeting),
        before = escape(&words.before),
        after = escape(&words.after),
        app = escape(&mail.app),
        url = escape(url),
    )
}

fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mail(language: Language, name: Option<&str>, notice: Notice) -> Mail {
        let name = name.map(str::to_owned);
        Mail {
            to: "a@example.org".to_owned(),
            name,
            language,
            app: "Snug".to_owned(),
            notice,
        }
    }

    #[test]
    fn both_languages_carry_the_code() {
        for (language, word) in [(Language::En, "24 hours"), (Language::Fr, "24 heures")] {
            let notice = Notice::VerifyAddress {
                code: "012345".to_owned(),
                minutes: 24 * 60,
            };
            let rendered = render(&mail(language, None, notice), "https://chat.example.org");
            assert_eq!(rendered.code.as_deref(), Some("012345"));
            assert!(rendered.text.contains("012345") && rendered.html.contains("012345"));
            assert!(rendered.text.contains(word), "{}", rendered.text);
            assert!(
                !rendered.subject.contains("012345"),
                "lock screens show subjects"
            );
        }
    }

    #[test]
    fn a_name_is_no_markup() {
        let notice = Notice::AlreadyRegistered;
        let rendered = render(
            &mail(Language::En, Some("<img src=x>"), notice),
            "https://x",
        );
        assert!(rendered.html.contains("&lt;img src=x&gt;"));
        assert!(rendered.code.is_none());
    }
}
