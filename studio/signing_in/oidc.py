"""Sign in through a provider of OpenID Connect: ask it who somebody is, and check its answer.

django-allauth has the walk (state, PKCE, exchange of the code). What it leaves open is judged here: the signature, for this
studio alone, of this moment, as the answer to this question (nonce), and one person in all of it.
"""

from __future__ import annotations

import json
import logging
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import jwt
from allauth.socialaccount.internal import statekit
from allauth.socialaccount.models import SocialApp
from allauth.socialaccount.providers.base import AuthProcess
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest
from django.urls import reverse
from django.utils.crypto import constant_time_compare, get_random_string
from requests import JSONDecodeError, RequestException

from studio.luma.address import judge_base
from studio.models.account.identity import Identity
from studio.signing_in import provider_calls

log = logging.getLogger(__name__)

WELL_KNOWN = "/.well-known/openid-configuration"
KEPT = 600  # seconds that the provider's description and keys are believed
LEEWAY = 60  # seconds that its clock may differ from ours
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "HS256")
ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")
ASKED = statekit.STATES_SESSION_KEY  # in a session: what this browser has asked the provider and is not answered
LONGEST = 255  # characters of what names a person there (OpenID Connect Core, section 2)
# Ways to prove oneself that a password alone is not (RFC 8176).
SECOND_STEPS = {"mfa", "otp", "hwk", "swk", "fpt", "face"}
_CODE = re.compile(r"[a-z_]{1,40}")

STALE = "This sign-in was left open too long, or was used already. Start again."
CANCELLED = "You cancelled signing in with {name}. Try again, or sign in another way."
SILENT = "{name} doesn't answer. Try again in a moment, or sign in another way."
REFUSED = "{name} refused the sign-in ({code}). Try again, or tell an admin."
BAD_CLIENT = "{name} doesn't accept Studio's client ID and secret. Tell an admin."
BAD_CLOCK = "The clocks of {name} and Studio differ by more than a minute. Tell an admin."
BAD_ANSWER = "{name} gave an answer that Studio can't trust. Try again, or tell an admin."


# What reading an answer of another form than expected raises.
NONSENSE = (jwt.PyJWTError, ValueError, KeyError, TypeError, AttributeError, RecursionError)


class Refused(Exception):
    """Why somebody is not signed in, as a sentence for them."""


class Stale(Refused):
    """The answer is to no question of this browser, or to one that is answered."""


@dataclass(frozen=True, slots=True)
class Proof:
    """Whom the provider named, where they wanted to go, and whether it asked for more than a password."""

    identity: Identity
    onward: str
    has_second_step: bool


class Adapter(OpenIDConnectOAuth2Adapter):  # type: ignore[misc]
    """The provider of the settings; no table and no page of allauth's own."""

    def get_provider(self) -> Provider:
        return _provider(self.request)

    def get_callback_url(self, request: HttpRequest, app: Any) -> str:
        return request.build_absolute_uri(reverse("studio:provider_answer"))

    @property
    def openid_config(self) -> dict[str, Any]:
        """What the provider says of itself. Raises Refused when it is silent, or says what it must not."""
        base = settings.OIDC_URL
        address = base if "/.well-known/" in base else base + WELL_KNOWN
        found = _fetched(address)
        issuer = str(found.get("issuer", ""))
        if issuer.rstrip("/") != base.partition("/.well-known/")[0].rstrip("/"):
            log.error("The provider at %s calls itself %s: set STUDIO_OIDC_URL to that", base, issuer[:200])
            raise Refused(_said(BAD_ANSWER))
        for name in ENDPOINTS:
            try:
                judge_base(str(found.get(name, "")).partition("?")[0])
            except ValueError:
                log.error("The provider at %s has no safe %s", base, name)
                raise Refused(_said(BAD_ANSWER)) from None
        return found

    def claims(self, token: str, nonce: str) -> dict[str, Any]:
        """Return what an ID token says. Raises jwt.PyJWTError or ValueError for one that is not for us or not of now."""
        config = self.openid_config
        header = jwt.get_unverified_header(token)
        algorithm = header.get("alg")
        if algorithm not in ALGORITHMS:
            raise jwt.InvalidAlgorithmError(str(algorithm)[:20])
        key = settings.OIDC_SECRET if algorithm == "HS256" else _key(config["jwks_uri"], header.get("kid"))
        found: dict[str, Any] = jwt.decode(
            token,
            key=key,
            algorithms=[algorithm],
            audience=settings.OIDC_CLIENT_ID,
            issuer=config["issuer"],
            leeway=LEEWAY,
            options={"require": ["exp", "iat", "sub", "iss", "aud"]},
        )
        if not constant_time_compare(str(found.get("nonce", "")), nonce):
            raise jwt.InvalidTokenError("nonce")
        if found.get("azp", settings.OIDC_CLIENT_ID) != settings.OIDC_CLIENT_ID:
            raise jwt.InvalidTokenError("azp")
        return found


class Provider(OpenIDConnectProvider):  # type: ignore[misc]
    oauth2_adapter_class = Adapter


def begin(request: HttpRequest, onward: str) -> str:
    """Return the provider's address to send somebody to, who comes back to `provider_answer`. Raises Refused."""
    nonce = get_random_string(32)
    try:
        with provider_calls.turn():
            answer = _provider(request).redirect(
                request, AuthProcess.LOGIN, next_url=onward, auth_params={"nonce": nonce}, nonce=nonce
            )
    except RequestException as problem:
        raise _silent(problem) from problem
    except NONSENSE as problem:
        raise _nonsense(problem) from problem
    return str(answer.headers["Location"])


