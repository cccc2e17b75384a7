"""Everything that can be set, in one place: environment variables, or options of `python -m live run`.

`NEARLIVE_PORT=8443` sets `port`; `NEARLIVE_PORT_FILE=/run/secrets/port` reads it from a file. The two servers are also
understood by their usual names, MONGODB_URI and REDIS_URL. Variables NEARLIVE_MEDIA_* belong to the media node
(`media/settings.py`). A variable that nobody knows is refused: a misspelt name must not leave a default in force.
"""

import difflib
import ipaddress
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self
from urllib.parse import urlsplit

from pydantic import BeforeValidator, ConfigDict, Field, ValidationError, field_validator, model_validator

from live.carrier_settings import CarrierSettings
from live.fleet_settings import FleetSettings
from live.following_settings import FollowingSettings
from live.handing_settings import HandingSettings
from live.keys import KeyRing, kept_keys
from live.launch.errors import SettingsError
from live.life_settings import LifeSettings
from live.quote_settings import QuoteSettings
from orders.pricing.tax import parsed_rates
from orders.settings import tax_rates
from orders.sourcing.why import SourcingStrategy

PREFIX: Final = "NEARLIVE_"
MEDIA_PREFIX: Final = "NEARLIVE_MEDIA_"
USUAL_NAMES: Final = {"mongodb_uri": "MONGODB_URI", "redis_url": "REDIS_URL"}
EVERYWHERE: Final = frozenset({"0.0.0.0", "::"})  # noqa: S104 - compared, not bound
FILE_SUFFIX: Final = "_FILE"

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def _split(value: object) -> object:
    """`a, b` to its parts."""
    return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value


