//! The words of every mail, in English and French, as text and as HTML.

use protocol::mfa::Language;

use super::{Chat, Mail, Notice};

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
    if let Notice::Message { subject, text } = &mail.notice {
        return own_words(mail, subject, text);
    }
    let code = code(&mail.notice);
    let words = words(&mail.notice, mail.language, &mail.app);
    let greeting = match (mail.language, mail.name.as_deref()) {
        (Language::En, Some(name)) => format!("Hello {name},"),
        (Language::En, None) => "Hello,".to_owned(),
        (Language::Fr, Some(name)) => format!("Bonjour {name},"),
        (Language::Fr, None) => "Bonjour,".to_owned(),
    };
    let code_line = code
        .map(|code| format!("    {code}\n\n"))
        .unwrap_or_default();
    let text = format!(
        "{greeting}\n\n{}\n\n{code_line}{}\n\n{}\n{url}\n",
        words.before, words.after, mail.app
    );
    let html = html(mail, &greeting, &words, code, url);
    Rendered {
        subject: words.subject,
        text,
        html,
        code: code.map(str::to_owned),
    }
}

/// Writes a message to a chat: plain text, short.
pub fn chat(message: &Chat) -> String {
    if let Notice::Message { text, .. } = &message.notice {
        return format!("{text}\n\n{}", message.app);
    }
    let words = words(&message.notice, message.language, &message.app);
    let code = code(&message.notice)
        .map(|code| format!("\n\n{code}\n\n"))
        .unwrap_or_else(|| " ".to_owned());
    let mut before = words.before.chars();
    let first = before.next().map(char::to_uppercase).into_iter().flatten();
    let text: String = first.chain(before).collect();
    format!("{text}{code}{}", words.after)
}

/// An application's own words: what it says and who says it, nothing of ours.
fn own_words(mail: &Mail, subject: &str, text: &str) -> Rendered {
    let paragraphs: String = text
        .split("\n\n")
        .map(|paragraph| format!("<p>{}</p>", escape(paragraph).replace('\n', "<br>")))
        .collect();
    Rendered {
        subject: subject.to_owned(),
        text: format!("{text}\n\n{}\n", mail.app),
        html: page(mail.language, subject, &paragraphs, &escape(&mail.app)),
        code: None,
    }
}

fn code(notice: &Notice) -> Option<&str> {
    match notice {
        Notice::VerifyAddress { code, .. }
        | Notice::SignIn { code, .. }
        | Notice::ConnectChat { code, .. } => Some(code),
        Notice::Account(notice) => notice.code(),
        _ => None,
    }
}

fn words(notice: &Notice, language: Language, app: &str) -> Words {
    match language {
        Language::En => english(notice, app),
        Language::Fr => french(notice, app),
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
        Notice::Security(notice) => notice.english(app),
        Notice::ConnectChat { minutes, .. } => (
            format!("Connect this chat with {app}"),
            format!("enter this code in {app} to get your sign-in codes here:"),
            format!(
                "It is good for {}. If you did not ask for it, ignore it: nothing happens without the code.",
                span(*minutes, ["hour", "hours", "minutes"])
            ),
        ),
        Notice::Message { subject, text } => (subject.clone(), text.clone(), String::new()),
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
        Notice::Security(notice) => notice.french(app),
        Notice::ConnectChat { minutes, .. } => (
            format!("Reliez cette conversation à {app}"),
            format!("saisissez ce code dans {app} pour recevoir ici vos codes de connexion :"),
            format!(
                "Il est valable {}. Si vous n’avez rien demandé, ignorez-le : rien ne se passe sans le code.",
                span(*minutes, ["heure", "heures", "minutes"])
            ),
        ),
        Notice::Message { subject, text } => (subject.clone(), text.clone(), String::new()),
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
    let code = code
        .map(|code| {
            format!(
                "<p style=\"font:600 32px/1.2 ui-monospace,monospace;letter-spacing:6px;margin:24px 0\">{code}</p>"
            )
        })
        .unwrap_or_default();
    let [greeting, before, after] = [greeting, &words.before, &words.after].map(escape);
    let body = format!("<p>{greeting}</p><p>{before}</p>{code}<p>{after}</p>");
    let [app, url] = [&mail.app, url].map(escape);
    let foot = format!("{app}<br><a href=\"{url}\">{url}</a>");
    page(mail.language, &words.subject, &body, &foot)
}

/// A page around a body and a foot that are HTML already.
fn page(language: Language, title: &str, body: &str, foot: &str) -> String {
    let language = match language {
        Language::En => "en",
        Language::Fr => "fr",
    };
    format!(
        "<!doctype html><html lang=\"{language}\"><head><meta charset=\"utf-8\"><title>{title}</title></head>\
         <body style=\"margin:0;padding:24px;font:16px/1.5 system-ui,sans-serif\">\
         <div style=\"max-width:520px;margin:0 auto\">{body}<p style=\"opacity:.7\">{foot}</p></div></body></html>\n",
        title = escape(title),
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

    #[test]
    fn an_application_s_own_words_are_no_markup_either() {
        let notice = Notice::Message {
            subject: "<b>News</b>".to_owned(),
            text: "one\ntwo & <script>\n\nthree".to_owned(),
        };
        let rendered = render(&mail(Language::Fr, None, notice), "https://x");
        assert_eq!(rendered.subject, "<b>News</b>");
        assert_eq!(rendered.text, "one\ntwo & <script>\n\nthree\n\nSnug\n");
        assert!(
            rendered
                .html
                .contains("<title>&lt;b&gt;News&lt;/b&gt;</title>")
        );
        let body = "<p>one<br>two &amp; &lt;script&gt;</p><p>three</p>";
        assert!(rendered.html.contains(body), "{}", rendered.html);
    }

    #[test]
    fn rule_11_a_chat_gets_the_code_on_a_line_of_its_own() {
        for (language, begin) in [(Language::En, "This is"), (Language::Fr, "Voici")] {
            let message = Chat {
                chat: 1,
                factor: None,
                language,
                app: "Snug".to_owned(),
                notice: Notice::SignIn {
                    code: "012345".to_owned(),
                    minutes: 10,
                },
            };
            let text = chat(&message);
            assert!(
                text.starts_with(begin) && text.contains("\n\n012345\n\n"),
                "{text}"
            );
        }
    }
}