def finish(request: HttpRequest) -> Proof:
    """Return whom the provider named in its answer. Raises Refused."""
    state = statekit.unstash_state(request, state_id=request.GET.get("state", ""), provider_id=PROVIDER_ID)
    if error := request.GET.get("error"):
        if error == "access_denied":
            raise Refused(_said(CANCELLED))
        raise Refused(_said(REFUSED, code=error if _CODE.fullmatch(error) else "an unknown reason"))
    if state is None:
        raise Stale(STALE)
    if not request.GET.get("code"):
        raise Refused(_said(BAD_ANSWER))
    try:
        with provider_calls.turn():
            found = _ask(request, state)
    except OAuth2Error as problem:
        raise _refusal(problem) from problem
    except (jwt.ExpiredSignatureError, jwt.ImmatureSignatureError) as problem:
        log.error("The provider's clock differs from ours: %s", problem)
        raise Refused(_said(BAD_CLOCK)) from problem
    except JSONDecodeError as problem:
        raise _nonsense(problem) from problem
    except RequestException as problem:
        raise _silent(problem) from problem
    except NONSENSE as problem:
        raise _nonsense(problem) from problem
    return Proof(_identity(found), str(state.get("next") or ""), not SECOND_STEPS.isdisjoint(_texts(found, "amr")))


PROVIDER_ID = "oidc"


def _provider(request: HttpRequest) -> Provider:
    app = SocialApp(
        provider="openid_connect",
        provider_id=PROVIDER_ID,
        name=settings.OIDC_NAME,
        client_id=settings.OIDC_CLIENT_ID,
        secret=settings.OIDC_SECRET,
        settings={"server_url": settings.OIDC_URL, "oauth_pkce_enabled": True},
    )
    return Provider(request, app=app)


def _ask(request: HttpRequest, state: dict[str, Any]) -> dict[str, Any]:
    """Exchange the code, and join what the ID token and the page of the person say."""
    adapter = Adapter(request, PROVIDER_ID)
    client = adapter.get_client(request, adapter.get_provider().app)
    given = adapter.get_access_token_data(
        request, adapter.get_provider().app, client, pkce_code_verifier=state.get("pkce_code_verifier")
    )
    found = adapter.claims(str(given["id_token"]), str(state.get("nonce")))
    if adapter.openid_config.get("userinfo_endpoint"):
        more = adapter._fetch_user_info(str(given["access_token"]))
        # Another person's page would be believed otherwise (OpenID Connect Core, section 5.3.2).
        if more.get("sub") != found["sub"]:
            raise ValueError("userinfo is of another person")
        found = {**more, **{name: found[name] for name in ("iss", "sub")}, "amr": found.get("amr", [])} | {
            name: value for name, value in found.items() if name not in more
        }
    return found


def _identity(found: dict[str, Any]) -> Identity:
    subject = str(found["sub"])
    if not subject or len(subject) > LONGEST or "\0" in subject:
        raise Refused(_said(BAD_ANSWER))
    name = found.get("name") or found.get("preferred_username") or ""
    return Identity(
        issuer=str(found["iss"])[:200],
        subject=subject[:191],
        email=str(found.get("email") or "").strip().lower(),
        is_verified=str(found.get("email_verified", "")).lower() == "true",
        name=name if isinstance(name, str) else "",
        groups=frozenset([*_texts(found, "groups"), *_texts(found, "roles")]),
    )


def _texts(found: dict[str, Any], name: str) -> list[str]:
    value = found.get(name)
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []


def _key(address: str, kid: object) -> Any:
    """Return the provider's key of this id; keys that changed are fetched anew once."""
    for is_fresh in (False, True):
        keys = jwt.PyJWKSet.from_dict(_fetched(address, is_fresh=is_fresh)).keys
        found = [one for one in keys if one.key_id == kid or (kid is None and len(keys) == 1)]
        if found:
            return found[0].key
    raise jwt.InvalidKeyError("unknown key")


def _fetched(address: str, *, is_fresh: bool = False) -> dict[str, Any]:
    """Fetch a JSON document of the provider, or return what it said a moment ago. Raises Refused when it is silent."""
    known = f"oidc:{address}"
    if not is_fresh and (kept := cache.get(known)):
        return dict(json.loads(kept))
    try:
        with _session() as session:
            answer = session.get(address)
            found = answer.json() if answer.ok else None
    except (ValueError, RecursionError) as problem:
        raise _nonsense(problem) from problem
    except RequestException as problem:
        raise _silent(problem) from problem
    if not isinstance(found, dict):
        raise Refused(_said(BAD_ANSWER))
    cache.set(known, json.dumps(found), KEPT)
    return found


def _session() -> Any:
    from allauth.socialaccount.adapter import get_adapter

    return get_adapter().get_requests_session()


def _refusal(problem: OAuth2Error) -> Refused:
    """Tell a wrong secret from a code that was used already, by what the provider answers (RFC 6749, section 5.2)."""
    said = str(problem)
    log.error("The provider gave no token: %s", said[:300])
    if "invalid_client" in said or "unauthorized_client" in said:
        return Refused(_said(BAD_CLIENT))
    return Stale(STALE) if "invalid_grant" in said else Refused(_said(BAD_ANSWER))


def _nonsense(problem: Exception) -> Refused:
    log.error("The provider's answer is not to be trusted: %s %s", type(problem).__name__, str(problem)[:200])
    return Refused(_said(BAD_ANSWER))


def _silent(problem: RequestException) -> Refused:
    if problem.response is not None and problem.response.status_code < 500:
        return _nonsense(problem)
    host = urlsplit(settings.OIDC_URL).hostname
    log.error("The provider %s does not answer: %s", host, type(problem).__name__)
    return Refused(_said(SILENT))


def _said(sentence: str, **words: str) -> str:
    return sentence.format(name=settings.OIDC_NAME, **words)