class Settings(CarrierSettings, FleetSettings, HandingSettings, FollowingSettings, LifeSettings, QuoteSettings):
    """A process's settings; frozen. Made by `read_settings`, or directly in a test: `Settings(data=tmp_path)`."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True)

    data: Path = Field(default=Path(".data"), description="folder of everything that is kept")
    host: str = Field(default="127.0.0.1", min_length=1, description="address to listen on; 0.0.0.0 for phones")
    port: int = Field(default=8080, ge=0, le=65535, description="port of the pages and the API; 0: any free one")
    public_url: str = Field(default="", description="origin that people open, when a proxy is in front")
    trusted_proxies: Annotated[tuple[Network, ...], BeforeValidator(_split)] = Field(
        default=(), description="networks whose X-Forwarded-For and -Proto are believed, separated by commas"
    )

    tls: Literal["auto", "on", "off"] = Field(
        default="auto", description="auto: on when `host` is not loopback, since a phone's camera needs it"
    )
    tls_cert: Path | None = Field(default=None, description="certificate chain, PEM; default: one made on first run")
    tls_key: Path | None = Field(default=None, description="its private key, PEM")

    mongodb_uri: str = Field(
        default="", repr=False, description="replica set to use; default: the embedded server (also MONGODB_URI)"
    )
    mongodb_database: str = Field(default="nearlive", pattern=r"^[A-Za-z0-9_-]{1,60}$", description="its database")
    redis_url: str = Field(
        default="", repr=False, description="Redis to use; default: the embedded server (also REDIS_URL)"
    )
    demo: bool = Field(
        default_factory=lambda known: not known.get("mongodb_uri"),
        description="seed a demo city and show its sign-ins; default: on, off with a MONGODB_URI",
    )

    token_keys: KeyRing = Field(
        default_factory=lambda known: kept_keys(known["data"], "keys.json"),
        repr=False,
        description='sign access tokens: {"current": "a", "keys": {"a": "…"}}; default: made on first run',
    )
    media_keys: KeyRing = Field(
        default_factory=lambda known: kept_keys(known["data"], "media-keys.json"),
        repr=False,
        description="sign media tokens, shared with the media nodes; same form and default",
    )
    with_media: bool = Field(default=True, description="`run` starts media nodes here; off: others are listed in Redis")
    media_nodes: int | None = Field(
        default=None, ge=1, le=256, description="media nodes that `run` starts here; default: one a core"
    )
    media_spread: int = Field(
        default=250, ge=1, description="from so many viewers at a media node on, a show is spread to one more"
    )
    turn_urls: Annotated[tuple[str, ...], BeforeValidator(_split)] = Field(
        default=(), description="stun:, turn: and turns: URLs for browsers, separated by commas"
    )
    turn_secret: str = Field(
        default="", repr=False, description="coturn's static-auth-secret, for its REST credentials"
    )

    prices_include_tax: bool = Field(default=True, description="off: tax comes on top of the prices")
    tax_rates: Annotated[Mapping[str, int], BeforeValidator(parsed_rates)] = Field(
        default_factory=tax_rates,
        description="basis points by class; default: standard=1300,reduced=900,delivery=600,zero=0; others: standard",
    )
    free_delivery_from: int = Field(
        default=9900, ge=0, description="goods of so much, after coupons, are brought for nothing; minor units"
    )
    payment_providers: Annotated[tuple[str, ...], BeforeValidator(_split)] = Field(
        # Anybody can pay with a card of the sandbox: a shop that is real has to ask for it by name.
        default_factory=lambda known: ("sandbox", "cash") if known.get("demo") else ("cash",),
        min_length=1,
        description="ways to pay, of sandbox, stripe and cash, by commas; default: cash, with the sandbox in a demo",
    )
    cash_limit: int = Field(
        default=50_000, ge=0, description="most that may be paid in cash for one order, minor units"
    )
    stripe_secret_key: str = Field(default="", repr=False, description="Stripe's secret key, sk_… or rk_…")
    stripe_publishable_key: str = Field(default="", description="Stripe's key for pages, pk_…")
    stripe_webhook_secret: str = Field(
        default="", repr=False, description="signing secret of the webhook at /api/payments/stripe/webhook, whsec_…"
    )
    stripe_api_base: str = Field(default="https://api.stripe.com", description="where Stripe's API is")
    stripe_script_url: str = Field(
        default="https://js.stripe.com/v3/", description="Stripe's script, loaded by pages only when Stripe is offered"
    )

    commission: int = Field(
        default=500, ge=0, le=10_000, description="what an associate gets of a sale's goods money, in basis points"
    )
    credit_hours: int = Field(
        default=72, ge=1, le=8760, description="for so long a purchase outside a show is to who the buyer met last"
    )
    webhook_targets: Literal["public", "any"] = Field(
        default="public",
        description="any: webhooks may go, and proofs come, by private addresses and plain HTTP (to try)",
    )

    sourcing: SourcingStrategy = Field(
        default=SourcingStrategy.NEAREST,
        description="store that makes an order up: nearest, soonest, highest_stock or show_store; a show may differ",
    )

    metrics_token: str = Field(
        default="", repr=False, description="Bearer token for /metrics from elsewhere; default: loopback only"
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(default="info", description="least level shown")
    log_format: Literal["auto", "json", "console"] = Field(
        default="auto", description="auto: console on a terminal, else one JSON object a line"
    )

    @field_validator("data", "tls_cert", "tls_key", "travel_table")
    @classmethod
    def _absolute(cls, path: Path | None) -> Path | None:
        """Children may have another working folder."""
        return path and path.expanduser().absolute()

    @field_validator("public_url")
    @classmethod
    def _origin(cls, url: str) -> str:
        if not url:
            return url
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path.strip("/") or parts.query:
            raise ValueError("must be an origin such as https://live.example.com")
        return url.rstrip("/")

    @field_validator("mongodb_uri")
    @classmethod
    def _mongodb(cls, uri: str) -> str:
        return _with_scheme(uri, "mongodb://", "mongodb+srv://")

    @field_validator("redis_url")
    @classmethod
    def _redis(cls, url: str) -> str:
        return _with_scheme(url, "redis://", "rediss://", "unix://")

    @field_validator("turn_urls")
    @classmethod
    def _ice(cls, urls: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(_with_scheme(url, "stun:", "turn:", "turns:") for url in urls)

    @field_validator("payment_providers")
    @classmethod
    def _known_providers(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        if set(names) - {"sandbox", "stripe", "cash"} or len(set(names)) != len(names):
            raise ValueError("must be of sandbox, stripe and cash, each once")
        return names

    @field_validator("stripe_api_base", "stripe_script_url")
    @classmethod
    def _web(cls, url: str) -> str:
        return _with_scheme(url, "https://", "http://")

    @model_validator(mode="after")
    def _together(self) -> Self:
        if (self.tls_cert is None) != (self.tls_key is None):
            raise ValueError("tls_cert and tls_key are only of use together")
        if any(url.startswith("turn") for url in self.turn_urls) and not self.turn_secret:
            raise ValueError("turn_urls with turn: need turn_secret")
        keys = (self.stripe_secret_key, self.stripe_publishable_key, self.stripe_webhook_secret)
        if any(keys) != all(keys) or ("stripe" in self.payment_providers and not all(keys)):
            raise ValueError("Stripe needs stripe_secret_key, stripe_publishable_key and stripe_webhook_secret")
        accounts = {"fleet": True, "uber": bool(self.uber_client_id), "dada": bool(self.dada_app_key)}
        if not all(accounts[name] for name in self.delivery_providers):
            raise ValueError("delivery_providers: uber and dada need their accounts")
        return self

    def environment(self) -> dict[str, str]:
        """The variables that give another process these settings."""
        values = {name: getattr(self, name) for name in type(self).model_fields}
        return {f"{PREFIX}{name.upper()}": _to_text(value) for name, value in values.items() if value is not None}

    @property
    def uses_tls(self) -> bool:
        return self.tls == "on" or (self.tls == "auto" and not is_loopback(self.host))

    @property
    def origin(self) -> str:
        """What people open: `public_url`, or where we listen."""
        host = "localhost" if self.host in EVERYWHERE else self.host
        host = f"[{host}]" if ":" in host else host
        return self.public_url or f"{'https' if self.uses_tls else 'http'}://{host}:{self.port}"


def _to_text(value: object) -> str:
    if isinstance(value, Mapping):
        return ",".join(f"{name}={part}" for name, part in value.items())
    if isinstance(value, KeyRing):
        return value.model_dump_json()
    return ",".join(map(str, value)) if isinstance(value, tuple) else str(value)


def is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def read_settings(environment: Mapping[str, str] | None = None, **options: Any) -> Settings:
    """Settings from the environment (default: ours), over which `options` that are not None take precedence.

    On first use it makes the data folder and the keys in it.

    Raises:
        SettingsError: with every problem at once.
    """
    environment = os.environ if environment is None else environment
    values, problems = _read_environment(environment)
    values |= {name: value for name, value in options.items() if value is not None}
    try:
        settings = Settings(**values)
    except ValidationError as error:
        wrong = [_describe(item) for item in error.errors() if item["type"] != "default_factory_not_called"]
        raise SettingsError([*problems, *wrong]) from None
    except OSError as error:  # the data folder cannot be made or read
        raise SettingsError([*problems, f"{PREFIX}DATA: {error.strerror}: {error.filename}"]) from None
    except ValueError as error:  # a key file in it is broken
        raise SettingsError([*problems, f"{PREFIX}DATA: {error}"]) from None
    if problems:
        raise SettingsError(problems)
    return settings


def _read_environment(environment: Mapping[str, str]) -> tuple[dict[str, Any], list[str]]:
    """Field name to raw value, and what is wrong with the names and the files."""
    names = {variable: field for field in Settings.model_fields for variable in variables(field)}
    values: dict[str, Any] = {}
    problems: list[str] = []
    for variable, given in environment.items():
        plain = variable.removesuffix(FILE_SUFFIX)
        if field := names.get(variable) or names.get(plain):
            if field in values:
                problems.append(f"{variable}: {field} is set twice")
                continue
            try:
                values[field] = given if variable in names else Path(given).read_text(encoding="utf-8").strip()
            except (OSError, UnicodeDecodeError) as error:
                problems.append(f"{variable}: cannot read {given}: {error}")
        elif variable.startswith(PREFIX) and variable not in _others_variables(variable):
            near = difflib.get_close_matches(variable, names, n=1)
            problems.append(f"{variable}: there is no such setting" + (f"; did you mean {near[0]}?" if near else ""))
    for field in ("token_keys", "media_keys"):
        if field in values:
            values[field] = _parse_keys(values[field])
    return values, problems


def _parse_keys(text: str) -> object:
    try:
        return KeyRing.model_validate_json(text)
    except ValidationError:
        return text  # reported with the other problems, without the secret


def variables(field: str) -> tuple[str, ...]:
    """The environment variables of a field."""
    usual = USUAL_NAMES.get(field)
    return (f"{PREFIX}{field.upper()}", *([usual] if usual else []))


def _others_variables(variable: str) -> frozenset[str]:
    """What the media node understands; loaded only when such a variable is there."""
    if not variable.startswith(MEDIA_PREFIX):
        return frozenset()
    from media.settings import MediaSettings  # noqa: PLC0415 - most starts have no need of it

    return frozenset(f"{MEDIA_PREFIX}{name.upper()}" for name in MediaSettings.model_fields)


def _with_scheme(url: str, *schemes: str) -> str:
    if url and not url.startswith(schemes):
        raise ValueError(f"must start with {' or '.join(schemes)}")
    return url


def _describe(error: Any) -> str:
    """One problem of pydantic's, without the value: it may be a secret."""
    place = ".".join(str(part) for part in error["loc"][:1])
    message = str(error["msg"]).removeprefix("Value error, ")
    return f"{PREFIX}{place.upper()}: {message}" if place else message
