// Walks through sign-up, login and passkeys, and shows every request with its reply.

const state = {};
const log = document.getElementById("log");

async function ask(path, body, headers = {}) {
  const json = body instanceof URLSearchParams ? body : JSON.stringify(body);
  const kind = body instanceof URLSearchParams ? {} : { "content-type": "application/json" };
  const token = state.token ? { authorization: `Bearer ${state.token}` } : {};
  const reply = await fetch(path, {
    method: "POST",
    headers: { ...kind, ...token, ...headers },
    body: json,
  });
  const answer = await reply.json().catch(() => ({}));
  show(`POST ${path}`, body instanceof URLSearchParams ? String(body) : body, reply.status, answer);
  return answer;
}

function show(title, sent, status, answer) {
  const entry = document.createElement("li");
  const heading = document.createElement("h3");
  heading.textContent = `${title}: ${status}`;
  const text = document.createElement("pre");
  text.textContent = `${JSON.stringify(sent, null, 1)}\n→ ${JSON.stringify(answer, null, 1)}`;
  entry.append(heading, text);
  log.prepend(entry);
}

const steps = {
  async token({ client, secret }) {
    state.token = undefined;
    const basic = btoa(`${client}:${secret}`);
    const form = new URLSearchParams({ grant_type: "client_credentials" });
    const answer = await ask("/oauth/token", form, { authorization: `Basic ${basic}` });
    state.token = answer.access_token;
  },
  async account({ email, username, password }) {
    Object.assign(state, { username, password });
    const answer = await ask("/v1/accounts", { email, username, password, factor: "totp" });
    state.account = answer.account_id;
    state.factor = answer.factor?.factor_id;
    const image = document.getElementById("code");
    image.hidden = !answer.factor;
    if (answer.factor) {
      image.src = `data:image/svg+xml,${encodeURIComponent(answer.factor.qr_svg)}`;
    }
  },
  address: ({ code }) => ask("/v1/email-verifications", { account_id: state.account, code }),
  factor: ({ code }) =>
    ask(`/v1/accounts/${state.account}/factors/${state.factor}/activate`, { code }),
  async login() {
    const { username: identifier, password } = state;
    const answer = await ask("/v1/logins", { identifier, password });
    state.challenge = answer.challenge_id;
  },
  async challenge({ method, code }) {
    const path = `/v1/challenges/${state.challenge}`;
    if (method === "email" && !code) {
      return ask(`${path}/send`, { method });
    }
    return ask(`${path}/verify`, { method, code });
  },
  passkey: ({ what }) => (what === "add" ? addPasskey() : usePasskey()),
};

async function addPasskey() {
  const path = `/v1/accounts/${state.account}/factors`;
  const pending = await ask(path, { kind: "passkey" });
  if (!pending.creation_options) {
    return;
  }
  const options = pending.creation_options.publicKey;
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options);
  const credential = await navigator.credentials.create({ publicKey });
  await ask(`${path}/${pending.factor_id}/activate`, { credential: credential.toJSON() });
}

async function usePasskey() {
  const login = await ask("/v1/passkey-logins", {});
  if (!login.request_options) {
    return;
  }
  const options = login.request_options.publicKey;
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options);
  const credential = await navigator.credentials.get({ publicKey });
  await ask(`/v1/passkey-logins/${login.login_id}/finish`, { credential: credential.toJSON() });
}

for (const form of document.forms) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const values = Object.fromEntries(new FormData(form, event.submitter));
    steps[form.id](values).catch((error) => show(form.id, {}, "failed", String(error)));
  });
}
