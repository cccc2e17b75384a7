"""Everything about a node that can be set: environment variables NEARLIVE_MEDIA_*, or flags of `python -m media`."""

import ipaddress
import secrets
from pathlib import Path
from typing import Annotated, Self

from pydantic import AliasChoices, Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict


class MediaSettings(BaseSettings):
    """A node's settings; frozen. Times are seconds, rates bit/s."""

    model_config = SettingsConfigDict(
        env_prefix="NEARLIVE_MEDIA_", frozen=True, extra="forbid", validate_by_name=True, validate_by_alias=True
    )

    secret: SecretStr = Field(default=SecretStr(""), description="signs tokens; at least 32 characters")
    secret_file: Path | None = Field(default=None, description="read the secret from this file instead")
    key_id: str = Field(default="1", description="the id of `secret` in a token's header")
    previous_secret: SecretStr = Field(default=SecretStr(""), description="still accepted while keys rotate")
    previous_key_id: str = "0"

    udp_host: str = Field(default="::", description="both IP versions; IPv4 alone where there is nothing else")
    udp_port: int = Field(default=0, ge=0, le=65535, description="0: any free port")
    ice_tcp: bool = Field(default=True, description="listen on TCP with the same number, for networks that block UDP")
    http_host: str = "127.0.0.1"
    http_port: int = Field(default=0, ge=0, le=65535)
    public_ips: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(),
        validation_alias=AliasChoices("NEARLIVE_MEDIA_PUBLIC_IPS", "NEARLIVE_PUBLIC_IP"),
        description="announced to clients; default: every address of this machine (NEARLIVE_PUBLIC_IP is the same)",
    )
    public_url: str = Field(default="", description="how other servers reach the HTTP port; default: as bound")
    redis_url: SecretStr | None = None
    node_id: str = Field(default_factory=lambda: secrets.token_hex(6), pattern=r"^[A-Za-z0-9_.-]{1,64}$")
    cors_origins: Annotated[tuple[str, ...], NoDecode] = ("*",)
    ice_servers: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(), description="stun: and turn: URLs that clients are told of"
    )
    ice_username: str = Field(default="", description="of TURN servers with one account for all")
    ice_credential: SecretStr = SecretStr("")
    turn_secret: SecretStr = Field(
        default=SecretStr(""), description="coturn's static-auth-secret: everybody gets short-lived credentials"
    )

    max_viewers: int = Field(default=2000, ge=1)
    max_publishers: int = Field(default=100, ge=1)
    max_connecting: int = Field(default=500, ge=1, description="sessions at a time that are still being set up")
    sessions_per_subject: int = Field(default=8, ge=1, description="of one person in one show")
    offers_per_address: int = Field(default=600, ge=1, description="WHIP and WHEP offers a minute from one address")
    offers_per_subject: int = Field(default=60, ge=1, description="offers a minute with tokens of one person")
    requests_per_subject: int = Field(default=300, ge=1, description="other requests a minute, likewise")
    trusted_proxies: Annotated[tuple[str, ...], NoDecode] = Field(
        default=("127.0.0.0/8", "::1/128"), description="networks of gateways: X-Forwarded-For is believed"
    )
    body_limit: int = Field(default=64 * 1024, ge=1024, description="bytes of a request's body")
    body_timeout: float = Field(default=10.0, gt=0, description="how long a request's body may take")
    offer_validity: float = Field(default=30.0, gt=0, description="how long a counter-offer waits for its answer")
    grace: float = Field(default=30.0, ge=0, description="how long a show outlives its publisher")
    linger: float = Field(default=5.0, ge=0, description="how long a pulled show is kept after its last viewer")
    drain: float = Field(default=0.0, ge=0, description="after SIGTERM, time for sessions to move to other nodes")
    consent_timeout: float = Field(
        default=9.5,
        gt=0,
        description="a session whose peer is silent for so long is dead: none is for longer than 10 s",
    )
    key_frame_spacing: float = Field(default=0.5, gt=0, description="least time between two PLIs")
    replay_age: float = Field(
        default=3.0, ge=0, description="for a joiner a new key frame is asked for if the last is older"
    )
    replay_rate: int = Field(
        default=8_000_000, gt=0, description="pace at most of what joiners are fed from the last key frame on"
    )
    publisher_rate: int = Field(
        default=2_500_000,
        gt=0,
        description="what a publisher is told it may send, bit/s; with layers 1.4 times that for all of them",
    )
    publisher_packets: int = Field(default=5000, gt=0, description="a second; more of a publisher's are dropped")
    publisher_bits: int = Field(default=20_000_000, gt=0, description="a second, likewise; for 10 s on end: closed")
    folder: Path | None = Field(default=None, description="where captures are kept; default: a temporary folder")
    plain_io: bool = Field(default=False, description="do without recvmmsg, sendmmsg and GSO")

    @field_validator("public_ips", "cors_origins", "ice_servers", "trusted_proxies", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value

    @field_validator("public_ips")
    @classmethod
    def _addresses(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(str(ipaddress.ip_address(each)) for each in value)

    @field_validator("trusted_proxies")
    @classmethod
    def _networks(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(str(ipaddress.ip_network(each)) for each in value)

    @model_validator(mode="after")
    def _secret_is_strong(self) -> Self:
        if len(self.signing_secret) < 32:
            raise ValueError("NEARLIVE_MEDIA_SECRET (or _SECRET_FILE) needs at least 32 characters")
        return self

    @property
    def signing_secret(self) -> str:
        """The current secret, from the file if one is named."""
        if self.secret_file is not None:
            return self.secret_file.read_text(encoding="utf-8").strip()
        return self.secret.get_secret_value()

    def keys(self) -> dict[str, str]:
        """Key id to secret, for verification."""
        keys = {self.key_id: self.signing_secret}
        previous = self.previous_secret.get_secret_value()
        if previous:
            keys[self.previous_key_id] = previous
        return keys
