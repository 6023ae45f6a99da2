"""Sign-up and login of a Flask application whose accounts live in the Snug MFA service.

The application keeps no passwords, no secrets of authenticator apps and no codes: it hands on what
people type and believes signed assertions. Whoever breaks into it finds sessions, nothing else.
"""

import os
import time

import jwt
import requests
from flask import Flask, redirect, render_template, request, session, url_for

MFA_URL = os.environ.get("MFA_URL", "http://localhost:3000")
CLIENT_ID = os.environ["MFA_CLIENT_ID"]
CLIENT_SECRET = os.environ["MFA_CLIENT_SECRET"]

app = Flask(__name__)
app.secret_key = os.environ["SECRET_KEY"]
app.config.update(
    SESSION_COOKIE_HTTPONLY=True,
    SESSION_COOKIE_SAMESITE="Strict",
    SESSION_COOKIE_SECURE=os.environ.get("INSECURE_COOKIES") != "1",
)

service = requests.Session()
keys = jwt.PyJWKClient(f"{MFA_URL}/.well-known/jwks.json", cache_keys=True)
token = {"value": "", "until": 0.0}


class Refused(Exception):
    """A problem that the service answered with; `code` is stable, `detail` is for people."""

    def __init__(self, problem):
        super().__init__(problem.get("detail"))
        self.problem = problem
        self.code = problem["code"]


def call(path, **body):
    """Asks the service, for the person whose browser is asking us."""
    if time.monotonic() >= token["until"]:
        reply = service.post(
            f"{MFA_URL}/oauth/token",
            data={"grant_type": "client_credentials"},
            auth=(CLIENT_ID, CLIENT_SECRET),
            timeout=10,
        )
        reply.raise_for_status()
        token["value"] = reply.json()["access_token"]
        # A minute early, so that it never ends on the way.
        token["until"] = time.monotonic() + reply.json()["expires_in"] - 60
    reply = service.post(
        f"{MFA_URL}{path}",
        json=body,
        headers={
            "Authorization": f"Bearer {token['value']}",
            # Limits and locks count by the person's address, not by ours.
            "X-Client-Address": request.remote_addr,
        },
        timeout=10,
    )
    if reply.ok:
        return reply.json()
    raise Refused(reply.json())


def sign_in(assertion, purpose):
    """Opens a session for whom the service vouches."""
    key = keys.get_signing_key_from_jwt(assertion)
    claims = jwt.decode(assertion, key, algorithms=["EdDSA"], audience=CLIENT_ID)
    if claims["purpose"] != purpose or claims["acr"] != "aal2":
        raise Refused({"code": "forbidden", "detail": "One factor is not enough here."})
    session.clear()
    session["user"] = claims["sub"]


@app.errorhandler(Refused)
def refused(problem):
    page = request.endpoint if request.endpoint in ("sign_up", "log_in") else "code"
    errors = [error["message"] for error in problem.problem.get("errors", [])]
    return render_template("page.html", page=page, errors=errors or [str(problem)]), 400


@app.get("/")
def home():
    page = "home" if "user" in session else "log_in"
    return render_template("page.html", page=page)


@app.route("/sign-up", methods=["GET", "POST"])
def sign_up():
    if request.method == "GET":
        return render_template("page.html", page="sign_up")
    form = request.form
    account = call(
        "/v1/accounts",
        email=form["email"],
        username=form["username"],
        password=form["password"],
        factor="totp",
    )
    session["account"] = account["account_id"]
    session["factor"] = account["factor"]["factor_id"]
    # The secret goes to the browser once and is never in a cookie.
    return render_template("page.html", page="finish", factor=account["factor"])


@app.post("/finish")
def finish():
    account, factor = session["account"], session["factor"]
    call("/v1/email-verifications", account_id=account, code=request.form["mail_code"])
    done = call(f"/v1/accounts/{account}/factors/{factor}/activate", code=request.form["app_code"])
    # The step that came last signs in.
    sign_in(done["assertion"], "signup")
    return render_template("page.html", page="codes", codes=done["recovery_codes"])


@app.route("/log-in", methods=["GET", "POST"])
def log_in():
    if request.method == "GET":
        return render_template("page.html", page="log_in")
    form = request.form
    try:
        done = call("/v1/logins", identifier=form["username"], password=form["password"])
    except Refused as problem:
        if problem.code != "mfa-required":
            raise
        session["challenge"] = problem.problem["challenge_id"]
        return render_template("page.html", page="code")
    sign_in(done["assertion"], "login")
    return redirect(url_for("home"))


@app.post("/code")
def code():
    path = f"/v1/challenges/{session['challenge']}/verify"
    done = call(path, method=request.form["method"], code=request.form["code"])
    sign_in(done["assertion"], "login")
    return redirect(url_for("home"))


@app.post("/log-out")
def log_out():
    session.clear()
    return redirect(url_for("home"))
